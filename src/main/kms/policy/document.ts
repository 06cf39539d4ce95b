import { type Condition, readConditions } from './conditions.ts';
import { isJsonObject, type JsonObject, type JsonValue, malformed, parseJson, requireTexts } from './json.ts';
import { compile, literal, type Pattern, type Template } from './pattern.ts';
import type { PolicyKind } from './policy-kind.ts';
import { type Principals, readPrincipals } from './principals.ts';

/** A list that a statement covers, or with `not` all but that. */
type Covered<T> = { readonly not: boolean; readonly list: readonly T[] };

/** One statement, checked. */
export type Statement = {
  /** Its place in the document, from 0. */
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  /** Missing in policies of principals. */
  readonly principals: Principals | undefined;
  readonly actions: Covered<Pattern>;
  readonly resources: Covered<Template>;
  readonly conditions: readonly Condition[];
};

/** A policy, checked. */
export type Policy = { readonly kind: PolicyKind; readonly statements: readonly Statement[] };

const MAX_BYTES = 32_768;
const MAX_STATEMENTS = 1_000;
const ELEMENTS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];
const ACTION = /^(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/;

/**
 * Reads a policy (IAM User Guide, "Grammar of the IAM JSON policy language"); one of a key is 32 KiB at most. What
 * could be read in two ways is refused: a key of an object that stands twice, an element that is not known. Throws
 * `MalformedPolicyDocumentException`, naming the place in the document.
 */
export function parsePolicy(text: string, kind: PolicyKind): Policy {
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw malformed('', `The policy is longer than ${MAX_BYTES} bytes.`);
  const document = parseJson(text);
  if (!isJsonObject(document)) throw malformed('', 'The policy must be an object.');
  for (const name of document.keys()) {
    const known = name === 'Version' || name === 'Statement' || (name === 'Id' && kind === 'key');
    if (!known)
      throw malformed(name, name === 'Id' ? 'is for key policies only' : 'there is no such element');
  }
  const id = document.get('Id');
  if (id !== undefined && typeof id !== 'string') throw malformed('Id', 'must be text');
  const version = document.get('Version') ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17')
    throw malformed('Version', 'must be 2012-10-17 or 2008-10-17');
  const list = statementsIn(document.get('Statement'));
  if (list.length > MAX_STATEMENTS)
    throw malformed('Statement', `has more than ${MAX_STATEMENTS} statements`);
  const statements = list.map((one, index) => readStatement(index, one, kind, version === '2012-10-17'));
  if (kind === 'identity') refuseSameSids(statements);
  return { kind, statements };
}

function statementsIn(given: JsonValue | undefined): readonly JsonValue[] {
  if (given === undefined) throw malformed('Statement', 'is missing: a policy has at least one statement');
  if (isJsonObject(given)) return [given];
  if (!Array.isArray(given)) throw malformed('Statement', 'must be a statement or a list of them');
  if (given.length === 0)
    throw malformed('Statement', 'is an empty list: a policy has at least one statement');
  return given;
}

function readStatement(index: number, given: JsonValue, kind: PolicyKind, variables: boolean): Statement {
  const path = `Statement[${index}]`;
  if (!isJsonObject(given)) throw malformed(path, 'must be an object');
  for (const name of given.keys()) {
    if (!ELEMENTS.includes(name)) throw malformed(`${path}.${name}`, 'there is no such element');
  }
  const sid = given.get('Sid');
  if (
    sid !== undefined &&
    (typeof sid !== 'string' || (kind === 'identity' && !/^[A-Za-z0-9]*$/.test(sid)))
  ) {
    throw malformed(`${path}.Sid`, kind === 'identity' ? 'must be letters and digits' : 'must be text');
  }
  const effect = given.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`${path}.Effect`, 'must be Allow or Deny');
  const condition = given.get('Condition');
  return {
    index,
    sid,
    effect,
    principals: readPrincipals(path, given, kind),
    actions: readCovered(path, given, kind, 'Action', (at, text) => {
      if (!ACTION.test(text)) throw malformed(at, 'must be an action such as kms:Encrypt, or *');
      return literal(text.toLowerCase(), true);
    }),
    resources: readCovered(path, given, kind, 'Resource', (at, text) => {
      const parts = text.split(':');
      if (!/^\*+$/.test(text) && (parts[0] !== 'arn' || parts.length < 2))
        throw malformed(at, 'must be an ARN or *');
      if (variables && parts.slice(0, 5).join(':').includes('${')) {
        throw malformed(at, 'has a variable before its fifth colon');
      }
      return template(at, text, variables);
    }),
    conditions:
      condition === undefined ? [] : readConditions(`${path}.Condition`, condition, { kind, variables }),
  };
}

function template(path: string, text: string, variables: boolean): Template {
  const made = compile(text, { wildcards: true, variables });
  if (typeof made === 'string') throw malformed(path, made);
  return made;
}

/** Reads `Name` or `NotName`: a text or a list of them. */
function readCovered<T>(
  path: string,
  given: JsonObject,
  kind: PolicyKind,
  name: 'Action' | 'Resource',
  read: (path: string, text: string) => T,
): Covered<T> {
  const not = `Not${name}`;
  if (given.has(name) && given.has(not)) throw malformed(`${path}.${not}`, `can't stand beside ${name}`);
  const element = given.has(not) ? not : name;
  // As in AWS, a statement of a key policy that names no action or no resource is about nothing.
  if (!given.has(element) && kind === 'key') return { not: false, list: [] };
  const at = `${path}.${element}`;
  const value = given.get(element);
  if (typeof value === 'string') return { not: element === not, list: [read(at, value)] };
  if (value === undefined) throw malformed(at, 'is missing');
  requireTexts(at, value);
  const list = value.map((one: JsonValue, n) => {
    if (typeof one !== 'string') throw malformed(`${at}[${n}]`, 'must be text');
    return read(`${at}[${n}]`, one);
  });
  return { not: element === not, list };
}

/**
 * Throws `MalformedPolicyDocumentException` where two statements have the same Sid, not empty: in policies of principals
 * (IAM User Guide, "Sid"), and in those of keys when they are written (AWS re:Post, "AWS KMS key policy error").
 */
export function refuseSameSids(statements: readonly Statement[]): void {
  const known = new Set<string>();
  for (const { index, sid } of statements) {
    if (sid === undefined || sid === '') continue;
    if (known.has(sid)) throw malformed(`Statement[${index}].Sid`, 'stands in an earlier statement too');
    known.add(sid);
  }
}
