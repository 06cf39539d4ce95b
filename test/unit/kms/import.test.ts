import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import { importInto, newExternalKey, nodePair, parametersFor, wrapFor } from './import-support.ts';
import { newKey, newVault, OWNER, refusal } from './support.ts';

const Plaintext = Buffer.from('x');
const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };

describe('a key whose material is imported', () => {
  it('waits for it, works with it, and says where it is from', async () => {
    const vault = newVault();
    const { id, arn } = await newExternalKey(vault);
    const described = async () => (await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata;
    const before = await described();
    expect(before).toMatchObject({ KeyState: 'PendingImport', Enabled: false, Origin: 'EXTERNAL' });
    expect(before).not.toHaveProperty('CurrentKeyMaterialId');
    expect(before).not.toHaveProperty('ExpirationModel');
    expect((await vault.kms.ListKeyRotations(OWNER, all(id))).Rotations).toEqual([]);
    const { KeyId, KeyMaterialId } = await importInto(vault, id, randomBytes(32));
    expect(KeyId).toBe(arn);
    expect(await described()).toMatchObject({
      KeyState: 'Enabled',
      Enabled: true,
      CurrentKeyMaterialId: KeyMaterialId,
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    });
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    expect((await vault.kms.Decrypt(OWNER, { CiphertextBlob })).Plaintext).toEqual(Plaintext);
  });

  it.each([
    ['RSAES_OAEP_SHA_1', 'RSA_2048'],
    ['RSAES_OAEP_SHA_256', 'RSA_3072'],
    ['RSAES_OAEP_SHA_256', 'RSA_4096'],
  ])(
    'takes HMAC material by %s under %s, and computes what others compute',
    async (algorithm, wrappingKeySpec) => {
      const vault = newVault();
      for (const [bits, bytes] of [
        ['224', 28],
        ['256', 32],
        ['384', 48],
        ['512', 64],
      ] as const) {
        const { id } = await newExternalKey(vault, { ...HMAC, KeySpec: `HMAC_${bits}` });
        const material = randomBytes(bytes);
        expect(await importInto(vault, id, material, { algorithm, wrappingKeySpec })).not.toHaveProperty(
          'KeyMaterialId',
        );
        const MacAlgorithm = `HMAC_SHA_${bits}`;
        const { Mac } = await vault.kms.GenerateMac(OWNER, { KeyId: id, Message: Plaintext, MacAlgorithm });
        expect(Mac).toEqual(createHmac(`sha${bits}`, material).update(Plaintext).digest());
      }
    },
  );

  it.each([
    ['ECC_NIST_P256', 'prime256v1', 'RSAES_OAEP_SHA_256'],
    ['ECC_NIST_P384', 'secp384r1', 'RSA_AES_KEY_WRAP_SHA_1'],
    ['ECC_NIST_P521', 'secp521r1', 'RSA_AES_KEY_WRAP_SHA_256'],
    ['ECC_SECG_P256K1', 'secp256k1', 'RSAES_OAEP_SHA_1'],
  ])('takes a private key of %s out of PKCS #8', async (KeySpec, curve, algorithm) => {
    const vault = newVault();
    const { id } = await newExternalKey(vault, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const { secret, publicKey } = nodePair('ec', curve);
    await importInto(vault, id, secret, { algorithm });
    expect((await vault.kms.GetPublicKey(OWNER, { KeyId: id })).PublicKey).toEqual(publicKey);
  });

  it('says that a secret was agreed on with imported material', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' });
    await importInto(vault, id, nodePair('ec', 'prime256v1').secret);
    const { publicKey: PublicKey } = nodePair('ec', 'prime256v1');
    const input = { KeyId: id, PublicKey, KeyAgreementAlgorithm: 'ECDH' };
    expect((await vault.kms.DeriveSharedSecret(OWNER, input)).KeyOrigin).toBe('EXTERNAL');
  });

  it('takes RSA and Ed25519 keys', async () => {
    const vault = newVault();
    const rsa = await newExternalKey(vault, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
    const ed = await newExternalKey(vault, { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
    const pairs = [nodePair('rsa', 2_048), nodePair('ed25519')] as const;
    await importInto(vault, rsa.id, pairs[0].secret, { algorithm: 'RSA_AES_KEY_WRAP_SHA_256' });
    await importInto(vault, ed.id, pairs[1].secret);
    expect((await vault.kms.GetPublicKey(OWNER, { KeyId: rsa.id })).PublicKey).toEqual(pairs[0].publicKey);
    expect((await vault.kms.GetPublicKey(OWNER, { KeyId: ed.id })).PublicKey).toEqual(pairs[1].publicKey);
  });

  it('refuses material that is not such a key’s', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const p256 = await newExternalKey(vault, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const rsa = await newExternalKey(vault, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const wide = { algorithm: 'RSA_AES_KEY_WRAP_SHA_256' };
    const tries = [
      importInto(vault, id, randomBytes(31)),
      importInto(vault, p256.id, randomBytes(32)),
      importInto(vault, p256.id, nodePair('ec', 'secp384r1').secret),
      importInto(vault, p256.id, swapped(nodePair('ec', 'prime256v1'), nodePair('ec', 'prime256v1'))),
      importInto(vault, rsa.id, nodePair('rsa', 3_072).secret, wide),
      importInto(vault, rsa.id, nodePair('ec', 'prime256v1').secret, wide),
      importInto(vault, rsa.id, broken(nodePair('rsa', 2_048).secret), wide),
    ];
    for (const { code } of await Promise.all(tries.map(refusal))) {
      expect(code).toBe('IncorrectKeyMaterialException');
    }
    expect((await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata.KeyState).toBe('PendingImport');
  });

  it('takes the same material again, after it was deleted too, and no other', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const material = randomBytes(32);
    const description = { KeyMaterialDescription: 'from the ceremony' };
    const { KeyMaterialId = '' } = await importInto(vault, id, material, description);
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    expect(await vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id })).toMatchObject({ KeyMaterialId });
    expect((await vault.kms.ListKeyRotations(OWNER, all(id))).Rotations).toEqual([
      {
        KeyId: id,
        KeyMaterialId,
        KeyMaterialState: 'CURRENT',
        ...description,
        ImportState: 'PENDING_IMPORT',
      },
    ]);
    const other = await refusal(importInto(vault, id, randomBytes(32)));
    expect(other.code).toBe('IncorrectKeyMaterialException');
    const wrong = { KeyMaterialId: 'a'.repeat(64) };
    expect((await refusal(importInto(vault, id, material, wrong))).code).toBe(
      'IncorrectKeyMaterialException',
    );
    expect(await importInto(vault, id, material, { KeyMaterialId })).toMatchObject({ KeyMaterialId });
    expect((await vault.kms.Decrypt(OWNER, { CiphertextBlob })).Plaintext).toEqual(Plaintext);
    const [listed] = (await vault.kms.ListKeyRotations(OWNER, all(id))).Rotations;
    expect(listed).toMatchObject({ ...description, ImportState: 'IMPORTED' });
    const hmac = await newExternalKey(vault, HMAC);
    await importInto(vault, hmac.id, material);
    expect((await refusal(importInto(vault, hmac.id, randomBytes(32)))).code).toBe(
      'IncorrectKeyMaterialException',
    );
  });

  it('leaves nothing of the material in the database once it was deleted', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    await importInto(vault, id, randomBytes(32));
    const bodies = () =>
      vault.store
        .read((tx) => tx.all<{ body: Buffer }>("SELECT body FROM records WHERE room = 'key-versions'"))
        .map(({ body }) => body.toString());
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toContain('"wrapped"');
    const sealed = Buffer.from(/"wrapped":"([^"]+)"/.exec(bodies()[0] ?? '')?.[1] ?? '?');
    const onDisk = () =>
      [vault.store.path, `${vault.store.path}-wal`].some((path) => readFileSync(path).includes(sealed));
    expect(onDisk()).toBe(true);
    await vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id });
    expect(bodies()[0]).not.toContain('"wrapped"');
    expect(onDisk()).toBe(false);
  });

  it('is pending import, not disabled, when its deletion is cancelled without material', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const state = async () => (await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata.KeyState;
    await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: id });
    await vault.kms.CancelKeyDeletion(OWNER, { KeyId: id });
    expect(await state()).toBe('PendingImport');
    await importInto(vault, id, randomBytes(32));
    await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: id });
    await vault.kms.CancelKeyDeletion(OWNER, { KeyId: id });
    expect(await state()).toBe('Disabled');
    await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: id });
    await vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id });
    expect(await state()).toBe('PendingDeletion');
    await vault.kms.CancelKeyDeletion(OWNER, { KeyId: id });
    expect(await state()).toBe('PendingImport');
  });

  it('stays disabled through a re-import, and is not listed as one before the first', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    expect((await vault.kms.overview(OWNER, { KeyId: id })).versions).toEqual([]);
    const material = randomBytes(32);
    await importInto(vault, id, material);
    await vault.kms.DisableKey(OWNER, { KeyId: id });
    await importInto(vault, id, material);
    expect((await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata.KeyState).toBe('Disabled');
    expect((await vault.kms.overview(OWNER, { KeyId: id })).versions).toHaveLength(1);
  });
});

