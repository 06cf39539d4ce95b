import { fail, type KeywardError } from '../../shared/errors.ts';
import { sealText, unsealText } from '../crypto/aead.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import type { ReadTx, Tx } from '../store/transaction.ts';
import type { StoredEvent } from './event.ts';

/** The operations that use a key, after AWS's `KeyLastUsageTrackingOperation`. */
const USES: readonly string[] = [
  'Decapsulate',
  'Decrypt',
  'DeriveSharedSecret',
  'Encapsulate',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'RewrapDataKey',
  'Sign',
  'Verify',
  'VerifyMac',
];

/** Whether an entry tells of a use: a cryptographic operation that succeeded. */
export function isUse({ errorCode, eventName }: StoredEvent): boolean {
  return errorCode === undefined && USES.includes(eventName);
}

const INFO = 'keyward/1/key-use/';
const SUM_INFO = 'keyward/1/key-uses';

/**
 * Which entry tells of the last use of each key, so that nobody walks the log for it. Written at the end of a
 * transaction, once for each key in it. The head of the log has the sum over all rows, Σ HMAC(mac key, info ‖ entry's
 * number in digits ‖ space ‖ ARN) mod 2^256, sealed, since who knew it could look for rows of the same sum. It shows a
 * row that was edited, removed or put back from an older copy, and changes with each use without reading the others.
 */
export class LastUses {
  readonly #keys: { readonly mac: Buffer; readonly names: Buffer };
  #waiting: ReadonlyMap<string, number> = new Map();
  /** The newest sum that this process knows, and as it is stored. */
  #sum: { readonly stored: string; readonly total: bigint } | undefined;
  /** What is stored of the sum that the rows were last seen to have, and the state of the database then. */
  #seen: { readonly stored: string; readonly version: number } | undefined;

  /** 32 bytes each; they stay the caller's. */
  constructor(keys: { readonly mac: Buffer; readonly names: Buffer }) {
    this.#keys = keys;
  }

  /** Takes note of an entry that is being appended. `write` follows before the commit. */
  note(tx: Tx, seq: number, event: StoredEvent): void {
    if (!isUse(event)) return;
    const before = this.#waiting;
    const after = new Map(before);
    for (const arn of event.keyArns) after.set(arn, seq);
    this.#waiting = after;
    tx.onRollback(() => {
      this.#waiting = before;
    });
  }

  /** Writes what was noted. `stored`: the sum before this, if there was one; returns the new one, in base64. */
  write(tx: Tx, stored: string | undefined): string | undefined {
    const waiting = this.#waiting;
    if (waiting.size === 0) return stored;
    this.#waiting = new Map();
    let total = stored === undefined ? this.#sumOf(tx) : this.#open(stored);
    for (const [arn, seq] of waiting) {
      const before = seqOf(tx, arn);
      if (before !== undefined) total -= this.#element(arn, before);
      total += this.#element(arn, seq);
      tx.run(
        'INSERT INTO key_uses (key_arn, seq) VALUES (?, ?) ON CONFLICT (key_arn) DO UPDATE SET seq = excluded.seq',
        arn,
        seq,
      );
    }
    const after = this.#seal(total);
    if (this.#seen !== undefined && this.#seen.stored === stored)
      this.#seen = { ...this.#seen, stored: after };
    return after;
  }

  /**
   * The number of the entry of the last use of a key; `undefined` if there is none. `stored`: the sum of all rows.
   * Throws `AuditBroken` if they have another.
   */
  seqOf(tx: ReadTx, keyArn: string, stored: string | undefined): number | undefined {
    // SQLite counts what other connections change.
    const version = tx.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
    if (stored !== undefined && (this.#seen?.stored !== stored || this.#seen.version !== version)) {
      if (this.#sumOf(tx) !== this.#open(stored)) throw changed();
      this.#seen = { stored, version };
    }
    return seqOf(tx, keyArn);
  }

  /** The sum of all rows as they stand, sealed, of a log that goes on under another root key. */
  sumAnew(tx: ReadTx): string {
    return this.#seal(this.#sumOf(tx));
  }

  #sumOf(tx: ReadTx): bigint {
    let total = 0n;
    for (const { key_arn, seq } of tx.each<Row>('SELECT key_arn, seq FROM key_uses')) {
      total += this.#element(key_arn, seq);
    }
    return BigInt.asUintN(256, total);
  }

  #element(arn: string, seq: number): bigint {
    return bigOf(hmacSha256(this.#keys.mac, Buffer.from(`${INFO}${seq} ${arn}`)));
  }

  #seal(sum: bigint): string {
    const total = BigInt.asUintN(256, sum);
    const bytes = Buffer.from(total.toString(16).padStart(64, '0'), 'hex');
    const stored = sealText(this.#keys.names, SUM_INFO, Buffer.alloc(0), bytes);
    this.#sum = { stored, total };
    return stored;
  }

  #open(stored: string): bigint {
    if (this.#sum?.stored === stored) return this.#sum.total;
    const bytes = unsealText(this.#keys.names, SUM_INFO, Buffer.alloc(0), stored);
    if (bytes === undefined) throw changed();
    return bigOf(bytes);
  }
}

function bigOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

type Row = { readonly key_arn: string; readonly seq: number };

function seqOf(tx: ReadTx, keyArn: string): number | undefined {
  return tx.get<Row>('SELECT key_arn, seq FROM key_uses WHERE key_arn = ?', keyArn)?.seq;
}

function changed(): KeywardError {
  return fail('last-uses-changed', {}, { row: 'key_uses' });
}
