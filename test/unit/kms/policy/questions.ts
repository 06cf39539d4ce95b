import fc from 'fast-check';
import type {
  AccessGrant,
  AccessRequest,
  ContextValue,
} from '../../../../src/main/kms/policy/access-request.ts';
import type { Few, Question, WrittenPolicy, WrittenStatement } from './reference.ts';

// Questions to both evaluators, from alphabets so small that policies and requests meet often.

const HERE = '111122223333';
const ALICE = `arn:aws:iam::${HERE}:user/alice`;
const BOB = `arn:aws:iam::${HERE}:user/team/bob`;
const ROOT = `arn:aws:iam::${HERE}:root`;
const STRANGER = 'arn:aws:iam::444455556666:user/alice';
const KEY = `arn:aws:kms:us-west-2:${HERE}:key/alice`;
const OTHER_KEY = `arn:aws:kms:us-west-2:${HERE}:key/b:2`;

const pick = fc.constantFrom;
/** One of them bare, or a list of some. */
const some = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<Few<T>> =>
  fc.oneof(
    { weight: 2, arbitrary: one },
    { weight: 1, arbitrary: fc.array(one, { minLength: 1, maxLength: 3 }) },
  );

const anyCase = (text: string) => pick(text, text, text.toUpperCase(), text.toLowerCase());

/** A variable of policies. */
const held = (name: string) => `\${${name}}`;

// What the conditions compare, by kind: the keys with the values that requests have, and values that policies have.

type Kind = {
  readonly operators: readonly string[];
  readonly keys: readonly string[];
  readonly wanted: fc.Arbitrary<string | number | boolean>;
};

const ARNS = [ALICE, BOB, ROOT, 'arn:aws:iam::111122223333:user/team:x', 'bob'];
const DATES = [
  '2026-11-24T00:00:00Z',
  '2026-11-24',
  '2026-11-24T02:00:00+02:00',
  '2026-11-24T00:00:00.5Z',
  '1795478400',
  '0099-01-01T00:00:00Z',
];
const TEXTS = ['a', 'A', 'b', 'ab', '', '*', 'alice', '\u{1f511}'];
const ADDRESSES = [
  '192.0.2.7',
  '192.0.2.200',
  '127.0.0.1',
  '::1',
  '2001:db8::1',
  '2001:db8:0:1:0:0:0:ffff',
  '::ffff:192.0.2.7',
];
const MULTI = ['kms:ResourceAliases', 'kms:EncryptionContextKeys'];
const TEXT_KEYS = [
  'kms:EncryptionContext:dept',
  'KMS:encryptioncontext:Dept',
  'kms:EncryptionContext:team',
  'aws:username',
  'kms:KeySpec',
  'aws:ResourceTag/Dept',
  ...MULTI,
];

const KINDS: readonly Kind[] = [
  {
    operators: ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'],
    keys: TEXT_KEYS,
    wanted: pick(
      ...TEXTS,
      'dept',
      'team',
      held('aws:username'),
      held('kms:EncryptionContext:dept'),
      held("aws:PrincipalTag/None, 'a'"),
      held('aws:PrincipalTag/None'),
      held('*'),
      `a${held('kms:KeySpec')}`,
    ),
  },
  {
    operators: ['StringLike', 'StringNotLike'],
    keys: TEXT_KEYS,
    wanted: pick(
      ...TEXTS,
      'a*',
      '*b',
      '?',
      '??',
      '*l*c*',
      'd?pt',
      held('aws:username'),
      held('*'),
      `${held('kms:KeySpec')}*`,
      '***',
    ),
  },
  {
    operators: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
    keys: ['aws:PrincipalArn', 'kms:GranteePrincipal'],
    wanted: pick(
      ALICE,
      ROOT,
      '*',
      'arn:aws:iam::*:user/*',
      `arn:*:*:*:${HERE}:*`,
      'arn:aws:iam::111122223333:user/team?x',
      `arn:aws:iam::${HERE}:user/\${aws:username}`,
      'arn:aws:iam:*:111122223333:root',
    ),
  },
  {
    operators: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
      (name) => `Numeric${name}`,
    ),
    keys: ['keyward:SecondsSinceUnlock', 'KEYWARD:secondssinceunlock'],
    wanted: pick(0, 1, '1', '1.0', 2, '-1', 1.5),
  },
  {
    operators: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
      (name) => `Date${name}`,
    ),
    keys: ['aws:CurrentTime', 'aws:EpochTime'],
    wanted: pick(...DATES, 1_795_478_400),
  },
  { operators: ['Bool'], keys: ['aws:SecureTransport'], wanted: pick('true', 'false', true, false, 'TRUE') },
  {
    operators: ['IpAddress', 'NotIpAddress'],
    keys: ['aws:SourceIp', 'AWS:sourceip', 'aws:username'],
    wanted: pick(
      ...ADDRESSES,
      '0.0.0.0/0',
      '192.0.2.0/24',
      '192.0.2.128/25',
      '192.0.2.7/31',
      '127.0.0.0/8',
      '::/0',
      '2001:db8::/32',
      '2001:db8:0:1::/64',
      '2001:DB8::ffff/127',
      '::ffff:192.0.2.0/120',
    ),
  },
  { operators: ['BinaryEquals'], keys: ['kms:Bytes'], wanted: pick('QQ==', 'QUI=', '') },
  {
    operators: ['Null'],
    keys: [...TEXT_KEYS, 'aws:CurrentTime', 'kms:Nothing'],
    wanted: pick('true', 'false', true, false, 'True'),
  },
];

