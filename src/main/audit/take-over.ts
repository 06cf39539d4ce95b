import { z } from 'zod';
import { equalBytes } from '../crypto/bytes.ts';
import type { Records } from '../store/records.ts';
import { readableRows } from '../store/rescue/readable-rows.ts';
import type { ReadTx, Tx } from '../store/transaction.ts';
import { type ChainRow, entryHash, entryMac, genesis, headRecord } from './chain.ts';
import { parseStored, type StoredEvent } from './event.ts';
import { checkGap, GAP } from './gap.ts';
import { ROOM } from './head.ts';
import { isUse, LastUses } from './last-use.ts';
import { type AuditKeys, LogKeys } from './log-keys.ts';
import { coverageOf } from './search-index.ts';
import { type SegmentRow, Segments } from './segments.ts';
import { ENTRIES, SEGMENTS } from './tables.ts';

/** The vault whose log it is, and keys of 32 bytes, which stay the caller's. */
type LogParts = {
  readonly records: Records;
  readonly vaultId: string;
  readonly keys: AuditKeys;
};

/**
 * What was taken over of a log: how many entries, from the first on. `known`: how many there were at least, by whatever
 * tells of it. `isCut`: the log goes on behind a break, in a segment that the one before did not certify. `isEndKnown`:
 * the vault's own record says where the log ended.
 */
export type TakenOver = {
  readonly entries: number;
  readonly known: number;
  readonly isCut: boolean;
  readonly isEndKnown: boolean;
};

const storedHead = z.looseObject({ seq: z.number().int(), hash: z.string() });

/**
 * Takes over the log of a damaged database into one that is made anew, as far as its chain holds from the first entry on;
 * the records, with the log's own keys, are there already. Where it breaks, it goes on in a segment of its own, whose key
 * stands under a MAC (`Segments.cut`). `undefined`: there is nothing to go on with, and a log must be created.
 */
export function takeOverChain(
  from: ReadTx,
  tx: Tx,
  { records, vaultId, keys }: LogParts,
): TakenOver | undefined {
  const segments = new Segments(records, vaultId, keys.names);
  const stored = readableRows(from, SEGMENTS);
  const good = segments.certified(tx, stored);
  const uses = new LastUses(keys);
  const times = new LogKeys(records, keys);
  const walk = new ChainWalk(
    vaultId,
    (seq) => times.macOfDamaged(tx, seq),
    good,
    (row, next) => segments.isSealed(tx, row, next),
  );
  let known = 0;
  for (const row of readableRows(from, ENTRIES)) {
    known = Math.max(known, row.seq);
    if (walk.isBroken || !walk.take(row)) continue;
    const { seq, body, hash, mac } = row;
    tx.run('INSERT INTO audit (seq, body, hash, mac) VALUES (?, ?, ?, ?)', seq, body, hash, mac);
  }
  const { seq, hash } = walk.end();
  times.cut(tx, seq);
  tx.run('DELETE FROM audit WHERE seq > ?', seq);
  const kept = good.filter((row) => row.first_seq <= seq || walk.mayBegin(row, { seq, hash }));
  const last = kept.at(-1);
  if (last === undefined || seq === 0) {
    tx.run('DELETE FROM audit');
    return undefined;
  }
  for (const row of kept) insert(tx, row);
  const [first] = kept;
  if (first !== undefined) segments.keepFirst(tx, first);
  for (const [arn, at] of walk.uses) if (at <= seq) uses.note(tx, at, USE(arn));
  const sum = uses.write(tx, undefined);
  const onRecord = records.get(tx, ROOM, 'head', storedHead);
  known = Math.max(known, onRecord?.seq ?? 0);
  const goesOn = last === stored.at(-1) && segments.isOpen(tx, last);
  const head = { seq, hash, segment: last.n, ...(sum === undefined ? {} : { uses: sum }) };
  const segment = goesOn ? last.n : segments.cut(tx, head);
  records.put(tx, ROOM, 'head', headRecord({ ...head, segment, index: coverageOf({ seq }) }));
  return { entries: seq, known, isCut: !goesOn, isEndKnown: onRecord !== undefined };
}

