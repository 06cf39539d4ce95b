import { z } from 'zod';
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
import { recoveryEntropy } from './secret.ts';
import type { ShareCount } from './shares.ts';

const ROOM = 'recovery-recipients';

const kept = z.object({
  hybrid: z.string().startsWith('age1pq1'),
  x25519: z.string().startsWith('age1'),
  certifier: z.base64(),
  created: z.number(),
  /** Of a share set: how many there are, and how many are needed. */
  shares: z.object({ shares: z.number().int(), threshold: z.number().int() }).exactOptional(),
});

/** For whom backups are made: the phrase, and each live share set by its id. `created` in ms since 1970. */
export type RecoverySet = RecoveryRecipients & {
  readonly id: string;
  readonly created: number;
  readonly shares?: ShareCount;
};

/** The id of the recovery phrase among the sets. */
export const PHRASE = 'phrase';

/** For whom this vault's backups are made, under its MACs. Empty: no backup is possible. Throws `VaultDamaged`. */
export function recoverySets(tx: ReadTx, records: Records): RecoverySet[] {
  return records.list(tx, ROOM, kept).map(({ id, body }) => ({ id, ...body }));
}

/** How many shares there are of the set that opens the vault, as a member of its state; nothing where there is none. Throws `VaultDamaged`. */
export function shareCount(tx: ReadTx, records: Records): { readonly shares?: ShareCount } {
  const set = recoverySets(tx, records).find(({ shares }) => shares !== undefined);
  return set?.shares === undefined ? {} : { shares: set.shares };
}

/** The same among the rows of a backup: room, id and text. What makes no sense is left out. */
export function recoverySetsIn(rows: readonly (readonly [string, string, string])[]): RecoverySet[] {
  return rows.flatMap(([room, id, body]) => {
    const set = room === ROOM ? kept.safeParse(JSON.parse(body)).data : undefined;
    return set === undefined ? [] : [{ id, ...set }];
  });
}

/** Has backups made for a set from now on, in place of the set that had its id. */
export function putRecoverySet(tx: Tx, records: Records, { id, ...body }: RecoverySet): void {
  records.put(tx, ROOM, id, body);
}

/** Makes no more backups for a set; false if there was none. */
export function removeRecoverySet(tx: Tx, records: Records, id: string): boolean {
  return records.remove(tx, ROOM, id);
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
