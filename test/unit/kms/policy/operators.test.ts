import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../../src/main/kms/policy/access-request.ts';
import { parsePolicy } from '../../../../src/main/kms/policy/document.ts';
import { evaluate } from '../../../../src/main/kms/policy/evaluate.ts';
import { momentOf, numberOf } from '../../../../src/main/kms/policy/operators.ts';
import { arnMatcher, literal, matches } from '../../../../src/main/kms/policy/pattern.ts';
import { accountOf, namedBy } from '../../../../src/main/kms/policy/principals.ts';

const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const REQUEST: AccessRequest = {
  principal: 'arn:aws:iam::111122223333:user/alice',
  account: '111122223333',
  action: 'kms:Decrypt',
  resource: KEY,
  context: {},
};

/** Whether an Allow with this condition, or other element, lets the request through. */
function allows(elements: object, request: Partial<AccessRequest> = {}): boolean {
  const Statement = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*', ...elements };
  const keyPolicy = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement }), 'key');
  return evaluate({ ...REQUEST, ...request }, { keyPolicy, identityPolicies: [], grants: [] }).allowed;
}

const meets = (operator: string, wanted: unknown, have: AccessRequest['context'][string]) =>
  allows({ Condition: { [operator]: { 'a:b': wanted } } }, { context: { 'a:b': have } });

