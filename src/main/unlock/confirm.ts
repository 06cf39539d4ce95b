import type { PersonalCredential } from '../../shared/credential.ts';
import { fail } from '../../shared/errors.ts';
import { equalBytes, wipe } from '../crypto/bytes.ts';
import type { Store } from '../store/database.ts';
import type { Keychain } from './keychain.ts';
import { openRootKey } from './open.ts';
import type { RootKey } from './root-key.ts';

/**
 * A fresh unlock of an open vault: the credential must open the same root key. Throws what `openRootKey` throws,
 * and `VaultDamaged` where a protector put into the database meanwhile opens another root key.
 */
export async function confirmOwner(
  store: Store,
  root: RootKey,
  credential: PersonalCredential,
  keychain: Keychain,
): Promise<void> {
  const again = await openRootKey(store, credential, keychain);
  const marks = [root, again].map((key) => key.purposeKey('confirm'));
  const [first, second] = marks;
  const isSame = first !== undefined && second !== undefined && equalBytes(first, second);
  again.wipe();
  wipe(...marks);
  if (isSame) return;
  throw fail('protector-changed-while-open', {}, { row: 'protectors' });
}
