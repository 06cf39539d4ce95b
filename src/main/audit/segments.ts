import { z } from 'zod';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { sealText, unsealText } from '../crypto/aead.ts';
import { equalBytes, wipe } from '../crypto/bytes.ts';
import { newSigningKey, signBytes, signingPublicKey, verifyBytes } from '../crypto/sign.ts';
import type { Records } from '../store/records.ts';
import type { ReadTx, Tx } from '../store/transaction.ts';
import type { Head } from './head.ts';
import { ROOM, u64 } from './head.ts';

/**
 * One segment of the log (docs/adr/0007): signed with a key of its own, which the key before certified
 * and which is destroyed when the segment is sealed. Only the last one is open (`last_seq` … `seal` null).
 */
export type SegmentRow = {
  n: number;
  first_seq: number;
  public_key: Buffer;
  certificate: Buffer;
  last_seq: number | null;
  head: Buffer | null;
  seal: Buffer | null;
};

const INFO = 'keyward/1/audit-segment-key';
const KEY = 'segment-key';
const FIRST = 'first-key';
/** What stands before the number of a segment that begins behind a break. */
const CUT = 'cut-';
const storedKey = z.object({ n: z.number().int(), sealed: z.string() });
const storedFirst = z.object({ publicKey: z.string() });
const storedCut = z.object({ publicKey: z.string(), after: z.number().int(), head: z.string() });

/** A place where a repair took up the log behind a break: after which entry, and the key of the segment that begins there. */
type Cut = z.output<typeof storedCut>;

/** The signing keys of one vault's segments. */
export class Segments {
  readonly #records: Records;
  readonly #vaultId: string;
  readonly #key: Buffer;

  /** `key` seals the private key of the open segment while it lives. */
  constructor(records: Records, vaultId: string, key: Buffer) {
    this.#records = records;
    this.#vaultId = vaultId;
    this.#key = key;
  }

  /** The first segment of a new vault; its key certifies itself, and its public half goes on record. */
  create(tx: Tx): void {
    const { seed, publicKey } = newSigningKey();
    this.#records.put(tx, ROOM, FIRST, { publicKey: publicKey.toString('hex') });
    this.#open(tx, 0, 1, publicKey, seed, seed);
    wipe(seed);
  }

