import type { VAULT_REASONS } from '../../../shared/reasons/vault.ts';
import type { ErrorTexts } from './types.ts';

/** The sentences of these reasons. */
export const vaultErrors: ErrorTexts<typeof VAULT_REASONS> = {
  'no-local-key': {
    what: '{path} has no key of a vault on this machine.',
    command: 'Say with --key under which key it is to be encrypted.',
    window: 'Choose the key under which it is to be encrypted.',
  },
  'source-changed':
    '{path} was changed while it was being read, so nothing was kept. Try again when it is at rest.',
  'slot-gives-no-data-key': 'The key of {path} is of a kind that gives no data key out.',
  'target-of-this-job': {
    what: '{path} holds another file of this job already, so it was not written over.',
    command: 'Give them different folders with --out.',
    window: 'Choose another folder.',
  },
  'package-not-understood':
    "{path} holds a whole folder, which this version of Keyward can't unpack. Install a newer version.",
  'wrapped-key-changed':
    '{name} could not be opened: the wrapped key in its header, or its context, was changed since it was encrypted.',
  'source-replaced-while-rewrapped':
    '{path} was replaced by another file while it was rewrapped; that one is as it was. Try again when nothing writes to it.',
  'cancelled-before-file': 'Cancelled before {path} was done. Nothing was left behind.',
  'no-slot-of-a-vault': "{path} has no key of a vault, so this can't be done with it.",
  'no-such-key': 'There is no key {key}.',
  'key-of-another-vault':
    '{path} was encrypted under a key, or a version of one, that this vault does not have. Open it with the vault it was made in.',
  'target-exists': {
    what: '{path} exists already and was left as it is.',
    command:
      'Add --overwrite to replace it, --skip-existing to pass over what is done already, or choose another name with --out.',
    window: 'Choose another name or folder, or have it replaced.',
  },
  'target-is-one-file': {
    what: 'Could not write several files to {path}: there is a file of that name.',
    command: 'Give a folder with --out.',
    window: 'Choose a folder.',
  },
  'target-in-vault': {
    what: "{path} lies inside the vault's own folder.",
    command: 'Choose another place with --out.',
    window: 'Choose another folder.',
  },
  'target-is-source': {
    what: '{path} is the file that is to be read ({name}).',
    command: 'Choose another name with --out.',
    window: 'Choose another name.',
  },
  'source-name-not-text': 'Could not open {path}: its name is not valid UTF-8. Rename it and try again.',
  'source-not-found': 'Could not find {path}: there is no such file or folder. Check the name.',
  'encrypted-in-name-only':
    '{path} has the name of an encrypted file, but not its contents: it never was one, or its beginning is damaged. Give it another name if it never was, or fetch it from a backup.',
  'source-is-folder': {
    what: '{path} is a folder.',
    command: 'Add --each to work on every file in it, one by one.',
  },
  'content-all-or-nothing':
    "{path} can't give {what, select, part {a part} other {what is left}} of its contents: it is signed, or of a kind that is verified only as a whole. Decrypt all of it.",
  'aws-header-stays': {
    what: "{path} is an AWS Encryption SDK message, whose header can't be replaced safely in place.",
    command: 'To move it to another key or version, make it anew: keyward reencrypt',
    window: 'To move it to another key or version, make it anew.',
  },
  'aws-message-gives-no-data-key': {
    what: '{path} is an AWS Encryption SDK message, which gives no data key out.',
    command: 'Its key can be had with: keyward keys export-material KEY --for aws',
  },
  'aws-frame-too-long':
    "{path} was made by another program, in a way that can't be read piece by piece. Decrypt it, then encrypt it again.",
  'target-is-folder': {
    what: 'Could not write {path}: there is a folder of that name.',
    command: 'Choose another name with --out.',
    window: 'Choose another name.',
  },
  'target-is-no-file': {
    what: 'Could not write {path}: there is a device, a pipe or a socket of that name.',
    command: 'Choose another name with --out.',
    window: 'Choose another name.',
  },
  'nothing-recovered':
    '{path} is damaged: nothing of its content could be recovered, and nothing was written.{end, select, missing { Its end is missing, and with it whatever came there.} other {}} Use another copy of the file.',
  'partly-recovered':
    '{path} is damaged: {bytes, number} of {of, number} bytes were recovered into {target}, where zeros stand for what is lost.{end, select, missing { Its end is missing, and with it whatever came there.} other {}} Use another copy of the file if there is one.',
  'partial-left-behind':
    '{error} What was written so far could not be removed: {partial}. It is on record, and removed at an unlock as soon as it can be.',
  'key-in-newer-keys-file':
    '{path} was encrypted under a key, or a version of one, that this vault does not have. A newer keys file of this vault stands beside it, which may have it: {newer}. An older vault.db was put back: put the newer one back, or see docs/recovery.md, "An older vault.db".',
  'no-version-here': 'The key {key} has no version {version} here.',
  'partial-gone-from-record': {
    what: 'No unfinished file like this is on record any more.',
    command: 'See: keyward partials list',
  },
};
