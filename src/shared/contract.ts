import { z } from 'zod';
import { accessMethods } from './access-contract.ts';
import { auditMethods } from './audit-contract.ts';
import { backupFolder, backupKind, backupMethods } from './backup-contract.ts';
import {
  freshUnlock,
  keyReference,
  type Needs,
  none,
  offPage,
  ownerKind,
  path,
  secretBytes,
} from './contract-basics.ts';
import { endpointFacts, endpointMethods } from './endpoint-contract.ts';
import type { ErrorBody, Json } from './errors.ts';
import { errorBody, type FileResult, fileResult } from './file-result.ts';
import { finding, healthMethods } from './findings.ts';
import { jobMethods, type Progress } from './job-contract.ts';
import { type KeyDetail, type KeyFiles, type KeySummary, keyMethods } from './key-contract.ts';
import { KMS_OPERATION_NAMES, KMS_REFUSED_NAMES } from './kms-operations.ts';
import { partialMethods } from './partial-contract.ts';
import { protector, protectorMethods } from './protector-contract.ts';
import { recoveryMethods } from './recovery-contract.ts';
import { role } from './roles.ts';

/*
 * The one contract between the faces (window, command) and the process that holds the vault. Handlers, the
 * owner's socket, Electron's bridge and the tests derive from it. Paths are absolute; dates are ISO 8601 in
 * UTC; sizes are bytes.
 */

const context = z.record(z.string().min(1).max(1_024), z.string().max(1_024));
type JsonFields = { readonly [field: string]: Json };
const jsonFields = z.record(z.string().max(256), z.json()) as unknown as z.ZodType<JsonFields, JsonFields>;

/** A wrapped data key as a header shows it, without any key. */
const slotFacts = z.object({
  kind: z.enum(['local', 'aws-kms', 'raw-key', 'recipient', 'unknown']),
  key: z.string().nullable(),
  version: z.string().nullable(),
  /** Whether the key has a newer version to rewrap under; missing where no open vault knows the key. */
  newerVersion: z.boolean().optional(),
});

/** What a slot says of its key. */
export type SlotFacts = z.output<typeof slotFacts>;

/** What can be said of a file without a key. Sizes are those of the plaintext and the file itself. */
export const inspection = z.object({
  source: z.string(),
  format: z.enum(['keyward/1', 'aws-encryption-sdk/1', 'aws-encryption-sdk/2']),
  /** The algorithm suite of an AWS message, such as `0x0478`. */
  suite: z.string().optional(),
  content: z.enum(['file', 'package']),
  messageId: z.string(),
  generation: z.number().int().nonnegative(),
  frameLength: z.number().int(),
  frames: z.number().int(),
  plaintextBytes: z.number().int(),
  fileBytes: z.number().int(),
  context: z.record(z.string(), z.string()),
  hasMetadata: z.boolean(),
  slots: z.array(slotFacts),
  notes: z.array(z.string()),
});

/** State of the vault and of the process that holds it. What follows `protectors` needs an unlocked vault. */
export const vaultStatus = z.object({
  home: z.string(),
  state: z.enum(['none', 'locked', 'unlocked']),
  software: z.string(),
  runtime: z.string(),
  vaultId: z.string().optional(),
  account: z.string().optional(),
  region: z.string().optional(),
  throwAway: z.boolean().optional(),
  createdAt: z.string().optional(),
  protectors: z.array(protector).optional(),
  owner: z
    .object({
      pid: z.number().int(),
      kind: ownerKind,
      since: z.string(),
      /** Minutes without requests after which it locks; null: not for being idle, as now. */
      idleMinutes: z.number().nullable(),
      /** What window and command have stepped down to. */
      role: role.optional(),
    })
    .optional(),
  /** While the KMS endpoint listens. */
  endpoint: endpointFacts.optional(),
  keys: z.number().int().optional(),
  defaultKey: z.string().optional(),
  auditHead: z.object({ seq: z.number().int(), hash: z.string() }).optional(),
  /** While the log can't be written: why, since when, and how many entries wait in memory. */
  auditTrouble: z
    .object({
      because: z.enum(['VaultMoved', 'DiskFull', 'DiskReadOnly', 'IoFailed']),
      since: z.string(),
      held: z.number().int().nonnegative(),
    })
    .optional(),
  /** Open for rescue only, because it is damaged: see `findings`. */
  rescue: z.literal(true).optional(),
  /** Of a locked vault that can't be opened as it should be: what is wrong with it. */
  damaged: z.string().optional(),
  /** Of a locked vault: the paths of unfinished files on record, as they stand there; the next unlock looks after them. */
  unfinished: z.array(z.string()).optional(),
  /** Of an open vault that can have backups: the newest one that was read back, and the folders that get them. */
  backups: z
    .object({
      last: z.object({ at: z.string(), path: z.string(), sequence: z.number().int() }).optional(),
      /** The last drill that went well, and the date of its backup. */
      drill: z.object({ at: z.string(), created: z.string() }).optional(),
      folders: z.array(backupFolder),
    })
    .optional(),
  /** Of an open vault that a set of shares opens: how many there are, and how many of them it takes. */
  shares: z.object({ shares: z.number().int(), threshold: z.number().int() }).optional(),
  /** What was found since the unlock, and what stands in the home of a locked vault; none: nothing so far. */
  findings: z.array(finding).optional(),
  selfTests: z.array(z.object({ name: z.string(), ok: z.boolean(), milliseconds: z.number() })).optional(),
});

