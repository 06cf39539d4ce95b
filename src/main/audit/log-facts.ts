import { isKeywardError } from '../../shared/errors.ts';
import type { ReadTx } from '../store/transaction.ts';
import type { AuditLog } from './log.ts';
import type { SegmentRow } from './segments.ts';

/** A segment of the log in text: hashes and keys in hex, signatures in base64; the last one is open, without a seal. */
type SegmentFacts = {
  readonly n: number;
  readonly firstSeq: number;
  readonly publicKey: string;
  readonly certificate: string;
  readonly lastSeq: number | null;
  readonly head: string | null;
  readonly seal: string | null;
};

/** The last use of a key, out of its entry. */
type UseFacts = { readonly event: string; readonly time: string; readonly id: string };

/** What a log is known again by without its entries, and what it alone can tell of keys; no private key. */
export type LogFacts = {
  readonly firstKey: string;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly segments: readonly SegmentFacts[];
  /** By key ARN. */
  readonly lastUses: readonly (readonly [string, UseFacts])[];
};

/** Collects them within one transaction. Last uses that the log does not bear out are left out. */
export function logFacts(tx: ReadTx, audit: AuditLog): LogFacts {
  const segments = tx.all<SegmentRow>('SELECT * FROM audit_segments ORDER BY n').map((row) => ({
    n: row.n,
    firstSeq: row.first_seq,
    publicKey: row.public_key.toString('hex'),
    certificate: row.certificate.toString('base64'),
    lastSeq: row.last_seq,
    head: row.head?.toString('hex') ?? null,
    seal: row.seal?.toString('base64') ?? null,
  }));
  return {
    firstKey: audit.firstPublicKey().toString('hex'),
    head: audit.head(),
    segments,
    lastUses: tx
      .all<{ key_arn: string }>('SELECT key_arn FROM key_uses ORDER BY key_arn')
      .flatMap(({ key_arn: arn }) => lastUse(tx, audit, arn)),
  };
}

function lastUse(tx: ReadTx, audit: AuditLog, arn: string): [string, UseFacts][] {
  try {
    const entry = audit.lastUse(tx, arn);
    if (entry === undefined) return [];
    return [[arn, { event: entry.eventName, time: entry.eventTime, id: entry.eventID }]];
  } catch (error) {
    if (isKeywardError(error, 'AuditBroken')) return [];
    throw error;
  }
}
