import { z } from 'zod';
import { none, path } from './contract-basics.ts';

/*
 * The part of the contract that is about backups. Paths are absolute; dates are ISO 8601 in UTC; sizes are bytes.
 */

/** For whom an age file is: recipients of the hybrid kind, or those that age before 1.3 opens too. */
export const backupKind = z.enum(['hybrid', 'x25519']);

/**
 * What a backup's manifest says, or what is wrong with it. `whole`: nothing was changed since it was written; whether a
 * phrase opens it, only a restore or a drill can tell.
 */
export const backupFacts = z.object({
  /** The age file; the manifest stands beside it. */
  path: z.string(),
  state: z.enum(['whole', 'damaged']),
  /** Of a damaged one, what is wrong with it: one of `BACKUP_TROUBLES`, such as `age-missing`. */
  why: z.string().optional(),
  vault: z.string().optional(),
  device: z.string().optional(),
  sequence: z.number().int().optional(),
  created: z.string().optional(),
  kind: backupKind.optional(),
  bytes: z.number().int().optional(),
  /** How many keys are in it. */
  keys: z.number().int().optional(),
  auditHead: z.object({ seq: z.number().int(), hash: z.string() }).optional(),
});

/** A backup that was just written and read back. */
export const backupMade = z.object({
  path: z.string(),
  folder: z.string(),
  sequence: z.number().int(),
  created: z.string(),
  kind: backupKind,
  bytes: z.number().int(),
  keys: z.number().int(),
  files: z.number().int(),
  /** What this vault's owner restores it with. */
  opensWith: z.array(z.enum(['recovery-phrase', 'shares'])),
  /** Older backups of this device that were removed, as the newer ones are enough. */
  pruned: z.number().int(),
  /** What is worth telling about the folder. */
  notes: z.array(z.string()).optional(),
});

/** A folder that gets backups by itself, and the last one in it. */
export const backupFolder = z.object({
  path: z.string(),
  /** `away`: it is not there, or another disk is in its place; the next backup waits for it. */
  state: z.enum(['there', 'away']),
  /** Whether a program copies what is in it elsewhere. */
  synced: z.boolean(),
  last: z.object({ at: z.string(), sequence: z.number().int() }).optional(),
  /** Why the last attempt failed. */
  trouble: z.string().optional(),
});

const changeKind = z.enum([
  'key',
  'version',
  'current',
  'version-disabled',
  'disabled',
  'deletion',
  'to-be-shredded',
  'shredded',
  'denial',
  'grant-revoked',
  'client-revoked',
  'recovery-ended',
]);

/** What a merge does: to which key or client, by id and by name; of new versions how many, and what else there is to say. */
const mergeChange = z.object({
  kind: changeKind,
  id: z.string(),
  name: z.string(),
  count: z.number().int().optional(),
  /** A version's or a grant's id, or a date. */
  what: z.string().optional(),
});

/** What a backup has and does not come, and why. */
const mergeKept = z.object({
  kind: z.enum(['key', 'grant', 'client', 'denial']),
  id: z.string(),
  name: z.string(),
  why: z.string(),
});

/** In what vault and backup differ, as text; null: not there. The vault keeps its own unless `id` is among what is taken. */
const mergeDifference = z.object({
  id: z.string(),
  kind: z.enum(['description', 'tags', 'rotation', 'policy', 'grant', 'client', 'alias', 'setting']),
  name: z.string(),
  here: z.string().nullable(),
  there: z.string().nullable(),
});

/** What merging a backup comes to. */
export const mergePlan = z.object({
  /** Stands for this backup and the vault as it is now. */
  plan: z.string(),
  backup: z.object({
    path: z.string(),
    created: z.string(),
    device: z.string(),
    sequence: z.number().int(),
  }),
  passedOver: z.array(z.object({ path: z.string(), why: z.string() })),
  changes: z.array(mergeChange),
  kept: z.array(mergeKept),
  differences: z.array(mergeDifference),
  /** How many files the backup knows that the vault does not. */
  files: z.number().int(),
  notes: z.array(z.string()),
});

const mergeFrom = z.strictObject({
  /** A folder with backups, or either file of one. */
  from: path,
  phrase: z.string().max(4_096),
  /** Of a folder only backups that hold one of these keys, by id. */
  keys: z.array(z.uuid()).max(100_000).optional(),
  /** The phrase was replaced since, and nobody else has it. */
  formerPhrase: z.boolean().optional(),
});

const folders = z.object({ folders: z.array(backupFolder) });

/** A drill that went well: when, with which backup, how many keys came back, and the files that opened the same by both. */
const drillResult = z.object({
  at: z.string(),
  backup: mergePlan.shape.backup,
  keys: z.number().int(),
  files: z.array(z.string()),
});

/** Methods on backups of the open vault. */
export const backupMethods = {
  'backup.create': {
    needs: 'keyward:CreateBackup',
    input: z.strictObject({ folder: path, kind: backupKind.optional() }),
    output: backupMade,
    progress: true,
  },
  /** What `backup.merge` would do; nothing is written. */
  'backup.compare': {
    needs: 'keyward:MergeBackup',
    input: mergeFrom,
    output: mergePlan,
    progress: true,
  },
  /** Merges a backup as `plan` has it, with the differences that are taken, by id. */
  'backup.merge': {
    needs: 'keyward:MergeBackup',
    input: mergeFrom.extend({ plan: z.string().max(128), take: z.array(z.string().max(8_192)).max(100_000) }),
    output: mergePlan.extend({ taken: z.array(z.string()) }),
    progress: true,
  },
  /** Restores the newest backup aside with the phrase, and compares what files decrypt to, named ones or one of the catalog. */
  'backup.drill': {
    needs: 'keyward:RunDrill',
    input: z.strictObject({ phrase: z.string().max(4_096), files: z.array(path).max(1_000).optional() }),
    output: drillResult,
    progress: true,
  },
  'backup.folders': { needs: 'keyward:ReadSettings', input: none, output: folders },
  'backup.addFolder': {
    needs: 'keyward:SetBackupFolders',
    input: z.strictObject({ folder: path }),
    output: folders,
  },
  'backup.removeFolder': {
    needs: 'keyward:SetBackupFolders',
    input: z.strictObject({ folder: path }),
    output: folders,
  },
} as const;

export type DrillResult = z.output<typeof drillResult>;
export type MergeChange = z.output<typeof mergeChange>;
export type MergeKept = z.output<typeof mergeKept>;
export type MergeDifference = z.output<typeof mergeDifference>;
export type MergePlan = z.output<typeof mergePlan>;
export type BackupKind = z.output<typeof backupKind>;
export type BackupFacts = z.output<typeof backupFacts>;
export type BackupMade = z.output<typeof backupMade>;
export type BackupFolder = z.output<typeof backupFolder>;
