import type { ReadTx } from '../store/database.ts';
import { type VaultIdentity, verifyIdentity } from '../store/identity.ts';
import type { Records } from '../store/records.ts';
import { verifyProtectors } from './protectors.ts';

/**
 * What an unlock checks once it has the root key (docs/adr/0004): every deciding row, their set, the
 * vault's identity and its protectors. Throws `VaultDamaged` naming the row that is not as Keyward wrote it.
 */
export function verifyUnlocked(tx: ReadTx, records: Records): VaultIdentity {
  records.verifyAll(tx);
  verifyProtectors(tx, records);
  return verifyIdentity(tx, records);
}
