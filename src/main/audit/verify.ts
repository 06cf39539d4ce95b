import type { AuditVerdict } from '../../shared/audit-contract.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Reader, ReadTx } from '../store/transaction.ts';
import { type ChainRow, entryHash, entryMac, genesis } from './chain.ts';
import { parseStored } from './event.ts';
import { checkGap, GAP } from './gap.ts';
import type { Head } from './head.ts';
import { isPlainBody, unpackBody } from './packed-body.ts';
import { BLOCK, coverageOf, type EntryRow, type SearchIndex } from './search-index.ts';
import type { SegmentRow, Segments } from './segments.ts';

type Failed = Extract<AuditVerdict, { ok: false }>;
type Broken = { firstBroken: number; why: string };

/** How many entries are read at a time, whole blocks; other work, such as a lock, gets its turn in between. */
const PAGE = 4 * BLOCK;

/** What a walk needs besides the rows. `headOf` gives the end of the log as it is on record. */
type WalkFacts = {
  readonly vaultId: string;
  /** The key of an entry's MAC. */
  readonly macAt: (tx: ReadTx, seq: number) => Buffer;
  readonly headOf: (tx: ReadTx) => Head;
  readonly index: SearchIndex;
};

/**
 * Walks the whole log over the stored bytes: chain, MACs, gaps' signatures, the end against the head on record,
 * then the segments' certificates and seals. Names the first entry that does not hold. Where the entries hold, the
 * search index must have exactly what they say, as far as it reaches. It can't see history
 * after the newest outside anchor rewritten by someone who holds the root key. Entries that are written meanwhile
 * are walked as well; `pause` is called between the pages, and what it throws ends the walk.
 */
export async function verifyLog(
  store: Reader,
  segments: Segments,
  facts: WalkFacts,
  pause: () => Promise<void>,
): Promise<AuditVerdict> {
  const walk = new Walk(
    store.read((tx) => segments.list(tx)),
    facts,
  );
  for (;;) {
    const verdict = store.read((tx) => walk.page(tx, segments));
    if (verdict !== undefined) return verdict;
    await pause();
  }
}

/** What is wrong with a block of the index, by its first entry. */
function atBlock(block: number, why: string): Broken {
  return { firstBroken: block * BLOCK + 1, why };
}

function failed(tx: ReadTx, broken: Broken): Failed {
  const entries = tx.get<{ n: number }>('SELECT count(*) AS n FROM audit')?.n ?? 0;
  return { ok: false, part: 'entries', entries, ...broken };
}

class Walk {
  /** The number of the entry that must come next; after a failed step, of the one that failed. */
  next = 1;
  readonly #facts: WalkFacts;
  readonly #segments: readonly SegmentRow[];
  /** Hashes of the entries that segments end with, by number. */
  readonly #ends: Map<number, Buffer | undefined>;
  #before: Buffer;
  #after = Number.MIN_SAFE_INTEGER;
  /** The entries of the block under way, and what is wrong with the first block of the index that does not hold. */
  #block: EntryRow[] = [];
  #astray: Broken | undefined;
  #gap: { first: number; left: number; digest: string; bodies: Buffer[] } | undefined;

  constructor(segments: readonly SegmentRow[], facts: WalkFacts) {
    this.#facts = facts;
    this.#segments = segments;
    this.#ends = new Map(segments.flatMap((r) => (r.last_seq === null ? [] : [[r.last_seq, undefined]])));
    this.#before = genesis(facts.vaultId);
  }

