import type { Clock } from '../../shared/clock.ts';
import type { PersonalCredential } from '../../shared/credential.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';
import type { Store } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import type { Keychain } from './keychain.ts';
import { newTestedProtector } from './new-protector.ts';
import { keychainProtector, removeProtectors, storeProtectors } from './protectors.ts';
import { decodeRecord, type NewProtector, type ProtectorKind } from './record.ts';
import { type RecoverySet, recoverySets } from './recovery-recipients.ts';
import { recoveryProtector } from './recovery-record.ts';
import { PHRASE } from './recovery-rows.ts';
import type { RootKey } from './root-key.ts';

/** A way to unlock that ends with a root key, as its secret was not at hand. */
type LostWay = { readonly kind: ProtectorKind; readonly why: string };

/** The ways to unlock under a new root key. */
type RenewedWays = { readonly kept: readonly NewProtector[]; readonly removed: readonly LostWay[] };

/** With what the ways are made anew. `credential`: what the owner has just shown, as it opened the vault. */
type RenewOptions = {
  readonly credential: PersonalCredential;
  readonly keychain: Keychain;
  readonly cost: Argon2Cost;
  readonly clock: Clock;
};

/**
 * Makes the ways to unlock of `kinds` anew for another root key. Recovery protectors need no secret at hand, the keychain's is
 * asked for, and the passphrase's is there if it is what the owner has shown. Each that can be is opened once. Throws
 * `ProtectorDamaged` for one that does not open.
 */
export async function renewedWays(
  next: RootKey,
  kinds: readonly string[],
  sets: readonly RecoverySet[],
  options: RenewOptions,
): Promise<RenewedWays> {
  const { credential, keychain, cost, clock } = options;
  const kept: NewProtector[] = [];
  const removed: LostWay[] = [];
  if (kinds.includes('passphrase')) {
    if (credential.kind === 'passphrase') {
      kept.push(await newTestedProtector(next, { kind: 'passphrase', bytes: credential.bytes, cost }, clock));
    } else removed.push({ kind: 'passphrase', why: 'it was not entered' });
  }
  if (kinds.includes('recovery-phrase')) {
    const set = sets.find(({ id }) => id === PHRASE);
    if (set !== undefined)
      kept.push(await recoveryProtector(next, { ...set, kind: 'recovery-phrase' }, clock));
    else if (credential.kind === 'recovery-phrase') {
      kept.push(
        await newTestedProtector(next, { kind: 'recovery-phrase', phrase: credential.phrase }, clock),
      );
    } else
      removed.push({ kind: 'recovery-phrase', why: 'the vault was never unlocked with it by this version' });
  }
  if (kinds.includes('shares')) {
    for (const set of sets.filter(({ shares }) => shares !== undefined)) {
      kept.push(await recoveryProtector(next, { ...set, kind: 'shares' }, clock));
    }
  }
  if (kinds.includes('keychain')) {
    const secret = await keychainSecret(keychain, next.vaultId);
    if (typeof secret === 'string') removed.push({ kind: 'keychain', why: secret });
    else {
      kept.push(await keychainProtector(next, secret, clock).finally(() => wipe(secret)));
    }
  }
  return { kept, removed };
}

async function keychainSecret(keychain: Keychain, vaultId: string): Promise<Buffer | string> {
  try {
    const kept = await keychain.get(vaultId);
    return kept === undefined ? 'it has no entry for this vault' : Buffer.from(kept, 'base64');
  } catch (error) {
    if (isKeywardError(error)) return error.toBody().message;
    throw error;
  }
}

/**
 * Puts a phrase's protector of before there were asymmetric ones into today's form, once its recovery set is known, so that
 * a new root key needs no paper. True if something was written.
 */
export async function renewPhraseProtector(
  store: Store,
  records: Records,
  root: RootKey,
  clock: Clock,
): Promise<boolean> {
  const { isOld, set } = store.read((tx) => ({
    isOld: tx
      .all<{ record: Buffer }>("SELECT record FROM protectors WHERE kind = 'recovery-phrase'")
      .some(({ record }) => decodeRecord(record)?.sealing === 'key'),
    set: recoverySets(tx, records).find(({ id }) => id === PHRASE),
  }));
  if (!isOld || set === undefined) return false;
  const made = await recoveryProtector(root, { ...set, kind: 'recovery-phrase' }, clock);
  try {
    store.write((tx) => {
      removeProtectors(tx, records, 'recovery-phrase');
      storeProtectors(tx, records, [made]);
    });
    return true;
  } catch (error) {
    // A vault that can't be written can still be opened; the next unlock tries again.
    if (isKeywardError(error, 'DiskFull', 'DiskReadOnly', 'PermissionDenied')) return false;
    throw error;
  }
}
