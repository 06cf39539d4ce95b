import type {
  AccessGrant,
  AccessRequest,
  ContextValue,
} from '../../../../src/main/kms/policy/access-request.ts';

// A second evaluator, to hold the first one to: slow, plain, written from AWS's documentation alone. It reads whole
// documents as JSON.parse gives them and takes them to be well-formed.

/** One or several of something, as JSON policies have it almost everywhere. */
export type Few<T> = T | readonly T[];

/** A statement as it is written. */
export type WrittenStatement = {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | { readonly [kind: string]: Few<string> };
  readonly NotPrincipal?: '*' | { readonly [kind: string]: Few<string> };
  readonly Action?: Few<string>;
  readonly NotAction?: Few<string>;
  readonly Resource?: Few<string>;
  readonly NotResource?: Few<string>;
  readonly Condition?: {
    readonly [operator: string]: { readonly [key: string]: Few<string | number | boolean> };
  };
};

/** A policy as it is written. */
export type WrittenPolicy = { readonly Version?: string; readonly Statement: readonly WrittenStatement[] };

/** All that is asked: whoever it is about, and the policies and grants there are. */
export type Question = {
  readonly request: AccessRequest;
  /** None where the request is about no key. */
  readonly keyPolicy: WrittenPolicy | undefined;
  readonly identityPolicies: readonly WrittenPolicy[];
  readonly grants: readonly AccessGrant[];
};

/** What was decided, and by what: the number of the identity policy, of the statement in it, or of the grant. */
export type Answer = {
  readonly by: 'key-policy' | 'identity-policy' | 'grant' | 'explicit-deny' | 'implicit-deny';
  readonly policy?: number | 'key';
  readonly at?: number;
};

/** The decision, by the order of "Policy evaluation logic" and "Key policies in AWS KMS". */
export function referenceAnswer({ request, keyPolicy, identityPolicies, grants }: Question): Answer {
  const keyStatements = keyPolicy?.Statement ?? [];
  const isOwn = accountOf(request.principal) === request.account;

  // 1. An explicit deny, wherever it stands.
  for (const [at, statement] of keyStatements.entries()) {
    if (statement.Effect === 'Deny' && denies(statement, request.principal)) {
      if (isAbout(statement, request, keyPolicy)) return { by: 'explicit-deny', policy: 'key', at };
    }
  }
  for (const [policy, written] of identityPolicies.entries()) {
    for (const [at, statement] of written.Statement.entries()) {
      if (statement.Effect === 'Deny' && isAbout(statement, request, written)) {
        return { by: 'explicit-deny', policy, at };
      }
    }
  }

  // 2. The key policy by itself, for the account's own principals. An Allow of RetireGrant has no effect in it; of
  // that the account's own policies decide in any case.
  const isRetiring = request.action.toLowerCase() === 'kms:retiregrant';
  let isDelegated = keyPolicy === undefined || (isRetiring && isOwn);
  for (const [at, statement] of keyStatements.entries()) {
    if (statement.Effect !== 'Allow' || isRetiring || !isAbout(statement, request, keyPolicy)) continue;
    const named = allows(statement, request.principal);
    if (named === 'by name' && isOwn) {
      return { by: 'key-policy', policy: 'key', at };
    }
    if (named === 'by account' || (named === 'by name' && !isOwn)) isDelegated = true;
  }

  // 3. The principal's own policies, where the key policy leaves it to them.
  if (isDelegated) {
    for (const [policy, written] of identityPolicies.entries()) {
      for (const [at, statement] of written.Statement.entries()) {
        if (statement.Effect === 'Allow' && isAbout(statement, request, written)) {
          return { by: 'identity-policy', policy, at };
        }
      }
    }
  }

  // 4. A grant.
  for (const [at, grant] of grants.entries()) if (isGranted(grant, request)) return { by: 'grant', at };
  return { by: 'implicit-deny' };
}

function few<T>(value: Few<T> | undefined): readonly T[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]) as readonly T[];
}

