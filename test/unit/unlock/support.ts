import type { Store } from '../../../src/main/store/database.ts';
import { createIdentity } from '../../../src/main/store/identity.ts';
import { Records } from '../../../src/main/store/records.ts';
import { type Keychain, MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { type Credential, openRootKey } from '../../../src/main/unlock/open.ts';
import {
  createProtectors,
  storeProtectors,
  type WantedProtectors,
} from '../../../src/main/unlock/protectors.ts';
import { RootKey } from '../../../src/main/unlock/root-key.ts';
import { verifyUnlocked } from '../../../src/main/unlock/verify.ts';
import { freshStore, testClock } from '../store/support.ts';

/** The vault of these tests. */
export const VAULT_ID = '11111111-2222-4333-8444-555555555555';
export const PASSPHRASE = 'correct horse battery staple – größer';
export const PHRASE = `${'abandon '.repeat(23)}art`;
/** The least cost that is allowed, so that suites stay fast. */
export const CHEAP = { memoryKiB: 8_192, passes: 1, lanes: 1 };

/** The records as an unlock with this root key sees them. */
export function recordsOf(root: RootKey): Records {
  return new Records({ row: root.purposeKey('records/row'), set: root.purposeKey('records/set') });
}

/** A vault with these protectors; gives its store and a purpose key to compare with. */
export async function makeVault(wanted: WantedProtectors): Promise<{ store: Store; purpose: Buffer }> {
  const store = freshStore();
  const root = RootKey.create(VAULT_ID);
  const protectors = await createProtectors(root, { cost: CHEAP, ...wanted }, testClock());
  const records = recordsOf(root);
  store.write((tx) => {
    records.create(tx);
    const identity = { id: VAULT_ID, account: '000000000000', region: 'local', throwAway: false, created: 1 };
    createIdentity(tx, records, identity);
    storeProtectors(tx, records, protectors);
  });
  return { store, purpose: root.purposeKey('test') };
}

/** A whole unlock, checks included; gives the same purpose key. */
export async function unlock(
  store: Store,
  credential: Credential,
  keychain: Keychain = new MemoryKeychain(),
): Promise<Buffer> {
  const root = await openRootKey(store, credential, keychain);
  store.read((tx) => verifyUnlocked(tx, recordsOf(root)));
  return root.purposeKey('test');
}

/** The credential that a passphrase is. */
export function passphrase(text: string): Credential {
  return { kind: 'passphrase', bytes: Buffer.from(text) };
}
