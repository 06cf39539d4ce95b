import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../../src/main/kms/policy/document.ts';
import { isKeywardError } from '../../../../src/shared/errors.ts';

const STATEMENT = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };

/** A variable of policies. */
const held = (name: string) => `\${${name}}`;

function refusal(document: object | string, kind: 'key' | 'identity' = 'key'): string {
  try {
    parsePolicy(typeof document === 'string' ? document : JSON.stringify(document), kind);
  } catch (error) {
    if (isKeywardError(error, 'MalformedPolicyDocumentException')) return error.message;
    throw error;
  }
  return 'none';
}

const withCondition = (operator: string, value: unknown, key = 'a:b') => ({
  Version: '2012-10-17',
  Statement: { ...STATEMENT, Condition: { [operator]: { [key]: value } } },
});

describe('the limits of a policy', () => {
  it('32 KiB, in bytes', () => {
    const policy = (sid: string) => JSON.stringify({ Statement: { ...STATEMENT, Sid: sid } });
    const room = 32_768 - Buffer.byteLength(policy(''));
    expect(refusal(policy('a'.repeat(room)))).toBe('none');
    const message = 'The policy is longer than 32768 bytes.';
    expect(refusal(policy('a'.repeat(room + 1)))).toBe(message);
    expect(refusal(policy('é'.repeat(Math.ceil((room + 1) / 2))))).toBe(message);
  });

  it('1,000 statements', () => {
    const one = '{"Effect":"Deny","Action":"*"}';
    const many = (count: number) => `{"Statement":[${Array.from({ length: count }, () => one).join(',')}]}`;
    expect(refusal(many(1_000))).toBe(
      'Statement[0].Principal: is missing: "*" or an object such as {"AWS": "arn:aws:iam::…:user/…"}',
    );
    expect(refusal(many(1_001))).toBe('Statement: has more than 1000 statements');
  });
});

describe('what is empty', () => {
  const statement = (change: object) => ({ Version: '2012-10-17', Statement: { ...STATEMENT, ...change } });

  it.each([
    [
      'a list of statements',
      { Statement: [] },
      'Statement: is an empty list: a policy has at least one statement',
    ],
    ['an action', statement({ Action: '' }), 'Statement.Action: must be an action such as kms:Encrypt, or *'],
    [
      'an action in a list',
      statement({ Action: [''] }),
      'Action[0]: must be an action such as kms:Encrypt, or *',
    ],
    ['a resource', statement({ Resource: '' }), 'Resource: must be an ARN or *'],
    ['a principal', statement({ Principal: '' }), 'Principal: must be "*" or an object'],
    [
      'a kind of principal',
      statement({ Principal: { AWS: '' } }),
      'Principal.AWS: must be "*", an account or the ARN',
    ],
    [
      'an object of principals',
      statement({ Principal: {} }),
      'Principal: names nobody: it is "*" or an object',
    ],
    ['a list of kinds', statement({ Principal: [] }), 'Principal: must be "*" or an object'],
    ['an effect', statement({ Effect: '' }), 'Effect: must be Allow or Deny'],
    ['a version', { ...statement({}), Version: '' }, 'Version: must be 2012-10-17 or 2008-10-17'],
    ['an operator', statement({ Condition: { StringEquals: {} } }), 'StringEquals: has no condition keys'],
  ])('%s is refused, and what it is about named', (_what, document, message) => {
    expect(refusal(document)).toContain(message.replace('Statement.', 'Statement[0].'));
  });

  it.each([
    ['a condition', statement({ Condition: {} })],
    ['a Sid', statement({ Sid: '' })],
    [
      'two Sids',
      {
        Statement: [
          { ...STATEMENT, Sid: '' },
          { ...STATEMENT, Sid: '' },
        ],
      },
    ],
  ])('%s says nothing and is taken, as in AWS', (_what, document) => {
    expect(refusal(document)).toBe('none');
  });
});

