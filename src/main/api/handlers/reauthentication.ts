import type { Input } from '../../../shared/contract.ts';
import type { PersonalCredential } from '../../../shared/credential.ts';
import { asKeywardError, type KeywardError } from '../../../shared/errors.ts';
import { wipe } from '../../crypto/bytes.ts';

/** What the contract takes as a fresh unlock. */
type FreshUnlock = Input<'vault.stepUp'>['credential'];

/** Runs `use` with a credential as the unlock room takes it, and wipes it. */
export async function withPersonal<T>(
  given: FreshUnlock,
  use: (credential: PersonalCredential) => Promise<T>,
): Promise<T> {
  if (given.kind !== 'passphrase') return use(given);
  const bytes = Buffer.from(given.bytes, 'base64');
  try {
    return await use({ ...given, bytes });
  } finally {
    wipe(bytes);
  }
}

/** Why the owner was not recognised anew; `undefined`: it was. An operation logs the refusal and throws it. */
export async function refusalOf(
  given: FreshUnlock,
  confirm: (credential: PersonalCredential) => Promise<void>,
): Promise<KeywardError | undefined> {
  try {
    await withPersonal(given, confirm);
    return undefined;
  } catch (error) {
    return asKeywardError(error);
  }
}
