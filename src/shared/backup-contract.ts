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

const folders = z.object({ folders: z.array(backupFolder) });

/** Methods on backups of the open vault. */
export const backupMethods = {
  'backup.create': {
    needs: 'keyward:CreateBackup',
    input: z.strictObject({ folder: path, kind: backupKind.optional() }),
    output: backupMade,
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

export type BackupKind = z.output<typeof backupKind>;
export type BackupFacts = z.output<typeof backupFacts>;
export type BackupMade = z.output<typeof backupMade>;
export type BackupFolder = z.output<typeof backupFolder>;
