import { z } from 'zod';
import { say } from '../../shared/errors.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';

const ROOM = 'revocations';
const THIS = 'pending';
const kept = z.strictObject({ kind: z.string(), since: z.number().int() });

/** What is told of a revocation that a crash cut off behind its transaction. */
export function revocationUnfinished() {
  return {
    kind: 'RevocationUnfinished',
    ...say('revocation-unfinished'),
  } as const;
}

/** Notes that a revocation has more to do. `since`: ms since 1970. */
export function beginRevocation(tx: Tx, records: Records, kind: string, since: number): void {
  records.put(tx, ROOM, THIS, { kind, since });
}

/** Takes the note away. */
export function endRevocation(tx: Tx, records: Records): void {
  records.remove(tx, ROOM, THIS);
}

/** Whether a revocation has more to do. */
export function isRevocationPending(tx: ReadTx, records: Records): boolean {
  return records.get(tx, ROOM, THIS, kept) !== undefined;
}
