import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { sealText, unsealText } from '../crypto/aead.ts';
import { hmacSha256By } from '../crypto/hash.ts';
import type { ReadTx, Store, Tx } from './database.ts';
import type { Records } from './records.ts';

/** One row of a set: what it is called, and all that its meaning depends on. */
export type SetRow = { readonly id: Buffer; readonly bytes: Buffer };

/** What a set is made of. `after`: rows whose id is greater, in the order of their bytes; the first ones if undefined. */
type SetOptions = {
  readonly records: Records;
  /** Its name; no two sets of a vault have the same. */
  readonly name: string;
  /** 32 bytes, derived from the root key. */
  readonly key: Buffer;
  readonly page: (tx: ReadTx, after: Buffer | undefined, limit: number) => readonly SetRow[];
};

type Sum = { readonly count: number; readonly total: bigint };
type Scan = { at: Buffer | undefined; sum: Sum; isBroken: boolean };

const ROOM = 'sets';
/** How many rows are looked at before other work gets its turn. */
const PAGE_ROWS = 1_000;
const EMPTY: Sum = { count: 0, total: 0n };

const kept = z.object({ sum: z.string(), brokenAt: z.number().int().optional() });

/**
 * The rows of one table as a set of their own, outside of that of the records: its failure is a finding and closes
 * nothing. Kept is a keyed additive multiset hash (MSet-Add-Hash, Clarke et al., ASIACRYPT 2003): the number of rows
 * and Σ HMAC(key, id ‖ bytes) mod 2^256, so that a change does not read the others. It stands among the records,
 * under their MACs and in the same transaction, and sealed, since who knew sums could look for rows of the same sum.
 */
export class MultisetHash {
  readonly #options: SetOptions;
  /** The sum while a transaction is under way. */
  #current: Sum | undefined;
  #scan: Scan | undefined;

  /** The key stays the caller's to wipe. */
  constructor(options: SetOptions) {
    this.#options = options;
  }

  /** Takes note of a row that is written; `before`, of the one that it replaces. */
  put(tx: Tx, row: SetRow, before?: SetRow): void {
    const [now, then] = [this.#totalOf([row]), before === undefined ? 0n : this.#totalOf([before])];
    this.#change(tx, row.id, before === undefined ? 1 : 0, now - then);
  }

  /** Takes note of a row that is removed. */
  remove(tx: Tx, row: SetRow): void {
    this.#change(tx, row.id, -1, -this.#totalOf([row]));
  }

  /** When the set was last found broken, in ms since 1970; `undefined`: never. */
  brokenAt(tx: ReadTx): number | undefined {
    return this.#kept(tx)?.brokenAt;
  }

  /**
   * Walks the whole set; false if a row was removed, added or put back from outside. Other work gets its turn meanwhile
   * and may change it. `undefined` if `signal` was aborted before the end.
   */
  async verify(store: Store, signal?: AbortSignal): Promise<boolean | undefined> {
    for (;;) {
      const scan: Scan = { at: undefined, sum: EMPTY, isBroken: false };
      this.#scan = scan;
      while (this.#scan === scan && !scan.isBroken) {
        const holds = store.read((tx) => this.#step(tx, scan));
        if (holds !== undefined) return holds;
        await nextTurn();
        if (signal?.aborted) return undefined;
      }
    }
  }

  /** Takes the rows as they stand, after a finding was told: later changes are noticed again. `at`: ms since 1970. */
  accept(tx: Tx, at: number): void {
    this.#write(tx, this.#sumOfAll(tx), at);
  }

  /** Begins the sum over rows that were made anew under another root key. `brokenAt`: as it was known before. */
  beginAnew(tx: Tx, brokenAt: number | undefined): void {
    this.#write(tx, this.#sumOfAll(tx), brokenAt);
  }

  /** Goes on with a walk by one page; whether the set holds, once that is known. */
  #step(tx: ReadTx, scan: Scan): boolean | undefined {
    const rows = this.#options.page(tx, scan.at, PAGE_ROWS);
    scan.sum = added(scan.sum, rows.length, this.#totalOf(rows));
    scan.at = rows.at(-1)?.id ?? scan.at;
    if (rows.length === PAGE_ROWS) return undefined;
    this.#scan = undefined;
    const known = this.#stored(tx);
    // A vault that is older than this has no sum yet.
    return known === undefined || (known.count === scan.sum.count && known.total === scan.sum.total);
  }

  #change(tx: Tx, id: Buffer, count: number, total: bigint): void {
    const before = this.#current;
    // What is there already is taken as it is by a vault that is older than this; the change is in it by then.
    const known = before ?? this.#stored(tx);
    this.#current = known === undefined ? this.#sumOfAll(tx) : added(known, count, total);
    const scan = this.#scan;
    if (scan?.at !== undefined && Buffer.compare(id, scan.at) <= 0) scan.sum = added(scan.sum, count, total);
    tx.onRollback(() => {
      this.#current = before;
      // What was looked at meanwhile can't be told from what was not.
      if (scan !== undefined) scan.isBroken = true;
    });
    tx.beforeCommit(this, (last) => {
      const sum = this.#current;
      this.#current = undefined;
      if (sum === undefined) return;
      last.onRollback(() => {
        this.#current = undefined;
      });
      this.#write(last, sum, this.brokenAt(last));
    });
  }

  #write(tx: Tx, { count, total }: Sum, brokenAt: number | undefined): void {
    const { records, name, key } = this.#options;
    const bytes = Buffer.alloc(40);
    bytes.writeBigUInt64BE(BigInt(count));
    bytes.write(total.toString(16).padStart(64, '0'), 8, 'hex');
    const sum = sealText(key, `keyward/1/set/${name}`, Buffer.alloc(0), bytes);
    records.put(tx, ROOM, name, brokenAt === undefined ? { sum } : { sum, brokenAt });
  }

  #kept(tx: ReadTx): z.output<typeof kept> | undefined {
    return this.#options.records.get(tx, ROOM, this.#options.name, kept);
  }

  #stored(tx: ReadTx): Sum | undefined {
    const { key, name } = this.#options;
    const row = this.#kept(tx);
    if (row === undefined) return undefined;
    const bytes = unsealText(key, `keyward/1/set/${name}`, Buffer.alloc(0), row.sum);
    if (bytes?.length !== 40) throw new RangeError('a sum under the records is not ours');
    return { count: Number(bytes.readBigUInt64BE()), total: BigInt(`0x${bytes.toString('hex', 8)}`) };
  }

  #sumOfAll(tx: ReadTx): Sum {
    let sum = EMPTY;
    let after: Buffer | undefined;
    for (;;) {
      const rows = this.#options.page(tx, after, PAGE_ROWS);
      sum = added(sum, rows.length, this.#totalOf(rows));
      if (rows.length < PAGE_ROWS) return sum;
      after = rows.at(-1)?.id;
    }
  }

  #totalOf(rows: readonly SetRow[]): bigint {
    const digest = hmacSha256By(this.#options.key);
    return rows.reduce((sum, { id, bytes }) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(id.length);
      return sum + BigInt(`0x${digest(length, id, bytes).toString('hex')}`);
    }, 0n);
  }
}

function added({ count, total }: Sum, more: number, elements: bigint): Sum {
  return { count: count + more, total: BigInt.asUintN(256, total + elements) };
}
