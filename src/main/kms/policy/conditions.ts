import { rangeOf } from './addresses.ts';
import type { JsonValue } from './json.ts';
import { isJsonObject, malformed } from './json.ts';
import { momentOf, numberOf, OPERATORS, type Operator, shownValue, type ValueKind } from './operators.ts';
import { compile, type Lookup, resolve, type Template } from './pattern.ts';
import type { PolicyKind } from './policy-kind.ts';

/** One line of a condition: an operator, a key, and the values of which one has to match. */
export type Condition = {
  /** As written, prefix and suffix included. */
  readonly name: string;
  readonly operator: Operator;
  readonly set: 'any' | 'all' | undefined;
  readonly ifExists: boolean;
  /** As written; keys are compared without case. */
  readonly key: string;
  readonly values: readonly Template[];
};

const NAME = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/;
// Keys that have one value at most; `ForAllValues` over them would hold for every request without them.
const CONTEXT = /^kms:encryptioncontext:/i;
const TAG = /^aws:requesttag\//i;
/** As AWS KMS says it. */
const OVERLY_PERMISSIVE =
  'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified encryption context or with an unspecified encryption context. To fix, remove ForAllValues.';

/** What a condition stands in: which kind of policy, and whether `${…}` means a variable there. */
type Surroundings = { readonly kind: PolicyKind; readonly variables: boolean };

/** Reads a Condition element. Throws `MalformedPolicyDocumentException`, naming the place. */
export function readConditions(path: string, element: JsonValue, within: Surroundings): Condition[] {
  if (!isJsonObject(element)) throw malformed(path, 'must be an object of operators');
  return [...element].flatMap(([name, keys]) => readOperator(`${path}.${name}`, name, keys, within));
}

function readOperator(path: string, name: string, keys: JsonValue, within: Surroundings): Condition[] {
  const [, prefix, base = '', suffix] = NAME.exec(name) ?? [];
  const operator = OPERATORS.get(base);
  if (operator === undefined) throw malformed(path, 'there is no such operator');
  if (operator.kind === 'null' && (prefix !== undefined || suffix !== undefined)) {
    throw malformed(path, 'Null takes no prefix and no suffix');
  }
  if (!isJsonObject(keys)) throw malformed(path, 'must be an object of condition keys');
  if (keys.size === 0) throw malformed(path, 'has no condition keys');
  const known = new Set<string>();
  return [...keys].map(([key, given]) => {
    const at = `${path}.${key}`;
    if (known.has(key.toLowerCase())) throw malformed(at, 'stands here twice; case does not count in keys');
    known.add(key.toLowerCase());
    // AWS KMS checks that of its own policies; IAM takes it in those of principals.
    const isTooWide = prefix === 'ForAllValues' && within.kind === 'key';
    if (isTooWide && CONTEXT.test(key)) throw malformed('', OVERLY_PERMISSIVE);
    if (isTooWide && TAG.test(key)) {
      throw malformed(at, 'has one value at most; ForAllValues would hold for every request without it');
    }
    return {
      name,
      operator,
      set: prefix === undefined ? undefined : prefix === 'ForAnyValue' ? 'any' : 'all',
      ifExists: suffix !== undefined,
      key,
      values: readValues(at, given, operator.kind, within.variables),
    };
  });
}

function readValues(path: string, given: JsonValue, kind: ValueKind, variables: boolean): Template[] {
  if (!Array.isArray(given)) return [readValue(path, given, kind, variables)];
  if (given.length === 0) throw malformed(path, 'is an empty list');
  return given.map((value: JsonValue, n) => readValue(`${path}[${n}]`, value, kind, variables));
}

const TYPES: { readonly [K in ValueKind]: (text: string) => string | undefined } = {
  text: () => undefined,
  pattern: () => undefined,
  arn: (text) =>
    /^\*+$/.test(text) || text.split(':').length >= 6 ? undefined : 'must be an ARN of six parts',
  number: (text) => (numberOf(text) === undefined ? 'must be a number' : undefined),
  date: (text) => (momentOf(text) === undefined ? 'must be a date, as in 2026-11-24T00:00:00Z' : undefined),
  truth: (text) => (/^(?:true|false)$/i.test(text) ? undefined : 'must be true or false'),
  bytes: (text) =>
    text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? undefined : 'must be bytes in base64',
  address: (text) =>
    rangeOf(text) === undefined ? 'must be an IP address or a range such as 192.0.2.0/24' : undefined,
  null: (text) => (/^(?:true|false)$/i.test(text) ? undefined : 'must be true or false'),
};

function readValue(path: string, value: JsonValue, kind: ValueKind, variables: boolean): Template {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw malformed(path, 'must be text, a number, true or false');
  }
  const text = shownValue(value);
  const wrong = TYPES[kind](text);
  if (wrong !== undefined) throw malformed(path, wrong);
  const wildcards = kind === 'pattern' || kind === 'arn';
  const template = compile(text, { wildcards, variables: variables && (wildcards || kind === 'text') });
  if (typeof template === 'string') throw malformed(path, template);
  return template;
}

/**
 * Whether a condition holds for the values that its key has in a request (IAM User Guide, "Condition operators");
 * `undefined` where the request has no such key.
 */
export function holds(condition: Condition, have: readonly string[] | undefined, lookup: Lookup): boolean {
  const { operator, set, ifExists } = condition;
  // To the set operators an empty text alone is no value at all.
  const none = have === undefined || have.every((value) => set !== undefined && value === '');
  if (operator.kind === 'null') {
    return condition.values.some(({ text }) => (text.toLowerCase() === 'true') === none);
  }
  if (none) {
    if (ifExists || set === 'all') return true;
    return operator.negated && set === undefined;
  }
  // A variable that stands for nothing equals nothing, so that a negated operator holds.
  const wanted = condition.values.flatMap((template) => {
    const want = resolve(template, lookup);
    return want === undefined ? [] : [operator.compare(want)];
  });
  const one = (value: string) => wanted.some((fits) => fits(value)) !== operator.negated;
  // Without a set operator several values are as one: a positive operator asks for any match, a negated for none.
  return set === 'all' || (set === undefined && operator.negated) ? have.every(one) : have.some(one);
}
