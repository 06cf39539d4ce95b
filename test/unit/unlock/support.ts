import type { Store } from '../../../src/main/store/database.ts';
import { type Keychain, MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { openRootKey } from '../../../src/main/unlock/open.ts';
import { createProtectors, type WantedProtectors } from '../../../src/main/unlock/protectors.ts';
import { RootKey } from '../../../src/main/unlock/root-key.ts';
import { verifyUnlocked } from '../../../src/main/unlock/verify.ts';
import type { Credential } from '../../../src/shared/credential.ts';
import { freshStore, testClock } from '../store/support.ts';
import { CHEAP, fillVault, recordsOf, VAULT_ID } from './vault.ts';

/** The secrets of the test vaults. */
export const PASSPHRASE = 'correct horse battery staple – größer';
export const PHRASE = `${'abandon '.repeat(23)}art`;

/** A vault with these protectors; gives its store and a purpose key to compare with. */
export async function makeVault(wanted: WantedProtectors): Promise<{ store: Store; purpose: Buffer }> {
  const store = freshStore();
  const root = RootKey.create(VAULT_ID);
  fillVault(store, root, await createProtectors(root, { cost: CHEAP, ...wanted }, testClock()));
  return { store, purpose: root.purposeKey('test') };
}

/** A whole unlock, checks included; gives the same purpose key. */
export async function unlock(
  store: Store,
  credential: Credential,
  keychain: Keychain = new MemoryKeychain(),
): Promise<Buffer> {
  const root = await openRootKey(store, credential, keychain);
  verifyUnlocked(store, recordsOf(root));
  return root.purposeKey('test');
}

/** The credential that a passphrase is. */
export function passphrase(text: string): Credential {
  return { kind: 'passphrase', bytes: Buffer.from(text) };
}
