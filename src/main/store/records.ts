import type { z } from 'zod';
import { type Json, KeywardError } from '../../shared/errors.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { hmacSha256, hmacSha256By } from '../crypto/hash.ts';
import type { ReadTx, Tx } from './database.ts';

type Row = { room: string; id: string; body: Buffer; mac: Buffer };
type Known = { count: number; sum: bigint; mac: Buffer };

const MODULUS = 1n << 256n;
const LIMBS = 8;
/** So many rows that were read are remembered. */
const MOST_KNOWN_ROWS = 4_096;
/** Stands after every character that an id has, in the order of the database. */
const LAST = '\u{10ffff}';

/**
 * The rows that decide things (docs/adr/0004): keys, versions, aliases, settings, the audit head. Each
 * carries HMAC(row key, room ‖ id ‖ body); one MAC over the whole set stands beside them, so that a removed row
 * or an old one put back is seen at the next `verifyAll`.
 *
 * The set's MAC is HMAC(set key, 'set' ‖ count ‖ sum), with sum = Σ HMAC(set key, 'row' ‖ room ‖ id ‖ body) mod
 * 2^256: it changes with each row without reading the others. The sum itself is kept in memory only.
 */
export class Records {
  readonly #keys: { readonly row: Buffer; readonly set: Buffer };
  #known: Known | undefined;
  readonly #read = new Map<string, { row: Row; schema: unknown; body: unknown }>();

  /** `row` and `set`: 32 bytes each, derived from the root key. */
  constructor(keys: { readonly row: Buffer; readonly set: Buffer }) {
    this.#keys = keys;
  }

  /** Starts the empty set of a new vault; once in its life, before the first `put`. */
  create(tx: Tx): void {
    const before = this.#known;
    const mac = this.#setMac(0, 0n);
    tx.run('INSERT INTO record_set (id, count, mac) VALUES (1, 0, ?)', mac);
    this.#know(tx, before, { count: 0, sum: 0n, mac });
  }

