import { z } from 'zod';
import { backupFacts, backupFolder, backupMade, mergePlan } from './backup-contract.ts';
import { givenFile, handle, none, secret } from './bridge-basics.ts';

/* The part of the bridge that is about backups. Folders and backups go by handles that dialogs of the shell gave. */

/** A backup that was found: what its manifest says, or what is wrong with it. */
const foundBackup = backupFacts.omit({ path: true }).extend({ file: givenFile });
/** A folder that gets backups by itself. */
const namedFolder = backupFolder.omit({ path: true }).extend({ folder: givenFile });
const namedFolders = z.object({ folders: z.array(namedFolder) });
/** A backup that was just written and read back. */
const madeBackup = backupMade.omit({ path: true, folder: true }).extend({ folder: givenFile });
/** Where a restore may begin: a folder, whether it is a vault itself, and the backups in it, the newest first. */
const restoreSource = z.object({ folder: givenFile, isVault: z.boolean(), backups: z.array(foundBackup) });
/** Backups that were not used, by name, and why. */
const passedOver = z.array(z.object({ name: z.string(), why: z.string() }));
/** What merging a backup comes to, as the page has it. */
const pageMerge = mergePlan.extend({
  backup: mergePlan.shape.backup.omit({ path: true }).extend({ name: z.string() }),
  passedOver,
});
const { changes, kept } = mergePlan.shape;

/** The rows. */
export const backupBridge = {
  /** Asks for a folder with backups; null when none was chosen. */
  'restore.choose': { input: none, output: z.object({ source: restoreSource.nullable() }) },
  /** Makes the vault of a backup, or of the newest in a folder that the phrase answers for, and unlocks it. */
  'vault.restore': {
    input: z.strictObject({
      ...{ from: handle, phrase: secret, passphrase: secret, keychain: z.boolean() },
      /** Files with shares; `phrase` then has those that were typed. */
      shares: z.array(handle).max(16).optional(),
    }),
    output: z.object({
      created: z.string(),
      keys: z.number().int(),
      files: z.number().int(),
      passedOver,
      /** What other backups beside it took away, by their names. */
      united: z.array(z.object({ name: z.string(), changes, kept })),
      /** The folder that it came from, which may get backups again; whether it does already. */
      folder: givenFile,
      goesOn: z.boolean(),
      /** Names of other folders that get backups, once they are there. */
      folders: z.array(z.string()),
    }),
  },
  'backup.folders': { input: none, output: namedFolders },
  /**
   * Writes a backup to a folder, and has it get backups by itself from then on: one that the page names, or one that is
   * asked for; null when none was chosen.
   */
  'backup.addFolder': {
    input: z.strictObject({ folder: handle.optional() }),
    output: z.object({ made: madeBackup.nullable() }),
  },
  /** What was written there stays. */
  'backup.removeFolder': { input: z.strictObject({ folder: handle }), output: namedFolders },
  'backup.create': { input: z.strictObject({ folder: handle }), output: madeBackup },
  /** Reads every backup in a folder whole, and compares it with its manifest. */
  'backup.verify': {
    input: z.strictObject({ folder: handle }),
    output: z.object({ backups: z.array(foundBackup) }),
  },
  /**
   * What merging a backup into the open vault would come to. The main process keeps the phrase for `backup.merge`; without
   * one it is the one that was kept. `formerPhrase`: it was replaced since, and nobody else has it.
   */
  'backup.compare': {
    input: z.strictObject({ from: handle, phrase: secret.optional(), formerPhrase: z.boolean() }),
    output: pageMerge,
  },
  /** Merges what was compared last, as `plan` has it, with the differences that are taken, by id. */
  'backup.merge': {
    input: z.strictObject({ plan: z.string().max(128), take: z.array(z.string().max(8_192)).max(100_000) }),
    output: z.object({ taken: z.number().int() }),
  },
  /** Nothing is merged; the phrase is forgotten. */
  'backup.leaveMerge': { input: none, output: none },
} as const;

export type FoundBackup = z.output<typeof foundBackup>;
export type NamedFolder = z.output<typeof namedFolder>;
export type RestoreSource = z.output<typeof restoreSource>;
export type MadeBackup = z.output<typeof madeBackup>;
export type PageMerge = z.output<typeof pageMerge>;
