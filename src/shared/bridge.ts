import { z } from 'zod';
import { auditListOfPage, auditPage, messageId } from './audit-contract.ts';
import {
  backupBridge,
  type FoundBackup,
  type MadeBackup,
  type NamedFolder,
  type PageMerge,
  type RestoreSource,
} from './backup-bridge.ts';
import { type GivenFile, givenFile, handle, none, secret, shown } from './bridge-basics.ts';
import { contract, errorBody, inspection, type Method, vaultStatus } from './contract.ts';
import { keyReference, ownerKind } from './contract-basics.ts';
import { endpointFacts } from './endpoint-contract.ts';
import type { ErrorBody } from './errors.ts';
import { fileOutcome } from './file-outcome.ts';
import { JOB_STATES, JOB_WAITS, type JobKindName, jobKindName } from './job-contract.ts';
import { WRAPPING_ALGORITHMS, WRAPPING_KEY_SPECS } from './key-specs.ts';
import type { PassphraseStrength } from './passphrase-strength.ts';
import { recoveryBridge, shares } from './recovery-bridge.ts';
import { type PagePlan, repairBridge } from './repair-bridge.ts';
import { type AfterRotation, afterRotation, waysBridge } from './ways-bridge.ts';
import { workBridge, workEvent } from './work-bridge.ts';

/*
 * What the page may ask of the main process. Methods without paths are the contract's own; everything about
 * files goes by handles, which only the main process can turn into paths. Paths that come back are text.
 */

const putBackRead = z.string().max(64).optional();
const withoutAudit = z.literal(true).optional();
const passphraseStrength = z.object({
  level: z.number().int().min(0).max(4),
  guesses: z.number(),
  weak: z.boolean(),
  advice: z.array(z.string()).readonly(),
}) satisfies z.ZodType<PassphraseStrength>;
const theme = z.enum(['system', 'light', 'dark']);

/** What a job did to one file. */
export const jobResult = z.object({
  source: givenFile,
  output: givenFile.nullable(),
  status: z.enum(['done', 'failed', 'cancelled', 'skipped']),
  outcome: fileOutcome,
  bytes: z.number().int().nonnegative(),
  notes: z.array(z.string()),
  error: errorBody.optional(),
});

/**
 * A job as the page shows it. Of many results the page gets at most `MAX_RESULTS`, failures first; `omitted`
 * counts the rest. `title` is the first file's name, `sources` how many the user gave. Bytes are plaintext bytes, `total` is null until it is known; times are ms since 1970.
 */
export const job = z.object({
  id: handle,
  kind: jobKindName,
  state: z.enum(JOB_STATES),
  /** Its process ended without a word. */
  interrupted: z.boolean(),
  /** What it waits for, while it does. */
  waitsFor: z.enum(JOB_WAITS).optional(),
  key: z.string().nullable(),
  title: z.string(),
  sources: z.number().int().nonnegative(),
  done: z.number().nonnegative(),
  total: z.number().nonnegative().nullable(),
  file: z.number().int().nonnegative(),
  files: z.number().int().nonnegative(),
  current: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  counts: z.object({
    done: z.number().int(),
    failed: z.number().int(),
    cancelled: z.number().int(),
    skipped: z.number().int(),
  }),
  /** Of all files, also those that are not among the results. */
  outcomes: z.array(z.object({ outcome: fileOutcome, count: z.number().int().positive() })),
  results: z.array(jobResult),
  omitted: z.number().int().nonnegative(),
  error: errorBody.optional(),
});

/**
 * The vault as the window sees it: `elsewhere` when another process of the user's holds it unlocked. What started
 * the endpoint, `by`, is what can stop it.
 */
export const windowStatus = vaultStatus.extend({
  endpoint: endpointFacts.extend({ by: z.enum(['window', 'command']) }).optional(),
  state: z.enum(['none', 'locked', 'unlocked', 'elsewhere']),
  holder: z.object({ pid: z.number().int(), kind: ownerKind }).optional(),
  /** Locked to be repaired: the user has asked for that. */
  toRepair: z.literal(true).optional(),
  /** What followed a new root key, until it was read. */
  rotation: afterRotation.optional(),
});

const given = z.object({ files: z.array(givenFile) });

/**
 * Methods of the contract that the page calls as they are. One that takes a path or a secret as text, or any operation
 * by its name, has a row of its own in `bridge` instead.
 */