// Principals.

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** The principals under "AWS": accounts as the ARN of their root. */
function listed(principals: WrittenStatement['Principal']): readonly string[] {
  if (principals === undefined) return [];
  if (principals === '*') return ['*'];
  return few(principals['AWS']).map((one) => (/^\d{12}$/.test(one) ? `arn:aws:iam::${one}:root` : one));
}

/** To deny, an account stands for everybody in it; NotPrincipal excepts whoever is listed with his account. */
function denies({ Principal, NotPrincipal }: WrittenStatement, who: string): boolean {
  const root = `arn:aws:iam::${accountOf(who)}:root`;
  if (Principal !== undefined) {
    return listed(Principal).some((one) => one === '*' || one === who || one === root);
  }
  const excepted = listed(NotPrincipal);
  return !(excepted.includes('*') || (excepted.includes(who) && excepted.includes(root)));
}

function allows(
  { Principal, NotPrincipal }: WrittenStatement,
  who: string,
): 'by name' | 'by account' | 'not at all' {
  const root = `arn:aws:iam::${accountOf(who)}:root`;
  if (Principal !== undefined) {
    const all = listed(Principal);
    if (all.includes('*') || all.includes(who)) return 'by name';
    return all.includes(root) ? 'by account' : 'not at all';
  }
  return listed(NotPrincipal).some((one) => one === '*' || one === who || one === root)
    ? 'not at all'
    : 'by name';
}

// Texts of policies: characters, of which `*` and `?` may be wild, after variables were filled in.

type Char = { readonly char: string; readonly isWild: boolean };

function charsOf(text: string, mayBeWild: boolean): Char[] {
  return [...text].map((char) => ({ char, isWild: mayBeWild && (char === '*' || char === '?') }));
}

/** The text with values in place of its variables; `undefined` where one has neither value nor default. */
function filled(text: string, request: AccessRequest, hasVariables: boolean): Char[] | undefined {
  if (!hasVariables) return charsOf(text, true);
  const chars: Char[] = [];
  // Cut at variables; every second piece is what stands between the braces.
  for (const [n, piece] of text.split(/\$\{([^}]*)\}/).entries()) {
    if (n % 2 === 0) chars.push(...charsOf(piece, true));
    else if (['*', '?', '$'].includes(piece)) chars.push(...charsOf(piece, false));
    else {
      const [name = '', ...rest] = piece.split(',');
      const fallback = rest.length === 0 ? undefined : rest.join(',').trim().slice(1, -1);
      const readings = readingsOf(name, request);
      const only = readings.length === 1 && readings[0]?.length === 1 ? readings[0][0] : undefined;
      const value = only ?? fallback;
      if (value === undefined) return undefined;
      chars.push(...charsOf(value, false));
    }
  }
  return chars;
}

function plain(chars: readonly Char[]): string {
  return chars.map(({ char }) => char).join('');
}

function fits(pattern: readonly Char[], text: string): boolean {
  const source = pattern.map(({ char, isWild }) => {
    if (isWild) return char === '*' ? '[^]*' : '[^]';
    return `\\u{${char.codePointAt(0)?.toString(16)}}`;
  });
  return new RegExp(`^${source.join('')}$`, 'u').test(text);
}

