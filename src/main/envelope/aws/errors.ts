import type { EncryptionContext } from '../../../shared/context.ts';
import { fail, type KeywardError } from '../../../shared/errors.ts';

/** A pair that the caller gave differs from the one in the header. */
export function otherContext(name: string, key: string): KeywardError {
  return fail('context-value-differs', { path: name, key });
}

/** The suite does not commit to one data key, and the user has not allowed that. */
export function notCommitting(name: string, suite: string): KeywardError {
  return fail('suite-not-committing', { path: name, suite });
}

/** None of the keys at hand opens the message. */
export function noKeyFits(name: string, slots: readonly string[], cause?: unknown): KeywardError {
  return fail('no-key-at-hand', { path: name, slots }, { path: name, slots }, cause);
}

/** Names of context pairs for messages and details. */
export function pairNames(context: EncryptionContext): string {
  return Object.keys(context)
    .map((key) => `"${key}"`)
    .join(', ');
}