export const PASSED_ON = [
  'vault.stepDown',
  'keys.list',
  'keys.create',
  'keys.describe',
  'keys.rotate',
  'keys.enable',
  'keys.disable',
  'keys.files',
  'keys.publicKey',
  'keys.setVersion',
  'keys.setDescription',
  'keys.setTags',
  'keys.addAlias',
  'keys.moveAlias',
  'keys.removeAlias',
  'keys.setRotation',
  'keys.policy',
  'keys.checkPolicy',
  'keys.putPolicy',
  'keys.explain',
  'keys.grants',
  'keys.createGrant',
  'keys.revokeGrant',
  'keys.retireGrant',
  'keys.scheduleDeletion',
  'keys.cancelDeletion',
  'clients.list',
  'clients.create',
  'clients.revoke',
  'audit.verify',
  'health.check',
  'config.list',
  'config.set',
] as const satisfies readonly Method[];

/** The name of such a method. */
export type PassedOn = (typeof PASSED_ON)[number];

const passedOn = Object.fromEntries(PASSED_ON.map((method) => [method, contract[method]])) as unknown as {
  readonly [M in PassedOn]: Pick<(typeof contract)[M], 'input' | 'output'>;
};

/** Every method of the bridge: its input and its output. */
export const bridge = {
  ...passedOn,
  ...recoveryBridge,
  ...backupBridge,
  ...repairBridge,
  ...waysBridge,
  ...workBridge,
  'vault.status': { input: none, output: windowStatus },
  'vault.init': {
    input: z.strictObject({ passphrase: secret, keychain: z.boolean() }),
    output: z.object({ phrase: secret, keychain: z.boolean() }),
  },
  /**
   * `putBackRead`: the token of the `VaultPutBack` that the user has read, and goes on all the same. `withoutAudit`: a damaged
   * vault is to open for rescue though nothing of that is logged.
   */
  'vault.unlock': {
    input: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('passphrase'), secret, putBackRead, withoutAudit }),
      z.strictObject({ kind: z.literal('recovery-phrase'), secret, putBackRead, withoutAudit }),
      shares.extend({ kind: z.literal('shares'), putBackRead, withoutAudit }),
      z.strictObject({ kind: z.literal('keychain'), putBackRead }),
      z.strictObject({ kind: z.literal('throw-away'), putBackRead }),
    ]),
    output: windowStatus,
  },
  /** Shows the vault's folder in the system's file manager. */
  'vault.showHome': { input: none, output: none },
  'vault.lock': { input: none, output: z.object({ locked: z.literal(true) }) },
  'vault.stepUp': { input: shown, output: windowStatus },
  /** A new passphrase, in place of the old one if there is one. */
  'vault.changePassphrase': {
    input: z.strictObject({ shown, passphrase: secret }),
    output: windowStatus,
  },
  /** How strong a passphrase is, before it is set. */
  'passphrase.strength': { input: z.strictObject({ passphrase: secret }), output: passphraseStrength },
  /** One of six words at random. */
  'passphrase.generate': { input: none, output: z.object({ passphrase: secret }) },
  'vault.takeOver': { input: none, output: windowStatus },
  /** As the contract's; the state comes back with what is left. */
  'partials.forget': { input: contract['partials.forget'].input, output: windowStatus },
  /** Asks where to, and writes the PEM there; null when the user thought better of it. */
  'keys.savePublicKey': {
    input: z.strictObject({ key: keyReference }),
    output: z.object({ file: givenFile.nullable() }),
  },
  /** Asks for a folder, and writes a wrapping key and its import token there; no files when none was chosen. */
  'keys.saveImportParameters': {
    input: z.strictObject({
      key: keyReference,
      algorithm: z.enum(WRAPPING_ALGORITHMS),
      spec: z.enum(WRAPPING_KEY_SPECS),
    }),
    output: z.object({ files: z.array(givenFile), validTo: z.string() }),
  },
  /** `fresh`: not what the key had before. Without `expires` (a date) the material stays until it is deleted. */
  'keys.importMaterial': {
    input: z.strictObject({
      key: keyReference,
      material: handle,
      token: handle,
      fresh: z.boolean(),
      expires: z.iso.datetime().optional(),
    }),
    output: contract['keys.describe'].output,
  },
  'keys.deleteMaterial': {
    input: z.strictObject({
      key: keyReference,
      version: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    }),
    output: contract['keys.describe'].output,
  },
  /** Listens at a port, 0 for one that is free. */
  'endpoint.start': {
    input: z.strictObject({ port: z.number().int().min(0).max(65_535) }),
    output: windowStatus,
  },
  'endpoint.stop': { input: none, output: windowStatus },
  'audit.list': auditListOfPage,
  'files.choose': {
    input: z.strictObject({ what: z.enum(['files', 'folder', 'material', 'token']) }),
    output: given,
  },
  'files.chooseTarget': { input: none, output: z.object({ folder: givenFile.nullable() }) },
  'files.inspect': {
    input: z.strictObject({ file: handle }),
    output: z.object({ file: givenFile, facts: inspection }),
  },
  /** The lines of the log that speak of a file, by its path or by the message id that it has; none while locked. */
  'files.log': {
    input: z.strictObject({ file: handle, messageId, before: z.number().int().optional() }),
    output: auditPage,
  },
  'files.show': { input: z.strictObject({ file: handle }), output: none },
  'jobs.start': {
    input: z.strictObject({
      kind: jobKindName,
      files: z.array(handle).min(1).max(10_000),
      key: z.string().min(1).max(2_048).optional(),
      to: handle.optional(),
      overwrite: z.boolean(),
    }),
    output: job,
  },
  'jobs.list': { input: none, output: z.object({ jobs: z.array(job) }) },
  'jobs.cancel': { input: z.strictObject({ job: handle }), output: none },
  'jobs.clear': { input: none, output: z.object({ jobs: z.array(job) }) },
  /** Whether a secret is on the screen: while one is, pictures of the screen show nothing of the window. */
  'window.secretShown': { input: z.strictObject({ shown: z.boolean() }), output: none },
  /** Puts a secret on the clipboard, from which it is taken again. */
  'window.copySecret': { input: z.strictObject({ secret }), output: none },
  'window.appearance': {
    input: z.strictObject({ theme: theme.optional() }),
    output: z.object({ theme }),
  },
} as const;

