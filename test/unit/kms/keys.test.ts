import { describe, expect, it } from 'vitest';
import { codeOf, newKey, newVault, OWNER, refusal, VAULT } from './support.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('CreateKey and DescribeKey', () => {
  it('make and describe a key in AWS’s fields', async () => {
    const vault = newVault();
    const { KeyMetadata } = await vault.kms.CreateKey(OWNER, { Description: 'Clients A–K' });
    expect(KeyMetadata).toEqual({
      AWSAccountId: '000000000000',
      KeyId: expect.stringMatching(UUID),
      Arn: `arn:aws:kms:local:000000000000:key/${KeyMetadata.KeyId}`,
      CreationDate: new Date(vault.clock.now()),
      Enabled: true,
      Description: 'Clients A–K',
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyState: 'Enabled',
      Origin: 'AWS_KMS',
      KeyManager: 'CUSTOMER',
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      KeySpec: 'SYMMETRIC_DEFAULT',
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      MultiRegion: false,
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await vault.kms.DescribeKey(OWNER, { KeyId: KeyMetadata.KeyId })).toEqual({ KeyMetadata });
  });

  it('take the key spec by its old name, but not by both', async () => {
    const { kms } = newVault();
    const KeyUsage = 'GENERATE_VERIFY_MAC';
    const { KeyMetadata } = await kms.CreateKey(OWNER, { CustomerMasterKeySpec: 'HMAC_256', KeyUsage });
    expect(KeyMetadata).toMatchObject({ KeySpec: 'HMAC_256', CustomerMasterKeySpec: 'HMAC_256' });
    const both = { KeySpec: 'HMAC_256', CustomerMasterKeySpec: 'HMAC_384', KeyUsage };
    expect(await refusal(kms.CreateKey(OWNER, both))).toEqual({
      code: 'ValidationException',
      message:
        'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    });
  });

  it('find it by id, ARN, alias and alias ARN', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault, 'alias/clients');
    const aliasArn = `arn:aws:kms:${VAULT.region}:${VAULT.account}:alias/clients`;
    for (const KeyId of [id, arn, 'alias/clients', aliasArn]) {
      expect((await vault.kms.DescribeKey(OWNER, { KeyId })).KeyMetadata.Arn).toBe(arn);
    }
  });

  it('refuse what is not there', async () => {
    const { kms } = newVault();
    const id = '134f2428-cec1-4b25-a1ae-9048164dba47';
    expect(await refusal(kms.DescribeKey(OWNER, { KeyId: id }))).toEqual({
      code: 'NotFoundException',
      message: `Key 'arn:aws:kms:local:000000000000:key/${id}' does not exist`,
    });
    expect(await refusal(kms.DescribeKey(OWNER, { KeyId: 'alias/none' }))).toEqual({
      code: 'NotFoundException',
      message: 'Alias arn:aws:kms:local:000000000000:alias/none is not found.',
    });
  });

  it.each([
    [{ KeySpec: 'HMAC_random' }, 'ValidationException'],
    [{ CustomerMasterKeySpec: 'x' }, 'ValidationException'],
    [{ KeyUsage: 'RANDOM' }, 'ValidationException'],
    [{ KeyUsage: 'SIGN_VERIFY' }, 'ValidationException'],
    [{ Origin: 'HEAVEN' }, 'ValidationException'],
    [{ Description: 'x'.repeat(8_193) }, 'ValidationException'],
    [{ KeySpec: 'RSA_2048' }, 'ValidationException'],
    [{ KeySpec: 'RSA_2048', KeyUsage: 'KEY_AGREEMENT' }, 'ValidationException'],
    [{ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'KEY_AGREEMENT' }, 'ValidationException'],
    [{ Tags: [{ TagKey: 'aws:x', TagValue: '' }] }, 'TagException'],
    [{ Origin: 'AWS_CLOUDHSM' }, 'UnsupportedOperationException'],
    [{ MultiRegion: true }, 'UnsupportedOperationException'],
  ])('refuse %j and make nothing', async (input, code) => {
    const { kms } = newVault();
    expect(await codeOf(kms.CreateKey(OWNER, input))).toBe(code);
    expect((await kms.ListKeys(OWNER, {})).Keys).toEqual([]);
  });

  it('take a description of exactly 8,192 characters, and none', async () => {
    const { kms } = newVault();
    const Description = 'x'.repeat(8_192);
    expect((await kms.CreateKey(OWNER, { Description })).KeyMetadata.Description).toBe(Description);
    expect((await kms.CreateKey(OWNER, {})).KeyMetadata.Description).toBe('');
  });
});

