// Without vitest: the child of the real keychain's test runs this outside it.
import { setArgon2Floor } from '../../../src/main/crypto/passphrase.ts';
import type { Store } from '../../../src/main/store/database.ts';
import { createIdentity } from '../../../src/main/store/identity.ts';
import { Records } from '../../../src/main/store/records.ts';
import { storeProtectors } from '../../../src/main/unlock/protectors.ts';
import type { NewProtector } from '../../../src/main/unlock/record.ts';
import type { RootKey } from '../../../src/main/unlock/root-key.ts';

/** The vault of these tests. */
export const VAULT_ID = '11111111-2222-4333-8444-555555555555';

/** The least cost that is allowed, so that suites stay fast. */
export const CHEAP = { memoryKiB: 8_192, passes: 1, lanes: 1 };
setArgon2Floor(CHEAP);

/** The records as an unlock with this root key sees them. */
export function recordsOf(root: RootKey): Records {
  return new Records({ row: root.purposeKey('records/row'), set: root.purposeKey('records/set') });
}

/** Writes what a new vault has: its records, its identity and its protectors. */
export function fillVault(store: Store, root: RootKey, protectors: readonly NewProtector[]): void {
  const records = recordsOf(root);
  const identity = { id: VAULT_ID, account: '000000000000', region: 'local', throwAway: false, created: 1 };
  store.write((tx) => {
    records.create(tx);
    createIdentity(tx, records, identity);
    storeProtectors(tx, records, protectors);
  });
}