/** What the preload asks for itself after a real drop; the page can't. `unnamed` had no path of their own. */
export const dropRequest = {
  input: z.strictObject({
    paths: z.array(z.string().min(1).max(32_768)).max(10_000),
    unnamed: z.number().int().nonnegative(),
  }),
  output: z.object({ files: z.array(givenFile), unnamed: z.number().int().nonnegative() }),
} as const;

/** Channels of Electron's IPC: a method's is this and its name. */
export const CHANNEL = 'keyward:';
export const DROP_CHANNEL = 'keyward/drop';
export const EVENT_CHANNEL = 'keyward/event';

/** At most this many results of one job cross the bridge. */
export const MAX_RESULTS = 500;

/** What main tells the page unasked. */
export const windowEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job }),
  workEvent,
]);

export type BridgeMethod = keyof typeof bridge;
export type BridgeInput<M extends BridgeMethod> = z.input<(typeof bridge)[M]['input']>;
export type BridgeOutput<M extends BridgeMethod> = z.output<(typeof bridge)[M]['output']>;
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorBody };
export type Job = z.output<typeof job>;
export type JobKind = JobKindName;
export type JobResult = z.output<typeof jobResult>;
export type WindowStatus = z.output<typeof windowStatus>;
export type Theme = z.output<typeof theme>;
export type Dropped = z.output<typeof dropRequest.output>;
export type WindowEvent = z.output<typeof windowEvent>;

/** What a subscriber on the page gets: main's events, and what became of a drop. */
export type PageEvent = WindowEvent | { readonly type: 'drop'; readonly outcome: Outcome<Dropped> };

/** `window.keyward` on the page: one function for each method, and a subscription that can be ended. */
export type Bridge = {
  readonly [M in BridgeMethod]: (input: BridgeInput<M>) => Promise<Outcome<BridgeOutput<M>>>;
} & { readonly subscribe: (listener: (event: PageEvent) => void) => () => void };

export type {
  AfterRotation,
  FoundBackup,
  GivenFile,
  MadeBackup,
  NamedFolder,
  PageMerge,
  PagePlan,
  RestoreSource,
};

/** All method names, for the registrar, the preload and the tests that compare them. */
export const BRIDGE_METHODS = Object.keys(bridge) as readonly BridgeMethod[];
