import type { STORE_REASONS } from '../../../shared/reasons/store.ts';
import { MEND } from './mend.ts';
import type { ErrorTexts } from './types.ts';

/** The sentences of these reasons. */
export const storeErrors: ErrorTexts<typeof STORE_REASONS> = {
  'no-vault-at': {
    what: 'There is no vault at {path}.',
    command: 'Make one with: keyward init, or bring yours back: keyward backup restore FOLDER',
    window: 'Make one first, or bring yours back from a backup.',
  },
  'database-not-sound': {
    what: 'The vault at {path} is damaged: its file is not a sound database ({found}). Nothing was written to it. Keep a copy of it.',
    ...MEND,
  },
  'lease-held': 'Another task is working on this already. Wait until it has finished.',
  'lease-lost': 'Another task took over this work, because this one was silent too long.',
  'records-removed-or-old': {
    what: 'The vault was changed from outside: a row was removed or an old one put back.',
    ...MEND,
  },
  'database-or-journal-not-sound': {
    what: "The vault at {path} is damaged: its database, or the journal {path}-wal beside it, can't be opened as one. Nothing was written. Keep copies of both.",
    ...MEND,
  },
  'vault-exists-at': 'There is already a vault at {path}. Choose another folder, or unlock this one.',
  'vault-newer': 'The vault at {path} was made by a newer Keyward. Install the newest version to open it.',
  'database-not-ours': {
    what: "The vault at {path} is damaged: the header of its database does not say that it is Keyward's. Nothing was written to it. Keep a copy of it.",
    ...MEND,
  },
  'row-impossible': {
    what: "The vault is damaged: a row of its table {row} holds something in {column} that can't stand there.",
    ...MEND,
  },
  'vault-file-moved':
    "The vault's file {path} was removed or replaced while the vault was open, so nothing more is written. Put it back where it was.",
  'tree-root-changed': {
    what: 'The vault was changed from outside: its row {row}, which stands for all {rows}, is not the one that Keyward wrote last.',
    ...MEND,
  },
  'tree-node-damaged': {
    what: 'The vault is damaged: neither its row {row} nor all rows that it stands for are as Keyward wrote them.',
    ...MEND,
  },
  'database-not-whole': {
    what: 'The vault at {path} is damaged: its file is not a whole database, for {what, select, empty {it is empty} cut {it was cut to {count} bytes} beginning {it does not begin as one} byte {its byte {count} is not as it was made} bytes_18_19 {its bytes 18 and 19 are not as they were made} end {{count} bytes are missing at its end} other {{count} bytes are missing at its end}}. Nothing was written to it. Keep a copy of it.',
    ...MEND,
  },
  'identity-damaged': {
    what: 'The vault is damaged: its row vault, which says what it is, {what, select, missing {is missing} changed {is not as Keyward wrote it} other {is not as Keyward wrote it}}.',
    ...MEND,
  },
  'row-damaged': {
    what: 'The vault is damaged: its row {row} {what, select, changed {is not as Keyward wrote it} old {is an old one put back} removed {was removed} put_in {was put in from outside: it is not as Keyward wrote it} not_understood {holds something this version does not understand} other {holds something this version does not understand}}.',
    ...MEND,
  },
  'schema-changed': {
    what: 'The vault at {path} is damaged or was changed from outside: the {object} of its database {what, select, put_in {was put in from outside} changed {is not as Keyward made it} missing {is missing} other {is missing}}.',
    ...MEND,
  },
  'database-disk-full': 'The vault at {path} could not be written: the disk is full. Free some space.',
  'database-quota-used-up':
    'The vault at {path} could not be written: your quota on its disk is used up. Free some space.',
  'database-read-only': 'The vault at {path} could not be written: the disk or the file is read-only.',
  'database-pages-not-sound': {
    what: 'The vault at {path} is damaged: its file is not a sound database.',
    ...MEND,
  },
  'database-written-elsewhere':
    'The vault at {path} is being written by another program. Try again in a moment.',
  'database-not-permitted': 'The vault at {path} could not be opened: permission was denied.',
  'database-not-opened': 'The vault at {path} could not be opened. Check that you may read and write it.',
  'database-disk-error':
    'The disk reported an error with the vault at {path}. Check the disk before you rely on it.',
  'database-changed-while-open': {
    what: 'The vault at {path} was changed from outside while it was open: {why}. Lock it, and keep a copy of the folder as it is.',
    ...MEND,
  },
};