/** Six parts, matched one by one; the last has all further colons. Parts that an incomplete ARN lacks are stars. */
function fitsArn(pattern: readonly Char[], arn: string, mayBeIncomplete: boolean): boolean {
  if (/^\*+$/.test(plain(pattern)) && pattern.every(({ isWild }) => isWild)) return true;
  const parts: Char[][] = [[]];
  for (const one of pattern) {
    if (one.char === ':' && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(one);
  }
  const have = arn.split(':');
  if (have.length < 6 || (parts.length < 6 && !mayBeIncomplete)) return false;
  while (parts.length < 6) parts.push(charsOf('*', true));
  const whole = [...have.slice(0, 5), have.slice(5).join(':')];
  return parts.every((part, n) => fits(part, whole[n] ?? ''));
}

// Whether a statement is about a request at all.

function isAbout(statement: WrittenStatement, request: AccessRequest, policy: WrittenPolicy | undefined) {
  const hasVariables = policy?.Version === '2012-10-17';
  const { Action, NotAction, Resource, NotResource, Condition = {}, Effect } = statement;
  const isAction = (pattern: string) =>
    fits(charsOf(pattern.toLowerCase(), true), request.action.toLowerCase());
  if (Action !== undefined && !few(Action).some(isAction)) return false;
  if (NotAction !== undefined && few(NotAction).some(isAction)) return false;

  const isResource = (text: string) => {
    // What is about no resource is covered by nothing but the star.
    if (request.resource === '*') return /^\*+$/.test(text);
    const pattern = filled(text, request, hasVariables);
    return pattern !== undefined && fitsArn(pattern, request.resource, true);
  };
  if (NotResource === undefined && !few(Resource).some(isResource)) return false;
  if (NotResource !== undefined && few(NotResource).some(isResource)) return false;

  for (const [operator, keys] of Object.entries(Condition)) {
    for (const [key, values] of Object.entries(keys)) {
      const wanted = few(values).map((value) => filled(String(value), request, hasVariables));
      const readings = readingsOf(key, request);
      const isMet = (have: readonly string[] | undefined) => isConditionMet(operator, wanted, have);
      // No reading: the key is missing. Several: an Allow has to bear all of them, a Deny any.
      if (readings.length === 0 && !isMet(undefined)) return false;
      if (readings.length > 0 && !(Effect === 'Allow' ? readings.every(isMet) : readings.some(isMet))) {
        return false;
      }
    }
  }
  return true;
}

/** The values of a condition key: once for each name in the request that is this key but for its case. */
function readingsOf(key: string, request: AccessRequest): string[][] {
  const { principal, context, encryptionContext = {} } = request;
  const asked = key.toLowerCase();
  const facts: { [key: string]: string | undefined } = {
    'aws:principalarn': principal,
    'aws:principalaccount': accountOf(principal),
    'kms:calleraccount': accountOf(principal),
    'aws:username': principal.includes(':user/') ? principal.split('/').at(-1) : undefined,
  };
  if (asked in facts) return facts[asked] === undefined ? [] : [[facts[asked]]];
  const all: [string, ContextValue][] = [
    ...Object.entries(context),
    ...Object.entries(encryptionContext).map(([name, value]): [string, string] => [
      `kms:EncryptionContext:${name}`,
      value,
    ]),
  ];
  const names = Object.keys(encryptionContext);
  if (names.length > 0) all.push(['kms:EncryptionContextKeys', names]);
  return all
    .filter(([name]) => name.toLowerCase() === asked)
    .map(([, value]) => few(value).map((one) => (one instanceof Date ? one.toISOString() : String(one))));
}

// Conditions.

/** Two moments as ISO 8601 or seconds since 1970. */
function moment(text: string): number {
  return /^[\d.]+$/.test(text) ? Number(text) * 1_000 : Date.parse(text);
}

const COMPARISONS: { readonly [operator: string]: (have: string, want: readonly Char[]) => boolean } = {
  StringEquals: (have, want) => have === plain(want),
  StringEqualsIgnoreCase: (have, want) => have.toLowerCase() === plain(want).toLowerCase(),
  StringLike: (have, want) => fits(want, have),
  ArnEquals: (have, want) => fitsArn(want, have, false),
  ArnLike: (have, want) => fitsArn(want, have, false),
  NumericEquals: (have, want) => Number(have) === Number(plain(want)),
  NumericLessThan: (have, want) => Number(have) < Number(plain(want)),
  NumericLessThanEquals: (have, want) => Number(have) <= Number(plain(want)),
  NumericGreaterThan: (have, want) => Number(have) > Number(plain(want)),
  NumericGreaterThanEquals: (have, want) => Number(have) >= Number(plain(want)),
  DateEquals: (have, want) => moment(have) === moment(plain(want)),
  DateLessThan: (have, want) => moment(have) < moment(plain(want)),
  DateLessThanEquals: (have, want) => moment(have) <= moment(plain(want)),
  DateGreaterThan: (have, want) => moment(have) > moment(plain(want)),
  DateGreaterThanEquals: (have, want) => moment(have) >= moment(plain(want)),
  Bool: (have, want) => have.toLowerCase() === plain(want).toLowerCase(),
  IpAddress: (have, want) => isInRange(have, plain(want)),
  BinaryEquals: (have, want) => Buffer.from(have, 'base64').equals(Buffer.from(plain(want), 'base64')),
};

/** An address as a number, and how many bits it has. */
function numbered(address: string): { readonly value: bigint; readonly bits: bigint } | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) {
    return { value: address.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n), bits: 32n };
  }
  if (!address.includes(':')) return undefined;
  // The last two groups may be an IPv4 address; `::` stands for as many zeros as are missing.
  const plainer = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const given = plainer.split(':').filter((group) => group !== '').length;
  const filled = plainer.replace('::', `:${'0:'.repeat(8 - given)}`);
  const groups = filled.split(':').filter((group) => group !== '');
  return { value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n), bits: 128n };
}

