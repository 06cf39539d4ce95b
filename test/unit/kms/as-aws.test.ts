import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/main/kms/policy/document.ts';
import type { Caller } from '../../../src/main/kms/types.ts';
import { importInto, newExternalKey } from './import-support.ts';
import { codeOf, newKey, newVault, OWNER, refusal, withUsers } from './support.ts';

const ACCOUNT = 'arn:aws:iam::000000000000';
const clerk: Caller = { principal: `${ACCOUNT}:user/clerk`, client: 'sdk' };

const policyOf = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const DELEGATION = { Effect: 'Allow', Principal: { AWS: `${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' };

describe('GetKeyRotationStatus', () => {
  it('of whatever is not symmetric is off, in every state', async () => {
    const { kms } = newVault();
    for (const [KeySpec, KeyUsage] of [
      ['RSA_2048', 'SIGN_VERIFY'],
      ['RSA_2048', 'ENCRYPT_DECRYPT'],
      ['ECC_NIST_P256', 'SIGN_VERIFY'],
      ['ECC_NIST_P256', 'KEY_AGREEMENT'],
      ['HMAC_256', 'GENERATE_VERIFY_MAC'],
      ['ML_DSA_44', 'SIGN_VERIFY'],
      ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE'],
    ] as const) {
      const { KeyId, Arn } = (await kms.CreateKey(OWNER, { KeySpec, KeyUsage })).KeyMetadata;
      const off = { KeyId: Arn, KeyRotationEnabled: false };
      expect(await kms.GetKeyRotationStatus(OWNER, { KeyId })).toEqual(off);
      await kms.DisableKey(OWNER, { KeyId });
      expect(await kms.GetKeyRotationStatus(OWNER, { KeyId })).toEqual(off);
      await kms.ScheduleKeyDeletion(OWNER, { KeyId });
      expect(await kms.GetKeyRotationStatus(OWNER, { KeyId })).toEqual(off);
      expect(await codeOf(kms.EnableKeyRotation(OWNER, { KeyId }))).toBe('UnsupportedOperationException');
    }
  });

  it('of a symmetric key with imported material is not to be had, before the import and after', async () => {
    const vault = newVault();
    const { id: KeyId } = await newExternalKey(vault);
    const asked = () => codeOf(vault.kms.GetKeyRotationStatus(OWNER, { KeyId }));
    expect(await asked()).toBe('UnsupportedOperationException');
    await importInto(vault, KeyId, Buffer.alloc(32, 7));
    expect(await asked()).toBe('UnsupportedOperationException');
  });
});

describe('Constraints of a grant', () => {
  const made = async (Constraints: object) => {
    const vault = withUsers(newVault(), 'clerk');
    const { id: KeyId } = await newKey(vault);
    const input = { KeyId, GranteePrincipal: clerk.principal, Operations: ['Encrypt'], Constraints };
    const code = await codeOf(vault.kms.CreateGrant(OWNER, input));
    const [grant] = (await vault.kms.ListGrants(OWNER, { KeyId })).Grants;
    const may = (EncryptionContext: { [name: string]: string }) =>
      codeOf(vault.kms.Encrypt(clerk, { KeyId, Plaintext: Buffer.from('x'), EncryptionContext }));
    return { code, kept: grant?.Constraints, may };
  };

  it.each([
    [
      { EncryptionContextEquals: { a: 'b' }, EncryptionContextSubset: {} },
      { EncryptionContextEquals: { a: 'b' } },
    ],
    [
      { EncryptionContextEquals: {}, EncryptionContextSubset: { a: 'b' } },
      { EncryptionContextSubset: { a: 'b' } },
    ],
    [{ EncryptionContextEquals: {}, EncryptionContextSubset: {} }, undefined],
    [{ EncryptionContextSubset: {} }, undefined],
    [{}, undefined],
    [{ EncryptionContextEquals: {} }, { EncryptionContextEquals: {} }],
  ])('%j: an empty map that constrains nothing counts as not there', async (given, kept) => {
    const grant = await made(given);
    expect([grant.code, grant.kept]).toEqual(['none', kept]);
    const isOpen = kept === undefined;
    expect(await grant.may({ c: 'd' })).toBe(isOpen ? 'none' : 'AccessDeniedException');
  });

  it('are compared without case in the key of a pair, with it in the value', async () => {
    const subset = await made({ EncryptionContextSubset: { Dept: 'Finance' } });
    expect(await subset.may({ dept: 'Finance' })).toBe('none');
    expect(await subset.may({ DEPT: 'Finance', more: 'x' })).toBe('none');
    expect(await subset.may({ dept: 'finance' })).toBe('AccessDeniedException');
    const equals = await made({ EncryptionContextEquals: { Dept: 'Finance', x: 'y' } });
    expect(await equals.may({ X: 'y', dept: 'Finance' })).toBe('none');
    expect(await equals.may({ dept: 'Finance', Dept: 'Finance' })).toBe('AccessDeniedException');
    expect(await equals.may({ dept: 'Finance', x: 'y', z: 'y' })).toBe('AccessDeniedException');
  });
});

describe('a page', () => {
  it('has no more than AWS documents, whatever more its model takes', async () => {
    const vault = withUsers(newVault(), 'clerk');
    const { kms } = vault;
    const keys = [await newKey(vault), await newKey(vault), await newKey(vault)];
    for (let n = 0; n < 101; n++) {
      const TargetKeyId = keys[n % 3]?.id ?? '';
      await kms.CreateAlias(OWNER, { AliasName: `alias/a${n}`, TargetKeyId });
    }
    const { id: KeyId } = await newKey(vault);
    const one = { KeyId, GranteePrincipal: clerk.principal, RetiringPrincipal: clerk.principal };
    for (let n = 0; n < 101; n++) await kms.CreateGrant(OWNER, { ...one, Operations: ['Encrypt'] });
    const Limit = 1_000;
    const { Aliases, NextMarker } = await kms.ListAliases(OWNER, { Limit });
    expect(Aliases.length).toBe(100);
    expect(
      (await kms.ListAliases(OWNER, { Limit, ...(NextMarker === undefined ? {} : { Marker: NextMarker }) }))
        .Aliases.length,
    ).toBe(1);
    expect(await kms.ListGrants(OWNER, { KeyId, Limit: 101 })).toMatchObject({ Truncated: true });
    expect((await kms.ListGrants(OWNER, { KeyId, Limit })).Grants.length).toBe(100);
    const retirable = { RetiringPrincipal: clerk.principal, Limit };
    expect((await kms.ListRetirableGrants(OWNER, retirable)).Grants.length).toBe(100);
    expect(await codeOf(kms.ListAliases(OWNER, { Limit: 1_001 }))).toBe('ValidationException');
    expect(await codeOf(kms.ListResourceTags(OWNER, { KeyId, Limit: 1_000 }))).toBe('none');
  });
});

describe('Encrypt', () => {
  it('tells no version', async () => {
    const vault = newVault();
    const { id: KeyId, arn } = await newKey(vault);
    const { CiphertextBlob: _blob, ...rest } = await vault.kms.Encrypt(OWNER, {
      ...{ KeyId, Plaintext: Buffer.from('x') },
    });
    expect(rest).toEqual({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  });
});

describe('a condition on the address that somebody calls from', () => {
  const within = (operator: string, range: string | string[], sourceIp?: string) => {
    const vault = withUsers(newVault(), 'clerk');
    return (async () => {
      const { id: KeyId } = await newKey(vault);
      const Policy = policyOf(DELEGATION, {
        ...{ Effect: 'Allow', Principal: { AWS: clerk.principal }, Action: 'kms:Encrypt', Resource: '*' },
        Condition: { [operator]: { 'aws:SourceIp': range } },
      });
      await vault.kms.PutKeyPolicy(OWNER, { KeyId, Policy });
      const caller = sourceIp === undefined ? clerk : { ...clerk, sourceIp };
      const call = { KeyId, Plaintext: Buffer.from('x') };
      return (await codeOf(vault.kms.Encrypt(caller, call))) === 'none';
    })();
  };

  it.each([
    ['IpAddress', '127.0.0.0/8', '127.0.0.1', true],
    ['IpAddress', '127.0.0.1', '127.0.0.1', true],
    ['IpAddress', '192.0.2.0/24', '192.0.3.1', false],
    ['IpAddress', ['192.0.2.0/24', '2001:db8::/32'], '2001:DB8:1::1', true],
    ['IpAddress', '::/0', '192.0.2.1', false],
    ['IpAddress', '0.0.0.0/0', undefined, false],
    ['IpAddressIfExists', '192.0.2.0/24', undefined, true],
    ['NotIpAddress', '192.0.2.0/24', undefined, true],
    ['NotIpAddress', '192.0.2.0/24', '192.0.2.255', false],
    ['NotIpAddress', '192.0.2.0/24', '127.0.0.1', true],
    ['ForAnyValue:IpAddress', '127.0.0.1/32', '127.0.0.1', true],
  ] as const)('%s %j from %s: %s', async (operator, range, from, allowed) => {
    expect(await within(operator, range as string | string[], from)).toBe(allowed);
  });

  it.each([
    '',
    '*',
    '192.0.2.*',
    '192.0.2',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/',
    '::/129',
    '1.2.3.4.5',
    '256.0.0.1',
    'fe80::1%eth0',
    '192.0.2.0/24/1',
    'localhost',
    ['$', '{aws:username}'].join(''),
  ])('is not %j', async (range) => {
    const statement = { ...DELEGATION, Condition: { IpAddress: { 'aws:SourceIp': range } } };
    expect(() => parsePolicy(policyOf(statement), 'key')).toThrow(/must be an IP address or a range/);
  });
});

describe('ForAllValues over a key of one value', () => {
  it('is refused in the policy of a key and taken in that of a principal', () => {
    for (const key of ['kms:EncryptionContext:x', 'aws:RequestTag/x']) {
      const Condition = { 'ForAllValues:StringEquals': { [key]: 'y' } };
      const statement = { Effect: 'Allow', Action: 'kms:*', Resource: '*', Condition };
      expect(parsePolicy(policyOf(statement), 'identity').statements.length).toBe(1);
      expect(() => parsePolicy(policyOf({ ...statement, Principal: '*' }), 'key')).toThrow(/ForAllValues/);
    }
  });
});

describe('a principal that is not there', () => {
  const missing = [
    `${ACCOUNT}:user/typo`,
    `${ACCOUNT}:user/Owner`,
    `${ACCOUNT}:user/team/clerk`,
    `${ACCOUNT}:role/admin`,
    `${ACCOUNT}:group/all`,
    'arn:aws:iam::111122223333:group/all',
    'arn:aws:sts::000000000000:assumed-role/a/b',
  ];
  const there = [
    `${ACCOUNT}:root`,
    '000000000000',
    ...['owner', 'cli', 'operator', 'auditor', 'clerk'].map((name) => `${ACCOUNT}:user/${name}`),
    'arn:aws:iam::111122223333:user/anybody',
    'arn:aws:iam::111122223333:role/any',
  ];
  const naming = (AWS: string) => policyOf(DELEGATION, { ...DELEGATION, Principal: { AWS } });
  const INVALID = {
    code: 'MalformedPolicyDocumentException',
    message: 'Policy contains a statement with one or more invalid principals.',
  };

  it('is refused in a new policy and a new grant, and one that is there is not', async () => {
    const vault = withUsers(newVault(), 'clerk');
    const { kms } = vault;
    const { id: KeyId } = await newKey(vault);
    for (const principal of missing) {
      const Policy = naming(principal);
      expect(await refusal(kms.PutKeyPolicy(OWNER, { KeyId, Policy })), principal).toEqual(INVALID);
      expect(await refusal(kms.CreateKey(OWNER, { Policy, BypassPolicyLockoutSafetyCheck: true }))).toEqual(
        INVALID,
      );
      expect(() => kms.previewKeyPolicy(OWNER, { KeyId, Policy })).toThrow(INVALID.message);
      const grant = { KeyId, GranteePrincipal: principal, Operations: ['Encrypt'] };
      expect(await codeOf(kms.CreateGrant(OWNER, grant)), principal).toBe('InvalidArnException');
      const retiring = { ...grant, GranteePrincipal: clerk.principal, RetiringPrincipal: principal };
      expect(await codeOf(kms.CreateGrant(OWNER, retiring)), principal).toBe('InvalidArnException');
    }
    for (const principal of there) {
      expect(await codeOf(kms.PutKeyPolicy(OWNER, { KeyId, Policy: naming(principal) })), principal).toBe(
        'none',
      );
      if (!principal.startsWith('arn:')) continue;
      const grant = { KeyId, GranteePrincipal: principal, Operations: ['Encrypt'] };
      expect(await codeOf(kms.CreateGrant(OWNER, grant)), principal).toBe('none');
    }
  });

  it('is refused beside the same Sid in two statements, and text that AWS does not take', async () => {
    const vault = newVault();
    const { kms } = vault;
    const { id: KeyId } = await newKey(vault);
    const named = (...sids: string[]) => policyOf(...sids.map((Sid) => ({ ...DELEGATION, Sid })));
    const put = (Policy: string) => refusal(kms.PutKeyPolicy(OWNER, { KeyId, Policy }));
    const same = {
      code: 'MalformedPolicyDocumentException',
      message: 'Statement[1].Sid: stands in an earlier statement too',
    };
    expect(await put(named('Allow all', 'Allow all'))).toEqual(same);
    expect(await refusal(kms.CreateKey(OWNER, { Policy: named('a', 'a') }))).toEqual(same);
    expect(await codeOf(kms.PutKeyPolicy(OWNER, { KeyId, Policy: named('', '', 'a', 'A', 'é') }))).toBe(
      'none',
    );
    expect(await codeOf(kms.PutKeyPolicy(OWNER, { KeyId, Policy: named('ключ') }))).toBe(
      'ValidationException',
    );
    expect(await put('{"Version":"2012-10-17","Statement":[]}')).toEqual({
      code: 'MalformedPolicyDocumentException',
      message: 'Statement: is an empty list: a policy has at least one statement',
    });
  });

  it('stays in what is kept already: it is read, used and listed as before', async () => {
    const vault = newVault();
    const { kms } = vault;
    kms.clients.create(OWNER, { name: 'clerk', policy: null });
    const { id: KeyId } = await newKey(vault);
    const Policy = naming(clerk.principal);
    await kms.PutKeyPolicy(OWNER, { KeyId, Policy });
    await kms.CreateGrant(OWNER, { KeyId, GranteePrincipal: clerk.principal, Operations: ['Encrypt'] });
    kms.clients.revoke(OWNER, 'clerk');
    expect((await kms.GetKeyPolicy(OWNER, { KeyId })).Policy).toBe(Policy);
    await kms.Encrypt(OWNER, { KeyId, Plaintext: Buffer.from('x') });
    const listed = await kms.ListGrants(OWNER, { KeyId, GranteePrincipal: clerk.principal });
    expect(listed.Grants.length).toBe(1);
    expect(await refusal(kms.PutKeyPolicy(OWNER, { KeyId, Policy }))).toEqual(INVALID);
  });
});
