import type { NoteReason } from '../../shared/errors.ts';
import type { ErrorText } from './errors/types.ts';

const WAY =
  '{kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {shares} other {keychain}}';

/** What is told that is no error. The next step of a finding stands beside it, in each face's own way. */
export const NOTE_TEXTS: { readonly [R in NoteReason]: ErrorText } = {
  'backup-old':
    'The last backup was made and read back on {day}. What was changed since is on this disk alone.',
  'backups-on-same-disk':
    'Every folder that gets backups is on the disk of the vault itself: if that disk is lost, so are all of them.',
  'no-copy-left':
    'There is no second copy of this vault: backups were made, and none of them is left in the folders that get them. If this disk is lost, so is every key.',
  'newest-backup-of-another-log':
    'The newest backup of this vault in {folder} was made of a log that this vault does not have: an older copy of it was put back, or its log was cut by a repair. What was made since may be in that backup alone.',
  'no-backup-yet': {
    what: 'There is no backup of this vault: if this disk is lost, so is every key.',
    command: 'Make one on another disk with: keyward backup create --to FOLDER',
  },
  'no-backup-possible': {
    what: 'No backup of this vault is possible yet: it knows no recovery phrase that could open one.',
    command:
      'Unlock it once with its recovery phrase (keyward lock, then keyward unlock --recovery-file FILE); where it has none, make one: keyward protectors add recovery-phrase',
    window: 'Unlock it once with its recovery phrase; where it has none, make one.',
  },
  'backup-failed': 'The last backup to {path} could not be made: {why}',
  'never-drilled':
    'It was never tried whether your recovery phrase and a backup bring the files back. A phrase that was written down wrongly is noticed by that alone.',
  'drill-long-ago':
    'It was last tried on {day} whether your recovery phrase and a backup bring the files back; that is more than {days, plural, one {# day} other {# days}} ago.',
  'way-damaged': `The record of the ${WAY} is damaged: it opens nothing any more. Put a new one in its place while another way is there.`,
  'one-way-in': `Only the ${WAY} opens this vault: once that is lost, so is every file. Add a {kind, select, passphrase {recovery phrase} other {passphrase}}.`,
  'key-deletion-near':
    'The key {name} may be deleted from {day} on. No file that was encrypted under it opens after that.',
  'material-expires':
    'The imported material of the key {name} expires on {day}. Files under it do not open after that, until it is imported again.',
  'rotation-overdue': 'The key {name} should have rotated on {day}, and has not.',
  'rotation-near': 'The key {name} rotates on {day}.',
  'clock-behind':
    'The clock says {now}, and the vault has seen {seen} already: one of the two is wrong. Until they agree no key is rotated or deleted by its date.',
  'core-dumps-allowed':
    'If the process that holds the vault crashes, the system may write its memory to a file, with the keys in it.',
  'disk-low':
    "The disk of the vault has {size} left. When it is full, keys can't be changed and nothing can be encrypted.",
  'damaged-file-kept': 'A repair has moved {path} aside. It holds keys as any copy of the vault does.',
  'left-unfinished': '{path} was left unfinished and is on record.',
  'open-to-others':
    'Other users of this computer can reach {path}. What is in it is sealed, but they could copy or hurt it.',
  'log-does-not-hold':
    'The log does not hold from entry {firstBroken} on: {why}. What it tells behind that is not to be believed.',
  'log-cut': 'A repair took the log up again behind entry {after}: what stood there before is missing.',
  'log-index-changed':
    'Every entry of the log holds, but what searches begin with was changed from outside: a search may have missed some.',
  'log-unwritable':
    "The log can't be written since {since}; {held, plural, =0 {no entry waits} one {# entry waits} other {# entries wait}} in memory, and what must be logged is refused.",
  'catalog-changed':
    'What the vault knows of its files was changed from outside. No file and no key is affected, but older headers may go unnoticed.',
  'catalog-entered-anew':
    'What the vault knew of its files was changed from outside: a row of its catalog was edited, removed or put back. No file and no key is affected, but older headers may go unnoticed. Rewrap the files to have them entered anew.',
  'jobs-changed':
    'What the vault kept of its jobs was changed from outside: a row was edited, removed or put back. No file and no key is affected, and nothing is done for such a row: what a lock had held up does not go on, and the list of jobs may lack some or show old ones. The log tells what was done.',
  'partial-not-ours':
    'The vault was changed from outside: it said that {path} was left unfinished, which Keyward did not write there. Nothing was removed. If a crash left that file, remove it yourself.',
  'partial-kept': {
    what: 'What a job left unfinished may still stand somewhere: {path}. It is removed at an unlock when its disk and folder are there.',
    command: 'If they are gone for good: keyward partials forget',
  },
  'tree-made-anew':
    'A part of the vault by which its rows are checked was damaged and has been made anew from the rows, which all hold. Nothing was lost. If it happens again, check the disk.',
  'keys-file-behind':
    'The second file of the vault, vault.keys, could not be written after a change. Free some space; the next change, or the next unlock, writes it.',
  'keys-file-unwritable':
    'The second file of the vault, vault.keys, could not be written: {error} Until it is, damage to vault.db may cost the keys that are not in it yet.',
  'keys-file-made-anew':
    'The second file of the vault, vault.keys, was damaged and has been made anew from vault.db. Nothing was lost. If it happens again, check the disk.',
  'newer-keys-file': {
    what: 'A newer keys file of this vault stands beside it: {path}. An older vault.db was put back, so keys and versions that were made since, and what was done to them, are in that file alone. Keep it; this is said until it is moved away.',
    command: 'Lock the vault and put the newer vault.db back, or see docs/recovery.md, "An older vault.db".',
    window:
      'Put the newer vault.db back while the vault is locked; without that, bring your newest backup in, under Recovery.',
  },
  'partial-notes-changed':
    'What the vault noted of unfinished files was changed from outside while it was open. No file is affected, and nothing is done for such a note; but what a crash leaves unfinished now may have to be removed by you.',
  'way-changed': {
    what: `The vault was changed from outside while it was open: its protector {id} (${WAY}) {what, select, removed {was removed} added {was put in} other {was changed}}. What is open stays open. Mend it before you lock: otherwise the next unlock opens the vault for rescue only.`,
    command:
      'To mend it: keyward protectors {what, select, removed {add} other {replace}} {kind, select, passphrase {passphrase} recovery_phrase {recovery-phrase} shares {shares} other {keychain}}',
    window: '{what, select, removed {Add it again} other {Replace it}} under Recovery.',
  },
  'log-changed': {
    what: 'The log was changed from outside while the vault was open: entry {firstBroken} {why}. Keys and files are not affected.',
    command: 'See: keyward audit verify',
    window: 'Look at the log in Activity.',
  },
  'open-for-rescue':
    'The vault is damaged and open for rescue: files can be decrypted and verified, keys exported and the log read, but nothing can be changed, and what is done now is not in the log. {error}',
  'more-rows': '{rest, plural, one {# more row does not hold} other {# more rows do not hold}}.',
  'row-broken':
    'The row {row} {verdict, select, from_second_file {does not hold in vault.db and was read from vault.keys; nothing is lost by it} in_doubt {may not be the newest of its name, for nothing proves it; it is read as it stands} lost {is lost in both files} other {was put in from outside, or is an old one put back, and is not heeded}}.{verdict, select, lost {{room, select, keys { Files under this key can not be opened here; a backup has it.} key_versions { Files under this version can not be opened here; a backup has it.} key_policies { In rescue only you can use the key.} grants { The grant is gone.} clients { The client is gone.} access_keys { The client is gone.} aliases { The key has lost a name, and nothing else.} settings { The default holds instead.} protectors { This way to unlock may be gone; the others are not affected.} audit { The log may be broken there; verify it.} sets { No file is affected.} message_key_uses { No file is affected.} other {}}} other {}}',
  'revocation-unfinished': {
    what: 'A way to unlock was revoked, and Keyward was ended before all keys had new versions and new backups were written.',
    command: 'Revoke it once more: keyward protectors revoke',
    window: 'Revoke it once more.',
  },
};