describe('GetParametersForImport and ImportKeyMaterial', () => {
  it('are for keys of origin EXTERNAL that are not pending deletion', async () => {
    const vault = newVault();
    const own = await newKey(vault);
    const origin = {
      code: 'UnsupportedOperationException',
      message: `${own.arn} origin is AWS_KMS which is not valid for this operation.`,
    };
    expect(await refusal(parametersFor(vault, own.id))).toEqual(origin);
    const dummy = { ImportToken: Buffer.from('x'), EncryptedKeyMaterial: Buffer.from('x') };
    const forever = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };
    const into = (KeyId: string) => vault.kms.ImportKeyMaterial(OWNER, { KeyId, ...dummy, ...forever });
    expect(await refusal(into(own.id))).toEqual(origin);
    expect(await refusal(vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: own.id }))).toEqual(origin);
    const { id, arn } = await newExternalKey(vault);
    await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: id });
    const pending = { code: 'KMSInvalidStateException', message: `${arn} is pending deletion.` };
    expect(await refusal(parametersFor(vault, id))).toEqual(pending);
    expect(await refusal(into(id))).toEqual(pending);
  });

  it.each([
    ['SYMMETRIC_DEFAULT', 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_4096', 'UnsupportedOperationException'],
    ['SYMMETRIC_DEFAULT', 'RSAES_PKCS1_V1_5', 'RSA_2048', 'UnsupportedOperationException'],
    ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_256', 'SM2', 'UnsupportedOperationException'],
    ['SYMMETRIC_DEFAULT', 'ROT_13', 'RSA_2048', 'ValidationException'],
    ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_256', 'RSA_1024', 'ValidationException'],
    ['RSA_2048', 'RSAES_OAEP_SHA_256', 'RSA_4096', 'UnsupportedOperationException'],
    ['ECC_NIST_P521', 'RSAES_OAEP_SHA_1', 'RSA_2048', 'UnsupportedOperationException'],
    ['ECC_NIST_P521', 'RSAES_OAEP_SHA_1', 'RSA_3072', 'none'],
  ])('for %s by %s under %s: %s', async (KeySpec, algorithm, spec, code) => {
    const vault = newVault();
    const usage = KeySpec === 'SYMMETRIC_DEFAULT' ? {} : { KeyUsage: 'SIGN_VERIFY' };
    const { id } = await newExternalKey(vault, { KeySpec, ...usage });
    expect((await refusal(parametersFor(vault, id, algorithm, spec))).code).toBe(code);
  });

  it('holds the token to its key, its algorithm and 24 hours', async () => {
    const vault = newVault();
    const [one, two] = [await newExternalKey(vault), await newExternalKey(vault)];
    const material = randomBytes(32);
    const parameters = await parametersFor(vault, one.id);
    const { ImportToken, PublicKey, ParametersValidTo } = parameters;
    expect(ParametersValidTo.getTime()).toBe(vault.clock.now() + 86_400_000);
    const give = (KeyId: string, token: Buffer, algorithm = 'RSAES_OAEP_SHA_256') =>
      vault.kms.ImportKeyMaterial(OWNER, {
        KeyId,
        ImportToken: token,
        EncryptedKeyMaterial: wrapFor(PublicKey, algorithm, material),
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      });
    expect((await refusal(give(two.id, ImportToken))).code).toBe('InvalidImportTokenException');
    const edited = Buffer.from(ImportToken);
    edited[50] = (edited[50] ?? 0) ^ 1;
    expect((await refusal(give(one.id, edited))).code).toBe('InvalidImportTokenException');
    expect(await refusal(give(one.id, ImportToken, 'RSAES_OAEP_SHA_1'))).toEqual({
      code: 'InvalidCiphertextException',
      message: '',
    });
    vault.clock.advance(86_400_001);
    expect((await refusal(give(one.id, ImportToken))).code).toBe('ExpiredImportTokenException');
    vault.clock.advance(-1);
    expect((await refusal(give(one.id, ImportToken))).code).toBe('none');
  });

  it('refuses what was not wrapped with the public key, by either way', async () => {
    const vault = newVault();
    const p256 = await newExternalKey(vault, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const algorithm = 'RSA_AES_KEY_WRAP_SHA_256';
    const { ImportToken, PublicKey } = await parametersFor(vault, p256.id, algorithm);
    const whole = wrapFor(PublicKey, algorithm, nodePair('ec', 'prime256v1').secret);
    const edited = Buffer.from(whole);
    edited[300] = (edited[300] ?? 0) ^ 1;
    for (const EncryptedKeyMaterial of [
      edited,
      whole.subarray(0, 256),
      whole.subarray(0, 260),
      randomBytes(400),
    ]) {
      const { code } = await refusal(
        vault.kms.ImportKeyMaterial(OWNER, {
          KeyId: p256.id,
          ImportToken,
          EncryptedKeyMaterial,
          ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        }),
      );
      expect(code).toBe('InvalidCiphertextException');
    }
  });

  it.each([
    ['no date', {}, 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'],
    ['the past', { ValidTo: new Date(0) }, 'ValidTo must be in the future'],
    [
      'too late',
      { ValidTo: new Date(Date.UTC(2026, 0, 2)) },
      'ValidTo must be at most 365 days in the future',
    ],
    ['no date at all', { ValidTo: new Date(Number.NaN) }, 'ValidTo must be in the future'],
    [
      'a date for what never expires',
      { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ValidTo: new Date(Date.UTC(2025, 5, 1)) },
      'The parameter ValidTo cannot be specified for a key with an expiration model of KEY_MATERIAL_DOES_NOT_EXPIRE',
    ],
    [
      'an id for new material',
      { ImportType: 'NEW_KEY_MATERIAL', KeyMaterialId: 'a'.repeat(64) },
      'KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL.',
    ],
  ])('refuse %s', async (_name, input, message) => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const dummy = { ImportToken: Buffer.from('x'), EncryptedKeyMaterial: Buffer.from('x') };
    expect(await refusal(vault.kms.ImportKeyMaterial(OWNER, { KeyId: id, ...dummy, ...input }))).toEqual({
      code: 'ValidationException',
      message,
    });
  });

  it('keep types, ids and descriptions to symmetric keys', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault, HMAC);
    for (const input of [
      { ImportType: 'NEW_KEY_MATERIAL' },
      { KeyMaterialDescription: 'x' },
      { KeyMaterialId: 'a'.repeat(64) },
    ]) {
      expect((await refusal(importInto(vault, id, randomBytes(32), input))).code).toBe(
        'UnsupportedOperationException',
      );
    }
  });

  it('log neither token nor material', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    await importInto(vault, id, randomBytes(32));
    const [entry] = vault.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ eventName: 'ImportKeyMaterial', readOnly: false });
    expect(Object.keys(entry?.requestParameters ?? {}).sort()).toEqual(['expirationModel', 'keyId']);
  });
});

