import { z } from 'zod';
import { explanation } from '../shared/access-contract.ts';
import { auditMethods, auditPage } from '../shared/audit-contract.ts';
import { backupFacts, backupMade, backupMethods, mergePlan } from '../shared/backup-contract.ts';
import { contract, errorBody, fileResult, inspection, vaultStatus } from '../shared/contract.ts';
import { clientSummary, endpointMethods, listening } from '../shared/endpoint-contract.ts';
import { fileOutcome } from '../shared/file-outcome.ts';
import { findingKind, healthReport } from '../shared/findings.ts';
import { jobFacts, jobMethods } from '../shared/job-contract.ts';
import { keySummary } from '../shared/key-contract.ts';
import { partialMethods } from '../shared/partial-contract.ts';
import { protector, protectorMethods } from '../shared/protector-contract.ts';
import { repairPlan } from '../shared/repair-contract.ts';
import { role } from '../shared/roles.ts';

/*
 * The one document that `--json` prints, for each command. docs/cli.md shows these schemas; the tests hold
 * both the page and what the command prints against them.
 */

const ok = z.literal(true);
/**
 * `ok` is false if a file failed or was cancelled, as the exit code then is not 0. With `error`, the command failed as a
 * whole behind these results.
 */
const files = z.object({
  ok: z.boolean(),
  outcomes: z.partialRecord(fileOutcome, z.number().int().positive()),
  results: z.array(fileResult),
  error: errorBody.optional(),
});
const folders = backupMethods['backup.folders'].output.extend({ ok });
const key = keySummary.extend({ ok });

/** `recoveryFile`: where the new phrase was written. */
const protectorsSet = z.object({
  ok,
  protectors: z.array(protector),
  recoveryFile: z.string().nullable(),
});

