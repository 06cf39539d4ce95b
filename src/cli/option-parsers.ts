import { ERROR_CODES, type ErrorCode, fail } from '../shared/errors.ts';

/*
 * What options and arguments take, read as the words are: a mistake is told by the option's name, before anybody is
 * asked for a passphrase. All of them throw `Usage`.
 */

type Pairs = { readonly [name: string]: string };

/** Reads a whole number from `least` to `most`; `what` names the option. */
export function wholeNumber(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} on` : `${least} to ${most}`;
    throw fail('takes-whole-number', { what, range, text });
  };
}

/** Takes any text but an empty one, which is what an unset variable leaves; `what` names the option. */
export function notEmpty(what: string): (text: string) => string {
  return (text) => {
    if (text !== '') return text;
    throw fail('is-empty', { what });
  };
}

/** The alias, id or ARN of a key. */
export const keyReference = notEmpty('The name of the key');

/** The name of a client, as AWS allows it for users. */
export function clientName(text: string): string {
  if (/^[A-Za-z0-9+=,.@_-]{1,64}$/.test(text)) return text;
  throw fail('client-name-malformed', { text });
}

/** Reads the message id of a file, as `keyward inspect` shows it. */
export function messageId(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(id)) return id;
  throw fail('message-id-malformed', { text });
}

/** Reads how something ended: `success`, `failure`, or the code of an error. */
export function outcome(text: string): 'success' | 'failure' | ErrorCode {
  if (text === 'success' || text === 'failure') return text;
  const code = ERROR_CODES.find((one) => one === text);
  if (code !== undefined) return code;
  throw fail('outcome-malformed', { text });
}

/**
 * Reads a moment of ISO 8601, in the reader's own time zone where none is given, as one in UTC. A day alone is its
 * start, with `end` the start of the next one; `option` names the option.
 */
export function moment(option: string, day: 'start' | 'end' = 'start'): (text: string) => string {
  return (text) => {
    const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
    const isMoment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/.test(text);
    const date = new Date(isDay ? `${text}T00:00` : text.replace(' ', 'T'));
    // The language takes February 30 for March 1.
    const isReal = !Number.isNaN(date.getTime()) && (!isDay || date.getDate() === Number(text.slice(8)));
    if (!isReal || !(isDay || isMoment)) {
      throw fail('takes-day-or-time', { option, text });
    }
    if (isDay && day === 'end') date.setDate(date.getDate() + 1);
    return date.toISOString();
  };
}

/** Reads a version's id, or its first digits, `least` at least; `what` names the option. */
export function versionId(what: string, least: 8 | 64): (text: string) => string {
  return (text) => {
    const id = text.toLowerCase();
    if (/^[0-9a-f]{8,64}$/.test(id) && id.length >= least) return id;
    const takes =
      least === 64 ? 'the 64 digits of a version' : "a version's id, or at least its first 8 digits";
    throw fail('takes-something-else', { what, takes, text });
  };
}

/** Reads the id of a job, or its first 4 digits or more, without what stands before them. */
export function jobId(text: string): string {
  const [, id] = /^(?:j-)?([0-9a-f]{4,32})$/i.exec(text) ?? [];
  if (id !== undefined) return id.toLowerCase();
  throw fail('job-id-malformed', { text });
}

/** Adds one `name=value` to those that were given; `option` names the option. */
export function pair(option: string): (text: string, before: Pairs | undefined) => Pairs {
  return (text, before = {}) => {
    const at = text.indexOf('=');
    const name = text.slice(0, at);
    if (at < 1) throw fail('option-takes-pairs', { option, text });
    // Lost on its way through objects; better refused than dropped.
    if (name === '__proto__') throw fail('option-with-forbidden-name', { option });
    if (Object.hasOwn(before, name)) {
      throw fail('option-name-twice', { option, name });
    }
    return { ...before, [name]: text.slice(at + 1) };
  };
}

/** Reads `first-last` or `first-` as places of bytes; `option` names the option. */
export function byteRange(option: string): (text: string) => { first: number; last?: number } {
  return (text) => {
    const [, from, to] = /^(\d{1,16})-(\d{1,16})?$/.exec(text) ?? [];
    const first = Number(from);
    const last = to === undefined ? undefined : Number(to);
    if (
      Number.isSafeInteger(first) &&
      (last === undefined || (last >= first && Number.isSafeInteger(last)))
    ) {
      return { first, ...(last === undefined ? {} : { last }) };
    }
    throw fail('takes-range', { option, text });
  };
}
