import type { BACKUP_REASONS } from '../../../shared/reasons/backup.ts';
import { MEND } from './mend.ts';
import type { ErrorTexts } from './types.ts';

/** What is wrong with a backup: a clause for within a sentence. */
export const BACKUP_FAULT =
  '{why, select, manifest_missing {its manifest is missing} manifest_broken {its manifest was changed or cut short} manifest_of_another {its manifest is that of another backup} age_missing {the age file beside its manifest is missing} age_cut {the age file was cut short} age_longer {the age file is longer than it was} age_of_another {the age file is not the one that its manifest names} unreadable {the disk does not give back its files} does_not_open {it does not open with the phrase that its manifest names} not_what_manifest_says {what is in it is not what its manifest says} row_of_no_backup {it has a row that no backup has} material {the material of key {key} does not open} not_whole {it is not whole} other {it is not whole}}';

/** The sentences of these reasons. */
export const backupErrors: ErrorTexts<typeof BACKUP_REASONS> = {
  'backup-in-vault':
    "{path} lies inside the vault's own folder, and would be lost with it. Choose a folder on another disk.",
  'folder-gets-no-backups': {
    what: '{path} is not a folder that gets backups.',
    command: 'See which are with: keyward backup folders list',
    window: 'Choose one of those that do.',
  },
  'backup-folder-is-file': '{path} is a file. Name the folder that the backup goes to.',
  'row-does-not-open': {
    what: 'The vault is damaged: its row {row} does not open.',
    ...MEND,
  },
  'no-backup-there': {
    what: 'There is no backup at {path}.',
    command: 'Name a file that "keyward backup create" made, or the folder that it is in.',
    window: 'Choose a backup, or the folder that it is in.',
  },
  'phrase-not-of-backup':
    "What was given, phrase or shares, is not what the backup {path} was made for: it is of another vault ({vault} is the backup's), or of a time when that vault had another phrase or other shares. Nothing was written. Check that it is the right paper, and the right backup.",
  'backup-not-certified':
    'The backup {path} was not made by a device of your vault: your recovery phrase never vouched for device {device}. Somebody may have put it there for you to restore. Nothing was written. Use a backup that one of your own devices made.',
  'backup-part-too-long': '{path} is too long to be part of a backup. Use another backup.',
  'backup-reads-back-differently':
    "What was written to {path} reads back as something else. Don't trust that disk: name another folder for backups.",
  'backup-not-restorable':
    'What the vault has now makes no backup that could be restored, so none was written to {path}. Is the clock of this computer right? If it is, the vault has more keys than a backup holds.',
  'backup-damaged': `The backup {path} is damaged: ${BACKUP_FAULT}. Nothing was written. Use another backup, or another copy of this one.`,
  'throw-away-has-no-backups': {
    what: 'A vault to throw away has no backups.',
    command: 'Make a lasting one with "keyward init".',
    window: 'Make a lasting one.',
  },
  'no-recovery-recipient': {
    what: 'No backup is possible: the vault knows no recovery phrase that could open one.',
    command:
      'Unlock it once with its recovery phrase (keyward lock, then keyward unlock --recovery-file FILE); where it has none, make one: keyward protectors add recovery-phrase',
    window: 'Unlock it once with its recovery phrase; where it has none, make one.',
  },
  'backup-not-of-damaged-vault': {
    what: 'The backup {path} is of another vault: no row can be taken from it.',
    command: 'Name another one with --from.',
    window: 'Choose another one.',
  },
  'phrase-formerly-of-vault': {
    what: 'The phrase opens the backup {path}, but it is no way into this vault any more: it was replaced or revoked. Whoever else knows it could have made that backup. Nothing was written.',
    command: 'If nobody else ever had it, merge with --former-phrase.',
  },
  'backup-row-not-understood':
    "The backup {path} can't be merged: it has a row that this version of Keyward does not understand. Nothing was written. Use a newer Keyward, or another backup.",
  'backup-older': {
    what: 'The backup {path} of {created} is older than the vault: the vault made it itself, or has taken it in already, and what it has and the vault has not was removed since. Nothing was written.',
    command: 'To look into it, restore it into an empty folder, named with KEYWARD_HOME.',
    window: 'To look into it, restore it into an empty folder.',
  },
  'vault-changed-since-compared':
    'The vault was changed since it was compared with the backup {path}. Nothing was written. Compare them again.',
  'no-such-difference': {
    what: 'Vault and backup do not differ in {id}. Nothing was written.',
    command: 'See what they differ in with --dry-run.',
  },
  'backup-of-other-vault': {
    what: "The backup {path} is of another vault, {vault}, and can't be merged into this one. Nothing was written.",
    command: 'Restore it into an empty folder, named with KEYWARD_HOME.',
    window: 'Restore it into an empty folder.',
  },
  'drilled-file-does-not-open':
    '{path} does not open by the backup, or not by this vault: {error} Make a backup now, and run the drill again.',
  'drilled-file-differs':
    '{path} decrypts to something else by the backup {backup} than by the vault. Make a new backup on another disk, and run the drill again.',
  'backup-no-longer-there': '{path} is no longer there.',
};