/** An entry that tells of a use of a key, as far as `LastUses` looks at it. */
const USE = (arn: string) => ({ eventName: 'Decrypt', keyArns: [arn] }) as unknown as StoredEvent;

function insert(tx: Tx, { n, first_seq, public_key, certificate, last_seq, head, seal }: SegmentRow): void {
  tx.run(
    'INSERT INTO audit_segments (n, first_seq, public_key, certificate, last_seq, head, seal) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...[n, first_seq, public_key, certificate, last_seq, head, seal],
  );
}

/** Follows the chain from the first entry for as long as it holds. */
class ChainWalk {
  isBroken = false;
  /** The newest entry on a use of each key, by ARN. */
  readonly uses = new Map<string, number>();
  readonly #macAt: (seq: number) => Buffer;
  readonly #vaultId: string;
  readonly #segments: readonly SegmentRow[];
  readonly #isSealed: (row: SegmentRow, next: SegmentRow) => boolean;
  #seq = 0;
  #hash: Buffer;
  #gap: { readonly seq: number; readonly hash: Buffer; left: number } | undefined;

  constructor(
    vaultId: string,
    macAt: (seq: number) => Buffer,
    segments: readonly SegmentRow[],
    isSealed: (row: SegmentRow, next: SegmentRow) => boolean,
  ) {
    this.#vaultId = vaultId;
    this.#macAt = macAt;
    this.#segments = segments;
    this.#isSealed = isSealed;
    this.#hash = genesis(vaultId);
  }

  /** Takes the next entry; false if the log does not hold any more. */
  take(row: ChainRow): boolean {
    const segment = this.#segments.findLast(({ first_seq }) => first_seq <= row.seq);
    const holds =
      row.seq === this.#seq + 1 &&
      segment !== undefined &&
      (segment.last_seq === null || row.seq <= segment.last_seq) &&
      equalBytes(row.hash, entryHash(this.#hash, row.seq, row.body)) &&
      equalBytes(row.mac, entryMac(this.#macAt(row.seq), row.hash)) &&
      (row.seq > segment.first_seq || this.mayBegin(segment, { seq: this.#seq, hash: this.#hash })) &&
      this.#followsGap(row, segment);
    if (!holds) {
      this.isBroken = true;
      return false;
    }
    this.#seq = row.seq;
    this.#hash = row.hash;
    return true;
  }

  /** Number and hash of the last entry that holds: before a gap of which entries are missing. */
  end(): { readonly seq: number; readonly hash: Buffer } {
    return this.#gap ?? { seq: this.#seq, hash: this.#hash };
  }

  /** Whether a segment begins behind this entry, and the one before it ends with it as its seal says. */
  mayBegin(
    { n, first_seq }: SegmentRow,
    { seq, hash }: { readonly seq: number; readonly hash: Buffer },
  ): boolean {
    const [before, own] = [this.#segments[n - 1], this.#segments[n]];
    if (first_seq !== seq + 1 || own === undefined) return false;
    if (before === undefined) return n === 0;
    return (
      before.last_seq === seq &&
      before.head !== null &&
      equalBytes(before.head, hash) &&
      this.#isSealed(before, own)
    );
  }

  #followsGap(row: ChainRow, segment: SegmentRow): boolean {
    if (this.#gap !== undefined) {
      this.#gap.left -= 1;
      if (this.#gap.left === 0) this.#gap = undefined;
    }
    const event = parseStored(row.body);
    if (event !== undefined && isUse(event)) for (const arn of event.keyArns) this.uses.set(arn, row.seq);
    if (event?.eventName !== GAP) return true;
    const facts = { vaultId: this.#vaultId, before: this.#hash, publicKey: segment.public_key };
    const checked = checkGap(event, facts);
    if (checked === undefined) return false;
    this.#gap = { seq: this.#seq, hash: this.#hash, left: checked.entries };
    return true;
  }
}
