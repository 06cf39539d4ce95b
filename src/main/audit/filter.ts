import { MESSAGE_ID_KEY } from '../../shared/context.ts';
import type { Json } from '../../shared/errors.ts';
import type { OpenedEvent } from './event.ts';

/**
 * Which entries are asked for; all given criteria must hold. `keyArn` and `principal` are ARNs; `outcome` is `success`,
 * `failure` or the code of an error; `file`: by either of the two; `lookups` false: without those that only looked;
 * `since` (from it on) and `until` (before it) are ms since 1970.
 */
export type AuditFilter = {
  readonly keyArn?: string;
  readonly principal?: string;
  readonly eventName?: string;
  readonly outcome?: string;
  readonly file?: { readonly path?: string; readonly messageId?: string };
  readonly lookups?: boolean;
  readonly since?: number;
  readonly until?: number;
};

/** What a term says, and of which value. */
type Kind = 'key' | 'principal' | 'event' | 'outcome' | 'error' | 'message' | 'file' | 'deed' | 'unreadable';

/** What stands for an entry that can't be read: it is shown whatever is asked for, so that no filter hides it. */
export const UNREADABLE = term('unreadable');

/** What an entry can be found by, each as one text. */
export function termsOf(opened: OpenedEvent | undefined): readonly string[] {
  if (opened?.isWhole !== true) return [UNREADABLE];
  const { event, path } = opened;
  const { eventName, principal, errorCode } = event;
  return [
    ...event.keyArns.map((arn) => term('key', arn)),
    term('principal', principal),
    term('event', eventName),
    term('outcome', errorCode === undefined ? 'success' : 'failure'),
    ...(errorCode === undefined ? [] : [term('error', errorCode)]),
    ...(isLookup(eventName, errorCode) ? [] : [term('deed')]),
    ...messageIdsOf(event.requestParameters).map((id) => term('message', id)),
    ...(path === undefined ? [] : [term('file', path)]),
  ];
}

/** The terms that a filter asks for: of each list one must be among an entry's. Times are no terms. */
export function wantedBy(filter: AuditFilter): readonly (readonly string[])[] {
  const { keyArn, principal, eventName, outcome, file, lookups } = filter;
  const one = (kind: Kind, value: string | undefined) => (value === undefined ? [] : [[term(kind, value)]]);
  const isKind = outcome === 'success' || outcome === 'failure';
  return [
    ...one('key', keyArn),
    ...one('principal', principal),
    ...one('event', eventName),
    ...one(isKind ? 'outcome' : 'error', outcome),
    ...(lookups === false ? [[term('deed')]] : []),
    ...(file === undefined ? [] : [[...one('message', file.messageId), ...one('file', file.path)].flat()]),
  ];
}

/** Whether these terms of an entry have one of each list of `wanted`. */
export function hasWanted<T>(terms: Iterable<T>, wanted: readonly (readonly T[])[]): boolean {
  const own = new Set(terms);
  return wanted.every((some) => some.some((one) => own.has(one)));
}

/** Whether an entry is of the time that is asked for. */
export function isThen({ event }: OpenedEvent, { since, until }: AuditFilter): boolean {
  const at = Date.parse(event.eventTime);
  return (since === undefined || at >= since) && (until === undefined || at < until);
}

/** Whether a term names a file, so that it is looked up once in a while at most. */
export function isOfFile(text: string): boolean {
  return text.startsWith('file\0') || text.startsWith('message\0');
}

/** Whether an event only read something. A refused one is more than that. */
function isLookup(eventName: string, errorCode: string | undefined): boolean {
  return errorCode === undefined && /^(List|Describe|Get|Explain)/.test(eventName);
}

/** The message ids that an entry's request speaks of: a rewrap's own, and those of encryption contexts. */
function messageIdsOf(request: Json): string[] {
  const fields = fieldsOf(request);
  const contexts = Object.keys(fields).filter((name) => /encryptionContext$/i.test(name));
  const ids = [fields['messageId'], ...contexts.map((name) => fieldsOf(fields[name])[MESSAGE_ID_KEY])];
  return [...new Set(ids.filter((id) => typeof id === 'string'))];
}

function fieldsOf(value: Json | undefined): { readonly [name: string]: Json } {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as { readonly [name: string]: Json }) : {};
}

function term(kind: Kind, value = ''): string {
  return `${kind}\0${value}`;
}