describe('dispatch', () => {
  it('takes the date of expiry in seconds since 1970, and gives dates so', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const { ImportToken, PublicKey } = await parametersFor(vault, id);
    const input = {
      KeyId: id,
      ImportToken: ImportToken.toString('base64'),
      EncryptedKeyMaterial: wrapFor(PublicKey, 'RSAES_OAEP_SHA_256', randomBytes(32)).toString('base64'),
    };
    const ask = (ValidTo: string | number) =>
      dispatch(vault.kms, OWNER, 'ImportKeyMaterial', { ...input, ValidTo });
    expect((await refusal(ask('2025-06-01'))).code).toBe('SerializationException');
    const seconds = Date.UTC(2025, 5, 1) / 1_000 + 0.25;
    await ask(seconds);
    const { KeyMetadata } = await dispatch(vault.kms, OWNER, 'DescribeKey', { KeyId: id });
    expect(KeyMetadata).toMatchObject({ ValidTo: seconds });
  });
});

describe('CreateKey', () => {
  it.each(['ML_DSA_44', 'ML_KEM_768'])('has no origin EXTERNAL for %s', async (KeySpec) => {
    const vault = newVault();
    const KeyUsage = KeySpec.startsWith('ML_KEM') ? 'ENCAPSULATE_DECAPSULATE' : 'SIGN_VERIFY';
    expect((await refusal(newExternalKey(vault, { KeySpec, KeyUsage }))).code).toBe(
      'UnsupportedOperationException',
    );
  });
});

function all(KeyId: string) {
  return { KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' };
}

/** One key's PKCS #8 with another one's public key in it. */
function swapped(one: { secret: Buffer; publicKey: Buffer }, two: { publicKey: Buffer }): Buffer {
  const edited = Buffer.from(one.secret);
  edited.set(two.publicKey.subarray(-65), edited.length - 65);
  return edited;
}

/** An RSA key with one number of its second half changed. */
function broken(secret: Buffer): Buffer {
  const edited = Buffer.from(secret);
  for (let at = edited.length - 600; at < edited.length - 560; at++) edited[at] = (edited[at] ?? 0) ^ 0x5a;
  return edited;
}