type Line = readonly [operator: string, key: string, values: Few<string | number | boolean>];

const line: fc.Arbitrary<Line> = pick(...KINDS).chain(({ operators, keys, wanted }) =>
  fc
    .tuple(
      pick(...operators),
      pick(...keys),
      some(wanted),
      pick('', '', '', 'ForAnyValue:', 'ForAllValues:'),
      pick('', '', 'IfExists'),
    )
    .map(([operator, key, values, set, suffix]): Line => {
      if (operator === 'Null') return [operator, key, values];
      // Refused: it would hold for every request without the key.
      const prefix = set === 'ForAllValues:' && /^kms:encryptioncontext:/i.test(key) ? '' : set;
      return [`${prefix}${operator}${suffix}`, key, values];
    }),
);

function conditionOf(lines: readonly Line[]): NonNullable<WrittenStatement['Condition']> {
  const condition: { [operator: string]: { [key: string]: Few<string | number | boolean> } } = {};
  for (const [operator, key, values] of lines) {
    const keys = condition[operator] ?? {};
    condition[operator] = keys;
    // The same key in another case would be refused.
    if (!Object.keys(keys).some((known) => known.toLowerCase() === key.toLowerCase())) keys[key] = values;
  }
  return condition;
}

const condition = fc
  .oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 5, arbitrary: fc.array(line, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(line, { minLength: 2, maxLength: 3 }) },
  )
  .map((lines) => (lines.length === 0 ? {} : { Condition: conditionOf(lines) }));

// Statements.

const ACTIONS = ['kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey', 'kms:CreateGrant', 'kms:RetireGrant'];
const actions = some(
  fc.oneof(
    { weight: 2, arbitrary: pick('*', 'kms:*') },
    { weight: 3, arbitrary: pick('kms:*crypt', 'kms:?ecrypt', 'kms:D*', 'kms:*e*Grant', 's3:*') },
    { weight: 2, arbitrary: pick(...ACTIONS).chain(anyCase) },
  ),
);
const action = fc.oneof(
  { weight: 5, arbitrary: actions.map((Action) => ({ Action })) },
  { weight: 1, arbitrary: actions.map((NotAction) => ({ NotAction })) },
);
const resources = some(
  fc.oneof(
    { weight: 5, arbitrary: pick('*', '**') },
    {
      weight: 4,
      arbitrary: pick(
        KEY,
        OTHER_KEY,
        `arn:aws:kms:us-west-2:${HERE}:key/*`,
        'arn:aws:kms:*:*:key/????e',
        'arn:aws:kms',
        'arn:aws:s3:::*',
        `arn:aws:kms:us-west-2:${HERE}:key/\${aws:username}`,
        `arn:aws:kms:us-west-2:${HERE}:key/\${kms:EncryptionContext:dept}:*`,
        'arn:*:key/alice',
      ),
    },
  ),
);
const resource = fc.oneof(
  { weight: 6, arbitrary: resources.map((Resource) => ({ Resource })) },
  { weight: 1, arbitrary: resources.map((NotResource) => ({ NotResource })) },
);
const named = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*' as const) },
  {
    weight: 7,
    arbitrary: some(pick(ALICE, BOB, ROOT, HERE, STRANGER, '444455556666', '*')).map((AWS) => ({ AWS })),
  },
  { weight: 1, arbitrary: fc.constant({ Service: 'kms.amazonaws.com' }) },
  {
    weight: 1,
    arbitrary: pick(ALICE, BOB).map((who) => ({ AWS: [who, ROOT], Service: 'kms.amazonaws.com' })),
  },
);
const principal = fc.oneof(
  { weight: 6, arbitrary: named.map((Principal) => ({ Principal })) },
  { weight: 1, arbitrary: named.map((NotPrincipal) => ({ NotPrincipal })) },
);
const effect = pick('Allow' as const, 'Allow' as const, 'Allow' as const, 'Deny' as const).map((Effect) => ({
  Effect,
}));