  /**
   * Checks every row and then the set. Must succeed before the first `put` of this process. Throws
   * `VaultDamaged` naming the row ("keys/…"), or saying that a row was removed or an old one put back.
   */
  verifyAll(tx: ReadTx): void {
    let count = 0;
    const total = new Uint32Array(LIMBS);
    const [macOf, digestOf] = [hmacSha256By(this.#keys.row), hmacSha256By(this.#keys.set)];
    for (const row of tx.each<Row>('SELECT room, id, body, mac FROM records')) {
      const name = nameBytes(row.room, row.id);
      if (!equalBytes(row.mac, macOf(name, row.body))) throw edited(row);
      count += 1;
      addTo(total, digestOf(name, row.body));
    }
    const sum = bigOf(total);
    const stored = tx.get<{ count: number; mac: Buffer }>('SELECT count, mac FROM record_set');
    const mac = this.#setMac(count, sum);
    if (stored === undefined || stored.count !== count || !equalBytes(stored.mac, mac)) {
      throw new KeywardError(
        'VaultDamaged',
        'The vault was changed from outside: a row was removed or an old one put back. Restore it from a backup.',
        { row: 'record_set' },
      );
    }
    this.#known = { count, sum, mac };
  }

  /** One row's body, not to be changed, or `undefined`. Throws `VaultDamaged` naming the row if it is not as we wrote it. */
  get<T>(tx: ReadTx, room: string, id: string, schema: z.ZodType<T>): T | undefined {
    const row = tx.get<Row>('SELECT room, id, body, mac FROM records WHERE room = ? AND id = ?', room, id);
    return row === undefined ? undefined : this.#open(row, schema);
  }

  /** All rows of a room, sorted by id; with `prefix`, only those whose id starts with it. */
  list<T>(tx: ReadTx, room: string, schema: z.ZodType<T>, prefix = ''): { id: string; body: T }[] {
    const rows =
      prefix === ''
        ? tx.all<Row>('SELECT room, id, body, mac FROM records WHERE room = ? ORDER BY id', room)
        : tx.all<Row>(
            'SELECT room, id, body, mac FROM records WHERE room = ? AND id >= ? AND id < ? ORDER BY id',
            room,
            prefix,
            prefix + LAST,
          );
    // A list that is longer than what is remembered is read once; it would drive out all that is asked for again.
    const isShort = rows.length <= MOST_KNOWN_ROWS / 2;
    return rows.map((row) => ({ id: row.id, body: this.#open(row, schema, isShort) }));
  }

  /**
   * At most `limit` rows of a room, sorted by id, after `after`; with `prefix`, only those whose id starts with it and
   * goes on. `after` is then such an id, or anything that stands before them.
   */
  page<T>(
    tx: ReadTx,
    room: string,
    schema: z.ZodType<T>,
    after: string,
    limit: number,
    prefix = '',
  ): { id: string; body: T }[] {
    const sql =
      'SELECT room, id, body, mac FROM records WHERE room = ? AND id > ? AND id < ? ORDER BY id LIMIT ?';
    // One lower bound alone, so that the index leads to it.
    const from = after.startsWith(prefix) ? after : prefix;
    return tx
      .all<Row>(sql, room, from, prefix + LAST, limit)
      .map((row) => ({ id: row.id, body: this.#open(row, schema) }));
  }

  /** How many rows of a room there are whose id starts with `prefix`; none of them is checked. */
  count(tx: ReadTx, room: string, prefix = ''): number {
    const sql = 'SELECT COUNT(*) AS n FROM records WHERE room = ? AND id >= ? AND id < ?';
    return tx.get<{ n: number }>(sql, room, prefix, prefix + LAST)?.n ?? 0;
  }

  /** Writes a row, new or in place of the one of that name. */
  put(tx: Tx, room: string, id: string, body: Json): void {
    const bytes = Buffer.from(JSON.stringify(body));
    const known = this.#change(tx);
    const name = nameBytes(room, id);
    const old = this.#stored(tx, room, id, name);
    tx.run(
      'INSERT INTO records (room, id, body, mac) VALUES (?, ?, ?, ?) ' +
        'ON CONFLICT (room, id) DO UPDATE SET body = excluded.body, mac = excluded.mac',
      room,
      id,
      bytes,
      this.#rowMac(name, bytes),
    );
    const gone = old === undefined ? 0n : this.#element(name, old.body);
    this.#know(tx, known, {
      count: known.count + (old === undefined ? 1 : 0),
      sum: (known.sum + this.#element(name, bytes) + MODULUS - gone) % MODULUS,
      mac: known.mac,
    });
  }

  /** Removes a row; false if there was none. */
  remove(tx: Tx, room: string, id: string): boolean {
    const known = this.#change(tx);
    const name = nameBytes(room, id);
    const old = this.#stored(tx, room, id, name);
    if (old === undefined) return false;
    tx.run('DELETE FROM records WHERE room = ? AND id = ?', room, id);
    this.#know(tx, known, {
      count: known.count - 1,
      sum: (known.sum + MODULUS - this.#element(name, old.body)) % MODULUS,
      mac: known.mac,
    });
    return true;
  }

  /** Before the first change of a transaction: is the stored set still the one we know? */
  #change(tx: Tx): Known {
    const known = this.#known;
    if (known === undefined) {
      throw new KeywardError('Internal', 'The records were changed before they had been verified.');
    }
    tx.beforeCommit(this, (last) => this.#store(last, known.mac));
    return known;
  }

  #store(tx: Tx, from: Buffer): void {
    const known = this.#known;
    if (known === undefined) return;
    const mac = this.#setMac(known.count, known.sum);
    const { changes } = tx.run(
      'UPDATE record_set SET count = ?, mac = ? WHERE mac = ?',
      known.count,
      mac,
      from,
    );
    if (changes !== 1) {
      throw new KeywardError(
        'VaultDamaged',
        'The vault was changed from outside while it was open. Lock it and unlock it again to have it checked.',
        { row: 'record_set' },
      );
    }
    this.#know(tx, known, { ...known, mac });
  }

  #know(tx: Tx, before: Known | undefined, after: Known): void {
    this.#known = after;
    tx.onRollback(() => {
      this.#known = before;
    });
  }

  #stored(tx: Tx, room: string, id: string, name: Buffer): Row | undefined {
    const row = tx.get<Row>('SELECT room, id, body, mac FROM records WHERE room = ? AND id = ?', room, id);
    if (row !== undefined) this.#check(row, name);
    return row;
  }

  #open<T>(row: Row, schema: z.ZodType<T>, remember = true): T {
    const name = `${row.room}/${row.id}`;
    const known = this.#read.get(name);
    // The very bytes that were checked and read before, MAC included, need neither again.
    if (known?.schema === schema && known.row.body.equals(row.body) && known.row.mac.equals(row.mac)) {
      return known.body as T;
    }
    this.#check(row, nameBytes(row.room, row.id));
    const body = schema.safeParse(JSON.parse(row.body.toString()));
    if (!body.success) throw damaged(row, 'holds something this version does not understand');
    if (!remember) return body.data;
    if (this.#read.size >= MOST_KNOWN_ROWS) this.#read.clear();
    this.#read.set(name, { row, schema, body: body.data });
    return body.data;
  }

  #check(row: Row, name: Buffer): void {
    if (!equalBytes(row.mac, this.#rowMac(name, row.body))) throw edited(row);
  }

  #rowMac(name: Buffer, body: Buffer): Buffer {
    return hmacSha256(this.#keys.row, name, body);
  }

  #element(name: Buffer, body: Buffer): bigint {
    return BigInt(`0x${this.#digest(name, body).toString('hex')}`);
  }

  #digest(name: Buffer, body: Buffer): Buffer {
    return hmacSha256(this.#keys.set, name, body);
  }

  #setMac(count: number, sum: bigint): Buffer {
    return hmacSha256(this.#keys.set, framed('set', String(count), sum.toString(16)));
  }
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

/** What MACs over a row begin with. */
function nameBytes(room: string, id: string): Buffer {
  return framed('row', room, id);
}

/** Strings with their lengths before them, so that no two lists give the same bytes. */
function framed(...parts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) {
    const length = bytes.write(part, at + 4);
    bytes.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return bytes;
}

function edited(row: Row): KeywardError {
  return damaged(row, 'is not as Keyward wrote it');
}

function damaged(row: Row, what: string): KeywardError {
  const name = `${row.room}/${row.id}`;
  return new KeywardError(
    'VaultDamaged',
    `The vault is damaged: its row ${name} ${what}. Restore the vault from a backup.`,
    { row: name },
  );
}
