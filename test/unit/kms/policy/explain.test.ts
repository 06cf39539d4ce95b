import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../../src/main/kms/policy/access-request.ts';
import { parsePolicy } from '../../../../src/main/kms/policy/document.ts';
import { type Decision, evaluate } from '../../../../src/main/kms/policy/evaluate.ts';
import type { Few, WrittenStatement } from './reference.ts';

const ALICE = 'arn:aws:iam::111122223333:user/alice';
const ROOT = 'arn:aws:iam::111122223333:root';
const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const REQUEST: AccessRequest = {
  principal: ALICE,
  account: '111122223333',
  action: 'kms:Decrypt',
  resource: KEY,
  context: { 'kms:KeySpec': 'RSA_2048' },
};

type Statement = Partial<WrittenStatement> & { readonly Sid: string };

function policy(kind: 'key' | 'identity', statements: Few<Statement>) {
  const Statement = [statements].flat().map((one) => ({
    Effect: 'Allow',
    Action: 'kms:*',
    Resource: '*',
    ...(kind === 'key' ? { Principal: { AWS: ALICE } } : {}),
    ...one,
  }));
  return parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement }), kind);
}

function decide(key: Few<Statement>, own: readonly Statement[] = [], request = REQUEST): Decision {
  const identityPolicies = own.map((one) => ({ name: `of ${one.Sid}`, policy: policy('identity', one) }));
  return evaluate(request, { keyPolicy: policy('key', key), identityPolicies, grants: [] });
}

/** What was missing, in short. */
function missing(decision: Decision): unknown[] {
  if (decision.by !== 'implicit-deny') throw new Error(`decided by ${decision.by}`);
  return decision.missing.map((near) => {
    if (near.what === 'identity-policy') return [near.what, near.delegation.sid];
    const at = [near.place.policy, near.place.statement.sid];
    return near.what === 'delegation'
      ? [near.what, ...at]
      : [near.what, ...at, `${near.condition.name} ${near.condition.key}`, near.had];
  });
}

const spec = (wanted: string) => ({ Condition: { StringEquals: { 'kms:KeySpec': wanted } } });

describe('why nothing allows', () => {
  it('one condition of the key policy: which it is, and what the request had', () => {
    expect(missing(decide({ Sid: 'Spec', ...spec('HMAC_256') }))).toEqual([
      ['condition', undefined, 'Spec', 'StringEquals kms:KeySpec', ['RSA_2048']],
    ]);
  });

  it('a condition whose key the request does not have', () => {
    const Condition = { NumericLessThan: { 'keyward:SecondsSinceUnlock': 60 } };
    expect(missing(decide({ Sid: 'Fresh', Condition }))).toEqual([
      ['condition', undefined, 'Fresh', 'NumericLessThan keyward:SecondsSinceUnlock', undefined],
    ]);
  });

  it('a condition with two pairs that differ only by case: the values of both', () => {
    const Condition = { StringEquals: { 'kms:EncryptionContext:Stage': 'Test' } };
    const request = { ...REQUEST, encryptionContext: { Stage: 'Test', stage: 'Production' } };
    expect(missing(decide({ Sid: 'Stage', Condition }, [], request))).toEqual([
      ['condition', undefined, 'Stage', 'StringEquals kms:EncryptionContext:Stage', ['Test', 'Production']],
    ]);
  });

  it('not two conditions at once, another action, resource or principal, nor what does not deny', () => {
    const two = { ...spec('HMAC_256').Condition, Bool: { 'aws:SecureTransport': true } };
    const statements: Statement[] = [
      { Sid: 'Two', Condition: two },
      { Sid: 'Action', Action: 'kms:Encrypt', ...spec('HMAC_256') },
      { Sid: 'Resource', Resource: KEY.replace('us-west-2', 'us-east-1'), ...spec('HMAC_256') },
      { Sid: 'Principal', Principal: { AWS: `${ALICE}2` }, ...spec('HMAC_256') },
      { Sid: 'Deny', Effect: 'Deny', ...spec('HMAC_256') },
    ];
    expect(missing(decide(statements))).toEqual([]);
  });

  it('the account is trusted, but no policy of the principal allows', () => {
    expect(missing(decide({ Sid: 'Account', Principal: { AWS: ROOT } }))).toEqual([
      ['identity-policy', 'Account'],
    ]);
  });

  it('a policy of the principal allows but for a condition', () => {
    const own = [{ Sid: 'Own', ...spec('HMAC_256') }];
    expect(missing(decide({ Sid: 'Account', Principal: { AWS: ROOT } }, own))).toEqual([
      ['identity-policy', 'Account'],
      ['condition', 'of Own', 'Own', 'StringEquals kms:KeySpec', ['RSA_2048']],
    ]);
  });

  it('a policy of the principal allows, but the key policy does not leave it to the account', () => {
    expect(missing(decide({ Sid: 'Other', Principal: { AWS: `${ALICE}2` } }, [{ Sid: 'Own' }]))).toEqual([
      ['delegation', 'of Own', 'Own'],
    ]);
  });

  it('the key policy would leave it to the account but for a condition', () => {
    const key = { Sid: 'Account', Principal: { AWS: ROOT }, ...spec('HMAC_256') };
    expect(missing(decide(key, [{ Sid: 'Own' }]))).toEqual([
      ['delegation', 'of Own', 'Own'],
      ['condition', undefined, 'Account', 'StringEquals kms:KeySpec', ['RSA_2048']],
    ]);
  });
});

