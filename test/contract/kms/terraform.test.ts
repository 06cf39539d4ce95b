import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../../src/shared/errors.ts';
import { OWNER } from '../../unit/kms/support.ts';
import { call, type Reply, type Served, serve } from '../../unit/server/support.ts';

/*
 * What Terraform's AWS provider sends for its resources, in its order, field by field: read off its source
 * (internal/service/kms), for Terraform itself is not to be had for a test. After each apply a plan reads the resource
 * anew and finds what it had asked for.
 */

const ACCOUNT = 'arn:aws:iam::000000000000';
const ROOT = {
  ...{ Sid: 'Enable IAM User Permissions', Effect: 'Allow', Principal: { AWS: `${ACCOUNT}:root` } },
  ...{ Action: 'kms:*', Resource: '*' },
};
const policyOf = (...more: object[]) =>
  JSON.stringify({ Id: 'default', Statement: [ROOT, ...more], Version: '2012-10-17' });

let served: Served;

beforeEach(async () => {
  served = await serve();
  served.kms.clients.create(OWNER, { name: 'app', policy: null });
});

afterEach(() => served.endpoint.stop());

type Fields = Reply['fields'];

/** A call that succeeds. */
async function sent(operation: string, input: Json): Promise<Fields> {
  const reply = await call(served, operation, input);
  expect([reply.status, reply.type, reply.message], operation).toEqual([200, '', '']);
  return reply.fields;
}

/** A resource `aws_kms_key` as it is written. */
type Key = {
  readonly spec?: string;
  readonly usage?: string;
  readonly description?: string;
  readonly policy?: string;
  readonly tags?: { readonly [key: string]: string };
  readonly enabled?: boolean;
  readonly rotation?: number;
};

const tagList = (tags: Key['tags'] = {}) =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

