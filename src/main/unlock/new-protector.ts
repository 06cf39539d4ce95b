import type { Clock } from '../../shared/clock.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { equalBytes, wipe } from '../crypto/bytes.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';
import type { Keychain } from './keychain.ts';
import { openRecord } from './open.ts';
import { settledPassphrase } from './passphrase.ts';
import { addProtectors } from './protectors.ts';
import { decodeRecord, type NewProtector } from './record.ts';
import type { RootKey } from './root-key.ts';
import { recoveryEntropy } from './secret.ts';
import { openShares } from './shares.ts';

/** What a new way to unlock is made for. A passphrase's bytes stay the caller's to wipe. */
export type ProtectorSecret =
  | { readonly kind: 'passphrase'; readonly bytes: Uint8Array; readonly cost: Argon2Cost }
  | { readonly kind: 'recovery-phrase'; readonly phrase: string }
  | { readonly kind: 'keychain'; readonly keychain: Keychain };

/**
 * A new protector, which has opened the root key: made, then opened anew from its own bytes, of the keychain's by what
 * it gives back. Nothing is stored. Throws `Usage` for a passphrase that can't be one, `WrongRecoveryPhrase`,
 * `KeychainUnavailable`, and `ProtectorDamaged` for one that does not open.
 */
export async function newTestedProtector(
  root: RootKey,
  wanted: ProtectorSecret,
  clock: Clock,
): Promise<NewProtector> {
  const [made] = await addProtectors(root, wantedOf(wanted), clock);
  const record = made === undefined ? undefined : decodeRecord(made.record);
  if (made === undefined || record === undefined) throw doesNotOpen();
  const secret = await secretOf(root, wanted);
  try {
    const opened = await openRecord(record, secret);
    if (opened === undefined) throw doesNotOpen();
    const isSame = isSameRoot(root, opened);
    opened.wipe();
    if (!isSame) throw doesNotOpen();
    return made;
  } finally {
    wipe(secret);
  }
}

/** Throws `ProtectorDamaged` unless these shares open this protector, and it the root key. */
export async function requireOpens(
  root: RootKey,
  { record }: NewProtector,
  shares: readonly string[],
): Promise<void> {
  const decoded = decodeRecord(record);
  const { secret } = await openShares(shares);
  const opening = decoded === undefined ? undefined : openRecord(decoded, secret);
  const opened = await Promise.resolve(opening).finally(() => wipe(secret));
  if (opened === undefined) throw doesNotOpen();
  const isSame = isSameRoot(root, opened);
  opened.wipe();
  if (!isSame) throw doesNotOpen();
}

function isSameRoot(...roots: readonly [RootKey, RootKey]): boolean {
  const [first, second] = roots.map((key) => key.purposeKey('confirm'));
  const isSame = first !== undefined && second !== undefined && equalBytes(first, second);
  wipe(first, second);
  return isSame;
}

function wantedOf(wanted: ProtectorSecret): Parameters<typeof addProtectors>[1] {
  switch (wanted.kind) {
    case 'passphrase':
      return { passphrase: wanted.bytes, cost: wanted.cost };
    case 'recovery-phrase':
      return { recoveryPhrase: wanted.phrase };
    case 'keychain':
      return { keychain: wanted.keychain };
  }
}

/** What the user will unlock with, as an unlock gets it. */
async function secretOf(root: RootKey, wanted: ProtectorSecret): Promise<Buffer> {
  switch (wanted.kind) {
    case 'passphrase':
      return settledPassphrase(wanted.bytes);
    case 'recovery-phrase':
      return recoveryEntropy(wanted.phrase);
    case 'keychain': {
      const kept = await wanted.keychain.get(root.vaultId);
      if (kept === undefined) throw doesNotOpen();
      return Buffer.from(kept, 'base64');
    }
  }
}

function doesNotOpen(): KeywardError {
  return fail('new-way-does-not-open');
}
