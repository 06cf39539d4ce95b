import { describe, expect, it } from 'vitest';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import type { Caller } from '../../../src/main/kms/types.ts';
import { type Json, KeywardError } from '../../../src/shared/errors.ts';
import { KMS_OPERATION_NAMES, type KmsOperation } from '../../../src/shared/kms-operations.ts';
import { codeOf, newKey, newVault, OWNER, refusal, type TestVault, withUsers } from './support.ts';

const sdk = (name: string): Caller => ({
  principal: `arn:aws:iam::000000000000:user/${name}`,
  client: 'sdk',
});

type Made = {
  readonly symmetric: string;
  readonly alias: string;
  readonly blob: string;
  readonly grantId: string;
  readonly token: string;
  readonly of: { readonly [usage: string]: string };
};

/** A key of every usage, a blob and a grant, made by the owner. */
async function furnish(vault: TestVault): Promise<Made> {
  const { kms } = withUsers(vault, 'somebody', 'other');
  const { arn } = await newKey(vault, 'alias/a');
  const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId: arn, Plaintext: Buffer.from('x') });
  const { GrantId, GrantToken } = await kms.CreateGrant(OWNER, {
    KeyId: arn,
    GranteePrincipal: sdk('somebody').principal,
    Operations: ['DescribeKey'],
  });
  const make = async (KeySpec: string, KeyUsage: string) =>
    (await kms.CreateKey(OWNER, { KeySpec, KeyUsage })).KeyMetadata.Arn;
  return {
    symmetric: arn,
    alias: 'alias/a',
    blob: CiphertextBlob.toString('base64'),
    grantId: GrantId,
    token: GrantToken,
    of: {
      SIGN_VERIFY: await make('ECC_NIST_P256', 'SIGN_VERIFY'),
      GENERATE_VERIFY_MAC: await make('HMAC_256', 'GENERATE_VERIFY_MAC'),
      KEY_AGREEMENT: await make('ECC_NIST_P256', 'KEY_AGREEMENT'),
      ENCAPSULATE_DECAPSULATE: await make('ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'),
    },
  };
}

const USAGES: { readonly [operation: string]: string } = {
  Sign: 'SIGN_VERIFY',
  Verify: 'SIGN_VERIFY',
  GetPublicKey: 'SIGN_VERIFY',
  GenerateMac: 'GENERATE_VERIFY_MAC',
  VerifyMac: 'GENERATE_VERIFY_MAC',
  DeriveSharedSecret: 'KEY_AGREEMENT',
  Encapsulate: 'ENCAPSULATE_DECAPSULATE',
  Decapsulate: 'ENCAPSULATE_DECAPSULATE',
};

