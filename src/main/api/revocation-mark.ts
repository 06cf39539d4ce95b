import { z } from 'zod';
import { type Json, say } from '../../shared/errors.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';

const ROOM = 'revocations';
const THIS = 'pending';
const device = z.strictObject({ id: z.string(), publicKey: z.string() });
const kept = z.strictObject({
  kind: z.string(),
  since: z.number().int(),
  /** Whom this installation was before, whose backups are to go: of earlier revocations too that came to no end. */
  formers: z.array(device).exactOptional(),
  /** Whether only backups are left to be made, and old ones to be removed. */
  keysDone: z.literal(true).exactOptional(),
});

/** Whom an installation was before a revocation. */
type FormerDevice = z.output<typeof device>;

/** What is told of a revocation that a crash cut off behind its transaction. */
export function revocationUnfinished() {
  return {
    kind: 'RevocationUnfinished',
    ...say('revocation-unfinished'),
  } as const;
}

/**
 * Notes that a revocation has more to do. `since`: ms since 1970; `former`: whom this installation was until now, to be
 * added to those of a revocation that came to no end.
 */
export function beginRevocation(
  tx: Tx,
  records: Records,
  { kind, since, former }: { kind: string; since: number; former: FormerDevice | undefined },
): void {
  const before = formerDevices(tx, records);
  const own = former === undefined ? [] : [{ id: former.id, publicKey: former.publicKey }];
  records.put(tx, ROOM, THIS, { kind, since, formers: [...before, ...own] });
}

/** Whom this installation was before the revocation that has more to do, and before those that it goes on with. */
export function formerDevices(tx: ReadTx, records: Records): FormerDevice[] {
  return records.get(tx, ROOM, THIS, kept)?.formers ?? [];
}

/** Notes that all keys have had their turn. */
export function endKeysOfRevocation(tx: Tx, records: Records): void {
  const mark = records.get(tx, ROOM, THIS, kept);
  if (mark !== undefined) records.put(tx, ROOM, THIS, { ...mark, keysDone: true });
}

/** Whether a row of a backup tells of a revocation that the backup itself, made on its way, has all of. */
export function isDoneByBackup(room: string, body: Json): boolean {
  return room === ROOM && kept.safeParse(body).data?.keysDone === true;
}

/** Takes the note away. */
export function endRevocation(tx: Tx, records: Records): void {
  records.remove(tx, ROOM, THIS);
}

/** Whether a revocation has more to do. */
export function isRevocationPending(tx: ReadTx, records: Records): boolean {
  return records.get(tx, ROOM, THIS, kept) !== undefined;
}