/** Documents of commands that were done; of file commands also when some files failed. */
export const documents = {
  init: z.object({
    ok,
    home: z.string(),
    vaultId: z.string(),
    account: z.string(),
    region: z.string(),
    defaultKey: keySummary,
    protectors: z.array(z.string()),
    recoveryFile: z.string().nullable(),
  }),
  unlock: z.object({
    ok,
    state: z.literal('unlocked'),
    already: z.boolean(),
    owner: z.object({ pid: z.number().int(), kind: z.enum(['window', 'background', 'command']) }),
  }),
  lock: z.object({ ok, state: z.literal('locked'), already: z.boolean() }),
  'step-down': z.object({ ok, role, logged: z.boolean() }),
  'step-up': z.object({ ok, role: z.null() }),
  'protectors list': z.object({ ok, protectors: z.array(protector) }),
  'protectors add': protectorsSet,
  'protectors replace': protectorsSet,
  'protectors remove': z.object({ ok, protectors: z.array(protector) }),
  'passphrase change': protectorsSet,
  'passphrase generate': z.object({ ok, passphrase: z.string(), bits: z.number().int() }),
  'protectors revoke': protectorMethods['protectors.revoke'].output.extend({
    ok,
    recoveryFile: z.string().nullable(),
  }),
  'root rotate': protectorMethods['root.rotate'].output.extend({ ok }),
  'recovery kit': z.object({ ok, path: z.string(), phrase: z.boolean() }),
  'recovery split': z.object({
    ok,
    path: z.string(),
    set: z.string(),
    shares: z.number().int(),
    threshold: z.number().int(),
  }),
  'recovery unsplit': z.object({ ok, protectors: z.array(protector) }),
  /** `health`: what `doctor` tells of a vault that somebody holds, but for notes. */
  status: vaultStatus.extend({
    ok,
    /** The process that has the vault and does not answer, as while it unlocks. */
    unreachable: z.strictObject({ pid: z.number().int() }).optional(),
    health: z.array(findingKind).optional(),
  }),
  config: z.object({
    ok,
    settings: z.partialRecord(
      z.enum(['default-key', 'idle-minutes', 'open-files-without-audit', 'backup-recipients']),
      z.union([z.string(), z.number(), z.boolean()]),
    ),
  }),
  encrypt: files,
  decrypt: files,
  verify: files,
  reencrypt: files,
  rewrap: files,
  inspect: inspection.extend({ ok }),
  'partials list': partialMethods['partials.list'].output.extend({ ok }),
  'partials forget': partialMethods['partials.forget'].output.extend({ ok }),
  'jobs list': jobMethods['jobs.list'].output.extend({ ok }),
  /** All of its items. */
  'jobs show': jobMethods['jobs.show'].output.omit({ next: true }).extend({ ok }),
  'jobs cancel': z.object({ ok, job: jobFacts }),
  'keys list': z.object({ ok, keys: z.array(keySummary) }),
  'keys create': key,
  'keys describe': contract['keys.describe'].output.extend({ ok }),
  'keys rotate': key,
  'keys enable': key,
  'keys disable': key,
  'keys delete': key,
  'keys cancel-deletion': key,
  'keys rotation': key,
  'keys versions list': contract['keys.describe'].output.extend({ ok }),
  'keys versions disable': contract['keys.describe'].output.extend({ ok }),
  'keys versions enable': contract['keys.describe'].output.extend({ ok }),
  'keys reset-policy': z.object({ ok, policy: z.string() }),
  'keys explain': explanation.extend({ ok }),
  'keys export-material': z.object({ ok, path: z.string(), keyId: z.string(), version: z.string() }),
  /** AWS's answer; of the list and of `help`, the names. */
  kms: z.looseObject({ ok }),
  /** Printed once it listens. */
  serve: listening.extend({ ok }),
  /** The secret is printed this once. */
  'clients create': endpointMethods['clients.create'].output.extend({ ok }),
  'clients list': z.object({ ok, clients: z.array(clientSummary) }),
  'clients revoke': clientSummary.extend({ ok }),
  'audit list': auditPage.extend({ ok }),
  'audit verify': z.object({
    ok,
    entries: z.number().int(),
    segments: z.number().int(),
    head: z.object({ seq: z.number().int(), hash: z.string() }),
    unindexed: z.number().int(),
    cuts: z.array(z.number().int()).optional(),
  }),
  'audit reindex': auditMethods['audit.reindex'].output.extend({ ok }),
  /** `ok` is false if a folder that is there got none; `away`: folders that are not there now. */
  'backup create': z.object({
    ok: z.boolean(),
    backups: z.array(backupMade),
    away: z.array(z.string()),
    failed: z.array(z.object({ folder: z.string(), error: errorBody })),
  }),
  'backup list': z.object({ ok, folder: z.string(), backups: z.array(backupFacts) }),
  /** `ok` is false if one is damaged. */
  'backup verify': z.object({ ok: z.boolean(), backups: z.array(backupFacts) }),
  /** A vault that was made anew, or what a merge into one comes to; `merged`: whether it was done. */
  'backup restore': z.union([
    mergePlan.extend({ ok, merged: z.boolean(), taken: z.array(z.string()) }),
    z.object({
      ok,
      home: z.string(),
      vaultId: z.string(),
      account: z.string(),
      region: z.string(),
      backup: z.object({
        path: z.string(),
        created: z.string(),
        device: z.string(),
        sequence: z.number().int(),
      }),
      keys: z.number().int(),
      files: z.number().int(),
      protectors: z.array(z.string()),
      passedOver: z.array(z.object({ path: z.string(), why: z.string() })),
      /** Folders that got its backups, which came along and get them from now on. */
      folders: z.array(z.string()),
    }),
  ]),
  'recovery drill': backupMethods['backup.drill'].output.extend({ ok }),
  'backup folders list': folders,
  'backup folders add': folders,
  'backup folders remove': folders,
  /** `ok` is false if something is to be done, or damaged. */
  doctor: healthReport.extend({ ok: z.boolean() }),
  /** `state`: `whole`, there was nothing to repair; `planned`, with `--dry-run`. `aside`: where the damaged files are. */
  repair: z.object({
    ok,
    state: z.enum(['whole', 'planned', 'repaired']),
    plan: repairPlan.optional(),
    aside: z.array(z.string()).optional(),
  }),
  tour: z.object({
    ok,
    folder: z.string(),
    home: z.string(),
    steps: z.array(
      z.object({ title: z.string(), milliseconds: z.number().int(), what: z.string(), proof: z.string() }),
    ),
  }),
  demo: z.object({
    ok,
    home: z.string(),
    folder: z.string(),
    keys: z.number().int(),
    files: z.number().int(),
    months: z.number().int(),
  }),
} as const;

/** The document of a command that failed as a whole. */
export const failureDocument = z.object({ ok: z.literal(false), error: errorBody });
