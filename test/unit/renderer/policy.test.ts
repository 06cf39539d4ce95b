import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/main/kms/policy/document.ts';
import { actor, sentence } from '../../../src/renderer/text/activity.ts';
import { errorText } from '../../../src/renderer/text/errors.ts';
import { filterKeys } from '../../../src/renderer/text/key-filter.ts';
import { summarizePolicy } from '../../../src/renderer/text/policy-summary.ts';
import { TEMPLATES, withStatement } from '../../../src/renderer/text/policy-templates.ts';
import type { AuditLine } from '../../../src/shared/audit-contract.ts';
import type { KeySummary } from '../../../src/shared/contract.ts';

const user = (name: string) => `arn:aws:iam::000000000000:user/${name}`;
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const base = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
const read = (statement: object) => summarizePolicy(policy({ ...base, ...statement }))?.[0];

describe('a policy in words', () => {
  it('says of each statement who may do what', () => {
    expect(read({ Sid: 'First' })).toEqual({
      title: 'First',
      allows: true,
      who: 'everybody',
      what: 'do everything',
      where: undefined,
      conditions: [],
    });
    const actions = ['kms:Decrypt', 'kms:Sign', 'kms:Odd*'];
    expect(
      read({ Effect: 'Deny', Action: actions, Principal: { AWS: [user('owner'), user('backup')] } }),
    ).toMatchObject({
      title: 'Statement 1',
      allows: false,
      who: 'you in the window and client backup',
      what: 'decrypt (open files), sign or whatever is like Odd*',
    });
  });

  it('tells naming the account in an Allow from naming it in a Deny', () => {
    const Principal = { AWS: 'arn:aws:iam::000000000000:root' };
    expect(read({ Principal })?.who).toBe('whoever has a policy of their own that lets them');
    expect(read({ Principal, Effect: 'Deny' })?.who).toBe('everybody of the account');
    expect(read({ Principal: { AWS: '000000000000' }, Effect: 'Deny' })?.who).toBe(
      'everybody of the account',
    );
  });

  it('turns what is excepted around', () => {
    const { Principal: _p, Action: _a, Resource: _r, ...rest } = base;
    const text = policy({
      ...rest,
      NotPrincipal: { AWS: user('cli') },
      NotAction: 'kms:Encrypt',
      NotResource: 'arn:x',
    });
    expect(summarizePolicy(text)?.[0]).toMatchObject({
      who: 'everybody but you in the command',
      what: 'do everything but encrypt',
      where: 'on everything but arn:x',
    });
  });

  it('does not hide that a statement without a resource is about nothing', () => {
    const { Resource: _gone, ...rest } = base;
    expect(summarizePolicy(policy(rest))?.[0]?.where).toMatch(/on nothing/);
    expect(read({ Resource: 'arn:aws:kms:local:0:key/1' })?.where).toBe('on arn:aws:kms:local:0:key/1');
  });

  it('says conditions with all their values', () => {
    const Condition = {
      'ForAnyValue:StringLikeIfExists': { 'kms:EncryptionContext:matter': ['M-1', 'M-2'] },
      Null: { 'kms:EncryptionContext:matter': 'true' },
      NumericLessThan: { 'keyward:SecondsSinceUnlock': 300 },
    };
    expect(read({ Condition })?.conditions).toEqual([
      'one of: the context pair “matter” is like M-1 or M-2, or there is none',
      'the context pair “matter” is missing',
      'the number of seconds since unlocking is less than 300',
    ]);
  });

  it('of a single statement reads too, and of what is no policy nothing', () => {
    expect(summarizePolicy(JSON.stringify({ Statement: base }))).toHaveLength(1);
    expect(summarizePolicy('{')).toBeUndefined();
  });
});

