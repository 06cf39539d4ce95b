import type { EncryptionContext } from '../../../shared/context.ts';
import { KeywardError } from '../../../shared/errors.ts';

/** The header is larger than is read from a file of unknown origin; `what` completes "it has". */
export function headerTooLarge(name: string, what: string): KeywardError {
  return new KeywardError(
    'HeaderTooLarge',
    `${name} is not opened: it has ${what}. If it comes from a source you trust, ask for a copy encrypted for fewer keys.`,
    { path: name },
  );
}

/** A pair that the caller gave differs from the one in the header. */
export function otherContext(name: string, key: string): KeywardError {
  return new KeywardError(
    'InvalidCiphertextException',
    `${name} was encrypted with another value of "${key}" in its encryption context than the one given. Give the pairs that it was encrypted with.`,
    { path: name, key },
  );
}

/** The suite does not commit to one data key, and the user has not allowed that. */
export function notCommitting(name: string, suite: string): KeywardError {
  return new KeywardError(
    'UnsupportedOperationException',
    `${name} uses algorithm suite ${suite}, which does not commit to one key: whoever made it could have made it show different contents to different readers. If you trust where it comes from, open it with a keyring that has "allowNonCommitting": true (--keyring).`,
    { path: name, suite },
  );
}

/** None of the keys at hand opens the message. */
export function noKeyFits(name: string, slots: readonly string[], cause?: unknown): KeywardError {
  return new KeywardError(
    'UnsupportedSlot',
    `None of the keys at hand opens ${name}. It was encrypted for: ${slots.join(', ')}. Give one of these keys, and the encryption context it was encrypted with.`,
    { path: name, slots },
    cause,
  );
}

/** Names of context pairs for messages and details. */
export function pairNames(context: EncryptionContext): string {
  return Object.keys(context)
    .map((key) => `"${key}"`)
    .join(', ');
}
