import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  ListGrantsCommand,
  ListKeyRotationsCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  UntagResourceCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AccessKey, clientOf, type Serving, serveLive } from '../support/endpoint.ts';
import { LiveVault } from '../support/live-vault.ts';

/* AWS's own JavaScript clients against an endpoint: the SDK, and the Encryption SDK with its KMS keyring. */

let vault: LiveVault;
let serving: Serving;
let app: AccessKey;

beforeAll(async () => {
  vault = await LiveVault.make();
  app = await vault.call('clients.create', { name: 'app', policy: null });
  serving = await serveLive(vault);
});

afterAll(async () => {
  await serving.stop();
  await vault.end();
});

const named = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: Error) => error.name,
  );

describe("AWS's SDK for JavaScript", () => {
  it('makes, uses, rotates, shares, imports and deletes keys', async () => {
    const kms = clientOf(serving.facts, app);
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Description: 'sdk', Tags: [{ TagKey: 'from', TagValue: 'sdk' }] }),
    );
    const KeyId = KeyMetadata?.KeyId;
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/sdk', TargetKeyId: KeyId }));
    const EncryptionContext = { customer: '4711' };
    const Plaintext = Buffer.from('hello');
    const encrypt = new EncryptCommand({ KeyId: 'alias/sdk', Plaintext, EncryptionContext });
    const { CiphertextBlob } = await kms.send(encrypt);
    const pair = await kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }));
    const data = await kms.send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes: 64 }));
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations?.length).toBe(1);
    for (const [blob, plain, context] of [
      [CiphertextBlob, Plaintext, EncryptionContext],
      [data.CiphertextBlob, data.Plaintext, {}],
      [pair.PrivateKeyCiphertextBlob, pair.PrivateKeyPlaintext, {}],
    ] as const) {
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: context }));
      expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.from(plain ?? []));
    }

    const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId }));
    const policy = JSON.parse(Policy) as { Statement: object[] };
    const deny = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'kms:UntagResource', Resource: '*' };
    const changed = { ...policy, Statement: [...policy.Statement, deny] };
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: JSON.stringify(changed) }));
    const untag = new UntagResourceCommand({ KeyId, TagKeys: ['from'] });
    expect(await named(kms.send(untag))).toBe('AccessDeniedException');

    const GranteePrincipal = 'arn:aws:iam::000000000000:user/cli';
    const { GrantId } = await kms.send(
      new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Decrypt'] }),
    );
    const listed = await kms.send(new ListGrantsCommand({ KeyId }));
    expect(listed.Grants?.map((grant) => [grant.GrantId, grant.CreationDate instanceof Date])).toEqual([
      [GrantId, true],
    ]);
    await kms.send(new RevokeGrantCommand({ KeyId, GrantId }));

    const signer = await kms.send(new CreateKeyCommand({ KeySpec: 'ML_DSA_44', KeyUsage: 'SIGN_VERIFY' }));
    const signing = {
      ...{ KeyId: signer.KeyMetadata?.KeyId, Message: Plaintext, SigningAlgorithm: 'ML_DSA_SHAKE_256' },
    } as const;
    const { Signature } = await kms.send(
      new SignCommand({ ...signing, SigningAlgorithm: 'ML_DSA_SHAKE_256' }),
    );
    const verify = new VerifyCommand({ ...signing, SigningAlgorithm: 'ML_DSA_SHAKE_256', Signature });
    expect((await kms.send(verify)).SignatureValid).toBe(true);
    const hmac = await kms.send(
      new CreateKeyCommand({ KeySpec: 'HMAC_512', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    );
    const macs = { KeyId: hmac.KeyMetadata?.KeyId, Message: Plaintext } as const;
    const { Mac } = await kms.send(new GenerateMacCommand({ ...macs, MacAlgorithm: 'HMAC_SHA_512' }));
    const verifyMac = new VerifyMacCommand({ ...macs, MacAlgorithm: 'HMAC_SHA_512', Mac });
    expect((await kms.send(verifyMac)).MacValid).toBe(true);

    const external = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }));
    const imported = { KeyId: external.KeyMetadata?.KeyId };
    const wanted = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' } as const;
    const { PublicKey, ImportToken } = await kms.send(
      new GetParametersForImportCommand({ ...imported, ...wanted }),
    );
    const EncryptedKeyMaterial = publicEncrypt(
      {
        key: createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' }),
        oaepHash: 'sha256',
        padding: constants.RSA_PKCS1_OAEP_PADDING,
      },
      randomBytes(32),
    );
    const material = {
      ImportToken,
      EncryptedKeyMaterial,
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    } as const;
    await kms.send(new ImportKeyMaterialCommand({ ...imported, ...material }));
    const sealed = await kms.send(new EncryptCommand({ ...imported, Plaintext }));
    const { Plaintext: unsealed } = await kms.send(
      new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }),
    );
    expect(Buffer.from(unsealed ?? [])).toEqual(Plaintext);

    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled.KeyState).toBe('PendingDeletion');
    expect(scheduled.DeletionDate).toBeInstanceOf(Date);
    expect(await named(kms.send(encrypt))).toBe('KMSInvalidStateException');
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe('Disabled');
  });
});

describe("AWS's Encryption SDK with its KMS keyring", () => {
  afterEach(() => vi.unstubAllEnvs());

  it('encrypts under two keys and decrypts under either; a third does not open', async () => {
    // What keyward serve prints to be pasted; the keyring asks for a client of the region in each ARN.
    vi.stubEnv('AWS_ENDPOINT_URL_KMS', serving.facts.endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', app.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', app.secretAccessKey);
    const keyring = (generatorKeyId: string, keyIds: string[] = []) =>
      new KmsKeyringNode({ generatorKeyId, keyIds });
    const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const kms = clientOf(serving.facts, app);
    const made = await Promise.all(['', '', ''].map(() => kms.send(new CreateKeyCommand({}))));
    const [one = '', two = '', three = ''] = made.map(({ KeyMetadata }) => KeyMetadata?.Arn ?? '');
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/esdk', TargetKeyId: one }));
    const encryptionContext = { customer: '4711' };
    const plaintext = Buffer.alloc(10_000, 'text ');
    for (const generator of [one, 'arn:aws:kms:local:000000000000:alias/esdk']) {
      const { result } = await encrypt(keyring(generator, [two]), plaintext, { encryptionContext });
      await kms.send(new RotateKeyOnDemandCommand({ KeyId: one }));
      for (const arn of [one, two]) {
        const opened = await decrypt(keyring(arn), result);
        expect(opened.plaintext.equals(plaintext)).toBe(true);
        expect(opened.messageHeader.encryptionContext).toMatchObject(encryptionContext);
      }
      await expect(decrypt(keyring(three), result)).rejects.toThrow();
    }
    const { entries } = await vault.call('audit.list', { limit: 100, event: 'GenerateDataKey' });
    expect(entries[0]).toMatchObject({ principal: 'arn:aws:iam::000000000000:user/app' });
    expect(JSON.stringify(entries[0]?.requestParameters)).toContain('4711');
  });
});
