import type { ReadTx } from '../store/transaction.ts';
import { isIntact, LINKED, type LinkedRow } from './chain.ts';
import { type AuditEntry, openEvent, shownEntry } from './event.ts';
import { type AuditFilter, hasWanted, isThen, termsOf, wantedBy } from './filter.ts';
import type { Coverage, Head } from './head.ts';
import { BLOCK, coverageOf, type SearchIndex } from './search-index.ts';

/** A page of what a filter asks for: at most `limit` (100) entries, before the number `before`. */
export type AuditQuery = AuditFilter & { readonly limit?: number; readonly before?: number };

/** A page of the log. */
export type AuditPage = {
  /** The newest first. */
  readonly entries: readonly AuditEntry[];
  /** What to give as `before` for the page that follows; missing where no older entry fits. */
  readonly next?: number;
  /** Numbers of entries that the index pointed at and that do not fit: it was changed from outside. */
  readonly mismatched: readonly number[];
  /** How many of the oldest entries are not in the index yet; they are read one by one. */
  readonly unindexed: number;
};

/** How many entries that do not match are read for one page at most, so that a page may have fewer than `limit`. */
const MAX_READ = 2_048;

/** What a search needs besides the transaction. */
export type SearchFacts = {
  readonly vaultId: string;
  /** As `LogKeys` has them, by an entry's number. */
  readonly keys: { of(tx: ReadTx, seq: number): { readonly mac: Buffer; readonly names: Buffer } };
  readonly index: SearchIndex;
};

/**
 * A page of the entries that fit, each read from its chained bytes. The index leads to those of whole blocks; the
 * newest ones, and in a vault that an older version wrote the oldest ones until they have been entered, are read one by
 * one. An entry that can't be read, or does not hold, is shown where it is met: nobody may hide it behind a filter.
 * A cursor is an entry's number, so that pages stay right while entries are added.
 */
export function searchLog(tx: ReadTx, facts: SearchFacts, head: Head, query: AuditQuery): AuditPage {
  const { from, upto } = coverageOf(head);
  const page = new Page(tx, facts, head, query);
  const isAll = page.wanted.length === 0 && query.since === undefined && query.until === undefined;
  const sources = isAll
    ? [rowsBetween(tx, Number.MIN_SAFE_INTEGER, page.before)]
    : [
        rowsBetween(tx, upto * BLOCK + 1, page.before),
        rowsOf(tx, page.candidates(tx, { from, upto })),
        rowsBetween(tx, Number.MIN_SAFE_INTEGER, Math.min(page.before, from * BLOCK + 1)),
      ];
  const unindexed = from * BLOCK;
  for (const source of sources) {
    for (const row of source) {
      const next = page.take(row);
      if (next !== undefined) return { ...page.found, next, unindexed };
    }
  }
  return { ...page.found, unindexed };
}

/** An entry, and whether the index led to it. A number without bytes: the index led to an entry that is not there. */
type Row = { readonly seq: number; readonly row: LinkedRow | undefined; readonly isHinted: boolean };

class Page {
  readonly wanted: readonly (readonly string[])[];
  readonly before: number;
  readonly found: { readonly entries: AuditEntry[]; readonly mismatched: number[] } = {
    entries: [],
    mismatched: [],
  };
  readonly #tx: ReadTx;
  readonly #facts: SearchFacts;
  readonly #head: Head;
  readonly #query: AuditQuery;
  readonly #limit: number;
  readonly #hashed: readonly (readonly number[])[];
  #read = 0;

  constructor(tx: ReadTx, facts: SearchFacts, head: Head, query: AuditQuery) {
    this.#tx = tx;
    this.#facts = facts;
    this.#head = head;
    this.#query = query;
    this.#limit = query.limit ?? 100;
    this.before = query.before ?? Number.MAX_SAFE_INTEGER;
    this.wanted = wantedBy(query);
    this.#hashed = this.wanted.map((some) => some.map((text) => facts.index.term(text)));
  }

  /** What the index has of it, from the block of `before` on. */
  *candidates(tx: ReadTx, { from, upto }: Coverage): Generator<number> {
    const { since = Number.MIN_SAFE_INTEGER, until = Number.MAX_SAFE_INTEGER } = this.#query;
    const end = Math.min(upto, Math.ceil((this.before - 1) / BLOCK));
    const range = { from, upto: end, since, until };
    for (const seq of this.#facts.index.candidates(tx, this.#hashed, range)) {
      if (seq < this.before) yield seq;
    }
  }

  /** Takes an entry, if it fits; gives where the next page begins once this one is at its end. */
  take({ seq, row, isHinted }: Row): number | undefined {
    const { entries, mismatched } = this.found;
    const entry = row === undefined ? undefined : this.#shown(row, isHinted);
    if (entry === 'mismatch' || row === undefined) mismatched.push(seq);
    else if (entry !== undefined) {
      const last = entries.at(-1);
      if (entries.length === this.#limit) return last?.seq ?? seq + 1;
      entries.push(entry);
      return undefined;
    }
    this.#read += 1;
    return this.#read === MAX_READ ? seq : undefined;
  }

  #shown(row: LinkedRow, isHinted: boolean): AuditEntry | 'mismatch' | undefined {
    const { vaultId, index } = this.#facts;
    const keys = this.#facts.keys.of(this.#tx, row.seq);
    const opened = openEvent(row.body, keys.names);
    const terms = termsOf(opened);
    const hasTerms = hasWanted(terms, this.wanted);
    const isFit = opened?.isWhole !== true || (hasTerms && isThen(opened, this.#query));
    const intact = row.seq <= this.#head.seq && isIntact(row, vaultId, keys.mac);
    if (isFit || !intact) return shownEntry(row.seq, opened, intact);
    // Two terms that are the same once they are cut are nobody's doing.
    const isLed =
      hasTerms ||
      hasWanted(
        terms.map((text) => index.term(text)),
        this.#hashed,
      );
    return isHinted && !isLed ? 'mismatch' : undefined;
  }
}

function* rowsBetween(tx: ReadTx, from: number, before: number): Generator<Row> {
  const sql = `${LINKED} WHERE a.seq >= ? AND a.seq < ? ORDER BY a.seq DESC`;
  for (const row of tx.each<LinkedRow>(sql, from, before)) yield { seq: row.seq, row, isHinted: false };
}

function* rowsOf(tx: ReadTx, numbers: Iterable<number>): Generator<Row> {
  for (const seq of numbers) {
    yield { seq, row: tx.get<LinkedRow>(`${LINKED} WHERE a.seq = ?`, seq), isHinted: true };
  }
}
