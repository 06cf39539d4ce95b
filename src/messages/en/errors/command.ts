import type { COMMAND_REASONS } from '../../../shared/reasons/command.ts';
import type { ErrorTexts } from './types.ts';

const SEE = 'See: {path} --help';

/** The sentences of these reasons. */
export const commandErrors: ErrorTexts<typeof COMMAND_REASONS> = {
  'suite-without-aws': '--suite is for --format aws.',
  'buffered-without-pipe': '--buffered is for pipes; files always appear only when they are whole.',
  'range-of-many': '--range is for one file, without --each and --salvage.',
  'range-without-out-and-json': '--range without --out writes to standard output: no --json.',
  'salvage-of-a-pipe': '--salvage is for files, not for a pipe.',
  'pipe-with-out': 'For a pipe give - as the path, not with --out.',
  'pipe-with-paths': 'Give - alone. A file that is really called - is ./-',
  'pipe-with-options':
    'With - the output goes to standard output: no --out, --each, --overwrite or --json, nor --skip-existing or --verbose.',
  'pipe-not-possible': 'This command works on files, not on pipes. A file that is really called - is ./-',
  'every-or-off': 'Give either --every with a number of days or --off.',
  'path-empty': 'A path is empty. Give the name of a file or folder.',
  'folder-in-use': '{home} is in use by another process.',
  'demo-cancelled': 'Cancelled; the demo is not complete.',
  'demo-went-wrong': 'The demo did not come out as it should.',
  'demo-folder-not-empty': '{path} is not an empty folder. Choose a new one with --home.',
  'current-folder-gone':
    'The folder that this was started in is no longer there. Go to another one and try again.',
  'policy-or-full-access': 'Give either --policy with a file or --full-access.',
  'key-or-file': 'Give either a key or --file with an encrypted file.',
  'file-with-key-options':
    '--file is for one file, whatever version it is under: no --for, no --key-version.',
  'recovery-phrase-needs-terminal':
    'The recovery phrase is shown once, and only on a terminal, so that it does not end up in a log. Give {option} FILE to have it written to a file of yours instead.',
  'init-over-a-vault':
    'There is a vault at {home} already, and it was left as it is. Choose another folder with KEYWARD_HOME.',
  'no-job-begins-with':
    'There is no job whose id begins with {start}. See which there are: keyward jobs list',
  'several-jobs-begin-with': 'The ids of {count} jobs begin with {start}. Give more of it.',
  'no-key-for-a-backup':
    '{path} is under no key of a vault, so no backup of one opens it. Open it where it was made.',
  'option-refused': '{option} is refused. {why}',
  'option-of-aws-command':
    '{option} is an option of the aws command itself, which keyward kms does not have. Use aws with: keyward serve',
  'option-of-other-operation': '{option} is not an option of {operation}.',
  'option-without-value': '{option} takes no value.',
  'option-takes-whole-number': '{option} takes a whole number.',
  'option-takes-date': '{option} takes a date such as 2027-01-31T12:00:00Z.',
  'option-takes-one-value': '{option} takes one value.',
  'option-not-json': '{option}: this is not JSON.',
  'option-with-forbidden-name': '{option}: the name "__proto__" is not allowed.',
  'option-takes-json-object': '{option} takes a JSON object.',
  'option-takes-json': "{option} takes JSON, or a name with ='{'name=value,…'}' behind it.",
  'option-takes-pairs': '{option} takes name=value, and "{text}" is not that.',
  'option-name-twice': '{option}: the name "{name}" was given twice.',
  'operation-refused': '{operation}: {why}',
  'encrypted-bytes-to-terminal':
    'The encrypted bytes would go to your terminal. Send them to a file: keyward encrypt - > FILE',
  'new-passphrase-file-misplaced':
    '--new-passphrase-file is for a passphrase, not for a {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}}.',
  'new-recovery-file-misplaced':
    '--new-recovery-file is for a recovery phrase, not for a {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}}.',
  'restore-needs-terminal':
    'A restore needs the recovery phrase or shares, and there is no terminal to ask on. Give --recovery-file FILE, or --share-file FILES.',
  'endpoint-listens-already':
    'The endpoint of this vault listens already at {url}. Use it, or stop it where it was started.',
  'endpoint-ended':
    'The endpoint has stopped: the vault was locked, or the process that held it ended. Run keyward serve again.',
  'decrypted-bytes-to-terminal':
    'The decrypted bytes are no text, so they were kept from your terminal. Send them to a file, as in: keyward decrypt - > FILE',
  'no-command': 'No command given.',
  'sample-not-done': '{source} was {status}.',
  'one-secret-file': 'Give one of --passphrase-file, --recovery-file and --share-file.',
  'locked-without-terminal':
    'The vault is locked, and there is no terminal to ask for the passphrase on. Run keyward unlock in a terminal first, or give --passphrase-file FILE or KEYWARD_PASSPHRASE_FILE.',
  'passphrase-file-empty': 'The passphrase file {path} is empty. Write the passphrase into it.',
  'secret-file-exists': '{path} exists already and was left as it is. Give {option} the name of a new file.',
  'secret-file-in-vault':
    "{path} lies inside the vault's own folder, where whoever copies the vault would find it. Choose another place, best one off this machine.",
  'keychain-not-enough': 'The keychain is not enough for this. Give --passphrase-file FILE.',
  'new-passphrase-needs-terminal':
    'A new passphrase is needed, and there is no terminal to ask for it on. Give {option} FILE.',
  'no-passphrase-set': 'No passphrase was set, so nothing was made or changed. Try again.',
  'phrase-not-repeated':
    'The words are other ones, so nothing was changed. The phrase that was shown opens nothing; start again.',
  'no-passphrase-given': 'Cancelled: no answer was given.',
  'tour-files-differ': '{b} is not what {a} was.',
  'tour-text-not-hidden': '{path} holds text of {plain}.',
  'tour-folder-not-empty': '{path} is not empty. Choose a new folder.',
  'tour-not-moved': '{path} was not moved to the new version.',
  'tour-change-unnoticed': 'A changed byte in {path} was not noticed.',
  'audit-does-not-hold': 'The audit log does not hold: {why}',
  'takes-whole-number': '{what} takes a whole number from {range}, and "{text}" is not that.',
  'is-empty': '{what} is empty.',
  'client-name-malformed':
    'A client\'s name is up to 64 letters, digits and +=,.@_-, and "{text}" is not that.',
  'message-id-malformed':
    '--message-id takes the 64 digits of a file\'s message id, and "{text}" is not that. See it with: keyward inspect FILE',
  'outcome-malformed':
    '--outcome takes success, failure or the code of an error such as AccessDeniedException, and "{text}" is none of them.',
  'takes-day-or-time':
    '{option} takes a day such as 2026-11-30 or a time such as 2026-11-30T14:00, and "{text}" is not that.',
  'takes-something-else':
    '{what} takes {takes}, and "{text}" is not that. See them with: keyward keys describe KEY',
  'job-id-malformed':
    '"{text}" is not the id of a job, nor the first 4 digits or more of one. See them with: keyward jobs list',
  'takes-range':
    '{option} takes two places such as 0-1023, or 100- for all from there on; "{text}" is not that.',
  'command-at-work':
    'A keyward command (process {pid}) is at work in the vault. Run keyward unlock again when it is done.',
  'unlock-cancelled': 'Cancelled before the vault was unlocked.',
  'background-not-started':
    'The background process that was to hold the vault did not start: {why}. Try again.',
  'argument-of-unlock': 'This argument is for keyward unlock itself. Use: keyward unlock',
  'vault-just-taken': 'Another process has just taken the vault.',
  'passphrase-too-long': 'The passphrase is too long.',
  'reencrypt-asks-twice':
    'ReEncrypt asks for two actions. Ask for kms:ReEncryptFrom and for kms:ReEncryptTo.',
  'no-such-action':
    'There is no action "{action}". Actions of keys are called as the operations that "keyward kms" lists, such as kms:Decrypt.',
  'audit-index-changed':
    'All entries of the audit log hold, but the index that searches begin with was changed from outside, first for the entries from {firstBroken} on: {why}. A search may have missed some.',
  'audit-chain-broken':
    'The audit log does not hold from entry {firstBroken} on: {why}. Keep the vault as it is and compare it with your newest backup.',
  'written-mark-stays':
    '{error} The version is marked as exported all the same, because the material had left the vault.',
  'no-such-operation': 'There is no operation "{word}". See which there are with: keyward kms',
  'operation-misspelt': 'There is no operation "{word}". Did you mean {meant}?',
  'no-such-command': `There is no command "{command}". ${SEE}`,
  'say-which-command': `Say which: {commands}. ${SEE}`,
  'words-not-understood': `{said}{hint, select, dash { Put -- before names that begin with a dash.} behind { Options stand behind the command.} other {}} ${SEE}`,
  'vault-being-unlocked': 'Another Keyward process is just unlocking or ending. Wait a moment and try again.',
  'vault-held-unreachably':
    "Another Keyward process ({pid}) has the vault and can't be reached, as while it unlocks. Wait a moment and try again, or end it with: keyward lock",
  'nothing-to-do':
    'Nothing was done: there is no {wanted} in {where}{passed}. Check which folder it is; files are judged by their contents.',
  'repair-rows-need-phrase':
    'To take rows from a backup, give the recovery phrase that opens it too: --recovery-file FILE.',
  'repair-needs-terminal':
    'A repair asks before it changes anything, and there is no terminal to ask on. See what it would do with --dry-run, then give --yes.',
  'repair-declined': 'The vault was left as it is. It still opens for rescue.',
  'repair-takes-personal-way': 'A repair takes the passphrase or the recovery phrase.',
  'nothing-was-changed': 'Cancelled: nothing was changed.',
  'repair-needs-vault-alone':
    'Another process has the vault open, and a repair needs it alone. Lock it, then try again: keyward lock',
  'nothing-was-merged': 'Nothing was merged; the vault is as it was.',
  'merge-needs-terminal':
    'There is a vault here, so this merges the backup into it, and there is no terminal to ask on. See what it comes to with --dry-run, then give --yes, and --take ID for what is to be as the backup has it. To restore into an empty folder, name one with KEYWARD_HOME.',
  'restore-of-encrypted-file':
    '{path} is encrypted, and no backup. Name the folders with your backups, to find the one that opens it: keyward backup restore FILE --in FOLDER',
  'no-backup-holds-key':
    'None of the backups in the folders that you named holds the key of {path}. Name other folders with --in: a stick, another disk, a synced folder.',
  'merge-options-without-vault':
    '--dry-run, --take, --yes and --former-phrase are for merging a backup into a vault, and there is none here. Leave them out, or name the vault with KEYWARD_HOME.',
  'partial-not-on-record': 'No unfinished file of the name {path} is on record. See: keyward partials list',
  'forget-needs-terminal':
    'This asks before it forgets, and there is no terminal to ask on. If the disk is gone for good, give --yes.',
  'partial-stays-on-record': 'It stays on record, and is removed when its disk is there.',
  'kit-needs-terminal':
    'The kit with the phrase needs the phrase, and there is no terminal to ask on. Give --recovery-file FILE.',
  'no-folder-for-backup':
    'No folder gets backups by itself yet, so there is none that this one could go to. Give --to FOLDER, or name one for this and all to come: keyward backup folders add FOLDER',
  'backup-folders-away':
    'None of the folders that get backups is there now: {folders}. Plug in the disk, or give --to FOLDER.',
  'passphrase-weak':
    '{strength} Have one made with "keyward passphrase generate", or give --weak-passphrase if you mean this one.',
};