describe('names that every object inherits', () => {
  it.each(['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty'])(
    '%s is a text as any',
    (name) => {
      const statement = {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::000000000000:user/${name}` },
        Action: name,
        Resource: '*',
        Condition: { [`${name}:`]: { [name]: 'x' } },
      };
      const [reading] = summarizePolicy(JSON.stringify({ Statement: [statement] })) ?? [];
      expect(reading?.who).toBe(`client ${name}`);
      expect(reading?.what).toBe(name);
      expect(reading?.conditions).toEqual([`${name} ${name}: x`]);
      expect(JSON.stringify(Object.values(reading ?? {}))).not.toContain('native code');
    },
  );
});

describe('statements to begin with', () => {
  it.each(TEMPLATES)('$word: the service takes it', ({ make }) => {
    for (const key of [
      { usage: 'ENCRYPT_DECRYPT', spec: 'SYMMETRIC_DEFAULT' },
      { usage: 'SIGN_VERIFY', spec: 'ECC_NIST_P256' },
    ]) {
      const before = policy({ ...base, Principal: { AWS: 'arn:aws:iam::000000000000:root' } });
      const after = withStatement(before, make(before, key));
      expect(parsePolicy(after, 'key').statements).toHaveLength(2);
      expect(summarizePolicy(after)).toHaveLength(2);
    }
  });

  it('leaves what stood there', () => {
    const single = JSON.stringify({ Version: '2012-10-17', Id: 'mine', Statement: base });
    expect(JSON.parse(withStatement(single, { Sid: 'more' }))).toEqual({
      Version: '2012-10-17',
      Id: 'mine',
      Statement: [base, { Sid: 'more' }],
    });
  });
});

describe('looking for keys', () => {
  const key = (name: string, more: Partial<KeySummary> = {}): KeySummary => ({
    keyId: '8f8a9a52-8a0c-4a5c-9d1f-0c7d1f6f2a10',
    arn: 'arn:aws:kms:local:000000000000:key/8f8a9a52-8a0c-4a5c-9d1f-0c7d1f6f2a10',
    aliases: [`alias/${name}`],
    description: '',
    state: 'Enabled',
    createdAt: '2026-01-01T00:00:00.000Z',
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    currentVersion: '',
    versions: 1,
    ...more,
  });
  const keys = [
    key('tax-papers', { description: 'Returns' }),
    key('old-taxes', { state: 'Disabled' }),
    key('seal', { usage: 'SIGN_VERIFY' }),
  ];
  const found = (text: string, state = '', usage = '') =>
    filterKeys(keys, { text, state, usage }).map(({ aliases }) => aliases[0]);

  it('takes every word, in any case and order, from names and descriptions', () => {
    expect(found('TAX')).toEqual(['alias/tax-papers', 'alias/old-taxes']);
    expect(found('returns tax papers')).toEqual(['alias/tax-papers']);
    expect(found('  ')).toHaveLength(3);
    expect(found('8f8a9a52')).toHaveLength(3);
    expect(found('tax', 'Disabled')).toEqual(['alias/old-taxes']);
    expect(found('', '', 'SIGN_VERIFY')).toEqual(['alias/seal']);
  });
});

describe('a refusal', () => {
  const of = (who: string, reason?: string) =>
    errorText({
      message: `User: ${user(who)} is not authorized to perform: kms:DisableKey on resource: arn:aws:kms:local:000000000000:key/1 because no identity-based policy allows the kms:DisableKey action`,
      ...(reason === undefined ? {} : { details: { decision: { reason } } }),
    });

  it('says who may not do what, and why or what next', () => {
    expect(of('auditor', 'No statement allows it.')).toBe(
      'You as auditor may not disable the key. Step up to owner to do it.',
    );
    expect(of('owner', 'Statement "Keep" denies it.')).toBe(
      'You in the window may not disable the key. Statement "Keep" denies it.',
    );
    expect(of('owner')).toBe(
      'You in the window may not disable the key. Because no identity-based policy allows the kms:DisableKey action.',
    );
  });
});

describe('a line of the log', () => {
  const line = (eventName: string, more: Partial<AuditLine> = {}): AuditLine => ({
    ...{
      seq: 1,
      intact: true,
      eventID: 'x',
      eventTime: '2026-01-01T00:00:00.000Z',
      eventName,
      principal: user('owner'),
    },
    ...{ readOnly: false, keyArns: [], keyNames: [], requestParameters: {}, ...more },
  });

  it('is a sentence for what is done to keys and access, or what it says is not genuine', () => {
    expect(sentence(line('PutKeyPolicy'))).toBe('Policy changed');
    expect(sentence(line('CreateGrant', { errorCode: 'AccessDeniedException' }))).toBe(
      'Refused: create grant',
    );
    expect(sentence(line('PutKeyPolicy', { intact: false }))).toBe('Not genuine: Policy changed');
    expect(actor(user('auditor'))).toBe('You, auditor');
    expect(actor(user('backup'))).toBe('backup');
    expect(actor('arn:aws:iam::000000000000:root')).toBe('The vault');
  });
});
