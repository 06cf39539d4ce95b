import type { UNLOCK_REASONS } from '../../../shared/reasons/unlock.ts';
import { MEND } from './mend.ts';
import type { ErrorTexts } from './types.ts';

/** The sentences of these reasons. */
export const unlockErrors: ErrorTexts<typeof UNLOCK_REASONS> = {
  'protector-changed-while-open': {
    what: 'A protector of this vault was changed from outside while it was open. Lock the vault.',
    ...MEND,
  },
  'new-way-does-not-open':
    'The new way to unlock was tried and did not open the vault, so nothing was changed. Try again; if it stays so, check the memory and the disk of this computer.',
  'no-keychain-entry':
    "The system's keychain has no entry for this vault. Unlock with the passphrase or the recovery phrase.",
  'shares-of-another-vault':
    'These shares belong together, but are not of this vault, or of a set that was replaced. Nothing is damaged: check that they are the right sheets.',
  'passphrase-wrong': 'The passphrase is wrong. Nothing is damaged: try again, or use the recovery phrase.',
  'recovery-phrase-of-another-vault':
    'This is a recovery phrase, but not of this vault. Nothing is damaged: check that it is the right sheet.',
  'keychain-entry-does-not-open':
    "The system's keychain has an entry for this vault that does not open it. Unlock with the passphrase or the recovery phrase.",
  'passphrase-record-weakened': {
    what: "The vault's record of the passphrase (protector {protector}) asks for less work than Keyward ever sets: it was changed from outside, so what you entered may be right. Unlock with the recovery phrase.",
    ...MEND,
  },
  'protector-record-damaged': {
    what: "The vault's record of this way to unlock it (protector {protector}) is damaged, so what you entered may be right. Unlock in another way.",
    ...MEND,
  },
  'protector-of-another-vault': {
    what: "The vault is damaged: its protector {protector} belongs to another vault, or the vault's own id was changed.",
    ...MEND,
  },
  'passphrase-empty': 'The passphrase is empty. Choose one.',
  'personal-way-needed':
    "A vault needs a passphrase or a recovery phrase: the system's keychain can be lost with the system.",
  'vault-locked': 'The vault is locked. Unlock it and try again.',
  'keychain-unavailable':
    "{reason, select, no_library {The system's keychain can't be used: its library (libsecret) is not installed.} no_bus {The system's keychain can't be reached: there is no session bus here, as on a server or over SSH.} no_service {This system has no keychain that Keyward can use: none answers, or none has been set up.} locked {The system's keychain is locked. Unlock it, for example by logging in again, and try once more.} denied {The system's keychain did not let Keyward in: access was denied or the question was dismissed.} timeout {The system's keychain did not answer within 3 seconds.} other {The system's keychain did not answer within 3 seconds.}} Use the passphrase or the recovery phrase instead.",
  'way-not-set-up':
    "{kind, select, passphrase {This vault has no passphrase. Unlock it with the recovery phrase.} recovery_phrase {This vault has no recovery phrase. Unlock it with the passphrase.} shares {This vault has no shares of a secret that open it. Unlock it with the passphrase or the recovery phrase.} other {This vault was not set up for the system's keychain. Unlock it with the passphrase or the recovery phrase.}}",
  'passphrase-not-text':
    'The passphrase is not text in UTF-8 or UTF-16, so it could not be typed. Choose another one.',
  'passphrase-of-several-lines':
    'The passphrase has more than one line, of which only one could be typed. Choose another one.',
  'passphrase-with-control-character':
    "The passphrase holds the control character {character}, which can't be typed. Choose another one.",
  'protector-changed': {
    what: 'The vault was changed from outside: its protector {id} {what, select, removed {was removed} other {is not the one that Keyward stored}}.',
    ...MEND,
  },
  'protector-exists-already':
    'The vault has a {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}} already. Replace it instead.',
  'last-protector':
    'The {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}} is the last way in that does not hang on this computer, so it stays. Add a {other, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}} first, or replace it.',
  'protector-not-there':
    'The vault has no {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}}. Add one instead.',
  'other-protector-unproven':
    'To remove the {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}}, unlock with the {other, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}}: it is the way in that stays, and must be known to open.',
  'not-a-recovery-phrase':
    'This is not a recovery phrase: {what, select, count {it has {count, plural, one {# word} other {# words}} instead of 24.} words {{unknown, plural, one {word {places} is not on the list. Check how it is spelled.} other {words {places} are not on the list. Check how they are spelled.}}} other {its words do not belong together. Check their order and that none was swapped for another.}}',
  'vault-used-meanwhile':
    'The vault was used meanwhile, so its root key was left as it is. Try again when nothing else works with it.',
  'root-key-needs-vault-alone':
    'A new root key is made while nothing else works with the vault: wait for jobs and other commands to end, and stop the endpoint. Then try again.',
  'no-phrase-to-print': {
    what: 'The vault has no recovery phrase that it could print, or was never unlocked with it by this version.',
    command: 'Make one: keyward protectors add recovery-phrase',
    window: 'Make one first.',
  },
  'kit-phrase-of-another-vault':
    'This is a recovery phrase, but not of this vault, so no kit was made of it. Check that it is the right sheet.',
  'throw-away-has-no-shares': {
    what: 'A vault to throw away has no backups that shares could open.',
    command: 'Make a lasting one with "keyward init".',
    window: 'Make a lasting one.',
  },
  'throw-away-keeps-root-key': {
    what: 'A vault to throw away keeps its root key.',
    command: 'Make a lasting one with "keyward init".',
    window: 'Make a lasting one.',
  },
  'no-protector-to-revoke':
    'The vault has no {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}} to revoke.',
  'secret-of-another-kind':
    'What is set in place of the {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}} is another kind of secret.',
  'revocation-needs-phrase':
    '{kind, select, recovery_phrase {Where the recovery phrase has leaked, a new one must stand in its place.} other {To revoke the {kind, select, passphrase {passphrase} recovery_phrase {recovery phrase} shares {set of shares} other {keychain entry}}, show the recovery phrase: it answers for the new key that signs backups. Where it has leaked too, revoke the recovery phrase.}}',
  'new-root-key-unfinished':
    'The vault has a new root key and is locked, but what was to follow did not come to its end: {error}',
  'no-such-set-of-shares':
    'A set has 2 to {most} shares, and at least 2 of them must be needed, at most all. Choose other numbers, such as 5 and 3.',
  'no-share-given': 'No share was given. Nothing was changed.',
  'shares-of-different-sets':
    'The shares are of different sets: share {place} of those that were given (number {number} on its paper) does not belong to the first (number {first}). Nothing was changed.',
  'too-few-shares':
    '{needed} different shares of this set are needed, and {count, plural, one {# was} other {# were}} given (number {numbers}).{twice, select, twice { A share that is given twice counts once.} other {}} Nothing was changed.',
  'share-not-as-printed':
    '{count, plural, one {Share number {numbers} is} other {Shares number {numbers} are}} not what was printed for this set. {count, plural, one {Leave it away.} other {Leave them away.}} Nothing was changed.',
  'some-share-not-as-printed':
    'At least one of the shares number {numbers} is not what was printed for this set. Add another one, so that it can be told which. Nothing was changed.',
  'not-a-share':
    'Share {place} of those that were given is none, or not whole: it begins with {mark} and has 117 letters and digits after that. Nothing was changed.',
  'share-misread':
    'Share {place} of those that were given is damaged: a letter or digit of it is wrong. Compare it with its paper. Nothing was changed.',
};