type Part = fc.Arbitrary<Partial<WrittenStatement>>;
const statement = (...parts: Part[]): fc.Arbitrary<WrittenStatement> =>
  fc.tuple(effect, fc.tuple(...parts)).map(([first, rest]) => Object.assign({}, first, ...rest));

const policyOf = (one: fc.Arbitrary<WrittenStatement>): fc.Arbitrary<WrittenPolicy> =>
  fc
    .tuple(
      pick('2012-10-17', '2012-10-17', '2012-10-17', '2008-10-17', undefined),
      fc.array(one, { minLength: 1, maxLength: 3 }),
    )
    .map(([Version, Statement]) => (Version === undefined ? { Statement } : { Version, Statement }));

const noResource: Part = fc.constant({});
const keyPolicy = policyOf(
  statement(
    action,
    principal,
    condition,
    fc.oneof({ weight: 9, arbitrary: resource }, { weight: 1, arbitrary: noResource }),
  ),
);
const DELEGATION: WrittenStatement = {
  Effect: 'Allow',
  Principal: { AWS: ROOT },
  Action: 'kms:*',
  Resource: '*',
};
/** Half of them leave to the account's policies what they don't say themselves, as the default one does. */
const usualKeyPolicy = fc.tuple(keyPolicy, fc.boolean()).map(([written, isUsual]) => ({
  ...written,
  Statement: isUsual ? [...written.Statement, DELEGATION] : written.Statement,
}));
const identityPolicy = policyOf(statement(action, resource, condition));

// Grants and requests.

const pairs = fc.dictionary(pick('dept', 'Dept', 'team'), pick('a', 'A', 'b', ''), { maxKeys: 3 });
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 2 });

function defined<T extends object>(all: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
}

const grant = fc
  .record({
    granteePrincipal: pick(ALICE, ALICE, BOB, STRANGER),
    operations: fc.subarray(['Encrypt', 'Decrypt', 'DescribeKey', 'CreateGrant', 'RetireGrant'], {
      minLength: 1,
    }),
    retiringPrincipal: optional(pick(ALICE, BOB)),
    constraints: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: pairs.map((encryptionContextSubset) => ({ encryptionContextSubset })) },
      { weight: 1, arbitrary: pairs.map((encryptionContextEquals) => ({ encryptionContextEquals })) },
    ),
  })
  .map((given) => defined<Omit<AccessGrant, 'grantId'>>(given));

const context: fc.Arbitrary<{ readonly [key: string]: ContextValue }> = fc
  .record({
    'kms:KeySpec': optional(pick(...TEXTS)),
    'aws:ResourceTag/Dept': optional(pick(...TEXTS)),
    'aws:resourcetag/dept': fc.option(pick(...TEXTS), { nil: undefined, freq: 5 }),
    'kms:ResourceAliases': optional(fc.array(pick(...TEXTS), { maxLength: 3 })),
    'kms:GranteePrincipal': optional(pick(...ARNS)),
    'keyward:SecondsSinceUnlock': optional(pick(0, 1, 1.5, 2, '1')),
    'aws:CurrentTime': optional(
      fc.oneof(pick(...DATES), pick(new Date('2026-11-24'), new Date('1980-01-01'))),
    ),
    'aws:EpochTime': optional(pick(1_795_478_400, 1_795_478_401)),
    'aws:SecureTransport': optional(pick(true, false, 'True')),
    'aws:SourceIp': optional(pick(...ADDRESSES)),
    'kms:Bytes': optional(pick('QQ==', 'QUI=')),
    'aws:username': fc.option(pick('alice'), { nil: undefined, freq: 8 }),
  })
  .map((given) => defined<{ readonly [key: string]: ContextValue }>(given));

const request: fc.Arbitrary<AccessRequest> = fc
  .record({
    principal: pick(ALICE, ALICE, ALICE, BOB, BOB, ROOT, STRANGER),
    account: fc.constant(HERE),
    action: pick(...ACTIONS).chain(anyCase),
    resource: pick(KEY, KEY, KEY, OTHER_KEY, OTHER_KEY, '*'),
    context,
    encryptionContext: optional(pairs),
  })
  .map((given) => defined<AccessRequest>(given));

/** A request, the policies and grants that there are. */
export const question: fc.Arbitrary<Question> = fc
  .record({
    request,
    keyPolicy: usualKeyPolicy,
    identityPolicies: fc.array(identityPolicy, { maxLength: 2 }),
    grants: fc.array(grant, { maxLength: 3 }),
  })
  .map(({ request: asked, keyPolicy: written, identityPolicies, grants }) => ({
    request: asked,
    keyPolicy: asked.resource === '*' ? undefined : written,
    identityPolicies,
    grants: asked.resource === '*' ? [] : grants.map((one, n) => ({ ...one, grantId: `grant-${n}` })),
  }));