/** What came through a pipe; `notes`: what is worth telling about it. */
const piped = z.object({ bytes: z.number().int(), notes: z.array(z.string()).optional() });
/** The text of a keyring file and what messages call it. It holds secrets. */
const keyring = z
  .strictObject({ name: z.string().max(4_096), json: z.string().max(1 << 20) })
  .register(offPage, { holds: 'secret' });
/** Makes AWS Encryption SDK messages under this algorithm suite. */
const awsFormat = z.strictObject({ suite: z.enum(['0478', '0578']) });
const offset = z.number().int().nonnegative();
/** Bytes of a plaintext, counted from 0, `last` included; without it up to the end. */
const byteRange = z
  .strictObject({ first: offset, last: offset.optional() })
  .refine(({ first, last }) => last === undefined || last >= first, { message: 'ends before it begins' });
/**
 * Passes over files that are done already: whatever stands in the place of an output, but with `overwrite` only what is
 * as it would be made; of a rewrap, what is under the current version. See docs/cli.md.
 */
const skipExisting = z.boolean().optional();
/** None where the caller takes them as they come, see `TakeResults`. */
const results = z.object({ results: z.array(fileResult) });
const sources = z.array(path).min(1).max(100_000);
const settings = z.object({
  'default-key': z.string(),
  'idle-minutes': z.number().int().min(0).max(1_440),
  'open-files-without-audit': z.boolean(),
  'backup-recipients': backupKind,
});

