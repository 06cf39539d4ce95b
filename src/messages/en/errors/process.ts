import type { PROCESS_REASONS } from '../../../shared/reasons/process.ts';
import { MEND } from './mend.ts';
import type { ErrorTexts } from './types.ts';

/** The sentences of these reasons. */
export const processErrors: ErrorTexts<typeof PROCESS_REASONS> = {
  'home-of-another-user': {
    what: "Keyward runs as root, and {path} lies in a folder of another user's ({above}).",
    command: "Run it without sudo, or name a folder of root's own with KEYWARD_HOME.",
    window: 'Start Keyward as the user whose folder it is.',
  },
  'tilde-not-replaced':
    '{what} is "{path}", and its ~ was not replaced by your home folder, as a shell does only where it stands bare. Write the whole path, or ./~ for a folder of that name.',
  'no-vault-yet': {
    what: 'There is no vault at {home} yet.',
    command: 'Make one with: keyward init, or bring yours back: keyward backup restore FOLDER',
    window: 'Make one first, or bring yours back from a backup.',
  },
  'no-such-job': {
    what: 'There is no such job any more.',
    command: 'See which there are: keyward jobs list',
  },
  'job-cancelled': 'The job was cancelled.',
  'no-room-to-spare': 'The disk has no room to spare.',
  'stream-needed': 'This call moves bytes and needs a stream for them.',
  'endpoint-stopped': 'The endpoint was stopped.',
  'unsigned-needs-throw-away': {
    what: 'Unsigned requests are for vaults made to be thrown away only: everyone on this machine could use the keys.',
    command: 'Make one with: keyward init --throw-away',
  },
  'key-not-for-files':
    '{name} is for {usage} by {spec}, and files are encrypted under keys of SYMMETRIC_DEFAULT only. Choose one of those.',
  'no-such-setting': 'There is no setting called {name}. Settings are: {settings}.',
  'vault-exists': 'There is a vault at {home} already; it was left as it is.',
  'account-malformed': 'The account is 12 digits, as in AWS, not "{account}".',
  'region-malformed': 'The region is a name such as local or eu-central-1, not "{region}".',
  'cancelled-before-its-turn': 'It was cancelled before its turn came.',
  'database-and-second-file-differ': {
    what: 'The vault at {path} is damaged: its database says that a newer Keyward made it, and its second file says that none did.',
    ...MEND,
  },
  'record-check-cancelled': 'The records were not checked to their end: cancelled.',
  'open-for-rescue-only': {
    what: 'The vault is damaged and open for rescue only: nothing can be changed or encrypted, and only its owner can use it.',
    command:
      'Decrypt what you need, keep a copy of the folder of the vault, and make it whole again with: keyward repair',
    window: 'Decrypt what you need, keep a copy of the folder of the vault, and have it repaired.',
  },
  'rescue-not-logged': {
    what: 'The vault is damaged, and its setting "open files without audit" is off, or nobody can tell any more whether it is. What is done in a rescue is not in the log, so it opens for rescue only if you, its owner, say that you want that.',
    command: 'Say so with: keyward unlock --without-audit. Or have the vault whole first: keyward repair',
    window: 'Say so in the box below, or have the vault repaired first.',
  },
  'restore-over-a-vault': {
    what: 'There is a vault at {home} already; it was left as it is.',
    command: 'Restore into an empty folder: name one with KEYWARD_HOME.',
    window: 'Restore into an empty folder.',
  },
  'no-such-method': 'There is no method called {method}.',
  'vault-was-locked': 'The vault was locked.',
  'stepped-down-meanwhile':
    'Somebody stepped down while you were being recognised, and that holds. Step up again.',
  'no-endpoint-of-window':
    'The window has no endpoint to stop. One that a command has started is stopped there, with Ctrl-C.',
  'request-too-large': 'That is too much at once. Work on fewer files at a time.',
  'request-not-plain': 'The request was refused: it holds something but plain data.',
  'unlock-first': 'Unlock the vault first.',
  'paper-no-longer-kept': 'This paper is no longer kept. Make it anew.',
  'cancelled-before-change': 'It was cancelled before anything was changed.',
  'repair-not-planned': 'No repair is planned any more. See once more what it would do.',
  'backup-not-compared': 'Vault and backup must be compared once more, with the phrase. Nothing was written.',
  'new-words-gone': 'The new words are gone. Have others made, and write those down.',
  'file-no-longer-there': 'The file is no longer there.',
  'file-no-longer-known': 'Keyward no longer knows this file. Drop it again.',
  'passphrase-not-beside-vault':
    'The folder of this vault holds no passphrase. Type the one that the vault was made with.',
  'vault-held-elsewhere': {
    what: 'Another Keyward process is using the vault.',
    command: 'Wait for it to end, or lock it with: keyward lock',
    window: 'Wait for it to end, or lock the vault there.',
  },
  'not-a-file-of-that-kind': '{name} is no such file: it holds {length} bytes, and 1 to {most} are expected.',
  'failed-inside':
    'Something went wrong inside Keyward. Your files are as they were. Try again; if it stays so, see in Recovery whether the vault is damaged.',
  'request-malformed': 'The request was refused: it does not have the expected form.',
  'holder-ended': 'The process that held the vault has ended.',
  'stream-piece-too-large': 'A piece of the stream was too large.',
  'stream-broken-off': 'The other end of the stream went away before it was finished.',
  'holder-of-another-version': {
    what: 'The vault is held by a Keyward of another version (process {pid}).',
    command: 'End it with keyward lock, then try again.',
    window: 'Lock the vault there, then try again.',
  },
  'request-names-too-many-files': 'The request names too many files. Work on fewer at once.',
  'holder-just-ended': 'The process that held the vault has just ended. Try again.',
  'holder-does-not-answer': {
    what: 'The process that holds the vault does not answer.',
    command: 'Wait a moment and try again, or end it with keyward lock.',
    window: 'Wait a moment and try again, or lock the vault there.',
  },
  'cancelled-while-waiting-for-holder': 'Cancelled while waiting for the process that holds the vault.',
  'connection-to-holder-lost': {
    what: 'The connection to the process that holds the vault was lost before it answered.',
    command: 'Check with keyward status, then try again.',
    window: 'Try again.',
  },
  'holder-of-an-unknown-version': {
    what: 'The vault is held by a Keyward of another version.',
    command: 'Run keyward lock, then try again.',
    window: 'Lock the vault there, then try again.',
  },
  'holder-not-reached': {
    what: 'Could not reach the process that holds the vault: {why}.',
    command: 'Run keyward as the user who unlocked it.',
    window: 'Start Keyward as the user who unlocked it.',
  },
  'socket-folder-of-another-user': {
    what: "The vault's socket would lie in {folder}, which belongs to another user (id {owner}).",
    command: 'Run keyward as that user, without sudo, or choose a folder of your own with KEYWARD_HOME.',
    window: 'Start Keyward as that user.',
  },
  'socket-folder-open-to-others': {
    what: "The vault's socket would lie in {folder}, which others can change.",
    command: 'Remove that folder, or choose a shorter KEYWARD_HOME of your own.',
    window: 'Remove that folder.',
  },
  'message-too-large':
    'A message to the unlocked vault was larger than {kib} KiB. Work on fewer files at once.',
  'stream-left': 'The other end of the stream went away.',
  'socket-not-made': 'Could not make the socket {address}: {why}. Check who may write there.',
  'request-unknown': {
    what: 'The unlocked vault does not know this request; it may be of another version.',
    command: 'Run keyward lock and try again.',
    window: 'Lock the vault there, then try again.',
  },
  'another-command-at-work': {
    what: 'Another command is at work in the vault.',
    command: 'Run keyward serve again when it is done.',
    window: 'Try again when it is done.',
  },
  'holder-busy': 'The process that holds the vault is busy. Try again in a moment.',
  'ends-do-not-understand': {
    what: 'The two ends of the connection to the unlocked vault did not understand each other.',
    command: 'They may be of different versions: run keyward lock and try again.',
    window: 'They may be of different versions: lock the vault there, then try again.',
  },
  'port-taken': 'Something listens at {at} already. Choose another port, or none to get a free one.',
  'port-not-permitted':
    'Keyward may not listen at {at}: the system keeps low ports. Choose a port above 1023.',
  'port-not-listened': 'Could not listen at {at}: {why}.',
  internal: 'Something went wrong inside Keyward: {what}',
  'home-on-unfit-disk': {
    what: "The vault can't live at {home}: the disk there is not fit for it, as {why, select, flush {it keeps no files that are flushed} permissions {it keeps no permissions, so that others could read the vault} rename {it renames no files} database {it has no locks or shared memory for a database} socket {it takes no sockets} other {it takes no sockets}}.",
    command: 'Choose a folder on a disk of this machine with KEYWARD_HOME; encrypted files may lie anywhere.',
    window: 'Encrypted files may lie anywhere.',
  },
  'home-of-somebody-else': {
    what: 'Keyward does not use {path}: it belongs to another user (id {owner}).',
    command: 'Run keyward as that user, without sudo, or choose a folder of your own with KEYWARD_HOME.',
    window: 'Start Keyward as that user.',
  },
  'home-open-to-others': {
    what: "Keyward does not use {path}: others can look into it, and its permissions can't be changed.",
    command: 'Choose a folder of your own with KEYWARD_HOME.',
  },
  'home-on-unsafe-disk': {
    what: "The vault can't live at {home}: {why, select, network {it is on a network disk, where the vault can be damaged by two machines at once} other {a program syncs this folder and would put old copies of the vault back}}.",
    command: "Choose a folder on this machine's own disk with KEYWARD_HOME.",
  },
  'user-folder-unknown': {
    what: 'The variable HOME is {why, select, empty {empty} other {"{home}", which is no absolute path}}, so there is no telling where your vault is.',
    command: "Set HOME, or name the vault's folder with KEYWARD_HOME.",
  },
  'endpoint-listens-already':
    'The endpoint of this vault listens already at {url}. Use it, or stop it where it was started.',
  'endpoint-begins-already':
    'The endpoint of this vault listens already. Use it, or stop it where it was started.',
  'setting-value-wrong': {
    what: '{name, select, default_key {default-key} idle_minutes {idle-minutes} backup_recipients {backup-recipients} other {open-files-without-audit}} can\'t be "{text}": {name, select, default_key {give an alias such as alias/my-files, a key id or a key ARN, or keyward/files for a key that the vault manages} idle_minutes {give whole minutes from 0 (never) to 1440} backup_recipients {give hybrid, or x25519 for backups that age before 1.3 opens too} other {give on or off}}.',
  },
  'input-malformed': '{method}: {field}: {why}.',
  'vault-opens-for-rescue':
    '{error} With the passphrase or the recovery phrase it opens for rescue, so that files can be decrypted; the keychain does not do for that.',
  'request-not-from-our-page':
    'The request was refused: {why, select, frame_gone {its frame is gone} not_our_window {it is not our window} frame_within {it is a frame within the page} other {it is another page}}.',
  'request-cancelled': 'The request was cancelled.',
  'stream-did-not-arrive': 'The bytes of the stream did not arrive.',
  'search-index-cancelled': 'The search index is not whole yet: cancelled.',
  'repair-came-to-nothing': {
    what: 'The repair came to nothing: the log that it made does not hold at entry {firstBroken} ({why}). The vault is as it was.',
    command: 'Keep a copy of its folder, and restore a backup into another one: keyward backup restore',
    window: 'Keep a copy of its folder, and restore a backup into another one.',
  },
  'repair-cancelled': 'The repair was cancelled before anything was changed: the vault is as it was.',
  'vault-put-back': {
    what: 'An older copy of this vault seems to have been put in its place: {signs}. What was changed since is not in it: keys made since are missing, and what was revoked, disabled or deleted since may work again. Nothing was written.',
    command:
      'If you know why, go on with: keyward unlock --accept-put-back. If you did not put it back yourself, restore your newest backup instead, into an empty folder that KEYWARD_HOME names: keyward backup restore FOLDER',
    window: 'If you did not put it back yourself, restore your newest backup instead.',
  },
};
