import type { ENVELOPE_REASONS } from '../../../shared/reasons/envelope.ts';
import type { ErrorTexts } from './types.ts';

const KEYRING = "The keyring file {path} can't be used.";

/** The sentences of these reasons. */
export const envelopeErrors: ErrorTexts<typeof ENVELOPE_REASONS> = {
  'context-value-differs':
    '{path} was encrypted with another value of "{key}" in its encryption context than the one given. Give the pairs that it was encrypted with.',
  'suite-not-committing': {
    what: '{path} uses algorithm suite {suite}, which does not commit to one key: whoever made it could have made it show different contents to different readers.',
    command:
      'If you trust where it comes from, open it with a keyring that has "allowNonCommitting": true (--keyring).',
  },
  'no-key-at-hand':
    'None of the keys at hand opens {path}. It was encrypted for: {slots}. Give one of these keys, and the encryption context it was encrypted with.',
  'no-such-range': '{path} holds {length} bytes, counted from 0; there is no range that starts at {start}.',
  'header-too-small':
    'The header needs {needed} bytes and has room for {room}. Use fewer keys or a shorter context, or encrypt the file anew.',
  'frame-length-impossible':
    'A frame of {frameLength} bytes is not possible. Choose a power of two between 4,096 and 16,777,216.',
  'file-cut-short': {
    what: '{path} is not whole: it ends after {length, number} bytes, before its own end. It may not have been copied or downloaded completely.',
    command:
      'Fetch it again; if there is no whole copy, recover what is there with: keyward decrypt --salvage',
    window: 'Fetch it again; if there is no whole copy, recover what is there.',
  },
  'not-encrypted-by-keyward':
    '{path} is not a file that Keyward encrypted. Check that it is the file you meant.',
  'not-the-key-of-the-file':
    'The key that was tried is not the key of {path}. The file may have been given slots of another file, or the wrong data key was supplied.',
  'source-changed-while-encrypted':
    '{path} changed while it was read, so what was encrypted would not be one state of it. Nothing was kept. Try again when nothing writes to it.',
  'file-too-long':
    "{path} is too long: this format counts {mostFrames, number} frames, here of {frameLength, number} bytes. Encrypt it in Keyward's own format, whose frames are longer, or in parts.",
  'original-name-not-a-name': 'The original name can not be kept: it is not a file name.',
  'original-name-too-long': 'The original name and attributes take more than 2 KiB.',
  'key-too-slow': 'The key did not answer in time. Try again.',
  'slot-of-a-vault': 'The key {keyId} is one of a vault, and none was asked.',
  'slot-of-an-aws-account':
    'The key {keyArn} belongs to an AWS account that is not linked, so it was not asked.',
  'slot-of-an-unknown-kind': 'A key of kind {kind} is not known to this version of Keyward.',
  'no-slot-at-all': '{path} holds no key that could open it.',
  'stream-cancelled':
    'Cancelled before it was done. Whoever read the output must discard what came: the end is missing.',
  'header-changed-meanwhile':
    'The header of {path} was changed by something else in the meantime. Nothing was written. Try again.',
  'context-too-long':
    'The encryption context takes {length} bytes; at most {most} are possible. Use fewer or shorter pairs.',
  'context-name-empty': 'A pair of the encryption context has no name. Give it one.',
  'context-name-reserved':
    'The encryption context can\'t have a pair named "{key}": names that start with "{prefix}" are reserved. Choose another name.',
  'context-half-character':
    'The encryption context holds a character that is only half there (a lone surrogate). Type that text again.',
  'file-damaged':
    '{path} is damaged at bytes {from, number} to {to, number}. {why, select, not_what_was_encrypted {It is not what was encrypted.} context_malformed {The encryption context of the header is malformed.} key_without_signature {The header has a public key without a signature, or a signature without a public key.} no_wrapped_key {The header has no wrapped data key.} wrapped_key_name {A wrapped data key has a name that is not text.} body_unknown {The header states a body that the format does not have.} pairs_missing {The header is not what was written, or pairs of the encryption context have to be given.} pairs_differ {The header is not what was written, or the pairs given ({names}) are not those it was written with.} public_key_impossible {The header states an impossible public key.} shorter_while_read {It became shorter while read.} signature_does_not_hold {Its signature does not hold: it is not what its author signed.} surplus_behind_message {Something follows the end of the message.} final_frame_contradictory {The final frame contradicts itself.} surplus_behind_file {Something follows the end of the file.} frame_missing {Frame {frame} is missing there, or what stands there belongs elsewhere.} frame_changed {Frame {frame} is not what was encrypted.} header_changed {Its header was changed by someone without its key.} metadata_malformed {The kept name and times are malformed.} header_length {The header states an impossible length.} header_checksum {The checksum of the header does not hold.} frame_length {The header states an impossible frame length.} header_against_format {The header breaks the rules of the format.} frame_iv {A frame has a wrong IV.} frame_misplaced {A frame stands in the wrong place.} final_frame_length {The final frame has a wrong length.} written_differently {The disk gave back something else than was written.} both_headers {Both copies of its header are damaged.} other {}} Use another copy of the file.',
  'made-by-newer-version':
    '{path} was made by a newer version of Keyward: it uses {what, select, format {version {number} of the format} suite {cipher suite {number}} content {content of kind {number}} options {new options} other {new options}}. Update Keyward to open it.',
  'header-too-long':
    '{path} is not opened: it has a header of more than {most} bytes. If it comes from a source you trust, ask for a copy encrypted for fewer keys.',
  'too-many-wrapped-keys':
    '{path} is not opened: it has {count} wrapped data keys; {most} are allowed. If it comes from a source you trust, ask for a copy encrypted for fewer keys.',
  'keyring-field-wrong': `${KEYRING} The field "{field}" is missing, unknown or malformed.`,
  'keyring-aes-key-length': `${KEYRING} The AES key "{name}" has {length} bytes; it must have 16, 24 or 32.`,
  'keyring-rsa-key': `${KEYRING} The PEM of "{name}" is not a private RSA key of 2,048 bits or more without passphrase.`,
  'keyring-forbidden-name': `${KEYRING} The name "__proto__" is not allowed.`,
  'keyring-not-json': `${KEYRING} It is not JSON.`,
  'aws-frame-length': 'A frame of an AWS message holds 1 to {most} bytes here, not {length}.',
  'aws-key-count': 'A message is encrypted for 1 to {most} keys, not {count}.',
  'aws-context-half-character':
    'The encryption context holds a character that is only half there (a lone surrogate).',
  'aws-context-too-long': 'The encryption context is longer than a message can hold.',
  'not-a-key-id': '"{id}" is not the id of a key.',
  'not-a-version-id': '"{id}" is not the id of a key version.',
  'wrapped-key-of-another-key': 'A wrapped data key names another key.',
  'slot-out-of-bounds': 'The slot of {key} is out of bounds.',
  'no-slot-opened': '{path} could not be opened: {error}',
  'content-lost': {
    what: '{path} is damaged: of its {of, number} bytes of content, those from {places}{more, plural, =0 {} one { and in # more place} other { and in # more places}} are lost, {whole, number} are whole.',
    command: 'Use another copy, or recover the rest with: keyward decrypt --salvage',
    window: 'Use another copy, or recover the rest.',
  },
  'key-needed': 'A file needs at least one key that opens it.',
  'too-many-keys': 'A file takes at most {most} keys, not {count}. Give fewer.',
  'data-key-does-not-fit': 'The data key does not fit the header of this file, so it is left as it is.',
};
