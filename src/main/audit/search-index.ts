import { hmacSha256 } from '../crypto/hash.ts';
import type { ReadTx, Tx } from '../store/transaction.ts';
import { type OpenedEvent, openEvent } from './event.ts';
import { isOfFile, termsOf, UNREADABLE } from './filter.ts';
import type { Coverage, Head } from './head.ts';

/** How many entries make a block of the index: block n begins with entry n × 256 + 1. */
export const BLOCK = 256;

/** What of the log is in the index: nothing of one that an older version wrote last. */
export function coverageOf({ seq, index }: Pick<Head, 'seq' | 'index'>): Coverage {
  const whole = Math.floor(seq / BLOCK);
  return index ?? { from: whole, upto: whole };
}

/** An entry's number and bytes. */
export type EntryRow = { readonly seq: number; readonly body: Buffer };

/** Which blocks are looked through, and between which times, in ms since 1970. */
type BlockRange = Coverage & { readonly since: number; readonly until: number };

/** What the index has of one block: its times, and for each term the entries, as `encode` writes them. */
type Block = { first: number; last: number; readonly terms: ReadonlyMap<number, Buffer> };

/** What an entry is found by: its time, in ms since 1970, and its terms. Nothing of its texts is held on to. */
type FoundBy = { readonly at: number | undefined; readonly terms: ReadonlySet<number> };

/** A bitmap of a block; whatever is shorter is a list of places. */
const BITMAP = BLOCK / 8;
const MAX_KNOWN = 1_024;
/** How many blocks are indexed at a time. */
const SLICE = 4;

/** As `LogKeys` has them: what terms are made with, and what paths were sealed with. */
type IndexKeys = {
  readonly now: { readonly index: Buffer };
  of(tx: ReadTx, seq: number): { readonly names: Buffer };
};

/**
 * Where the log's entries are that speak of a key, a principal, an event, an outcome or a file: for each block of
 * entries and each term that stands in it, which ones. Terms are HMACs cut to 48 bits, so that the index names nothing.
 * It is a hint: whoever finds an entry by it reads what the entry itself says (docs/adr/0007).
 */
export class SearchIndex {
  readonly #keys: IndexKeys;
  readonly #known = new Map<string, number>();
  /** What was written last, by its place in a block; whoever enters it need not read it anew. */
  readonly #fresh = new Map<number, { readonly body: Buffer; readonly found: FoundBy }>();

  constructor(keys: IndexKeys) {
    this.#keys = keys;
  }

  /** A term as it is stored. */
  term(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const hashed = hmacSha256(this.#keys.now.index, Buffer.from(text)).readUIntBE(0, 6);
    // What names files would only drive out what comes again and again.
    if (isOfFile(text)) return hashed;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(text, hashed);
    return hashed;
  }

  /** Takes note of an entry that is being appended. It is believed only where the database has its very bytes. */
  note({ seq, body }: EntryRow, opened: OpenedEvent): void {
    this.#fresh.set(seq % BLOCK, { body, found: this.#foundBy(opened) });
  }

  /** Empties the index, which then begins behind the last whole block of the log. */
  begin(tx: Tx, { seq }: Pick<Head, 'seq'>): Coverage {
    tx.run('DELETE FROM audit_blocks');
    tx.run('DELETE FROM audit_terms');
    return coverageOf({ seq });
  }

  /** Enters the blocks that have become whole, a few at most; returns what is then in the index. */
  appendBlocks(tx: Tx, head: Head): Coverage {
    const { from, upto } = head.index ?? this.begin(tx, head);
    const end = Math.min(Math.floor(head.seq / BLOCK), upto + SLICE);
    for (let block = upto; block < end; block++) this.#write(tx, block);
    return { from, upto: Math.max(upto, end) };
  }

  /** Enters a few older blocks, the newest of them first; returns what is then in the index. */
  backfill(tx: Tx, head: Head): Coverage {
    const { from, upto } = head.index ?? this.begin(tx, head);
    const begin = Math.max(0, from - SLICE);
    for (let block = from - 1; block >= begin; block--) this.#write(tx, block);
    return { from: begin, upto };
  }

  /** What is wrong with a block of the index, of which `rows` are the entries; `undefined` if nothing is. */
  check(tx: ReadTx, block: number, rows: readonly EntryRow[]): string | undefined {
    const { first, last, terms } = this.#blockOf(tx, rows);
    const stored = tx.get<Block>('SELECT first, last FROM audit_blocks WHERE block = ?', block);
    if (stored === undefined) return 'a row was removed';
    if (stored.first !== first || stored.last !== last) return 'a row was changed';
    const sql = 'SELECT term, entries FROM audit_terms WHERE block = ? ORDER BY term';
    const left = new Map(terms);
    for (const row of tx.all<{ term: number; entries: Buffer }>(sql, block)) {
      const entries = left.get(row.term);
      if (entries === undefined) return 'a row was put in';
      if (!entries.equals(row.entries)) return 'a row was changed';
      left.delete(row.term);
    }
    return left.size === 0 ? undefined : 'a row was removed';
  }

  /** The number of a block that is in the index and must not be; `undefined` if there is none. */
  stray(tx: ReadTx, { from, upto }: Coverage): number | undefined {
    for (const table of ['audit_blocks', 'audit_terms']) {
      const sql = `SELECT block FROM ${table} WHERE block < ? OR block >= ? LIMIT 1`;
      const row = tx.get<{ block: number }>(sql, from, upto);
      if (row !== undefined) return row.block;
    }
    return undefined;
  }

  /**
   * Numbers of entries that may have what is wanted (of each list one term), the newest first. Nothing is left out
   * that the index knows of; time is told by block only.
   */
  *candidates(tx: ReadTx, wanted: readonly (readonly number[])[], range: BlockRange): Generator<number> {
    const terms = [this.term(UNREADABLE), ...wanted.flat()];
    const columns = terms.map(
      (_, n) => `(SELECT entries FROM audit_terms t WHERE t.block = b.block AND t.term = ?) AS t${n}`,
    );
    const sql = `SELECT b.block, ${columns.join(', ')} FROM audit_blocks b
      WHERE b.block >= ? AND b.block < ? AND b.last >= ? AND b.first < ? ORDER BY b.block DESC`;
    const { from, upto, since, until } = range;
    for (const row of tx.each<{ block: number; [term: `t${number}`]: Buffer | null }>(
      sql,
      ...terms,
      from,
      upto,
      since,
      until,
    )) {
      const places = matching(
        terms.map((_, n) => row[`t${n}`] ?? undefined),
        wanted,
      );
      for (let place = BLOCK - 1; places !== undefined && place >= 0; place--) {
        if (((places[place >> 3] ?? 0) >> (place & 7)) & 1) yield row.block * BLOCK + place + 1;
      }
    }
  }

  #write(tx: Tx, block: number): void {
    const sql = 'SELECT seq, body FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq';
    const rows = tx.all<EntryRow>(sql, block * BLOCK, (block + 1) * BLOCK);
    const { first, last, terms } = this.#blockOf(tx, rows);
    tx.run('INSERT INTO audit_blocks (block, first, last) VALUES (?, ?, ?)', block, first, last);
    for (const [term, entries] of terms) {
      tx.run('INSERT INTO audit_terms (block, term, entries) VALUES (?, ?, ?)', block, term, entries);
    }
  }