describe('moments', () => {
  const noon = Date.UTC(2026, 10, 24, 12);
  const same: [string, number][] = [
    ['2026-11-24T12:00:00Z', noon],
    ['2026-11-24T12:00Z', noon],
    ['2026-11-24T13:30:00+01:30', noon],
    ['2026-11-24T10:30:00-01:30', noon],
    ['2026-11-24T11:00:00-0100', noon],
    ['2026-11-25T11:59:00+23:59', noon],
    ['2026-11-24T12:00:00.25Z', noon + 250],
    ['2026-11-24T23:59:59Z', Date.UTC(2026, 10, 24, 23, 59, 59)],
    ['2026-11-24', Date.UTC(2026, 10, 24)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['1970-01-01T00:00:01Z', 1_000],
    ['1.5', 1_500],
    ['-1', -1_000],
  ];
  it.each(same)('%s', (text, moment) => {
    expect(momentOf(text)).toBe(moment);
  });

  it.each([
    '2026-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-11-24T24:00:00Z',
    '2026-11-24T12:00:00+24:00',
    'now',
  ])('not %s', (text) => {
    expect(momentOf(text)).toBeUndefined();
  });

  it('are compared, and what is none is no match', () => {
    expect(meets('DateNotEquals', '2026-11-24', '2026-11-24T00:00:00Z')).toBe(false);
    expect(meets('DateNotEquals', '2026-11-24', '2026-11-25')).toBe(true);
    for (const operator of ['DateEquals', 'DateLessThanEquals', 'DateGreaterThanEquals']) {
      expect(meets(operator, '1970-01-01', 'never')).toBe(false);
    }
  });
});

describe('numbers', () => {
  it('are decimal and whole texts', () => {
    expect(['0', '-1.25', '10.125'].map(numberOf)).toEqual([0, -1.25, 10.125]);
    expect(['', '.5', '1.', '1e3', ' 1', '0x1', '+1'].map(numberOf)).toEqual(Array(7).fill(undefined));
  });

  it('are compared, and what is none is no match', () => {
    for (const operator of ['NumericEquals', 'NumericLessThanEquals', 'NumericGreaterThanEquals']) {
      expect(meets(operator, 0, 'none')).toBe(false);
    }
    expect(meets('NumericEquals', '10.125', 10.125)).toBe(true);
  });
});

describe('several values without a set operator', () => {
  it('are as one: any match is a match', () => {
    expect(meets('StringEquals', 'x', ['x', 'y'])).toBe(true);
    expect(meets('StringNotEquals', 'x', ['x', 'y'])).toBe(false);
    expect(meets('StringNotEquals', 'x', ['y', 'z'])).toBe(true);
  });
});

describe('patterns', () => {
  it('count code points, and the last of the first 65,536 is one unit', () => {
    expect(matches(literal('?b', true), '\u{1f511}b')).toBe(true);
    expect(matches(literal('??b', true), '\u{1f511}b')).toBe(false);
    expect(matches(literal('?b', true), '\uffffb')).toBe(true);
    expect(matches(literal('*?b', true), 'a\u{1f511}b')).toBe(true);
  });

  it('match the characters that their signs stand for, and no others', () => {
    expect(matches(literal('\u0001', false), 'ab')).toBe(false);
    expect(matches(literal('\u0002', false), 'a')).toBe(false);
    expect(matches(literal('\u0001\u0002', false), '\u0001\u0002')).toBe(true);
  });

  it('of ARNs have six parts, but for what is filled up', () => {
    const arn = 'arn:aws:iam::111122223333:user/a:b';
    const covers = (pattern: string, fill: boolean, text = arn) =>
      arnMatcher(literal(pattern, true), fill)(text);
    expect(covers('arn:aws:iam', true)).toBe(true);
    expect(covers('arn:aws:iam', false)).toBe(false);
    expect(covers('arn:aws:iam::*:*', false)).toBe(true);
    expect(covers('', true)).toBe(false);
    expect(covers('', true, '')).toBe(false);
    expect(covers('arn:aws', true, 'arn:aws')).toBe(false);
    expect(covers(':aws:iam::*:*', false, ':aws:iam::111122223333:user/a')).toBe(true);
    expect(covers(':aws:iam::*:*', false)).toBe(false);
    expect(covers('**', false, 'no ARN')).toBe(true);
    expect(covers('*x', false, 'x')).toBe(false);
  });
});

describe('who asks', () => {
  it('is of the account that the ARN names, or of none', () => {
    expect(accountOf('arn:aws:iam::111122223333:user/a')).toBe('111122223333');
    expect(accountOf('xarn:aws:iam::111122223333:user/a')).toBe('');
    expect(accountOf('arn:aws:s3:::bucket')).toBe('');
    const nobody = { not: false, everybody: false, accounts: ['111122223333'], arns: [] };
    expect(namedBy(nobody, 'Deny', 'anonymous')).toBe('no');
  });

  it('tells account and name to conditions', () => {
    const Condition = { StringEquals: { 'aws:PrincipalAccount': '111122223333' } };
    expect(allows({ Condition })).toBe(true);
    expect(allows({ Condition: { StringEquals: { 'aws:PrincipalAccount': '' } } })).toBe(false);
    const named = { Condition: { StringEquals: { 'aws:username': 'alice' } } };
    expect(allows(named)).toBe(true);
    expect(allows(named, { principal: 'arn:aws:iam::111122223333:user/team/alice' })).toBe(true);
    expect(allows(named, { principal: 'arn:aws:iam::111122223333:user/alice/bob' })).toBe(false);
  });

  it('has no names of an encryption context where there is none', () => {
    const none = { Condition: { Null: { 'kms:EncryptionContextKeys': true } } };
    expect(allows(none)).toBe(true);
    expect(allows(none, { encryptionContext: {} })).toBe(true);
    expect(allows(none, { encryptionContext: { a: 'b' } })).toBe(false);
  });

  it('is let through only by an Allow', () => {
    const policy = (kind: 'key' | 'identity', Effect: string) => {
      const Principal = kind === 'key' ? { Principal: { AWS: 'arn:aws:iam::111122223333:root' } } : {};
      const Statement = [{ Effect, Action: 'kms:*', Resource: '*', ...Principal }];
      return parsePolicy(JSON.stringify({ Statement }), kind);
    };
    const rules = (own: string) => ({
      keyPolicy: policy('key', 'Allow'),
      identityPolicies: [{ name: 'own', policy: policy('identity', own) }],
      grants: [],
    });
    expect(evaluate(REQUEST, rules('Allow')).by).toBe('identity-policy');
    expect(evaluate(REQUEST, rules('Deny')).by).toBe('explicit-deny');
  });
});

describe('what is about no key', () => {
  const about = (elements: object) => {
    const Statement = { Effect: 'Allow', Action: 'kms:*', ...elements };
    const policy = parsePolicy(JSON.stringify({ Statement }), 'identity');
    const request = { ...REQUEST, action: 'kms:ListKeys', resource: '*' };
    return evaluate(request, {
      keyPolicy: undefined,
      identityPolicies: [{ name: 'own', policy }],
      grants: [],
    }).allowed;
  };

  it('is covered by stars alone', () => {
    expect(
      ['*', '**', 'arn:*', 'arn:aws:kms:*:*:*', 'arn:*:*:*:*:*'].map((Resource) => about({ Resource })),
    ).toEqual([true, true, false, false, false]);
    expect(about({ NotResource: '*' })).toBe(false);
    expect(about({ NotResource: KEY })).toBe(true);
  });
});

describe('refusals', () => {
  const of = (condition: object) => () => allows({ Condition: condition });

  it('ForAllValues only over keys that begin like those of one value', () => {
    expect(of({ 'ForAllValues:StringEquals': { 'x:kms:EncryptionContext:a': 'b' } })()).toBe(true);
    expect(of({ 'ForAllValues:StringEquals': { 'x:aws:RequestTag/a': 'b' } })()).toBe(true);
    expect(of({ StringEquals: { 'aws:RequestTag/a': 'b' } })()).toBe(false);
    expect(of({ 'ForAllValues:StringEquals': { 'AWS:requesttag/a': 'b' } })).toThrow(/has one value at most/);
    expect(of({ 'ForAllValues:StringEquals': { 'KMS:encryptioncontext:a': 'b' } })).toThrow(
      /^OverlyPermissiveCondition:EncryptionContext: /,
    );
  });

  it('of an ARN of stars none, of a variable in another operator’s value none', () => {
    expect(of({ ArnLike: { 'a:b': '**' } })()).toBe(false);
    expect(of({ ArnLike: { 'aws:PrincipalArn': '**' } })()).toBe(true);
  });

  it('variables with spaces before their default, or something before their name', () => {
    const variable = (name: string) => `\${${name}}`;
    const like = (text: string) => of({ StringEquals: { 'aws:username': text } });
    expect(like(variable("a:b,'alice'"))()).toBe(true);
    expect(like(variable("a:b,   'alice'"))()).toBe(true);
    expect(like(variable("AWS:UserName, 'bob'"))()).toBe(true);
    expect(like(variable(" a:b, 'alice'"))).toThrow(/is not a variable/);
  });
});
