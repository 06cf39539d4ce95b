import type { ReadTx } from '../../store/database.ts';
import { type Core, findKey } from '../core.ts';
import { onKey } from '../request.ts';
import type { Caller, KeyIdInput } from '../types.ts';

/**
 * `KeyId` is the bare id. `KeyLastUsage` is empty where the key was never used; its event id is that of the log's
 * entry, and its request id, of a call through the endpoint, that of the answer. The log goes back to the making of the key, so both dates are that one.
 */
type GetKeyLastUsageOutput = {
  readonly KeyId: string;
  readonly KeyLastUsage: {
    readonly Operation?: string;
    readonly Timestamp?: Date;
    readonly CloudTrailEventId?: string;
    readonly KmsRequestId?: string;
  };
  readonly TrackingStartDate: Date;
  readonly KeyCreationDate: Date;
};

/** `GetKeyLastUsage`: the last successful cryptographic operation with a key, out of the log. */
export async function getKeyLastUsage(
  core: Core,
  caller: Caller,
  input: KeyIdInput,
): Promise<GetKeyLastUsageOutput> {
  return core.journal.perform(onKey(caller, 'GetKeyLastUsage', input, true), 'go-on', (tx, record) => {
    const key = findKey(core, tx, record, input.KeyId);
    const entry = core.journal.lastUse(tx, key.arn) ?? formerUse(core, tx, key.arn);
    const created = new Date(key.row.created);
    return {
      KeyId: key.id,
      KeyLastUsage:
        entry === undefined
          ? {}
          : {
              // A rewrap is what AWS knows as ReEncrypt: decrypted and encrypted without the plaintext leaving.
              Operation: entry.eventName === 'RewrapDataKey' ? 'ReEncrypt' : entry.eventName,
              Timestamp: new Date(entry.eventTime),
              CloudTrailEventId: entry.eventID,
              ...(entry.requestID === undefined ? {} : { KmsRequestId: entry.requestID }),
            },
      TrackingStartDate: created,
      KeyCreationDate: created,
    };
  });
}

/** What the log of before a restore had to tell of a key. */
function formerUse(core: Core, tx: ReadTx, arn: string) {
  const use = core.rows.formerUse(tx, arn);
  if (use === undefined) return undefined;
  return { eventName: use.event, eventTime: use.time, eventID: use.id, requestID: undefined };
}