/** Whether an address lies in a range: both are the same number once the bits behind the prefix are gone. */
function isInRange(address: string, range: string): boolean {
  const [first = '', length] = range.split('/');
  const [have, want] = [numbered(address), numbered(first)];
  if (have === undefined || want === undefined || have.bits !== want.bits) return false;
  const rest = want.bits - BigInt(length ?? want.bits);
  return have.value >> rest === want.value >> rest;
}

/** One operator, one key: `wanted` are the policy's values, `have` those of the request. */
function isConditionMet(
  operator: string,
  wanted: readonly (readonly Char[] | undefined)[],
  have: readonly string[] | undefined,
): boolean {
  const set = operator.includes(':') ? operator.split(':')[0] : undefined;
  const hasIfExists = operator.endsWith('IfExists');
  const base = operator.replace(/^For\w+:/, '').replace(/IfExists$/, '');
  const isNegated = base.includes('Not');
  const compare = COMPARISONS[base.replace('Not', '')];

  const isEmpty = have === undefined || have.length === 0;
  const isMissing = isEmpty || (set !== undefined && have.join('') === '');
  if (base === 'Null') {
    return wanted.some((want) => plain(want ?? []).toLowerCase() === String(isMissing));
  }
  if (isMissing) {
    if (hasIfExists || set === 'ForAllValues') return true;
    if (set === 'ForAnyValue') return false;
    return isNegated;
  }
  if (compare === undefined) throw new Error(`no such operator: ${operator}`);
  const matchesOne = (value: string) => wanted.some((want) => want !== undefined && compare(value, want));
  if (set === 'ForAllValues') return have.every((value) => matchesOne(value) !== isNegated);
  if (set === 'ForAnyValue') return have.some((value) => matchesOne(value) !== isNegated);
  return have.some(matchesOne) !== isNegated;
}

// Grants.

const NOT_CONSTRAINED = ['describekey', 'retiregrant'];

function isGranted(grant: AccessGrant, request: AccessRequest): boolean {
  const operation = request.action.split(':')[1]?.toLowerCase() ?? '';
  if (operation === 'retiregrant' && request.principal === grant.retiringPrincipal) return true;
  if (request.principal !== grant.granteePrincipal) return false;
  if (!grant.operations.map((one) => one.toLowerCase()).includes(operation)) return false;
  if (NOT_CONSTRAINED.includes(operation)) return true;
  const pairs = (context: { readonly [name: string]: string }) =>
    Object.entries(context).map(([name, value]) => `${name.toLowerCase()}=${value}`);
  const have = pairs(request.encryptionContext ?? {});
  const { encryptionContextEquals, encryptionContextSubset } = grant.constraints ?? {};
  if (encryptionContextSubset !== undefined) {
    if (!pairs(encryptionContextSubset).every((pair) => have.includes(pair))) return false;
  }
  if (encryptionContextEquals !== undefined) {
    const once = (all: readonly string[]) => [...new Set(all)].sort().join();
    if (once(pairs(encryptionContextEquals)) !== once(have)) return false;
  }
  return true;
}
