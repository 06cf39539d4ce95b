import { fail } from '../../shared/errors.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { hmacSha256By } from '../crypto/hash.ts';
import { framed, type RecordRow, rowsBetween } from './record-row.ts';
import type { ReadTx } from './transaction.ts';

const LIMBS = 8;

/**
 * Checks the records of a vault from before the tree (docs/adr/0004): each row's MAC, and HMAC(set key, 'set' ‖ count ‖
 * sum) in `record_set` with sum = Σ HMAC(set key, 'row' ‖ room ‖ id ‖ body) mod 2^256. `requireOwn` throws unless a row's
 * MAC is right. Returns the rows, sorted, without their bodies. Throws `VaultDamaged` naming a row, or `record_set` where a
 * row was removed or an old one put back.
 */
export function verifyOldSet(
  tx: ReadTx,
  setKey: Uint8Array,
  requireOwn: (row: RecordRow) => void,
): RecordRow[] {
  const digestOf = hmacSha256By(setKey);
  const total = new Uint32Array(LIMBS);
  const rows: RecordRow[] = [];
  for (const row of rowsBetween(tx, '', undefined)) {
    requireOwn(row);
    addTo(total, digestOf(framed('row', row.room, row.id), row.body));
    rows.push({ ...row, body: Buffer.alloc(0) });
  }
  const stored = tx.get<{ count: number; mac: Buffer }>('SELECT count, mac FROM record_set');
  const mac = digestOf(framed('set', String(rows.length), bigOf(total).toString(16)));
  if (stored?.count === rows.length && equalBytes(stored.mac, mac)) return rows;
  throw fail('records-removed-or-old', {}, { row: 'record_set' });
}

/** Adds 256 bits, big-endian, to a sum of 32-bit limbs, least first, modulo 2^256; a tenth of BigInt's time. */
function addTo(sum: Uint32Array, digest: Buffer): void {
  let carry = 0;
  for (let limb = 0; limb < LIMBS; limb++) {
    const added = (sum[limb] ?? 0) + digest.readUInt32BE(28 - limb * 4) + carry;
    sum[limb] = added;
    carry = added > 0xffff_ffff ? 1 : 0;
  }
}

function bigOf(sum: Uint32Array): bigint {
  return sum.reduceRight((all, limb) => (all << 32n) | BigInt(limb), 0n);
}