describe('why nothing lets retire a grant', () => {
  it('is nothing that the key policy says', () => {
    const request = { ...REQUEST, action: 'kms:RetireGrant' };
    const key = [
      { Sid: 'Spec', ...spec('HMAC_256') },
      { Sid: 'Account', Principal: { AWS: ROOT } },
    ];
    expect(missing(decide(key, [], request))).toEqual([]);
  });
});

describe('what decided', () => {
  it('a statement of the key policy', () => {
    const decision = decide([{ Sid: 'No', Action: 'kms:Encrypt' }, { Sid: 'Yes' }]);
    expect(decision).toMatchObject({
      allowed: true,
      by: 'key-policy',
      place: { policy: undefined, statement: { sid: 'Yes', index: 1 } },
    });
  });

  it('a statement of a principal’s policy, and the one that left it to the account', () => {
    const decision = decide({ Sid: 'Account', Principal: { AWS: ROOT } }, [{ Sid: 'Own' }]);
    expect(decision).toMatchObject({
      allowed: true,
      by: 'identity-policy',
      place: { policy: 'of Own', statement: { sid: 'Own', index: 0 } },
      delegation: { sid: 'Account' },
    });
  });

  it('for a stranger the statement that names him', () => {
    const stranger = 'arn:aws:iam::444455556666:user/alice';
    const request = { ...REQUEST, principal: stranger };
    const key = [
      { Sid: 'Account', Principal: { AWS: '444455556666' } },
      { Sid: 'Named', Principal: { AWS: stranger } },
    ];
    expect(decide(key, [{ Sid: 'Own' }], request)).toMatchObject({
      by: 'identity-policy',
      delegation: { sid: 'Named' },
    });
  });

  it('where there is no key, no delegation', () => {
    const identityPolicies = [{ name: 'own', policy: policy('identity', { Sid: 'Own' }) }];
    const request = { ...REQUEST, action: 'kms:ListKeys', resource: '*' };
    const decision = evaluate(request, { keyPolicy: undefined, identityPolicies, grants: [] });
    expect(decision).toMatchObject({ by: 'identity-policy', delegation: undefined });
  });

  it('a statement that denies, the key policy’s first', () => {
    const own = [{ Sid: 'OwnNo', Effect: 'Deny' as const }];
    expect(decide({ Sid: 'No', Effect: 'Deny' }, own)).toMatchObject({
      allowed: false,
      by: 'explicit-deny',
      place: { policy: undefined, statement: { sid: 'No' } },
    });
    expect(decide({ Sid: 'Yes' }, own)).toMatchObject({
      by: 'explicit-deny',
      place: { policy: 'of OwnNo', statement: { sid: 'OwnNo' } },
    });
  });
});
