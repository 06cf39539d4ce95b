import { z } from 'zod';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { readableRows } from '../store/rescue/readable-rows.ts';
import { headRecord } from './chain.ts';
import { ROOM } from './head.ts';
import { coverageOf } from './search-index.ts';
import { ENTRIES, SEGMENTS } from './tables.ts';

/** How many of the newest entries are taken over. */
const MAX = 200_000;

const storedHead = z.looseObject({ seq: z.number().int(), hash: z.string(), segment: z.number().int() });

/**
 * Takes over what can be read of the log of a damaged database into a new one, whose records are there already, and
 * sees to it that they have a head: the one on record where the entries have it, else the last entry. Nothing of it is
 * verified; `AuditLog.verify` says how far it holds. False: there is no log to go on with, and one must be created.
 */
export function takeOverLog(from: ReadTx | undefined, tx: Tx, records: Records): boolean {
  if (from === undefined) return false;
  const entries = readableRows(from, ENTRIES).slice(-MAX);
  const segments = readableRows(from, SEGMENTS);
  const [last, open] = [entries.at(-1), segments.at(-1)];
  const kept = records.get(tx, ROOM, 'head', storedHead);
  const holds =
    kept !== undefined && entries.find(({ seq }) => seq === kept.seq)?.hash.toString('hex') === kept.hash;
  if (open === undefined || last === undefined) return false;
  for (const { seq, body, hash, mac } of entries)
    tx.run('INSERT INTO audit (seq, body, hash, mac) VALUES (?, ?, ?, ?)', seq, body, hash, mac);
  for (const { n, first_seq, public_key, certificate, last_seq, head, seal } of segments) {
    tx.run(
      'INSERT INTO audit_segments (n, first_seq, public_key, certificate, last_seq, head, seal) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[n, first_seq, public_key, certificate, last_seq, head, seal],
    );
  }
  const head = holds
    ? { seq: kept.seq, hash: Buffer.from(kept.hash, 'hex'), segment: kept.segment }
    : { seq: last.seq, hash: last.hash, segment: open.n };
  // Neither index is taken over: what they tell can be found without them.
  records.put(tx, ROOM, 'head', headRecord({ ...head, index: coverageOf({ seq: head.seq }) }));
  return true;
}
