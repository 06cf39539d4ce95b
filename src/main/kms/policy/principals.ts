import { isJsonObject, type JsonObject, type JsonValue, malformed, requireTexts } from './json.ts';
import type { PolicyKind } from './policy-kind.ts';

/** Whom a statement is about; with `not`, everybody but these. Principals of other kinds never match here. */
export type Principals = {
  readonly not: boolean;
  readonly everybody: boolean;
  /** Account numbers: all principals of these accounts, by way of their policies. */
  readonly accounts: readonly string[];
  readonly arns: readonly string[];
};

const WHOM = '"*" or an object such as {"AWS": "arn:aws:iam::…:user/…"}';
const KINDS = ['AWS', 'Service', 'Federated', 'CanonicalUser'];
const ACCOUNT = /^\d{12}$/;
const ARN = /^arn:aws:(?:iam|sts)::(\d{12}):((?:root|[a-z-]+\/[\w+=,.@/-]+))$/;

/** Reads Principal or NotPrincipal: needed in a key's policy, refused in a principal's. */
export function readPrincipals(
  path: string,
  statement: JsonObject,
  kind: PolicyKind,
): Principals | undefined {
  const there = ['Principal', 'NotPrincipal'].filter((name) => statement.has(name));
  if (kind === 'identity') {
    if (there[0] !== undefined) throw malformed(`${path}.${there[0]}`, 'is for key policies only');
    return undefined;
  }
  if (there.length > 1) throw malformed(`${path}.NotPrincipal`, "can't stand beside Principal");
  const name = there[0] ?? 'Principal';
  const at = `${path}.${name}`;
  const given = statement.get(name);
  const not = name === 'NotPrincipal';
  if (given === '*') return { not, everybody: true, accounts: [], arns: [] };
  if (given === undefined) throw malformed(at, `is missing: ${WHOM}`);
  if (!isJsonObject(given)) throw malformed(at, `must be ${WHOM}`);
  if (given.size === 0) throw malformed(at, `names nobody: it is ${WHOM}`);
  const aws = [...given].flatMap(([one, values]) => {
    if (!KINDS.includes(one)) throw malformed(`${at}.${one}`, 'there is no such kind of principal');
    const texts = textsOf(`${at}.${one}`, values);
    return one === 'AWS' ? texts : [];
  });
  const accounts: string[] = [];
  const arns: string[] = [];
  for (const { at: place, text } of aws) {
    const [, account, rest] = ARN.exec(text) ?? [];
    if (text === '*') continue;
    if (ACCOUNT.test(text)) accounts.push(text);
    else if (account === undefined)
      throw malformed(place, 'must be "*", an account or the ARN of one principal');
    else if (rest === 'root') accounts.push(account);
    else arns.push(text);
  }
  return { not, everybody: aws.some(({ text }) => text === '*'), accounts, arns };
}

function textsOf(path: string, value: JsonValue): { at: string; text: string }[] {
  if (typeof value === 'string') return [{ at: path, text: value }];
  requireTexts(path, value);
  return value.map((one: JsonValue, n) => {
    if (typeof one !== 'string') throw malformed(`${path}[${n}]`, 'must be text');
    return { at: `${path}[${n}]`, text: one };
  });
}

/** How a statement is about a principal: by name, by its account, or not at all. */
export type Named = 'principal' | 'account' | 'no';

/** The account that a principal's ARN names; '' where it names none. */
export function accountOf(principal: string): string {
  return /^arn:aws:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1] ?? '';
}

/**
 * Whether a statement is about a principal. Naming an account in an Allow only lets the account's own policies
 * decide; in a Deny it is everybody in it. A Deny for all but some has to except their account as well, or they are
 * caught with it.
 */
export function namedBy(principals: Principals, effect: 'Allow' | 'Deny', principal: string): Named {
  const account = accountOf(principal);
  const root = `arn:aws:iam::${account}:root`;
  const inAccount = principals.accounts.includes(account);
  if (principals.not) {
    const byName = principals.arns.includes(principal);
    const isExcepted = effect === 'Deny' ? inAccount && (byName || principal === root) : inAccount || byName;
    const excepted = principals.everybody || isExcepted;
    return excepted ? 'no' : 'principal';
  }
  if (principals.everybody || principals.arns.includes(principal)) return 'principal';
  if (!inAccount) return 'no';
  return principal === root ? 'principal' : 'account';
}
