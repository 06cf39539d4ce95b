import type { Store } from '../store/database.ts';
import type { Keychain } from '../unlock/keychain.ts';
import { listProtectors } from '../unlock/protectors.ts';

/**
 * Keeps where the audit log ended in the system's keychain, at lock, for vaults that use it: an older log put
 * in place of this one is seen against it (keys-and-recovery 11). A keychain that is away keeps nothing.
 */
export async function keepCheckpoint(
  store: Store,
  keychain: Keychain,
  vaultId: string,
  head: { readonly seq: number; readonly hash: string },
): Promise<void> {
  if (!store.read(listProtectors).some(({ kind }) => kind === 'keychain')) return;
  await keychain.set(`${vaultId}/audit-head`, JSON.stringify(head)).catch(() => undefined);
}