describe('what a policy may say', () => {
  it('is kept as it stands', () => {
    const policy = parsePolicy(
      JSON.stringify({
        Version: '2012-10-17',
        Id: 'mine',
        Statement: [
          STATEMENT,
          {
            Sid: 'Second one, of a key',
            Effect: 'Deny',
            NotPrincipal: {
              AWS: [
                '111122223333',
                'arn:aws:iam::444455556666:root',
                'arn:aws:iam::111122223333:user/a/b+c=d,e.f@g-h_i',
              ],
            },
            NotAction: ['kms:Encrypt', '*'],
            NotResource: ['arn:aws:kms', '**'],
            Condition: { 'ForAnyValue:StringLikeIfExists': { 'kms:ResourceAliases': ['alias/*', 1, true] } },
          },
        ],
      }),
      'key',
    );
    expect(policy.kind).toBe('key');
    expect(policy.statements.map(({ index, sid, effect }) => [index, sid, effect])).toEqual([
      [0, undefined, 'Allow'],
      [1, 'Second one, of a key', 'Deny'],
    ]);
    const [first, second] = policy.statements;
    expect(first?.principals).toEqual({ not: false, everybody: true, accounts: [], arns: [] });
    expect([first?.actions.not, first?.resources.not, first?.conditions]).toEqual([false, false, []]);
    expect(second?.principals).toEqual({
      not: true,
      everybody: false,
      accounts: ['111122223333', '444455556666'],
      arns: ['arn:aws:iam::111122223333:user/a/b+c=d,e.f@g-h_i'],
    });
    expect([second?.actions.not, second?.resources.not]).toEqual([true, true]);
    expect(second?.resources.list.map(({ text }) => text)).toEqual(['arn:aws:kms', '**']);
    expect(second?.conditions).toMatchObject([
      { name: 'ForAnyValue:StringLikeIfExists', set: 'any', ifExists: true, key: 'kms:ResourceAliases' },
    ]);
    expect(second?.conditions[0]?.values.map(({ text }) => text)).toEqual(['alias/*', '1', 'true']);
  });

  it('of version, set and suffix', () => {
    expect(refusal({ Version: '2008-10-17', Statement: STATEMENT })).toBe('none');
    expect(refusal({ Statement: STATEMENT })).toBe('none');
    const { conditions } =
      parsePolicy(JSON.stringify(withCondition('ForAllValues:StringEquals', 'x')), 'key').statements[0] ?? {};
    expect(conditions).toMatchObject([{ set: 'all', ifExists: false }]);
    const plain = parsePolicy(JSON.stringify(withCondition('StringEqualsIgnoreCase', 'x')), 'key')
      .statements[0];
    expect(plain?.conditions).toMatchObject([{ set: undefined, ifExists: false }]);
  });

  const sound: [string, object | string, 'key' | 'identity'][] = [
    [
      'two statements without Sid in an identity policy',
      { Statement: [1, 2].map(() => ({ Effect: 'Allow', Action: '*', Resource: '*' })) },
      'identity',
    ],
    [
      'two empty Sids in an identity policy',
      { Statement: [1, 2].map(() => ({ Sid: '', Effect: 'Allow', Action: '*', Resource: '*' })) },
      'identity',
    ],
    [
      'two equal Sids in a key policy',
      { Statement: [1, 2].map(() => ({ ...STATEMENT, Sid: 'Same' })) },
      'key',
    ],
    ['a Sid with spaces in a key policy', { Statement: { ...STATEMENT, Sid: 'Allow this' } }, 'key'],
    ['an empty Condition', { Statement: { ...STATEMENT, Condition: {} } }, 'key'],
    [
      'principals of another kind',
      { Statement: { ...STATEMENT, Principal: { Federated: 'x', CanonicalUser: ['y'], Service: 'z' } } },
      'key',
    ],
    [
      'an assumed role',
      { Statement: { ...STATEMENT, Principal: { AWS: 'arn:aws:sts::111122223333:assumed-role/a/b' } } },
      'key',
    ],
    [
      'a variable behind the fifth colon',
      { Version: '2012-10-17', Statement: { ...STATEMENT, Resource: `arn:aws:kms:a:b:key/${held('a:b')}` } },
      'key',
    ],
    [
      'text like a variable anywhere, in version 2008-10-17',
      { Statement: { ...STATEMENT, Resource: 'arn:aws:${kms:a:b:key/*' } },
      'key',
    ],
    [
      'text like a variable in a pattern, in version 2008-10-17',
      { Statement: { ...STATEMENT, Condition: { StringLike: { a: '${x' } } } },
      'key',
    ],
    ['text like a variable in bytes', withCondition('BinaryEquals', ''), 'key'],
    ['the negative number', withCondition('NumericLessThan', -1.5), 'key'],
    ['the star for an ARN', withCondition('ArnLike', '*'), 'key'],
    ['Null of several', withCondition('Null', ['TRUE', false]), 'key'],
    ['a date without seconds', withCondition('DateLessThan', '2026-11-24T10:30Z'), 'key'],
    ['a date with an offset without colon', withCondition('DateLessThan', '2026-11-24T10:30:00+0130'), 'key'],
    [
      'ForAnyValue of an encryption context',
      withCondition('ForAnyValue:StringEquals', 'x', 'kms:EncryptionContext:a'),
      'key',
    ],
    [
      'ForAllValues of the names of an encryption context',
      withCondition('ForAllValues:StringEquals', 'x', 'kms:EncryptionContextKeys'),
      'key',
    ],
  ];
  it.each(sound)('%s', (_, document, kind) => {
    expect(refusal(document, kind)).toBe('none');
  });

  const at = 'Statement[0]';
  const refused: [object, 'key' | 'identity', string][] = [
    [
      { Version: '2012-10-17', Statement: { ...STATEMENT, Resource: `arn:${held('a:b')}:kms:a:b:key/x` } },
      'key',
      `${at}.Resource: has a variable before its fifth colon`,
    ],
    [
      { Version: '2012-10-17', Statement: { ...STATEMENT, Resource: 'arn:aws:kms:a:${b' } },
      'key',
      `${at}.Resource: has a variable before its fifth colon`,
    ],
    [
      { Version: '2012-10-17', Statement: { ...STATEMENT, Resource: ['*', 'arn:aws:kms:a:b:${b'] } },
      'key',
      `${at}.Resource[1]: the variable \${b is not closed with }`,
    ],
    [{ Statement: { ...STATEMENT, Resource: 'arn' } }, 'key', `${at}.Resource: must be an ARN or *`],
    [{ Statement: { ...STATEMENT, Resource: 'x*' } }, 'key', `${at}.Resource: must be an ARN or *`],
    [{ Statement: { ...STATEMENT, Resource: '*x' } }, 'key', `${at}.Resource: must be an ARN or *`],
    [
      { Statement: { ...STATEMENT, Resource: 'an:aws:kms:a:b:c' } },
      'key',
      `${at}.Resource: must be an ARN or *`,
    ],
    [{ Statement: { ...STATEMENT, Resource: ['*', 1] } }, 'key', `${at}.Resource[1]: must be text`],
    [
      { Statement: { ...STATEMENT, Action: ' kms:Encrypt' } },
      'key',
      `${at}.Action: must be an action such as kms:Encrypt, or *`,
    ],
    [
      { Statement: { ...STATEMENT, Action: 'kms:Encrypt ' } },
      'key',
      `${at}.Action: must be an action such as kms:Encrypt, or *`,
    ],
    [
      { Statement: { ...STATEMENT, Action: '*x' } },
      'key',
      `${at}.Action: must be an action such as kms:Encrypt, or *`,
    ],
    [
      { Statement: { Sid: 'a-b', Effect: 'Allow', Action: '*', Resource: '*' } },
      'identity',
      `${at}.Sid: must be letters and digits`,
    ],
    [
      { Statement: { Sid: ' ab', Effect: 'Allow', Action: '*', Resource: '*' } },
      'identity',
      `${at}.Sid: must be letters and digits`,
    ],
    [
      { Statement: { Sid: 1, Effect: 'Allow', Action: '*', Resource: '*' } },
      'identity',
      `${at}.Sid: must be letters and digits`,
    ],
    [
      {
        Statement: [
          { Sid: 'A', Effect: 'Allow', Action: '*', Resource: '*' },
          { Sid: 'A', Effect: 'Deny', Action: '*', Resource: '*' },
        ],
      },
      'identity',
      'Statement[1].Sid: stands in an earlier statement too',
    ],
    [
      { Statement: { ...STATEMENT, Principal: { AWS: ['x'] } } },
      'key',
      `${at}.Principal.AWS[0]: must be "*", an account or the ARN of one principal`,
    ],
    [
      { Statement: { ...STATEMENT, Principal: { AWS: '1111222233334' } } },
      'key',
      `${at}.Principal.AWS: must be "*", an account or the ARN of one principal`,
    ],
    [
      { Statement: { ...STATEMENT, Principal: { AWS: 'x111122223333' } } },
      'key',
      `${at}.Principal.AWS: must be "*", an account or the ARN of one principal`,
    ],
    [
      { Statement: { ...STATEMENT, Principal: { AWS: 'xarn:aws:iam::111122223333:root' } } },
      'key',
      `${at}.Principal.AWS: must be "*", an account or the ARN of one principal`,
    ],
    [
      { Statement: { ...STATEMENT, Principal: { AWS: 'arn:aws:iam::111122223333:rootx' } } },
      'key',
      `${at}.Principal.AWS: must be "*", an account or the ARN of one principal`,
    ],
    [
      { Statement: { ...STATEMENT, Principal: { AWS: 'arn:aws:iam::111122223333:user/' } } },
      'key',
      `${at}.Principal.AWS: must be "*", an account or the ARN of one principal`,
    ],
    [
      { Statement: { ...STATEMENT, Principal: { AWS: ['*', 1] } } },
      'key',
      `${at}.Principal.AWS[1]: must be text`,
    ],
    [withCondition('Null', 'xtrue'), 'key', `${at}.Condition.Null.a:b: must be true or false`],
    [withCondition('Null', 'truex'), 'key', `${at}.Condition.Null.a:b: must be true or false`],
    [withCondition('Bool', 'xtrue'), 'key', `${at}.Condition.Bool.a:b: must be true or false`],
    [withCondition('Bool', 'falsex'), 'key', `${at}.Condition.Bool.a:b: must be true or false`],
    [withCondition('xStringEquals', 'x'), 'key', `${at}.Condition.xStringEquals: there is no such operator`],
    [
      withCondition('xForAnyValue:StringEquals', 'x'),
      'key',
      `${at}.Condition.xForAnyValue:StringEquals: there is no such operator`,
    ],
    [withCondition('StringEquals:', 'x'), 'key', `${at}.Condition.StringEquals:: there is no such operator`],
    [withCondition('xNotIpAddress', 'x'), 'key', `${at}.Condition.xNotIpAddress: there is no such operator`],
    [withCondition('IpAddressx', 'x'), 'key', `${at}.Condition.IpAddressx: there is no such operator`],
    [
      withCondition('BinaryEquals', 'QQ='),
      'key',
      `${at}.Condition.BinaryEquals.a:b: must be bytes in base64`,
    ],
    [
      withCondition('BinaryEquals', 'Q==='),
      'key',
      `${at}.Condition.BinaryEquals.a:b: must be bytes in base64`,
    ],
    [
      withCondition('BinaryEquals', '*QQ='),
      'key',
      `${at}.Condition.BinaryEquals.a:b: must be bytes in base64`,
    ],
    [
      withCondition('ArnLike', 'arn:aws:iam::1'),
      'key',
      `${at}.Condition.ArnLike.a:b: must be an ARN of six parts`,
    ],
    [withCondition('ArnLike', 'x*'), 'key', `${at}.Condition.ArnLike.a:b: must be an ARN of six parts`],
    [withCondition('ArnLike', '*x'), 'key', `${at}.Condition.ArnLike.a:b: must be an ARN of six parts`],
    [withCondition('NumericEquals', '1e3'), 'key', `${at}.Condition.NumericEquals.a:b: must be a number`],
    [withCondition('NumericEquals', '1.'), 'key', `${at}.Condition.NumericEquals.a:b: must be a number`],
    [withCondition('NumericEquals', 'x1'), 'key', `${at}.Condition.NumericEquals.a:b: must be a number`],
    ...['a:', ':b', 'a', 'a:b,c', "a:b, 'c", "a:b 'c'", "a:b'c", 'a:{', "a:b,'c'd"].map(
      (name): [object, 'key', string] => [
        withCondition('StringLike', [`x${held(name)}`]),
        'key',
        `${at}.Condition.StringLike.a:b[0]: ${held(name)} is not a variable; write ${held('prefix:name')} or ${held("prefix:name, 'default'")}`,
      ],
    ),
    ...[
      '2026-02-30',
      '2026-13-01',
      '2026-00-01',
      '2026-01-00',
      '2026-11-24T24:00:00Z',
      '2026-11-24T10:60:00Z',
      '2026-11-24T10:00:60Z',
      '2026-11-24T10:00:00+24:00',
      '2026-11-24T10:00:00+01:60',
      '2026-11-24T10:00:00',
      'x2026-11-24',
      '2026-11-24x',
      '2026-11',
      '2026-11-24T10:00:00.Z',
      '2026-11-24T10:00:00.1234567890Z',
    ].map((text): [object, 'key', string] => [
      withCondition('DateEquals', text),
      'key',
      `${at}.Condition.DateEquals.a:b: must be a date, as in 2026-11-24T00:00:00Z`,
    ]),
  ];
  it.each(refused)('%j of a %s is refused', (document, kind, message) => {
    expect(refusal(document, kind)).toBe(message);
  });
});
