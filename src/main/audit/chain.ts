import { z } from 'zod';
import { fail } from '../../shared/errors.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { hmacSha256, sha256 } from '../crypto/hash.ts';
import type { Records } from '../store/records.ts';
import type { ReadTx } from '../store/transaction.ts';
import { type Head, ROOM, u64 } from './head.ts';

/** One row of the chain: number from 1, the JSON as stored, its hash and its MAC. */
export type ChainRow = { seq: number; body: Buffer; hash: Buffer; mac: Buffer };

const storedHead = z.object({
  seq: z.number().int(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  segment: z.number().int(),
  uses: z.string().exactOptional(),
  index: z
    .object({ from: z.number().int().nonnegative(), upto: z.number().int().nonnegative() })
    .exactOptional(),
});

/** An entry with the hash of the one before; null for the first. */
export type LinkedRow = ChainRow & { readonly before: Buffer | null };

/** Selects entries, as `a`, with the hash of the one before. */
export const LINKED =
  'SELECT a.seq, a.body, a.hash, a.mac, (SELECT p.hash FROM audit p WHERE p.seq = a.seq - 1) AS before FROM audit a';

/** Whether an entry's own hash and MAC hold, and its hash follows from the entry before. */
export function isIntact(row: LinkedRow, vaultId: string, key: Buffer): boolean {
  const before = row.before ?? genesis(vaultId);
  return (
    equalBytes(row.hash, entryHash(before, row.seq, row.body)) && equalBytes(row.mac, entryMac(key, row.hash))
  );
}

/** What stands before the first entry: SHA-256('keyward/1/audit' ‖ vault id), so that no log fits another vault. */
export function genesis(vaultId: string): Buffer {
  return sha256(Buffer.from(`keyward/1/audit${vaultId}`));
}

/** SHA-256(hash before ‖ number as u64 ‖ body as stored). */
export function entryHash(before: Buffer, seq: number, body: Buffer): Buffer {
  return sha256(before, u64(seq), body);
}

/** HMAC-SHA-256 over the hash: the chain can't be computed anew without the key. */
export function entryMac(key: Buffer, hash: Buffer): Buffer {
  return hmacSha256(key, hash);
}

/** The head as the vault's records have it, under their MAC: it shows a tail that was cut off. */
export function readHead(tx: ReadTx, records: Records): Head {
  const head = records.get(tx, ROOM, 'head', storedHead);
  if (head === undefined) {
    throw fail('audit-without-beginning');
  }
  return { ...head, hash: Buffer.from(head.hash, 'hex') };
}

/** The head as it is stored in the records. */
export function headRecord(head: Head): z.input<typeof storedHead> {
  return { ...head, hash: head.hash.toString('hex') };
}
