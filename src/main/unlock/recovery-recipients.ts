import type { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { wipe } from '../crypto/bytes.ts';
import type { ReadTx, Store, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import {
  certifierOf,
  type RecoveryIdentity,
  type RecoveryRecipients,
  recoveryIdentity,
} from './recovery-identity.ts';
import { ENDED_ROOM, markId, PHRASE, recoverySetRow, SETS_ROOM } from './recovery-rows.ts';
import { recoveryEntropy } from './secret.ts';
import type { ShareCount } from './shares.ts';

/** For whom backups are made: the phrase, and each live share set by its id. `created` in ms since 1970. */
export type RecoverySet = RecoveryRecipients & {
  readonly id: string;
  readonly created: number;
  readonly shares?: ShareCount;
};

/** For whom this vault's backups are made, under its MACs. Empty: no backup is possible. Throws `VaultDamaged`. */
export function recoverySets(tx: ReadTx, records: Records): RecoverySet[] {
  return records.list(tx, SETS_ROOM, recoverySetRow).map(({ id, body }) => ({ id, ...body }));
}

/** How many shares there are of the set that opens the vault, as a member of its state; nothing where there is none. Throws `VaultDamaged`. */
export function shareCount(tx: ReadTx, records: Records): { readonly shares?: ShareCount } {
  const set = recoverySets(tx, records).find(({ shares }) => shares !== undefined);
  return set?.shares === undefined ? {} : { shares: set.shares };
}

/** Has backups made for a set from now on, in place of the set that had its id, which leaves a mark unless it is the same. */
export function putRecoverySet(tx: Tx, records: Records, { id, ...body }: RecoverySet): void {
  const before = records.get(tx, SETS_ROOM, id, recoverySetRow);
  if (before !== undefined && before.certifier !== body.certifier) end(tx, records, id, before, body.created);
  records.remove(tx, ENDED_ROOM, markId(body.certifier));
  records.put(tx, SETS_ROOM, id, body);
}

/**
 * Makes no more backups for a set, and leaves a mark, so that no older copy of the vault brings it back; false if there
 * was none. `now`: ms since 1970.
 */
export function removeRecoverySet(tx: Tx, records: Records, id: string, now: number): boolean {
  const before = records.get(tx, SETS_ROOM, id, recoverySetRow);
  if (before === undefined) return false;
  end(tx, records, id, before, now);
  return records.remove(tx, SETS_ROOM, id);
}

function end(
  tx: Tx,
  records: Records,
  id: string,
  { certifier, created }: z.output<typeof recoverySetRow>,
  now: number,
): void {
  // Later than it was made, whatever the clock says.
  records.put(tx, ENDED_ROOM, markId(certifier), { id, ended: Math.max(now, created + 1) });
}

/** The set of a recovery phrase. Throws `WrongRecoveryPhrase` for one that can't be any vault's. */
export async function phraseSet(phrase: string, clock: Clock): Promise<RecoverySet> {
  const { recipients, wipe: forget } = await phraseIdentity(phrase);
  forget();
  return { id: PHRASE, created: clock.now(), ...recipients };
}

/** What a recovery phrase gives for backups; the caller wipes it. Throws `WrongRecoveryPhrase` for one that can't be any vault's. */
export async function phraseIdentity(phrase: string): Promise<RecoveryIdentity> {
  const secret = recoveryEntropy(phrase);
  try {
    return await recoveryIdentity(secret);
  } finally {
    wipe(secret);
  }
}

/**
 * Has backups made for the phrase that just opened the vault, unless they are: a vault of before there were backups
 * knows no recipient until then. True if something was written.
 */
export async function renewPhraseSet(
  store: Store,
  records: Records,
  phrase: string,
  clock: Clock,
): Promise<boolean> {
  const secret = recoveryEntropy(phrase);
  const certifier = certifierOf(secret);
  wipe(secret);
  const known = store.read((tx) => recoverySets(tx, records)).find(({ id }) => id === PHRASE);
  if (known?.certifier === certifier) return false;
  const set = await phraseSet(phrase, clock);
  // Where nothing can be written the next unlock tries again.
  return store.writeIfPossible((tx) => putRecoverySet(tx, records, set));
}