  /**
   * Seals the open segment at `head` and opens the next one, whose key the old one certifies; the old private
   * key is overwritten. Returns the number of the new segment.
   */
  seal(tx: Tx, head: Head): number {
    const seed = this.#seed(tx, head.segment);
    const segment = this.#row(tx, head.segment);
    const next = newSigningKey();
    const seal = signBytes(seed, this.#sealed(segment, head.seq, head.hash, next.publicKey));
    tx.run(
      'UPDATE audit_segments SET last_seq = ?, head = ?, seal = ? WHERE n = ?',
      head.seq,
      head.hash,
      seal,
      segment.n,
    );
    this.#open(tx, segment.n + 1, head.seq + 1, next.publicKey, next.seed, seed);
    wipe(seed, next.seed);
    return segment.n + 1;
  }

  /**
   * Begins a segment behind a break of the log: the last one that holds ends at `head`, without a seal if its key is gone,
   * and the new one's key goes on record instead of being certified. Returns its number.
   */
  cut(tx: Tx, head: Head): number {
    const last = this.#row(tx, head.segment);
    const { seed, publicKey } = newSigningKey();
    const n = last.n + 1;
    const isEnd = last.last_seq === head.seq && last.head !== null && equalBytes(last.head, head.hash);
    if (!isEnd) {
      tx.run(
        'UPDATE audit_segments SET last_seq = ?, head = ?, seal = NULL WHERE n = ?',
        head.seq,
        head.hash,
        last.n,
      );
    }
    this.#records.put(tx, ROOM, `${CUT}${n}`, {
      publicKey: publicKey.toString('hex'),
      after: head.seq,
      head: head.hash.toString('hex'),
    });
    this.#open(tx, n, head.seq + 1, publicKey, seed, seed);
    wipe(seed);
    return n;
  }

  /** The break that a segment begins behind; `undefined` for one that was certified by the one before. */
  cutBefore(tx: ReadTx, n: number): Cut | undefined {
    return this.#records.get(tx, ROOM, `${CUT}${n}`, storedCut);
  }

  /** The entries behind which a repair took up the log. */
  cuts(tx: ReadTx): number[] {
    return this.list(tx).flatMap(({ n }) => this.cutBefore(tx, n)?.after ?? []);
  }

  /** The first segments that were certified each by the one before, whatever became of their entries. */
  certified(tx: ReadTx, rows: readonly SegmentRow[]): SegmentRow[] {
    const good: SegmentRow[] = [];
    let signer =
      this.#records.get(tx, ROOM, FIRST, storedFirst)?.publicKey ?? rows[0]?.public_key.toString('hex');
    let first = 1;
    for (const [index, row] of rows.entries()) {
      const by = this.cutBefore(tx, row.n)?.publicKey ?? signer;
      const isNext = row.n === index && row.first_seq === first && by !== undefined;
      if (!isNext || !this.#isCertified(Buffer.from(by, 'hex'), row)) break;
      good.push(row);
      if (row.last_seq === null) break;
      signer = row.public_key.toString('hex');
      first = row.last_seq + 1;
    }
    return good;
  }

  /** Has the first segment's key on record, where that was lost. */
  keepFirst(tx: Tx, row: SegmentRow): void {
    if (this.#records.get(tx, ROOM, FIRST, storedFirst) !== undefined) return;
    this.#records.put(tx, ROOM, FIRST, { publicKey: row.public_key.toString('hex') });
  }

  /** Whether a segment is the open one, whose private key is there. */
  isOpen(tx: ReadTx, row: SegmentRow): boolean {
    if (row.last_seq !== null || this.#records.get(tx, ROOM, KEY, storedKey)?.n !== row.n) return false;
    try {
      return this.#isOwnKey(tx, row);
    } catch (error) {
      if (isKeywardError(error, 'AuditBroken')) return false;
      throw error;
    }
  }

  /** Whether the seal of a closed segment holds, before `next`, or it ends at a break. */
  isSealed(tx: ReadTx, row: SegmentRow, next: SegmentRow): boolean {
    if (row.last_seq === null || row.head === null) return false;
    const cut = this.cutBefore(tx, next.n);
    if (cut !== undefined) return cut.after === row.last_seq && cut.head === row.head.toString('hex');
    if (row.seal === null) return false;
    return verifyBytes(row.public_key, this.#sealed(row, row.last_seq, row.head, next.public_key), row.seal);
  }

  /** Seals the private key of the open segment anew, which the row has as `before` sealed it. */
  reseal(tx: Tx, before: Segments, n: number): void {
    const kept = this.#records.get(tx, ROOM, KEY, storedKey);
    const seed = kept?.n === n ? unsealText(before.#key, INFO, u64(n), kept.sealed) : undefined;
    if (seed === undefined) throw broken();
    this.#records.put(tx, ROOM, KEY, { n, sealed: sealText(this.#key, INFO, u64(n), seed) });
    wipe(seed);
  }

  /** A signature with the key of the open segment. */
  sign(tx: ReadTx, n: number, message: Buffer): Buffer {
    const seed = this.#seed(tx, n);
    const signature = signBytes(seed, message);
    wipe(seed);
    return signature;
  }

  /** All segments in order. */
  list(tx: ReadTx): SegmentRow[] {
    return tx.all<SegmentRow>('SELECT * FROM audit_segments ORDER BY n');
  }

  /** The first public key, 32 bytes: it belongs into the recovery kit and into backups. */
  firstPublicKey(tx: ReadTx): Buffer {
    const first = this.#records.get(tx, ROOM, FIRST, storedFirst);
    if (first === undefined) throw broken();
    return Buffer.from(first.publicKey, 'hex');
  }

  /**
   * The first segment that does not hold and why, or `undefined`. `hashAt` gives the hash of an entry by its
   * number, for the heads that seals name.
   */
  check(
    tx: ReadTx,
    head: Head,
    hashAt: (seq: number) => Buffer | undefined,
  ): { firstBroken: number; why: string } | undefined {
    let signer = this.firstPublicKey(tx);
    let first = 1;
    const rows = this.list(tx);
    for (const [index, row] of rows.entries()) {
      const wrong = (why: string) => ({ firstBroken: first, why });
      if (row.n !== index || row.first_seq !== first) {
        return wrong('the list of its segments was changed');
      }
      if (index === 0 && !equalBytes(row.public_key, signer)) {
        return wrong('its first signing key is not the one on record');
      }
      const cut = this.cutBefore(tx, row.n);
      if (!this.#isCertified(cut === undefined ? signer : Buffer.from(cut.publicKey, 'hex'), row)) {
        return wrong('the signing key of this segment was not certified by the one before');
      }
      signer = row.public_key;
      if (index === rows.length - 1) break;
      const next = rows[index + 1];
      const end = row.last_seq === null ? undefined : hashAt(row.last_seq);
      const isCut = next !== undefined && this.cutBefore(tx, next.n) !== undefined;
      if (row.last_seq === null || row.head === null || next === undefined || (row.seal === null && !isCut)) {
        return wrong('a segment that was closed is not sealed');
      }
      if (end === undefined || !equalBytes(end, row.head)) {
        return wrong('the seal of this segment names another end');
      }
      if (next.n !== row.n + 1) {
        return { firstBroken: row.last_seq + 1, why: 'a segment was removed here' };
      }
      if (!this.isSealed(tx, row, next)) {
        return wrong('the seal of this segment is not authentic');
      }
      first = row.last_seq + 1;
    }
    const last = rows.at(-1);
    if (last === undefined || last.n !== head.segment) {
      const after = last === undefined || last.last_seq === null ? first : last.last_seq + 1;
      return { firstBroken: after, why: 'a segment was removed from the end or added to it' };
    }
    if (last.last_seq !== null || last.head !== null || last.seal !== null || !this.#isOwnKey(tx, last)) {
      return { firstBroken: first, why: 'the open segment is not the one that this vault writes' };
    }
    return undefined;
  }

  #open(tx: Tx, n: number, first: number, publicKey: Buffer, seed: Buffer, signer: Buffer): void {
    tx.run(
      'INSERT INTO audit_segments (n, first_seq, public_key, certificate) VALUES (?, ?, ?, ?)',
      n,
      first,
      publicKey,
      signBytes(signer, this.#certified(n, first, publicKey)),
    );
    this.#records.put(tx, ROOM, KEY, { n, sealed: sealText(this.#key, INFO, u64(n), seed) });
  }

  #seed(tx: ReadTx, n: number): Buffer {
    const kept = this.#records.get(tx, ROOM, KEY, storedKey);
    const seed = kept?.n === n ? unsealText(this.#key, INFO, u64(n), kept.sealed) : undefined;
    if (seed === undefined) throw broken();
    return seed;
  }

  #row(tx: ReadTx, n: number): SegmentRow {
    const row = tx.get<SegmentRow>('SELECT * FROM audit_segments WHERE n = ?', n);
    if (row === undefined) throw broken();
    return row;
  }

  #isOwnKey(tx: ReadTx, row: SegmentRow): boolean {
    const seed = this.#seed(tx, row.n);
    const own = signingPublicKey(seed);
    wipe(seed);
    return equalBytes(own, row.public_key);
  }

  #isCertified(signer: Buffer, { n, first_seq, public_key, certificate }: SegmentRow): boolean {
    return verifyBytes(signer, this.#certified(n, first_seq, public_key), certificate);
  }

  #certified(n: number, first: number, publicKey: Buffer): Buffer {
    const label = Buffer.from(`keyward/1/audit-certificate${this.#vaultId}`);
    return Buffer.concat([label, u64(n), u64(first), publicKey]);
  }

  #sealed(row: SegmentRow, last: number, head: Buffer, next: Buffer): Buffer {
    const label = Buffer.from(`keyward/1/audit-seal${this.#vaultId}`);
    return Buffer.concat([label, u64(row.n), u64(row.first_seq), u64(last), head, next]);
  }
}

function broken(): KeywardError {
  return fail('audit-key-lost');
}