/** An input that each operation would do something with. */
function inputOf(operation: KmsOperation, made: Made): { [field: string]: Json } {
  const usage = USAGES[operation];
  const key = { KeyId: (usage === undefined ? undefined : made.of[usage]) ?? made.symmetric };
  const bytes = Buffer.from('m').toString('base64');
  const special: { readonly [operation: string]: { [field: string]: Json } } = {
    CreateAlias: { AliasName: 'alias/new', TargetKeyId: made.symmetric },
    CreateGrant: { ...key, GranteePrincipal: sdk('other').principal, Operations: ['Encrypt'] },
    CreateKey: {},
    Decapsulate: { ...key, EncapsulationAlgorithm: 'ML_KEM', SharedSecretCiphertextBlob: bytes },
    Decrypt: { CiphertextBlob: made.blob },
    DeleteAlias: { AliasName: made.alias },
    DeriveSharedSecret: { ...key, KeyAgreementAlgorithm: 'ECDH', PublicKey: bytes },
    Encapsulate: { ...key, EncapsulationAlgorithm: 'ML_KEM' },
    Encrypt: { ...key, Plaintext: bytes },
    GenerateDataKey: { ...key, KeySpec: 'AES_256' },
    GenerateDataKeyPair: { ...key, KeyPairSpec: 'ECC_NIST_P256' },
    GenerateDataKeyPairWithoutPlaintext: { ...key, KeyPairSpec: 'ECC_NIST_P256' },
    GenerateDataKeyWithoutPlaintext: { ...key, KeySpec: 'AES_256' },
    GenerateMac: { ...key, Message: bytes, MacAlgorithm: 'HMAC_SHA_256' },
    GenerateRandom: { NumberOfBytes: 16 },
    GetParametersForImport: {
      ...key,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    },
    ImportKeyMaterial: {
      ...key,
      ImportToken: bytes,
      EncryptedKeyMaterial: bytes,
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    },
    ListAliases: {},
    ListKeys: {},
    ListRetirableGrants: { RetiringPrincipal: sdk('stranger').principal },
    PutKeyPolicy: { ...key, Policy: '{}' },
    ReEncrypt: { CiphertextBlob: made.blob, DestinationKeyId: made.symmetric },
    RetireGrant: { GrantToken: made.token },
    RevokeGrant: { ...key, GrantId: made.grantId },
    Sign: { ...key, Message: bytes, SigningAlgorithm: 'ECDSA_SHA_256' },
    TagResource: { ...key, Tags: [{ TagKey: 'a', TagValue: 'b' }] },
    UntagResource: { ...key, TagKeys: ['a'] },
    UpdateAlias: { AliasName: made.alias, TargetKeyId: made.symmetric },
    UpdateKeyDescription: { ...key, Description: 'd' },
    Verify: { ...key, Message: bytes, SigningAlgorithm: 'ECDSA_SHA_256', Signature: bytes },
    VerifyMac: { ...key, Message: bytes, MacAlgorithm: 'HMAC_SHA_256', Mac: bytes },
  };
  return special[operation] ?? key;
}

describe('whoever nothing speaks for', () => {
  it('may not do one thing, and the log says why', async () => {
    const vault = newVault();
    const made = await furnish(vault);
    for (const operation of KMS_OPERATION_NAMES) {
      const { code, message } = await refusal(
        dispatch(vault.kms, sdk('stranger'), operation, inputOf(operation, made)),
      );
      expect(`${operation} ${code}`).toBe(`${operation} AccessDeniedException`);
      expect(message).toMatch(
        /^User: arn:aws:iam::000000000000:user\/stranger is not authorized to perform: kms:\w+ on resource: (\*|arn:\S+) because no identity-based policy allows the kms:\w+ action$/,
      );
      const [entry] = vault.audit.list({ limit: 1 });
      expect(entry).toMatchObject({
        eventName: operation,
        errorCode: 'AccessDeniedException',
        additionalEventData: { decision: { allowed: false, by: 'implicit-deny' } },
      });
    }
  });

  it('is what a client becomes that was revoked', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    vault.kms.clients.create(OWNER, { name: 'app', policy: null });
    await vault.kms.DescribeKey(sdk('app'), { KeyId: arn });
    vault.kms.clients.revoke(OWNER, 'app');
    expect(await codeOf(vault.kms.DescribeKey(sdk('app'), { KeyId: arn }))).toBe('AccessDeniedException');
  });

  it('is nobody whose ARN is of another account', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const caller: Caller = { principal: 'arn:aws:iam::111122223333:user/owner', client: 'sdk' };
    expect(await codeOf(vault.kms.DescribeKey(caller, { KeyId: arn }))).toBe('AccessDeniedException');
  });
});

describe('roles', () => {
  it.each([
    ['operator', 'Encrypt', 'none'],
    ['operator', 'Sign', 'none'],
    ['operator', 'ListKeys', 'none'],
    ['operator', 'DisableKey', 'AccessDeniedException'],
    ['operator', 'CreateKey', 'AccessDeniedException'],
    ['operator', 'PutKeyPolicy', 'AccessDeniedException'],
    ['auditor', 'ListKeys', 'none'],
    ['auditor', 'GetKeyPolicy', 'none'],
    ['auditor', 'Encrypt', 'AccessDeniedException'],
    ['auditor', 'Decrypt', 'AccessDeniedException'],
    ['auditor', 'ScheduleKeyDeletion', 'AccessDeniedException'],
  ] as const)('%s calls %s: %s', async (role, operation, wanted) => {
    const vault = newVault();
    const made = await furnish(vault);
    const call = dispatch(vault.kms, sdk(role), operation, inputOf(operation, made));
    expect(await codeOf(call)).toBe(wanted);
  });
});