  /** Walks on by a page; returns the verdict once there is one. */
  page(tx: ReadTx, segments: Segments): AuditVerdict | undefined {
    const head = this.#facts.headOf(tx);
    const sql = 'SELECT seq, body, hash, mac FROM audit WHERE seq > ? ORDER BY seq LIMIT ?';
    let walked = 0;
    for (const row of tx.each<ChainRow>(sql, this.#after, PAGE)) {
      const why = this.#step(tx, row, head);
      if (why !== undefined) return failed(tx, { firstBroken: this.next, why });
      if (this.#ends.has(row.seq)) this.#ends.set(row.seq, row.hash);
      this.#block.push(row);
      if (row.seq % BLOCK === 0) this.#checkBlock(tx, head, row.seq / BLOCK - 1);
      this.#after = row.seq;
      walked += 1;
    }
    if (walked === PAGE) return undefined;
    const broken = this.#end(head) ?? segments.check(tx, head, (seq) => this.#ends.get(seq));
    if (broken !== undefined) return failed(tx, broken);
    const { from, upto } = coverageOf(head);
    const stray = this.#facts.index.stray(tx, { from, upto });
    if (stray !== undefined) this.#astray ??= atBlock(stray, 'a row was put in');
    if (this.#astray !== undefined) return { ...failed(tx, this.#astray), part: 'index' };
    const cuts = segments.cuts(tx);
    return {
      ok: true,
      entries: head.seq,
      segments: this.#segments.length,
      head: { seq: head.seq, hash: head.hash.toString('hex') },
      unindexed: from * BLOCK,
      ...(cuts.length === 0 ? {} : { cuts }),
    };
  }

  /** Holds what the index has of a block that was walked against its entries. */
  #checkBlock(tx: ReadTx, { index }: Head, block: number): void {
    const rows = this.#block;
    this.#block = [];
    if (index === undefined || block < index.from || block >= index.upto) return;
    const why = this.#facts.index.check(tx, block, rows);
    if (why !== undefined) this.#astray ??= atBlock(block, why);
  }

  /** Why this row does not hold, or `undefined`. */
  #step(tx: ReadTx, row: ChainRow, head: Head): string | undefined {
    if (row.seq !== this.next) return 'an entry was removed here or given another number';
    if (row.seq > head.seq) return 'an entry was added after the end of the log';
    if (!equalBytes(row.hash, entryHash(this.#before, row.seq, row.body))) {
      return 'this entry was changed, moved or put in';
    }
    if (!equalBytes(row.mac, entryMac(this.#facts.macAt(tx, row.seq), row.hash))) {
      return 'this entry was not written by this vault';
    }
    const why = this.#checkGap(row);
    if (why !== undefined) return why;
    this.#before = row.hash;
    this.next = row.seq + 1;
    return undefined;
  }

  /** What is wrong with the end, if anything. */
  #end(head: Head): Broken | undefined {
    if (this.next <= head.seq) return { firstBroken: this.next, why: 'entries were cut off from here on' };
    if (!equalBytes(this.#before, head.hash)) {
      return {
        firstBroken: Math.max(1, head.seq),
        why: 'the log ends otherwise than the vault has on record',
      };
    }
    if (this.#gap !== undefined)
      return { firstBroken: this.#gap.first, why: 'entries of this gap are missing' };
    return undefined;
  }

  #checkGap(row: ChainRow): string | undefined {
    const gap = this.#gap;
    if (gap !== undefined) {
      gap.bodies.push(Buffer.from(unpackBody(row.body) ?? ''));
      gap.left -= 1;
      if (gap.left > 0) return undefined;
      this.#gap = undefined;
      const same = sha256(...gap.bodies).toString('hex') === gap.digest;
      return same ? undefined : 'the entries of the gap before it are not the ones it was signed for';
    }
    // Cheap before exact: almost no entry is a gap, and parsing each would double the time.
    if (!isPlainBody(row.body) || !row.body.includes(GAP)) return undefined;
    const event = parseStored(row.body);
    if (event?.eventName !== GAP) return undefined;
    const segment = this.#segments.findLast((each) => each.first_seq <= row.seq);
    const checked =
      segment === undefined
        ? undefined
        : checkGap(event, {
            vaultId: this.#facts.vaultId,
            before: this.#before,
            publicKey: segment.public_key,
          });
    if (checked === undefined) return 'the signature of this gap is not authentic';
    this.#gap = { first: row.seq, left: checked.entries, digest: checked.digest, bodies: [] };
    return undefined;
  }
}
