import type { Store } from '../store/database.ts';
import { type VaultIdentity, verifyIdentity } from '../store/identity.ts';
import type { Records } from '../store/records.ts';
import { verifyProtectors } from './protectors.ts';

/**
 * What an unlock checks once it has the root key (docs/adr/0014): the root over all deciding rows, the vault's identity
 * and its protectors. A vault from before the tree is checked whole and moved into it. Throws `VaultDamaged` naming the
 * row that is not as Keyward wrote it.
 */
export function verifyUnlocked(store: Store, records: Records): VaultIdentity {
  if (!store.read((tx) => records.isInTree(tx))) store.write((tx) => records.moveIntoTree(tx));
  return store.read((tx) => {
    records.open(tx);
    verifyProtectors(tx, records);
    return verifyIdentity(tx, records);
  });
}