describe('EnableKey, DisableKey, UpdateKeyDescription', () => {
  it('change state and description, also twice', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    for (const _ of [1, 2]) await vault.kms.DisableKey(OWNER, { KeyId: id });
    expect((await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata).toMatchObject({
      Enabled: false,
      KeyState: 'Disabled',
    });
    await vault.kms.UpdateKeyDescription(OWNER, { KeyId: id, Description: 'old matters' });
    for (const _ of [1, 2]) await vault.kms.EnableKey(OWNER, { KeyId: id });
    expect((await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata).toMatchObject({
      Enabled: true,
      KeyState: 'Enabled',
      Description: 'old matters',
    });
    const tooLong = vault.kms.UpdateKeyDescription(OWNER, { KeyId: id, Description: 'x'.repeat(8_193) });
    expect(await codeOf(tooLong)).toBe('ValidationException');
  });
});

describe('ListKeys and its markers', () => {
  it('give every key once over pages of any size', async () => {
    const vault = newVault();
    const made = new Set<string>();
    for (let i = 0; i < 7; i++) made.add((await newKey(vault)).id);
    for (const Limit of [1, 3, 7, 1_000]) {
      const seen: string[] = [];
      let Marker: string | undefined;
      do {
        const page = await vault.kms.ListKeys(OWNER, { Limit, ...(Marker === undefined ? {} : { Marker }) });
        expect(page.Keys.length).toBeLessThanOrEqual(Limit);
        expect(page.Truncated).toBe(page.NextMarker !== undefined);
        seen.push(...page.Keys.map(({ KeyId }) => KeyId));
        Marker = page.NextMarker;
      } while (Marker !== undefined);
      expect(seen).toHaveLength(7);
      expect(new Set(seen)).toEqual(made);
    }
  });

  it('refuse markers that are made up, changed, or of another list, and limits out of range', async () => {
    const vault = newVault();
    await newKey(vault, 'alias/a');
    await newKey(vault, 'alias/b');
    const { NextMarker = '' } = await vault.kms.ListKeys(OWNER, { Limit: 1 });
    expect(NextMarker).not.toBe('');
    const changed = `${NextMarker.startsWith('A') ? 'B' : 'A'}${NextMarker.slice(1)}`;
    for (const Marker of ['x', 'bm9uc2Vuc2U', changed]) {
      expect(await codeOf(vault.kms.ListKeys(OWNER, { Marker }))).toBe('InvalidMarkerException');
    }
    expect(await codeOf(vault.kms.ListAliases(OWNER, { Marker: NextMarker }))).toBe('InvalidMarkerException');
    expect(await codeOf(vault.kms.ListKeys(OWNER, { Marker: '' }))).toBe('ValidationException');
    for (const Limit of [0, 1_001, -1, 1.5, Number.NaN]) {
      expect(await codeOf(vault.kms.ListKeys(OWNER, { Limit }))).toBe('ValidationException');
    }
  });
});

describe('aliases', () => {
  it('move between keys of one type and usage, whatever their spec', async () => {
    const { kms } = newVault();
    const make = async (KeySpec: string, KeyUsage: string) =>
      (await kms.CreateKey(OWNER, { KeySpec, KeyUsage })).KeyMetadata.KeyId;
    const AliasName = 'alias/signing';
    await kms.CreateAlias(OWNER, { AliasName, TargetKeyId: await make('ECC_NIST_P256', 'SIGN_VERIFY') });
    const move = async (KeySpec: string, KeyUsage: string) =>
      codeOf(kms.UpdateAlias(OWNER, { AliasName, TargetKeyId: await make(KeySpec, KeyUsage) }));
    expect(await move('ECC_NIST_P384', 'SIGN_VERIFY')).toBe('none');
    expect(await move('ML_DSA_44', 'SIGN_VERIFY')).toBe('none');
    expect(await move('ECC_NIST_EDWARDS25519', 'SIGN_VERIFY')).toBe('none');
    expect(await move('RSA_2048', 'SIGN_VERIFY')).toBe('none');
    expect(await move('RSA_2048', 'ENCRYPT_DECRYPT')).toBe('ValidationException');
    expect(await move('ECC_NIST_P256', 'KEY_AGREEMENT')).toBe('ValidationException');
    expect(await move('HMAC_256', 'GENERATE_VERIFY_MAC')).toBe('ValidationException');
    await kms.CreateAlias(OWNER, {
      AliasName: 'alias/rsa',
      TargetKeyId: await make('RSA_2048', 'ENCRYPT_DECRYPT'),
    });
    const symmetric = await make('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
    expect(await codeOf(kms.UpdateAlias(OWNER, { AliasName: 'alias/rsa', TargetKeyId: symmetric }))).toBe(
      'ValidationException',
    );
  });

  it('are listed by name, all or of one key', async () => {
    const vault = newVault();
    const one = await newKey(vault, 'alias/one');
    const two = await newKey(vault, 'alias/two');
    vault.clock.advance(1_000);
    await vault.kms.CreateAlias(OWNER, { AliasName: 'alias/again', TargetKeyId: one.arn });
    const { Aliases } = await vault.kms.ListAliases(OWNER, {});
    expect(Aliases.map(({ AliasName }) => AliasName)).toEqual(['alias/again', 'alias/one', 'alias/two']);
    expect(Aliases[0]).toEqual({
      AliasName: 'alias/again',
      AliasArn: 'arn:aws:kms:local:000000000000:alias/again',
      TargetKeyId: one.id,
      CreationDate: new Date(vault.clock.now()),
      LastUpdatedDate: new Date(vault.clock.now()),
    });
    const ofTwo = await vault.kms.ListAliases(OWNER, { KeyId: two.id });
    expect(ofTwo.Aliases.map(({ AliasName }) => AliasName)).toEqual(['alias/two']);
  });

  it('refuse a name that is taken or reserved, a target that is an alias or not there', async () => {
    const vault = newVault();
    const { id } = await newKey(vault, 'alias/taken');
    const create = (AliasName: string, TargetKeyId: string) =>
      vault.kms.CreateAlias(OWNER, { AliasName, TargetKeyId });
    expect(await refusal(create('alias/taken', id))).toEqual({
      code: 'AlreadyExistsException',
      message: 'An alias with the name arn:aws:kms:local:000000000000:alias/taken already exists',
    });
    expect(await codeOf(create('alias/aws/s3', id))).toBe('InvalidAliasNameException');
    expect(await codeOf(create('alias/keyward/x', id))).toBe('InvalidAliasNameException');
    expect(await codeOf(create('alias/new', 'alias/taken'))).toBe('ValidationException');
    expect(await codeOf(create('alias/new', '134f2428-cec1-4b25-a1ae-9048164dba47'))).toBe(
      'NotFoundException',
    );
    expect((await vault.kms.ListAliases(OWNER, {})).Aliases).toHaveLength(1);
  });

  it('are 50 a key at most', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const create = (i: number) => vault.kms.CreateAlias(OWNER, { AliasName: `alias/a${i}`, TargetKeyId: id });
    for (let i = 0; i < 50; i++) await create(i);
    expect(await codeOf(create(50))).toBe('LimitExceededException');
  });

  it('come with their key or not at all', async () => {
    const vault = newVault();
    await newKey(vault, 'alias/taken');
    const AliasName = 'alias/taken';
    expect(await codeOf(vault.kms.createNamedKey(OWNER, { AliasName }))).toBe('AlreadyExistsException');
    expect((await vault.kms.ListKeys(OWNER, {})).Keys).toHaveLength(1);
  });
});

describe('RotateKeyOnDemand and ListKeyRotations', () => {
  it('make versions with random ids; the latest is current, also when the clock went back', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    vault.clock.advance(-60_000);
    for (let i = 0; i < 3; i++)
      expect(await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id })).toEqual({ KeyId: arn });
    const all = await vault.kms.ListKeyRotations(OWNER, {
      KeyId: id,
      IncludeKeyMaterial: 'ALL_KEY_MATERIAL',
    });
    expect(all.Rotations).toHaveLength(4);
    expect(new Set(all.Rotations.map(({ KeyMaterialId }) => KeyMaterialId)).size).toBe(4);
    const [first, ...rotations] = all.Rotations;
    expect(first).toEqual({
      KeyId: id,
      KeyMaterialId: first?.KeyMaterialId,
      KeyMaterialState: 'NON_CURRENT',
    });
    expect(rotations.map(({ KeyMaterialState }) => KeyMaterialState)).toEqual([
      'NON_CURRENT',
      'NON_CURRENT',
      'CURRENT',
    ]);
    expect(rotations.every((r) => r.RotationType === 'ON_DEMAND' && r.RotationDate instanceof Date)).toBe(
      true,
    );
    const { KeyMetadata } = await vault.kms.DescribeKey(OWNER, { KeyId: id });
    expect(KeyMetadata.CurrentKeyMaterialId).toBe(rotations[2]?.KeyMaterialId);
    expect((await vault.kms.ListKeyRotations(OWNER, { KeyId: id })).Rotations).toEqual(rotations);
    const page = await vault.kms.ListKeyRotations(OWNER, { KeyId: id, Limit: 2 });
    const rest = await vault.kms.ListKeyRotations(OWNER, { KeyId: id, Marker: page.NextMarker ?? '' });
    expect([...page.Rotations, ...rest.Rotations]).toEqual(rotations);
  });

  it('stop at 25, at a disabled key and at an unknown choice', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    for (let i = 0; i < 25; i++) await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    expect(await codeOf(vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id }))).toBe('LimitExceededException');
    const other = await newKey(vault);
    await vault.kms.DisableKey(OWNER, { KeyId: other.id });
    expect(await refusal(vault.kms.RotateKeyOnDemand(OWNER, { KeyId: other.id }))).toEqual({
      code: 'DisabledException',
      message: `${other.arn} is disabled.`,
    });
    const odd = vault.kms.ListKeyRotations(OWNER, { KeyId: arn, IncludeKeyMaterial: 'SOME' });
    expect(await codeOf(odd)).toBe('ValidationException');
  });
});

describe('overviews', () => {
  it('show aliases and versions of one key and of all, oldest key first', async () => {
    const vault = newVault();
    const first = await newKey(vault, 'alias/first');
    vault.clock.advance(5);
    const second = await newKey(vault);
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: first.id });
    const all = await vault.kms.overviewOfAll(OWNER);
    expect(all.map(({ metadata }) => metadata.KeyId)).toEqual([first.id, second.id]);
    expect(all.map(({ aliases }) => aliases)).toEqual([['alias/first'], []]);
    expect(all[0]?.versions.map(({ current }) => current)).toEqual([false, true]);
    expect(all[0]?.versions[1]?.KeyMaterialId).toBe(all[0]?.metadata.CurrentKeyMaterialId);
    expect(await vault.kms.overview(OWNER, { KeyId: 'alias/first' })).toEqual(all[0]);
  });
});
