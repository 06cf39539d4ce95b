import { literal, matches, matchesArn, type Pattern } from './pattern.ts';

/** What the values of an operator are, by which they are checked and compared. */
export type ValueKind = 'text' | 'pattern' | 'arn' | 'number' | 'date' | 'truth' | 'bytes' | 'null';

/** A condition operator of IAM: what it compares, how, and whether it holds where nothing matches. */
export type Operator = {
  readonly kind: ValueKind;
  readonly negated: boolean;
  readonly compare: (have: string, want: Pattern) => boolean;
};

const plain = (pattern: Pattern) => String.fromCodePoint(...pattern);
const exact = (have: string, want: Pattern) => have === plain(want);
const ignoringCase = (have: string, want: Pattern) => have.toLowerCase() === plain(want).toLowerCase();
const numbers = (compare: (a: number, b: number) => boolean) => (have: string, want: Pattern) => {
  const [a, b] = [numberOf(have), numberOf(plain(want))];
  return a !== undefined && b !== undefined && compare(a, b);
};
const dates = (compare: (a: number, b: number) => boolean) => (have: string, want: Pattern) => {
  const [a, b] = [momentOf(have), momentOf(plain(want))];
  return a !== undefined && b !== undefined && compare(a, b);
};
const arn = (have: string, want: Pattern) => matchesArn(want, have, false);

function operator(kind: ValueKind, compare: Operator['compare'], negated = false): Operator {
  return { kind, compare, negated };
}

/** The operators of "IAM JSON policy elements: Condition operators", but those on IP addresses. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', operator('text', exact)],
  ['StringNotEquals', operator('text', exact, true)],
  ['StringEqualsIgnoreCase', operator('text', ignoringCase)],
  ['StringNotEqualsIgnoreCase', operator('text', ignoringCase, true)],
  ['StringLike', operator('pattern', (have, want) => matches(want, have))],
  ['StringNotLike', operator('pattern', (have, want) => matches(want, have), true)],
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
  ['BinaryEquals', operator('bytes', exact)],
  ['Null', operator('null', exact)],
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
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const exists =
    at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!exists) return undefined;
  const [fraction = '', sign, hours = '0', minutes = '0'] = found.slice(7);
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return at.getTime() + Number(`0.${fraction || 0}`) * 1_000 - offset;
}

/** A value that is there, as policies compare it. */
export function shownValue(value: string | number | boolean | Date): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

/** A text as a pattern that means itself. */
export function itself(text: string): Pattern {
  return literal(text, false);
}