/** Every method: what it needs, its input, its output and whether it moves bytes (`streams`) or tells its progress. */
export const contract = {
  'vault.status': { needs: 'open', input: none, output: vaultStatus },
  'vault.lock': { needs: 'open', input: none, output: z.object({ locked: z.literal(true) }) },
  /**
   * An operation of AWS KMS by its name, in AWS's JSON: bytes in base64, dates in seconds since 1970. One that the
   * vault does not have is answered with `UnsupportedOperationException`.
   */
  'kms.call': {
    needs: 'asks',
    input: z.strictObject({
      operation: z.enum([...KMS_OPERATION_NAMES, ...KMS_REFUSED_NAMES]),
      input: jsonFields,
    }),
    output: z.object({ output: jsonFields }),
  },
  ...keyMethods,
  /** As `keys.exportMaterial`, of one file's data key. */
  'files.exportDataKey': {
    needs: 'asks',
    input: z.strictObject({ source: path, wrap: secretBytes.optional(), credential: freshUnlock }),
    output: z.object({ keyId: z.string(), version: z.string(), document: z.string() }),
  },
  'files.encrypt': {
    needs: 'asks',
    input: z.strictObject({
      sources,
      out: path.optional(),
      key: keyReference.optional(),
      context: context.optional(),
      overwrite: z.boolean(),
      each: z.boolean(),
      skipExisting,
      aws: awsFormat.optional(),
    }),
    output: results,
    progress: true,
  },
  'files.decrypt': {
    needs: 'asks',
    input: z
      .strictObject({
        sources,
        out: path.optional(),
        overwrite: z.boolean(),
        each: z.boolean(),
        skipExisting,
        range: byteRange.optional(),
        salvage: z.boolean().optional(),
        keyring: keyring.optional(),
      })
      .refine(
        ({ range, sources: { length }, out, salvage, each }) =>
          range === undefined || (length === 1 && out !== undefined && salvage !== true && !each),
        {
          message:
            'a range is of one file, needs an output of its own and goes with neither salvage nor each',
        },
      ),
    output: results,
    progress: true,
  },
  'files.decryptRange': {
    needs: 'asks',
    input: z.strictObject({ source: path, range: byteRange, keyring: keyring.optional() }),
    output: piped,
    progress: true,
    streams: true,
  },
  'files.verify': {
    needs: 'asks',
    input: z.strictObject({
      sources,
      each: z.boolean(),
      quick: z.boolean().optional(),
      keyring: keyring.optional(),
    }),
    output: results,
    progress: true,
  },
  'files.rewrap': {
    needs: 'asks',
    input: z.strictObject({
      sources,
      key: keyReference.optional(),
      each: z.boolean(),
      skipExisting,
      /** The version that files are to leave: its id, or 8 digits or more from its beginning. */
      fromVersion: z
        .string()
        .regex(/^[0-9a-f]{8,64}$/, 'must be a version id, or at least its first 8 digits')
        .optional(),
    }),
    output: results,
    progress: true,
  },
  'files.reencrypt': {
    needs: 'asks',
    input: z.strictObject({ sources, key: keyReference.optional(), each: z.boolean() }),
    output: results,
    progress: true,
  },
  /** A file says all that this tells without any key. */
  'files.inspect': { needs: 'open', input: z.strictObject({ source: path }), output: inspection },
  'files.encryptStream': {
    needs: 'asks',
    input: z.strictObject({
      key: keyReference.optional(),
      context: context.optional(),
      aws: awsFormat.optional(),
    }),
    output: z.object({ bytes: z.number().int() }),
    progress: true,
    streams: true,
  },
  'files.decryptStream': {
    needs: 'asks',
    input: z.strictObject({ buffered: z.boolean(), keyring: keyring.optional() }),
    output: piped,
    progress: true,
    streams: true,
  },
  ...jobMethods,
  ...auditMethods,
  ...endpointMethods,
  ...accessMethods,
  ...protectorMethods,
  ...partialMethods,
  ...recoveryMethods,
  ...backupMethods,
  ...healthMethods,
  'config.list': { needs: 'keyward:ReadSettings', input: none, output: settings },
  'config.set': {
    needs: 'keyward:SetConfig',
    input: z.strictObject({ name: z.string().max(64), value: z.string().max(1_024) }),
    output: settings,
  },
} as const satisfies { readonly [method: string]: MethodShape };

type MethodShape = {
  readonly needs: Needs;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly progress?: true;
  readonly streams?: true;
};

/** The name of a method. */
export type Method = keyof typeof contract;

/** Methods on keys. */
export type KeyMethod = keyof typeof keyMethods;

/** Methods on files. */
export type FileMethod = Extract<Method, `files.${string}`>;

/** Methods on settings. */
export type SettingMethod = Extract<Method, `config.${string}`>;

/** Methods on the endpoint or its clients. */
export type EndpointMethod = keyof typeof endpointMethods;

/** Methods on the audit log. */
export type AuditMethod = keyof typeof auditMethods;

/** Methods on backups. */
export type BackupMethod = keyof typeof backupMethods;

/** Methods on jobs. */
export type JobMethod = keyof typeof jobMethods;

/** Methods on who may do what. */
export type AccessMethod = keyof typeof accessMethods;

/** Methods on the ways to unlock. */
export type ProtectorMethod = keyof typeof protectorMethods;

/** Methods on unfinished files. */
export type PartialMethod = keyof typeof partialMethods;

/** Methods on what is printed for recovery. */
export type RecoveryMethod = keyof typeof recoveryMethods;

/** What a caller gives. */
export type Input<M extends Method> = z.input<(typeof contract)[M]['input']>;

/** What a caller gets. */
export type Output<M extends Method> = z.output<(typeof contract)[M]['output']>;

/** Every answer in the same envelope; errors are data. */
export type Answer<M extends Method> =
  | { readonly ok: true; readonly value: Output<M> }
  | { readonly ok: false; readonly error: ErrorBody };

export type { FileResult, KeyDetail, KeyFiles, KeySummary, Progress };
export { errorBody, fileResult };

/**
 * Takes the results of a job over files as they come, a page of a few hundred at a time; the answer then holds none. The
 * job goes on once what it gives has resolved.
 */
export type TakeResults = (page: readonly FileResult[]) => void | Promise<void>;
export type Inspection = z.output<typeof inspection>;
export type VaultStatus = z.output<typeof vaultStatus>;
export type Settings = z.output<typeof settings>;

/** All method names, for registrars and for tests that compare them. */
export const METHODS = Object.keys(contract) as readonly Method[];