/** What a plan reads of a key, by `findKeyInfo`. */
async function readKey(
  KeyId: string,
): Promise<Required<Omit<Key, 'rotation'>> & { rotation: Json; arn: string }> {
  const { KeyMetadata } = (await sent('DescribeKey', { KeyId })) as { KeyMetadata: Fields };
  const { Policy } = await sent('GetKeyPolicy', { KeyId, PolicyName: 'default' });
  const isOwn = KeyMetadata['Origin'] === 'AWS_KMS';
  const status = isOwn ? await sent('GetKeyRotationStatus', { KeyId }) : {};
  const { Tags } = (await sent('ListResourceTags', { KeyId })) as {
    Tags: { TagKey: string; TagValue: string }[];
  };
  expect(KeyMetadata).toMatchObject({ KeyId, MultiRegion: false, KeyManager: 'CUSTOMER' });
  return {
    arn: String(KeyMetadata['Arn']),
    spec: String(KeyMetadata['KeySpec']),
    usage: String(KeyMetadata['KeyUsage']),
    description: String(KeyMetadata['Description']),
    enabled: KeyMetadata['Enabled'] === true,
    policy: JSON.stringify(JSON.parse(String(Policy))),
    tags: Object.fromEntries(Tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    rotation: status['KeyRotationEnabled'] === true ? (status['RotationPeriodInDays'] ?? null) : null,
  };
}

async function expectNoDrift(KeyId: string, key: Key): Promise<string> {
  const { arn, ...read } = await readKey(KeyId);
  expect(read).toMatchObject({
    spec: key.spec ?? 'SYMMETRIC_DEFAULT',
    usage: key.usage ?? 'ENCRYPT_DECRYPT',
    description: key.description ?? '',
    enabled: key.enabled ?? true,
    rotation: key.rotation ?? null,
    tags: key.tags ?? {},
    ...(key.policy === undefined ? {} : { policy: key.policy }),
  });
  return arn;
}

async function createKey(key: Key): Promise<string> {
  const { KeyMetadata } = (await sent('CreateKey', {
    BypassPolicyLockoutSafetyCheck: false,
    KeySpec: key.spec ?? 'SYMMETRIC_DEFAULT',
    KeyUsage: key.usage ?? 'ENCRYPT_DECRYPT',
    Tags: tagList(key.tags),
    ...(key.description === undefined ? {} : { Description: key.description }),
    ...(key.policy === undefined ? {} : { Policy: key.policy }),
  })) as { KeyMetadata: Fields };
  const KeyId = String(KeyMetadata['KeyId']);
  if (key.rotation !== undefined)
    await sent('EnableKeyRotation', { KeyId, RotationPeriodInDays: key.rotation });
  if (key.enabled === false) await sent('DisableKey', { KeyId });
  return KeyId;
}

async function destroyKey(KeyId: string): Promise<void> {
  const scheduled = await sent('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  expect(scheduled['KeyState']).toBe('PendingDeletion');
  const { KeyMetadata } = (await sent('DescribeKey', { KeyId })) as { KeyMetadata: Fields };
  expect(KeyMetadata['KeyState']).toBe('PendingDeletion');
  const again = await call(served, 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  expect([again.type, again.message]).toEqual([
    'KMSInvalidStateException',
    expect.stringContaining('is pending deletion'),
  ]);
}

describe('aws_kms_key', () => {
  const keys: readonly Key[] = [
    {},
    { description: 'all', tags: { a: 'b', Empty: '' }, rotation: 90, policy: policyOf() },
    { enabled: false, policy: policyOf({ ...ROOT, Sid: 'app', Principal: { AWS: `${ACCOUNT}:user/app` } }) },
    { spec: 'RSA_2048', usage: 'SIGN_VERIFY' },
    { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT', tags: { x: 'y' } },
    { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY', enabled: false },
    { spec: 'ECC_NIST_P384', usage: 'KEY_AGREEMENT' },
    { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' },
    { spec: 'ML_DSA_65', usage: 'SIGN_VERIFY' },
  ];
  it.each(keys)('%j is applied, found again, and destroyed', async (key) => {
    const KeyId = await createKey(key);
    await expectNoDrift(KeyId, key);
    await destroyKey(KeyId);
  });

  it('is changed in place', async () => {
    const before = { description: 'one', tags: { a: '1', b: '2' }, rotation: 365, policy: policyOf() };
    const KeyId = await createKey(before);
    await sent('EnableKeyRotation', { KeyId, RotationPeriodInDays: 180 });
    await sent('UpdateKeyDescription', { KeyId, Description: 'two' });
    const policy = policyOf({ ...ROOT, Sid: 'app', Principal: { AWS: [`${ACCOUNT}:user/app`] } });
    const put = { KeyId, Policy: policy, PolicyName: 'default' };
    await sent('PutKeyPolicy', { ...put, BypassPolicyLockoutSafetyCheck: false });
    await sent('UntagResource', { KeyId, TagKeys: ['b'] });
    await sent('TagResource', { KeyId, Tags: tagList({ a: '3', c: '4' }) });
    await expectNoDrift(KeyId, { description: 'two', tags: { a: '3', c: '4' }, rotation: 180, policy });
    await sent('DisableKeyRotation', { KeyId });
    await sent('DisableKey', { KeyId });
    await expectNoDrift(KeyId, { description: 'two', tags: { a: '3', c: '4' }, enabled: false, policy });
    await sent('EnableKey', { KeyId });
    await destroyKey(KeyId);
  });

  it('of several regions, in a key store, and its replica are refused as what is not there', async () => {
    const input = { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' };
    const KeyId = await createKey({});
    for (const [operation, asked] of [
      ['CreateKey', { ...input, MultiRegion: true }],
      ['CreateKey', { ...input, Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: 'cks-1' }],
      ['ReplicateKey', { KeyId, ReplicaRegion: 'elsewhere' }],
    ] as const) {
      expect((await call(served, operation, asked)).type).toBe('UnsupportedOperationException');
    }
  });
});

describe('aws_kms_key_policy', () => {
  it('is attached, found again, and replaced by the default policy', async () => {
    const KeyId = await createKey({});
    for (const Policy of [policyOf({ ...ROOT, Sid: 'two' }), policyOf()]) {
      await sent('PutKeyPolicy', { KeyId, Policy, PolicyName: 'default' });
      expect((await readKey(KeyId)).policy).toBe(Policy);
    }
  });
});

describe('aws_kms_alias', () => {
  async function find(name: string): Promise<{ [name: string]: Json } | undefined> {
    let Marker: Json | undefined;
    do {
      const page: Fields = await sent('ListAliases', Marker === undefined ? {} : { Marker });
      const found = (page['Aliases'] as { [name: string]: Json }[]).find(
        ({ AliasName }) => AliasName === name,
      );
      if (found !== undefined) return found;
      Marker = page['NextMarker'];
    } while (Marker !== undefined);
    return undefined;
  }

  it('is made, found on whatever page, pointed elsewhere, and deleted', async () => {
    const [one, two] = [await createKey({}), await createKey({})];
    for (let n = 0; n < 49; n++) await sent('CreateAlias', { AliasName: `alias/a${n}`, TargetKeyId: one });
    for (let n = 0; n < 30; n++) await sent('CreateAlias', { AliasName: `alias/b${n}`, TargetKeyId: two });
    const AliasName = 'alias/terraform-20260101000000000000000001';
    await sent('CreateAlias', { AliasName, TargetKeyId: one });
    expect(await find(AliasName)).toMatchObject({ AliasName, TargetKeyId: one });
    const { arn } = await readKey(two);
    await sent('UpdateAlias', { AliasName, TargetKeyId: arn });
    const found = await find(AliasName);
    expect(found?.['TargetKeyId']).toBe(two);
    expect(String(found?.['AliasArn']).replace(AliasName, `key/${two}`)).toBe(arn);
    await sent('DeleteAlias', { AliasName });
    expect(await find(AliasName)).toBeUndefined();
    expect((await call(served, 'DeleteAlias', { AliasName })).type).toBe('NotFoundException');
  });
});

describe('aws_kms_grant', () => {
  const wanted: readonly (readonly [Json, Json | undefined])[] = [
    [
      { EncryptionContextEquals: { Department: 'Finance' }, EncryptionContextSubset: {} },
      { EncryptionContextEquals: { Department: 'Finance' } },
    ],
    [
      { EncryptionContextEquals: {}, EncryptionContextSubset: { Department: 'Finance', a: 'b' } },
      { EncryptionContextSubset: { Department: 'Finance', a: 'b' } },
    ],
    [{ EncryptionContextEquals: {}, EncryptionContextSubset: {} }, undefined],
    [null, undefined],
  ];
  it.each(wanted)('with %j is made, found again, and revoked or retired', async (Constraints, kept) => {
    const KeyId = await createKey({});
    const { arn } = await readKey(KeyId);
    const find = async (of: string, id: Json | undefined) => {
      const { Grants } = (await sent('ListGrants', { KeyId: of, Limit: 100 })) as { Grants: Fields[] };
      return Grants.find(({ GrantId }) => GrantId === id);
    };
    for (const [of, end] of [
      [KeyId, 'RevokeGrant'],
      [arn, 'RetireGrant'],
    ] as const) {
      const { GrantId, GrantToken } = await sent('CreateGrant', {
        ...{ KeyId: of, GranteePrincipal: `${ACCOUNT}:user/app`, Name: 'terraform' },
        ...{ Operations: ['Encrypt', 'Decrypt', 'GenerateDataKey'] },
        ...(Constraints === null ? {} : { Constraints }),
      });
      expect(GrantToken).toEqual(expect.any(String));
      const found = await find(of, GrantId);
      expect(found).toMatchObject({ GranteePrincipal: `${ACCOUNT}:user/app`, Name: 'terraform' });
      expect(new Set(found?.['Operations'] as string[])).toEqual(
        new Set(['Encrypt', 'Decrypt', 'GenerateDataKey']),
      );
      expect(found?.['Constraints']).toEqual(kept);
      await sent(end, { KeyId: of, GrantId: GrantId ?? null });
      expect(await find(of, GrantId)).toBeUndefined();
    }
  });
});

describe('aws_kms_external_key', () => {
  async function importInto(KeyId: string, material: Buffer, validTo?: number): Promise<void> {
    const asked = { KeyId, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
    const { PublicKey, ImportToken = null } = await sent('GetParametersForImport', asked);
    const key = createPublicKey({
      key: Buffer.from(String(PublicKey), 'base64'),
      format: 'der',
      type: 'spki',
    });
    const oaep = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    await sent('ImportKeyMaterial', {
      EncryptedKeyMaterial: publicEncrypt(oaep, material).toString('base64'),
      ExpirationModel: validTo === undefined ? 'KEY_MATERIAL_DOES_NOT_EXPIRE' : 'KEY_MATERIAL_EXPIRES',
      ImportToken,
      KeyId,
      ...(validTo === undefined ? {} : { ValidTo: validTo }),
    });
  }

  it('is made, imported into, given another date, disabled and destroyed', async () => {
    const { KeyMetadata } = (await sent('CreateKey', {
      ...{ BypassPolicyLockoutSafetyCheck: false, KeyUsage: 'ENCRYPT_DECRYPT', Origin: 'EXTERNAL' },
      ...{ Tags: tagList({ a: 'b' }), Description: 'theirs', Policy: policyOf() },
    })) as { KeyMetadata: Fields };
    const KeyId = String(KeyMetadata['KeyId']);
    expect(KeyMetadata['KeyState']).toBe('PendingImport');
    await expectNoDrift(KeyId, {
      ...{ description: 'theirs', tags: { a: 'b' }, policy: policyOf(), enabled: false },
    });
    const material = randomBytes(32);
    await importInto(KeyId, material);
    const key = { description: 'theirs', tags: { a: 'b' }, policy: policyOf() };
    await expectNoDrift(KeyId, key);
    const validTo = Math.floor(served.clock.now() / 1_000) + 86_400;
    await importInto(KeyId, material, validTo);
    const described = (await sent('DescribeKey', { KeyId })) as { KeyMetadata: Fields };
    expect(described.KeyMetadata).toMatchObject({
      ...{ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: validTo, KeyState: 'Enabled' },
      ...{ Origin: 'EXTERNAL', KeyManager: 'CUSTOMER' },
    });
    await sent('DisableKey', { KeyId });
    await expectNoDrift(KeyId, { ...key, enabled: false });
    await destroyKey(KeyId);
  });
});