describe("a client's own policy", () => {
  const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: statement });

  it('allows what it names, and no more', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const other = await newKey(vault);
    vault.kms.clients.create(OWNER, {
      name: 'app',
      policy: policy({ Effect: 'Allow', Action: 'kms:Encrypt', Resource: arn }),
    });
    const input = { Plaintext: Buffer.from('x') };
    await vault.kms.Encrypt(sdk('app'), { KeyId: arn, ...input });
    expect(await codeOf(vault.kms.Encrypt(sdk('app'), { KeyId: other.arn, ...input }))).toBe(
      'AccessDeniedException',
    );
    expect(await codeOf(vault.kms.DescribeKey(sdk('app'), { KeyId: arn }))).toBe('AccessDeniedException');
  });

  it.each([
    ['kms:RequestAlias', 'alias/a', 'alias/a', 'none'],
    ['kms:RequestAlias', 'alias/a', 'by ARN', 'AccessDeniedException'],
    ['kms:ResourceAliases', 'alias/a', 'by ARN', 'none'],
    ['kms:ResourceAliases', 'alias/b', 'by ARN', 'AccessDeniedException'],
    ['kms:EncryptionContext:customer', 'acme', 'alias/a', 'none'],
    ['kms:EncryptionContext:customer', 'umbrella', 'alias/a', 'AccessDeniedException'],
    ['kms:EncryptionContextKeys', 'customer', 'alias/a', 'none'],
    ['kms:EncryptionContextKeys', 'tenant', 'alias/a', 'AccessDeniedException'],
    ['kms:EncryptionAlgorithm', 'SYMMETRIC_DEFAULT', 'alias/a', 'none'],
    ['kms:KeySpec', 'RSA_2048', 'alias/a', 'AccessDeniedException'],
    ['kms:KeyUsage', 'ENCRYPT_DECRYPT', 'alias/a', 'none'],
    ['kms:KeyOrigin', 'AWS_KMS', 'alias/a', 'none'],
    ['kms:CallerAccount', '000000000000', 'alias/a', 'none'],
    ['aws:ResourceTag/team', 'blue', 'alias/a', 'none'],
    ['aws:ResourceTag/team', 'red', 'alias/a', 'AccessDeniedException'],
    ['aws:username', 'app', 'alias/a', 'none'],
    ['keyward:Client', 'sdk', 'alias/a', 'none'],
    ['keyward:Client', 'window', 'alias/a', 'AccessDeniedException'],
  ])('with a condition on %s %s, key named %s: %s', async (key, value, name, wanted) => {
    const vault = newVault();
    const { arn } = await newKey(vault, 'alias/a');
    await vault.kms.TagResource(OWNER, { KeyId: arn, Tags: [{ TagKey: 'team', TagValue: 'blue' }] });
    const multi = /ResourceAliases|ContextKeys/.test(key) ? 'ForAnyValue:' : '';
    const Condition = { [`${multi}StringEquals`]: { [key]: value } };
    vault.kms.clients.create(OWNER, {
      name: 'app',
      policy: policy({ Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*', Condition }),
    });
    const call = vault.kms.Encrypt(sdk('app'), {
      KeyId: name === 'by ARN' ? arn : name,
      Plaintext: Buffer.from('x'),
      EncryptionContext: { customer: 'acme' },
    });
    expect(await codeOf(call)).toBe(wanted);
  });

  it('may ask how long ago the vault was unlocked', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const Condition = { NumericLessThan: { 'keyward:SecondsSinceUnlock': '3600' } };
    vault.kms.clients.create(OWNER, {
      name: 'app',
      policy: policy({ Effect: 'Allow', Action: 'kms:DescribeKey', Resource: '*', Condition }),
    });
    await vault.kms.DescribeKey(sdk('app'), { KeyId: arn });
    vault.clock.advance(3_600_000);
    expect(await codeOf(vault.kms.DescribeKey(sdk('app'), { KeyId: arn }))).toBe('AccessDeniedException');
  });

  it('sees all operations of a new grant and all tags that go, however many stand before them', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const Statement = [
      {
        ...{ Effect: 'Allow', Action: 'kms:CreateGrant', Resource: '*' },
        Condition: { 'ForAllValues:StringEquals': { 'kms:GrantOperations': 'Encrypt' } },
      },
      { Effect: 'Allow', Action: 'kms:UntagResource', Resource: '*' },
      {
        ...{ Effect: 'Deny', Action: 'kms:UntagResource', Resource: '*' },
        Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'owner' } },
      },
    ];
    vault.kms.clients.create(OWNER, { name: 'app', policy: policy(Statement) });
    const app = sdk('app');
    const grant = (Operations: string[]) =>
      codeOf(vault.kms.CreateGrant(app, { KeyId: arn, GranteePrincipal: app.principal, Operations }));
    expect(await grant(['Encrypt'])).toBe('none');
    expect(await grant([...Array(60).fill('Encrypt'), 'Decrypt'])).toBe('AccessDeniedException');
    const untag = (TagKeys: string[]) => codeOf(vault.kms.UntagResource(app, { KeyId: arn, TagKeys }));
    const many = Array.from({ length: 60 }, (_, n) => `t${n}`);
    expect(await untag(many)).toBe('none');
    expect(await untag([...many, 'owner'])).toBe('AccessDeniedException');
  });

  it('sees the alias that CreateGrant names its key by, and the algorithms of ReEncrypt', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault, 'alias/shared');
    const Statement = [
      {
        ...{ Effect: 'Allow', Action: 'kms:CreateGrant', Resource: '*' },
        Condition: { StringEquals: { 'kms:RequestAlias': 'alias/shared' } },
      },
      { Effect: 'Allow', Action: 'kms:ReEncrypt*', Resource: '*' },
      {
        ...{ Effect: 'Deny', Action: 'kms:ReEncryptTo', Resource: '*' },
        Condition: { StringEquals: { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' } },
      },
    ];
    vault.kms.clients.create(OWNER, { name: 'app', policy: policy(Statement) });
    const app = sdk('app');
    const grant = (KeyId: string) =>
      codeOf(
        vault.kms.CreateGrant(app, { KeyId, GranteePrincipal: app.principal, Operations: ['DescribeKey'] }),
      );
    expect(await grant('alias/shared')).toBe('none');
    expect(await grant(arn)).toBe('AccessDeniedException');
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: arn, Plaintext: Buffer.from('x') });
    const moved = vault.kms.ReEncrypt(app, { CiphertextBlob, DestinationKeyId: arn });
    expect(await codeOf(moved)).toBe('AccessDeniedException');
  });

  it('counts for ReEncrypt from one key and to another', async () => {
    const vault = newVault();
    const [from, to] = [await newKey(vault), await newKey(vault)];
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, {
      KeyId: from.arn,
      Plaintext: Buffer.from('x'),
    });
    const Statement = [
      { Effect: 'Allow', Action: 'kms:ReEncryptFrom', Resource: from.arn },
      {
        Effect: 'Allow',
        Action: 'kms:ReEncryptTo',
        Resource: '*',
        Condition: { Bool: { 'kms:ReEncryptOnSameKey': 'false' } },
      },
    ];
    vault.kms.clients.create(OWNER, { name: 'app', policy: policy(Statement) });
    const move = (DestinationKeyId: string) =>
      codeOf(vault.kms.ReEncrypt(sdk('app'), { CiphertextBlob, DestinationKeyId }));
    expect(await move(to.arn)).toBe('none');
    expect(await move(from.arn)).toBe('AccessDeniedException');
  });
});

