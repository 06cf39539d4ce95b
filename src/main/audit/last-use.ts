import type { ReadTx, Tx } from '../store/database.ts';
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

/**
 * Which entry tells of the last use of each key, so that nobody walks the log for it. Written at the end of a
 * transaction, once for each key in it. The table has no MAC: whoever edits it can point to an older use, but to
 * nothing that the log does not hold.
 */
export class LastUses {
  #waiting: ReadonlyMap<string, number> = new Map();

  /** Takes note of an entry that is being appended. */
  note(tx: Tx, seq: number, event: StoredEvent): void {
    if (!isUse(event)) return;
    const before = this.#waiting;
    const after = new Map(before);
    for (const arn of event.keyArns) after.set(arn, seq);
    this.#waiting = after;
    tx.onRollback(() => {
      this.#waiting = before;
    });
    tx.beforeCommit(this, (last) => this.#write(last));
  }

  /** The number of the entry of the last use of a key; `undefined` if there is none. */
  seqOf(tx: ReadTx, keyArn: string): number | undefined {
    return tx.get<{ seq: number }>('SELECT seq FROM key_uses WHERE key_arn = ?', keyArn)?.seq;
  }

  #write(tx: Tx): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [arn, seq] of waiting) {
      tx.run(
        'INSERT INTO key_uses (key_arn, seq) VALUES (?, ?) ON CONFLICT (key_arn) DO UPDATE SET seq = excluded.seq',
        arn,
        seq,
      );
    }
  }
}