  #blockOf(tx: ReadTx, rows: readonly EntryRow[]): Block {
    const places = new Map<number, number[]>();
    let [first, last] = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    for (const { seq, body } of rows) {
      const fresh = this.#fresh.get(seq % BLOCK);
      const isFresh = fresh?.body.equals(body) === true;
      const { at, terms } = isFresh
        ? fresh.found
        : this.#foundBy(openEvent(body, this.#keys.of(tx, seq).names));
      first = Math.min(first, at ?? Number.MIN_SAFE_INTEGER);
      last = Math.max(last, at ?? Number.MAX_SAFE_INTEGER);
      for (const term of terms) {
        const list = places.get(term);
        if (list === undefined) places.set(term, [(seq - 1) % BLOCK]);
        else list.push((seq - 1) % BLOCK);
      }
    }
    const sorted = [...places].sort(([a], [b]) => a - b);
    return { first, last, terms: new Map(sorted.map(([term, list]) => [term, encode(list)])) };
  }

  /** What can't be read is asked for at any time. */
  #foundBy(opened: OpenedEvent | undefined): FoundBy {
    return {
      at: opened?.isWhole === true ? Date.parse(opened.event.eventTime) : undefined,
      terms: new Set(termsOf(opened).map((text) => this.term(text))),
    };
  }
}

/** Places within a block: a byte each, or, from 32 on, a bitmap of 32 bytes, the lowest bit first. */
function encode(places: readonly number[]): Buffer {
  if (places.length < BITMAP) return Buffer.from(places);
  const bits = Buffer.alloc(BITMAP);
  for (const place of places) bits.writeUInt8(bits.readUInt8(place >> 3) | (1 << (place & 7)), place >> 3);
  return bits;
}

/** Adds what `encode` wrote to a bitmap. What somebody else wrote adds whatever it may: the index is a hint. */
function add(bits: Uint8Array, entries: Buffer): void {
  if (entries.length === BITMAP) {
    for (let n = 0; n < BITMAP; n++) bits[n] = (bits[n] ?? 0) | (entries[n] ?? 0);
  } else {
    for (const place of entries.subarray(0, BITMAP))
      bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
  }
}

/**
 * A bitmap of the places that have one term of each list; `undefined`: none. `found`: what stands of each term, first of
 * the one for entries that can't be read, which fit in any case.
 */
function matching(
  found: readonly (Buffer | undefined)[],
  wanted: readonly (readonly number[])[],
): Uint8Array | undefined {
  let at = 1;
  let all: Uint8Array | undefined = new Uint8Array(BITMAP).fill(0xff);
  for (const { length } of wanted) {
    const some = found.slice(at, at + length).filter((entries) => entries !== undefined);
    at += length;
    if (some.length === 0) all = undefined;
    if (all === undefined) break;
    const bits = new Uint8Array(BITMAP);
    for (const entries of some) add(bits, entries);
    all = all.map((byte, n) => byte & (bits[n] ?? 0));
  }
  const [unreadable] = found;
  if (unreadable === undefined) return all;
  const bits = all ?? new Uint8Array(BITMAP);
  add(bits, unreadable);
  return bits;
}