describe("a key's policy", () => {
  const account = 'arn:aws:iam::000000000000';
  const keyPolicy = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
  const forAll = { Effect: 'Allow', Principal: { AWS: `${account}:root` }, Action: 'kms:*', Resource: '*' };

  it('is the default one until another is put, and is given as it was put', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const before = await vault.kms.GetKeyPolicy(OWNER, { KeyId: arn });
    expect(JSON.parse(before.Policy)).toMatchObject({ Statement: [forAll] });
    const Policy = `  ${keyPolicy(forAll)}`;
    await vault.kms.PutKeyPolicy(OWNER, { KeyId: arn, Policy });
    expect(await vault.kms.GetKeyPolicy(OWNER, { KeyId: arn })).toEqual({ Policy, PolicyName: 'default' });
    expect(await vault.kms.ListKeyPolicies(OWNER, { KeyId: arn })).toEqual({
      PolicyNames: ['default'],
      Truncated: false,
    });
    expect(await codeOf(vault.kms.GetKeyPolicy(OWNER, { KeyId: arn, PolicyName: 'x' }))).toBe(
      'NotFoundException',
    );
  });

  it('denies even the owner, before the state of the key is looked at', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const Deny = {
      Sid: 'NoDecrypt',
      Effect: 'Deny',
      Principal: '*',
      Action: 'kms:Encrypt',
      Resource: '*',
    };
    await vault.kms.PutKeyPolicy(OWNER, { KeyId: arn, Policy: keyPolicy(forAll, Deny) });
    await vault.kms.DisableKey(OWNER, { KeyId: arn });
    expect(await refusal(vault.kms.Encrypt(OWNER, { KeyId: arn, Plaintext: Buffer.from('x') }))).toEqual({
      code: 'AccessDeniedException',
      message: `User: ${OWNER.principal} is not authorized to perform: kms:Encrypt on resource: ${arn} with an explicit deny in a resource-based policy`,
    });
    expect(vault.audit.list({ limit: 1 })[0]?.additionalEventData).toEqual({
      decision: {
        allowed: false,
        by: 'explicit-deny',
        statement: { policy: 'key', index: 1, sid: 'NoDecrypt' },
        reason: 'Statement "NoDecrypt" of the key\'s policy denies it, whatever else allows it.',
      },
    });
  });

  it('can keep the owner from exporting, which kms:* alone does not allow', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    await vault.kms.exportMaterial(OWNER, { KeyId: arn, form: 'material' });
    const Deny = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'keyward:ExportKeyMaterial',
      Resource: '*',
    };
    await vault.kms.PutKeyPolicy(OWNER, { KeyId: arn, Policy: keyPolicy(forAll, Deny) });
    expect(await codeOf(vault.kms.exportMaterial(OWNER, { KeyId: arn, form: 'material' }))).toBe(
      'AccessDeniedException',
    );
    vault.kms.clients.create(OWNER, { name: 'app', policy: null });
    const other = await newKey(vault);
    expect(await codeOf(vault.kms.exportMaterial(sdk('app'), { KeyId: other.arn, form: 'material' }))).toBe(
      'AccessDeniedException',
    );
  });

  it('explains a call by the alias that the key is named by, name and ARN alike', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault, 'alias/a');
    const Condition = { StringEquals: { 'kms:RequestAlias': 'alias/a' } };
    await vault.kms.PutKeyPolicy(OWNER, {
      KeyId: arn,
      Policy: keyPolicy(forAll, { ...forAll, Effect: 'Deny', Action: 'kms:Encrypt', Condition }),
    });
    const asked = async (KeyId: string) =>
      (await vault.kms.explain(OWNER, { KeyId, principal: 'owner', action: 'Encrypt' })).by;
    const aliasArn = arn.replace(/key\/.*$/, 'alias/a');
    expect(await Promise.all([asked(arn), asked('alias/a'), asked(aliasArn)])).toEqual([
      'identity-policy',
      'explicit-deny',
      'explicit-deny',
    ]);
  });

  it('is refused where it would lock its author out, unless that is meant', async () => {
    const vault = withUsers(newVault(), 'app');
    const { arn } = await newKey(vault);
    const Policy = keyPolicy({
      Effect: 'Allow',
      Principal: { AWS: `${account}:user/app` },
      Action: 'kms:*',
      Resource: '*',
    });
    expect(await refusal(vault.kms.PutKeyPolicy(OWNER, { KeyId: arn, Policy }))).toEqual({
      code: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
    });
    await expect(vault.kms.CreateKey(OWNER, { Policy })).rejects.toMatchObject({
      code: 'MalformedPolicyDocumentException',
      details: { locksOut: true },
    });
    await vault.kms.PutKeyPolicy(OWNER, { KeyId: arn, Policy, BypassPolicyLockoutSafetyCheck: true });
    expect(await codeOf(vault.kms.DescribeKey(OWNER, { KeyId: arn }))).toBe('AccessDeniedException');
    // Naming a principal is enough; it needs no policy of its own.
    await vault.kms.DescribeKey(sdk('app'), { KeyId: arn });
  });

  it('that shuts the owner out is reset by an owner who was recognised anew, and by nobody else', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const Policy = keyPolicy({ Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' });
    await vault.kms.PutKeyPolicy(OWNER, { KeyId: arn, Policy, BypassPolicyLockoutSafetyCheck: true });
    expect(await codeOf(vault.kms.PutKeyPolicy(OWNER, { KeyId: arn, Policy }))).toBe('AccessDeniedException');
    vault.kms.clients.create(OWNER, { name: 'app', policy: null });
    const reset = async (caller: Caller, refusal?: KeywardError) =>
      codeOf((async () => vault.kms.resetKeyPolicy(caller, { KeyId: arn, refusal }))());
    expect(await reset(sdk('app'))).toBe('AccessDeniedException');
    expect(await reset(sdk('operator'))).toBe('AccessDeniedException');
    expect(await reset(OWNER, new KeywardError('WrongPassphrase', 'no'))).toBe('WrongPassphrase');
    expect(await codeOf(vault.kms.DescribeKey(OWNER, { KeyId: arn }))).toBe('AccessDeniedException');
    expect(await reset(OWNER)).toBe('none');
    await vault.kms.DescribeKey(OWNER, { KeyId: arn });
    const events = vault.audit.list({ limit: 10 }).filter((entry) => entry.eventName === 'ResetKeyPolicy');
    expect(events.map(({ errorCode }) => errorCode)).toEqual([
      undefined,
      'WrongPassphrase',
      'AccessDeniedException',
      'AccessDeniedException',
    ]);
  });

  it.each([
    ['no JSON', 'MalformedPolicyDocumentException'],
    [`${' '.repeat(32_768)}{}`, 'LimitExceededException'],
    ['', 'ValidationException'],
    ['{"Version": "2012-10-17", "Id": "\u4e00"}', 'ValidationException'],
    ['{"Version": "2012-10-17", "Id": "\u00ff"}', 'MalformedPolicyDocumentException'],
  ])('is refused when it is %#', async (Policy, code) => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    expect(await codeOf(vault.kms.PutKeyPolicy(OWNER, { KeyId: arn, Policy }))).toBe(code);
  });

  it('comes with a new key and goes with a shredded one', async () => {
    const vault = newVault();
    const Policy = keyPolicy(forAll);
    const { KeyMetadata } = await vault.kms.CreateKey(OWNER, { Policy });
    const rows = () => vault.store.read((tx) => vault.records.count(tx, 'key-policies'));
    expect(rows()).toBe(1);
    await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: KeyMetadata.KeyId, PendingWindowInDays: 7 });
    vault.clock.advance(7 * 86_400_000);
    vault.kms.runUnlockMaintenance(OWNER, undefined);
    vault.clock.advance(86_400_000);
    expect(vault.kms.runUnlockMaintenance(OWNER, undefined).shredded).toEqual([KeyMetadata.KeyId]);
    expect(rows()).toBe(0);
  });
});
