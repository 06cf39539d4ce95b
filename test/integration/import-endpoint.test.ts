import { createHmac, randomBytes } from 'node:crypto';
import {
  CreateCustomKeyStoreCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeCustomKeyStoresCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetKeyLastUsageCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type KMSClient,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, type Serving, serveLive } from '../support/endpoint.ts';
import { LiveVault } from '../support/live-vault.ts';
import { nodePair, wrapFor } from '../unit/kms/import-support.ts';

let vault: LiveVault;
let serving: Serving;
let kms: KMSClient;

beforeAll(async () => {
  vault = await LiveVault.make();
  const key = await vault.call('clients.create', { name: 'importer', policy: null });
  serving = await serveLive(vault);
  kms = clientOf(serving.facts, key);
});

afterAll(async () => {
  kms.destroy();
  await serving.stop();
  await vault.end();
});

type More = Partial<Omit<ImportKeyMaterialCommandInput, 'KeyId'>>;

async function importInto(KeyId: string | undefined, material: Buffer, isPair = false, more: More = {}) {
  const WrappingAlgorithm = isPair ? 'RSA_AES_KEY_WRAP_SHA_256' : 'RSAES_OAEP_SHA_256';
  const { ImportToken, PublicKey = Buffer.alloc(0) } = await kms.send(
    new GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec: 'RSA_2048' }),
  );
  const EncryptedKeyMaterial = wrapFor(Buffer.from(PublicKey), WrappingAlgorithm, material);
  return kms.send(new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ...more }));
}

const FOREVER = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const;
const Plaintext = Buffer.from('x');

describe('import through the endpoint, by AWS’s own client', () => {
  it('brings in material with a date, deletes it, brings it back, and rotates to new material', async () => {
    const made = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }));
    expect(made.KeyMetadata).toMatchObject({ KeyState: 'PendingImport', Origin: 'EXTERNAL' });
    const KeyId = made.KeyMetadata?.KeyId;
    const ValidTo = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 86_400_000);
    const material = randomBytes(32);
    const first = await importInto(KeyId, material, false, { ValidTo, KeyMaterialDescription: 'one' });
    expect(first).toMatchObject({ KeyId: made.KeyMetadata?.Arn, KeyMaterialId: expect.any(String) });
    const described = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(described.KeyMetadata).toMatchObject({
      KeyState: 'Enabled',
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
      ValidTo,
      CurrentKeyMaterialId: first.KeyMaterialId,
    });
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }));
    await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId }));
    const refused = await kms.send(new DecryptCommand({ CiphertextBlob })).catch((error: Error) => error);
    expect(refused).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${made.KeyMetadata?.Arn} is pending import.`,
    });
    await importInto(KeyId, material, false, FOREVER);
    const second = await importInto(KeyId, randomBytes(32), false, {
      ...FOREVER,
      ImportType: 'NEW_KEY_MATERIAL',
    });
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    const { Rotations } = await kms.send(
      new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
    );
    expect(Rotations).toMatchObject([
      { KeyMaterialId: first.KeyMaterialId, KeyMaterialState: 'NON_CURRENT', KeyMaterialDescription: 'one' },
      { KeyMaterialId: second.KeyMaterialId, KeyMaterialState: 'CURRENT', RotationType: 'ON_DEMAND' },
    ]);
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
  });

  it('brings in HMAC and private keys', async () => {
    const hmac = await kms.send(
      new CreateKeyCommand({ Origin: 'EXTERNAL', KeySpec: 'HMAC_512', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    );
    const material = randomBytes(64);
    const KeyId = hmac.KeyMetadata?.KeyId;
    await importInto(KeyId, material, false, FOREVER);
    const { Mac } = await kms.send(
      new GenerateMacCommand({ KeyId, Message: Plaintext, MacAlgorithm: 'HMAC_SHA_512' }),
    );
    expect(Buffer.from(Mac ?? [])).toEqual(createHmac('sha512', material).update(Plaintext).digest());
    const pair = nodePair('ec', 'secp384r1');
    const made = await kms.send(
      new CreateKeyCommand({ Origin: 'EXTERNAL', KeySpec: 'ECC_NIST_P384', KeyUsage: 'SIGN_VERIFY' }),
    );
    await importInto(made.KeyMetadata?.KeyId, pair.secret, true, FOREVER);
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: made.KeyMetadata?.KeyId }));
    expect(Buffer.from(PublicKey ?? [])).toEqual(pair.publicKey);
  });
});

describe('an import that goes wrong, for AWS’s own client', () => {
  const nameOf = (call: Promise<unknown>) =>
    call.then(
      () => 'none',
      (error: Error) => error.name,
    );

  it('has the names that it knows', async () => {
    const KeyId = (await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))).KeyMetadata?.KeyId;
    const own = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
    const parameters = new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    });
    const { ImportToken } = await kms.send(parameters);
    const give = (more: Partial<ImportKeyMaterialCommandInput>) =>
      kms.send(
        new ImportKeyMaterialCommand({
          ...{ KeyId, ImportToken, EncryptedKeyMaterial: Buffer.alloc(256, 1), ...FOREVER, ...more },
        }),
      );
    expect(await nameOf(give({}))).toBe('InvalidCiphertextException');
    expect(await nameOf(give({ ImportToken: Buffer.alloc(100) }))).toBe('InvalidImportTokenException');
    expect(await nameOf(give({ KeyId: own }))).toBe('UnsupportedOperationException');
    expect(await nameOf(give({ ExpirationModel: 'KEY_MATERIAL_EXPIRES' }))).toBe('ValidationException');
    expect(await nameOf(importInto(KeyId, randomBytes(16), false, FOREVER))).toBe(
      'IncorrectKeyMaterialException',
    );
    await importInto(KeyId, randomBytes(32), false, FOREVER);
    expect(await nameOf(kms.send(new RotateKeyOnDemandCommand({ KeyId })))).toBe('KMSInvalidStateException');
    const gone = new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId: 'a'.repeat(64) });
    expect(await nameOf(kms.send(gone))).toBe('NotFoundException');
  });
});

describe('what else AWS’s own client asks', () => {
  it('is told the last use of a key', async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const ask = () => kms.send(new GetKeyLastUsageCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(await ask()).toMatchObject({ KeyLastUsage: {}, KeyCreationDate: KeyMetadata?.CreationDate });
    const before = Date.now();
    await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }));
    const { KeyLastUsage } = await ask();
    expect(KeyLastUsage).toMatchObject({ Operation: 'Encrypt', CloudTrailEventId: expect.any(String) });
    expect(KeyLastUsage?.Timestamp?.getTime()).toBeGreaterThanOrEqual(before - 1);
  });

  it('finds no key stores, and can’t make one', async () => {
    expect((await kms.send(new DescribeCustomKeyStoresCommand({}))).CustomKeyStores).toEqual([]);
    const asked = kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreName: 'mine' }));
    expect(await asked.catch((error: Error) => error.name)).toBe('CustomKeyStoreNotFoundException');
    const making = kms.send(new CreateCustomKeyStoreCommand({ CustomKeyStoreName: 'mine' }));
    expect(await making.catch((error: Error) => error)).toMatchObject({
      name: 'UnsupportedOperationException',
      message: expect.stringContaining('Custom key stores are clusters'),
    });
  });
});
