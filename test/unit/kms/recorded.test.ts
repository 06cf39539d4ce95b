import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vectorsFolder } from '../../support/vectors.ts';
import { newKey, newVault, OWNER, refusal, type TestVault } from './support.ts';

/** How other kinds of keys, and tags, refuse. */
async function askedOfOthers({ kms }: TestVault, symmetric: string) {
  const make = async (KeySpec: string, KeyUsage: string) =>
    (await kms.CreateKey(OWNER, { KeySpec, KeyUsage })).KeyMetadata.KeyId;
  const message = { Message: Buffer.from('m') };
  const hmac224 = await make('HMAC_224', 'GENERATE_VERIFY_MAC');
  const hmac256 = await make('HMAC_256', 'GENERATE_VERIFY_MAC');
  const signing = await make('ECC_NIST_P256', 'SIGN_VERIFY');
  const p384 = await make('ECC_NIST_P384', 'SIGN_VERIFY');
  const rsa = await make('RSA_2048', 'SIGN_VERIFY');
  const { Mac } = await kms.GenerateMac(OWNER, { KeyId: hmac256, ...message, MacAlgorithm: 'HMAC_SHA_256' });
  const ecdsa = { SigningAlgorithm: 'ECDSA_SHA_256' };
  const { Signature } = await kms.Sign(OWNER, { KeyId: signing, ...message, ...ecdsa });
  const ecdh = { KeyAgreementAlgorithm: 'ECDH', PublicKey: Buffer.from('x') };
  const short = { Message: Buffer.from('m'), MessageType: 'DIGEST' };
  const tag = (TagKey: string, TagValue = '') => ({ TagKey, TagValue });
  const tagged = (...Tags: { TagKey: string; TagValue: string }[]) =>
    kms.TagResource(OWNER, { KeyId: symmetric, Tags });
  return Promise.all(
    [
      kms.DeriveSharedSecret(OWNER, { KeyId: symmetric, ...ecdh }),
      kms.DeriveSharedSecret(OWNER, { KeyId: signing, ...ecdh }),
      kms.DeriveSharedSecret(OWNER, { KeyId: signing, ...ecdh, KeyAgreementAlgorithm: 'INVALID' }),
      kms.GenerateMac(OWNER, { KeyId: symmetric, ...message, MacAlgorithm: 'HMAC_SHA_256' }),
      kms.GenerateMac(OWNER, { KeyId: hmac224, ...message, MacAlgorithm: 'HMAC_SHA_256' }),
      kms.GenerateMac(OWNER, { KeyId: hmac256, ...message, MacAlgorithm: 'HMAC_SHA_512' }),
      kms.GenerateMac(OWNER, { KeyId: hmac256, ...message, MacAlgorithm: 'INVALID' }),
      kms.VerifyMac(OWNER, { KeyId: hmac256, Message: Buffer.from('n'), Mac, MacAlgorithm: 'HMAC_SHA_256' }),
      kms.Verify(OWNER, { KeyId: symmetric, ...message, Signature, ...ecdsa }),
      kms.Verify(OWNER, { KeyId: signing, Message: Buffer.from('n'), Signature, ...ecdsa }),
      kms.Sign(OWNER, { KeyId: hmac256, ...message, ...ecdsa }),
      kms.Encrypt(OWNER, { KeyId: signing, Plaintext: Buffer.from('m') }),
      kms.Sign(OWNER, { KeyId: signing, ...short, ...ecdsa }),
      kms.Sign(OWNER, { KeyId: p384, ...short, SigningAlgorithm: 'ECDSA_SHA_384' }),
      ...['PKCS1_V1_5_SHA_256', 'PKCS1_V1_5_SHA_512', 'PSS_SHA_256', 'PSS_SHA_384', 'PSS_SHA_512'].map(
        (name) => kms.Sign(OWNER, { KeyId: rsa, ...short, SigningAlgorithm: `RSASSA_${name}` }),
      ),
      kms.CreateKey(OWNER, { KeySpec: 'RSA_2048', KeyUsage: 'KEY_AGREEMENT' }),
      kms.CreateKey(OWNER, { KeySpec: 'RSA_2048' }),
      kms.GenerateRandom(OWNER, {}),
      kms.GenerateRandom(OWNER, { NumberOfBytes: 0 }),
      kms.GenerateDataKey(OWNER, { KeyId: symmetric, NumberOfBytes: 1, DryRun: true }),
      tagged(tag('a'), tag('a')),
      tagged(tag('aws:a')),
      tagged(...Array.from({ length: 51 }, (_, n) => tag(`t${n}`))),
      tagged(tag('a'.repeat(129))),
      tagged(tag('a', 'v'.repeat(257))),
    ].map(refusal),
  );
}

describe('errors', () => {
  it('have the names and messages that were recorded from AWS KMS', async ({ skip }) => {
    const file = vectorsFolder('aws-kms-recorded-errors.json', skip);
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as [string, string][];
    const vault = newVault();
    const { kms } = vault;
    const { id, arn } = await newKey(vault, 'alias/a');
    const off = await newKey(vault);
    await kms.DisableKey(OWNER, { KeyId: off.id });
    const full = await newKey(vault);
    for (let i = 0; i < 25; i++) await kms.RotateKeyOnDemand(OWNER, { KeyId: full.id });
    const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.from('x') });
    const gone = '134f2428-cec1-4b25-a1ae-9048164dba47';
    const asked = [
      kms.Encrypt(OWNER, { KeyId: off.id, Plaintext: Buffer.from('x') }),
      kms.Decrypt(OWNER, { CiphertextBlob, KeyId: full.id }),
      kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: { a: 'b' } }),
      kms.RotateKeyOnDemand(OWNER, { KeyId: full.id }),
      kms.DescribeKey(OWNER, { KeyId: '134f2428cec14b25a1ae9048164dba47' }),
      kms.DescribeKey(OWNER, { KeyId: 'fake-key-id' }),
      kms.DescribeKey(OWNER, { KeyId: 'mrk-fake-key-id' }),
      kms.DescribeKey(OWNER, { KeyId: gone }),
      kms.DescribeKey(OWNER, { KeyId: arn.replace(':local:', ':eu-west-1:') }),
      kms.GenerateDataKey(OWNER, { KeyId: id, NumberOfBytes: 0 }),
      kms.GenerateDataKey(OWNER, { KeyId: id, NumberOfBytes: 1_025 }),
      kms.CreateKey(OWNER, { KeySpec: 'HMAC_random' }),
      kms.CreateKey(OWNER, { KeyUsage: 'RANDOM' }),
      kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.alloc(4_097) }),
      kms.CreateAlias(OWNER, { AliasName: 'a', TargetKeyId: id }),
    ];
    const answers = [...(await Promise.all(asked.map(refusal))), ...(await askedOfOthers(vault, id))];
    const placeholders = [off.arn, full.arn, arn.replace(id, gone), arn];
    for (const { code, message } of answers) {
      let general = message.replace('eu-west-1', '<secondary-region>');
      for (const known of placeholders) general = general.replace(known, '<key-arn>');
      general = general.replace(/arn:aws:kms:local:[0-9]+:key\/[0-9a-f-]+/, '<key-arn>');
      expect(recorded, `${code}: ${general}`).toContainEqual([code, general]);
    }
  });
});
