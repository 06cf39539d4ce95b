import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, type Json } from '../../shared/errors.ts';
import { sealText, unsealText } from '../crypto/aead.ts';
import { packBody, unpackBody } from './packed-body.ts';

/** What a part of the program reports for the log. `principal` and `keyArns` are ARNs; `file` is stored sealed. */
export type AuditEvent = {
  readonly eventName: string;
  readonly principal: string;
  readonly readOnly: boolean;
  readonly keyArns: readonly string[];
  readonly requestParameters: Json;
  readonly responseElements?: Json;
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string;
  /** Of a denial: which statement decided, or what was missing. */
  readonly additionalEventData?: Json;
  readonly file?: { readonly path: string };
  /** Of a call through the endpoint: what its answer carries as `x-amzn-RequestId`, where it came from, by what program. */
  readonly requestID?: string;
  readonly sourceIPAddress?: string;
  readonly userAgent?: string;
  readonly eventType?: 'AwsApiCall' | 'AwsServiceEvent' | 'KeywardEvent';
};

/** What Keyward itself did, rather than an operation of AWS KMS or with one of the vault's keys; see `AuditEvent`. */
export function ownEvent(
  principal: string,
  eventName: string,
  requestParameters: Json,
  more: Partial<Pick<AuditEvent, 'errorCode' | 'errorMessage'>> = {},
): AuditEvent {
  return {
    ...{ eventName, eventType: 'KeywardEvent', principal, readOnly: false, keyArns: [], requestParameters },
    ...more,
  };
}

const json: z.ZodType<Json> = z.json();

const stored = z.object({
  eventID: z.string(),
  eventTime: z.string(),
  eventName: z.string(),
  eventType: z.enum(['AwsApiCall', 'AwsServiceEvent', 'KeywardEvent']),
  principal: z.string(),
  awsRegion: z.string(),
  recipientAccountId: z.string(),
  readOnly: z.boolean(),
  keyArns: z.array(z.string()),
  requestParameters: json,
  responseElements: json.optional(),
  errorCode: z.enum(ERROR_CODES).optional(),
  errorMessage: z.string().optional(),
  additionalEventData: json.optional(),
  requestID: z.string().optional(),
  sourceIPAddress: z.string().optional(),
  userAgent: z.string().optional(),
  /** Base64 of the sealed path. */
  file: z.string().optional(),
});

/** The JSON of one entry, after CloudTrail's names, as it stands in the database. */
export type StoredEvent = z.output<typeof stored>;

/**
 * One entry as it is shown: number, the stored fields, the path opened. `intact` is false if the entry's own
 * hash or MAC does not hold; only `verify` says more.
 */
export type AuditEntry = StoredEvent & { readonly seq: number; readonly intact: boolean };

const INFO = 'keyward/1/audit-name';

/** The stored form of an event. `key` seals the path, bound to the entry's id. */
export function storedEvent(
  event: AuditEvent,
  facts: { eventID: string; now: number; account: string; region: string },
  key: Buffer,
): StoredEvent {
  const { file, eventType, keyArns, ...rest } = event;
  return {
    eventID: facts.eventID,
    eventTime: new Date(facts.now).toISOString(),
    ...rest,
    eventType: eventType ?? 'AwsApiCall',
    keyArns: [...keyArns],
    awsRegion: facts.region,
    recipientAccountId: facts.account,
    ...(file === undefined
      ? {}
      : {
          file: sealText(key, INFO, Buffer.from(facts.eventID), Buffer.from(file.path)),
        }),
  };
}

/** What an entry's bytes say. `isWhole` false: its time or its sealed path makes no sense. */
export type OpenedEvent = {
  readonly event: StoredEvent;
  readonly path: string | undefined;
  readonly isWhole: boolean;
};

/** The JSON of an entry; what the digest of a gap goes over. */
export function eventText(event: StoredEvent): string {
  return JSON.stringify(event);
}

/** The bytes in which an entry is stored; see packed-body.ts. */
export function storedBody(event: StoredEvent): Buffer {
  return packBody(eventText(event));
}

/** The stored form behind an entry's bytes; `undefined` if they are none. */
export function parseStored(body: Buffer): StoredEvent | undefined {
  try {
    return stored.safeParse(JSON.parse(unpackBody(body) ?? '')).data;
  } catch {
    return undefined;
  }
}

/** An entry's bytes read, its path opened with `key`; `undefined` if they make no sense. */
export function openEvent(body: Buffer, key: Buffer): OpenedEvent | undefined {
  const event = parseStored(body);
  if (event === undefined) return undefined;
  const isDated = !Number.isNaN(Date.parse(event.eventTime));
  if (event.file === undefined) return { event, path: undefined, isWhole: isDated };
  const path = unsealText(key, INFO, Buffer.from(event.eventID), event.file)?.toString();
  return { event, path, isWhole: isDated && path !== undefined };
}

/** An entry as it is shown; one whose bytes made no sense is still shown. */
export function shownEntry(seq: number, opened: OpenedEvent | undefined, intact: boolean): AuditEntry {
  if (opened === undefined) return { ...UNREADABLE, seq, intact: false };
  const { event, path, isWhole } = opened;
  const { file: _sealed, ...rest } = event;
  return { ...rest, ...(path === undefined ? {} : { file: path }), seq, intact: intact && isWhole };
}

const UNREADABLE: StoredEvent = {
  eventID: '',
  eventTime: '',
  eventName: 'UnreadableEntry',
  eventType: 'KeywardEvent',
  principal: '',
  awsRegion: '',
  recipientAccountId: '',
  readOnly: true,
  keyArns: [],
  requestParameters: null,
};
