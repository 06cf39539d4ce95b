import { isWithin, rangeOf } from './addresses.ts';
import { arnMatcher, matches, type Pattern } from './pattern.ts';

/** What the values of an operator are, by which they are checked and compared. */
export type ValueKind =
  | 'text'
  | 'pattern'
  | 'arn'
  | 'number'
  | 'date'
  | 'truth'
  | 'bytes'
  | 'address'
  | 'null';

/** A condition operator of IAM: what it compares, how, and whether it holds where nothing matches. */
export type Operator = {
  readonly kind: ValueKind;
  readonly negated: boolean;
  /** What is wanted comes first, so that it is made ready once for all values of a request. */
  readonly compare: (want: Pattern) => (have: string) => boolean;
};

const plain = (pattern: Pattern) => String.fromCharCode(...pattern);
const glob = (want: Pattern) => (have: string) => matches(want, have);
const ignoringCase = (want: Pattern) => {
  const wanted = plain(want).toLowerCase();
  return (have: string) => have.toLowerCase() === wanted;
};
const measured =
  (read: (text: string) => number | undefined) =>
  (compare: (a: number, b: number) => boolean) =>
  (want: Pattern) => {
    const b = read(plain(want));
    return (have: string) => {
      const a = read(have);
      return a !== undefined && b !== undefined && compare(a, b);
    };
  };
const numbers = measured(numberOf);
const dates = measured(momentOf);
const arn = (want: Pattern) => arnMatcher(want, false);
const address = (want: Pattern) => {
  const range = rangeOf(plain(want));
  return (have: string) => range !== undefined && isWithin(range, have);
};

function operator(kind: ValueKind, compare: Operator['compare'], negated = false): Operator {
  return { kind, compare, negated };
}

/** The operators of "IAM JSON policy elements: Condition operators". */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', operator('text', glob)],
  ['StringNotEquals', operator('text', glob, true)],
  ['StringEqualsIgnoreCase', operator('text', ignoringCase)],
  ['StringNotEqualsIgnoreCase', operator('text', ignoringCase, true)],
  ['StringLike', operator('pattern', glob)],
  ['StringNotLike', operator('pattern', glob, true)],
  ['ArnEquals', operator('arn', arn)],
  ['ArnLike', operator('arn', arn)],
  ['ArnNotEquals', operator('arn', arn, true)],
  ['ArnNotLike', operator('arn', arn, true)],
  [
    'NumericEquals',
    operator(
      'number',
      numbers((a, b) => a === b),
    ),
  ],
  [
    'NumericNotEquals',
    operator(
      'number',
      numbers((a, b) => a === b),
      true,
    ),
  ],
  [
    'NumericLessThan',
    operator(
      'number',
      numbers((a, b) => a < b),
    ),
  ],
  [
    'NumericLessThanEquals',
    operator(
      'number',
      numbers((a, b) => a <= b),
    ),
  ],
  [
    'NumericGreaterThan',
    operator(
      'number',
      numbers((a, b) => a > b),
    ),
  ],
  [
    'NumericGreaterThanEquals',
    operator(
      'number',
      numbers((a, b) => a >= b),
    ),
  ],
  [
    'DateEquals',
    operator(
      'date',
      dates((a, b) => a === b),
    ),
  ],
  [
    'DateNotEquals',
    operator(
      'date',
      dates((a, b) => a === b),
      true,
    ),
  ],
  [
    'DateLessThan',
    operator(
      'date',
      dates((a, b) => a < b),
    ),
  ],
  [
    'DateLessThanEquals',
    operator(
      'date',
      dates((a, b) => a <= b),
    ),
  ],
  [
    'DateGreaterThan',
    operator(
      'date',
      dates((a, b) => a > b),
    ),
  ],
  [
    'DateGreaterThanEquals',
    operator(
      'date',
      dates((a, b) => a >= b),
    ),
  ],
  ['Bool', operator('truth', ignoringCase)],
  ['BinaryEquals', operator('bytes', glob)],
  ['IpAddress', operator('address', address)],
  ['NotIpAddress', operator('address', address, true)],
  ['Null', operator('null', glob)],
]);

/** A number as policies write it; `undefined` for anything else. */
export function numberOf(text: string): number | undefined {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d)))?$/;

/** A moment in ms since 1970, from ISO 8601 or from seconds since 1970; `undefined` for what is no moment. */
export function momentOf(text: string): number | undefined {
  const epoch = numberOf(text);
  if (epoch !== undefined) return epoch * 1_000;
  const found = DATE.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  // Not by Date.UTC, to which a year before 100 is one of the 20th century.
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute, second);
  const [fraction = '0', sign, hours = '0', minutes = '0'] = found.slice(7);
  const exists =
    at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!exists || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return at.getTime() + Number(`0.${fraction}`) * 1_000 - offset;
}

/** A value that is there, as policies compare it. */
export function shownValue(value: string | number | boolean | Date): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
