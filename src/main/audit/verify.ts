import type { AuditVerdict } from '../../shared/contract.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import type { ReadTx } from '../store/database.ts';
import { type ChainRow, entryHash, entryMac, genesis, type Head } from './chain.ts';
import { parseStored } from './event.ts';
import { checkGap, GAP } from './gap.ts';
import type { SegmentRow, Segments } from './segments.ts';

type Broken = { firstBroken: number; why: string };

/** What a walk needs besides the rows. */
export type WalkFacts = { readonly vaultId: string; readonly mac: Buffer; readonly head: Head };

/**
 * Walks the whole log over the stored bytes: chain, MACs, gaps' signatures, the end against the head on record,
 * then the segments' certificates and seals. Names the first entry that does not hold. It can't see history
 * after the newest outside anchor rewritten by someone who holds the root key.
 */
export function verifyLog(tx: ReadTx, segments: Segments, facts: WalkFacts): AuditVerdict {
  const rows = segments.list(tx);
  const ends = new Map<number, Buffer | undefined>(
    rows.flatMap((r) => (r.last_seq === null ? [] : [[r.last_seq, undefined]])),
  );
  const walk = new Walk(rows, facts);
  for (const row of tx.each<ChainRow>('SELECT seq, body, hash, mac FROM audit ORDER BY seq')) {
    const why = walk.step(row);
    if (why !== undefined) return failed(tx, { firstBroken: walk.next, why });
    if (ends.has(row.seq)) ends.set(row.seq, row.hash);
  }
  const broken = walk.end() ?? segments.check(tx, facts.head, (seq) => ends.get(seq));
  if (broken !== undefined) return failed(tx, broken);
  return {
    ok: true,
    entries: facts.head.seq,
    segments: rows.length,
    head: { seq: facts.head.seq, hash: facts.head.hash.toString('hex') },
  };
}

function failed(tx: ReadTx, broken: Broken): AuditVerdict {
  const entries = tx.get<{ n: number }>('SELECT count(*) AS n FROM audit')?.n ?? 0;
  return { ok: false, entries, ...broken };
}

class Walk {
  /** The number of the entry that must come next; after a failed step, of the one that failed. */
  next = 1;
  readonly #facts: WalkFacts;
  readonly #segments: readonly SegmentRow[];
  #before: Buffer;
  #gap: { first: number; left: number; digest: string; bodies: Buffer[] } | undefined;

  constructor(segments: readonly SegmentRow[], facts: WalkFacts) {
    this.#facts = facts;
    this.#segments = segments;
    this.#before = genesis(facts.vaultId);
  }

  /** Why this row does not hold, or `undefined`. */
  step(row: ChainRow): string | undefined {
    if (row.seq !== this.next) return 'an entry was removed here or given another number';
    if (row.seq > this.#facts.head.seq) return 'an entry was added after the end of the log';
    if (!equalBytes(row.hash, entryHash(this.#before, row.seq, row.body))) {
      return 'this entry was changed, moved or put in';
    }
    if (!equalBytes(row.mac, entryMac(this.#facts.mac, row.hash))) {
      return 'this entry was not written by this vault';
    }
    const why = this.#checkGap(row);
    if (why !== undefined) return why;
    this.#before = row.hash;
    this.next = row.seq + 1;
    return undefined;
  }

  /** What is wrong with the end, if anything. */
  end(): Broken | undefined {
    const { head } = this.#facts;
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
      gap.bodies.push(row.body);
      gap.left -= 1;
      if (gap.left > 0) return undefined;
      this.#gap = undefined;
      const same = sha256(...gap.bodies).toString('hex') === gap.digest;
      return same ? undefined : 'the entries of the gap before it are not the ones it was signed for';
    }
    // Cheap before exact: almost no entry is a gap, and parsing each would double the time.
    if (!row.body.includes(GAP)) return undefined;
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
