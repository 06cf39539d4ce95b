import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vectorsFolder } from '../../support/vectors.ts';
import { importInto, parametersFor } from './import-support.ts';
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

/** How keys whose material is imported refuse, and import itself. */
async function askedOfImports(vault: TestVault, symmetric: string) {
  const { kms } = vault;
  const make = async (Origin: string) => (await kms.CreateKey(OWNER, { Origin })).KeyMetadata.KeyId;
  const [empty, whole, waiting] = [await make('EXTERNAL'), await make('EXTERNAL'), await make('EXTERNAL')];
  await importInto(vault, whole, randomBytes(32));
  await importInto(vault, waiting, randomBytes(32));
  await importInto(vault, waiting, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' });
  return Promise.all(
    [
      parametersFor(vault, symmetric),
      kms.EnableKeyRotation(OWNER, { KeyId: whole }),
      kms.Encrypt(OWNER, { KeyId: empty, Plaintext: Buffer.from('x') }),
      kms.RotateKeyOnDemand(OWNER, { KeyId: whole }),
      importInto(vault, waiting, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' }),
      importInto(vault, empty, randomBytes(32), { ExpirationModel: 'KEY_MATERIAL_EXPIRES' }),
    ].map(refusal),
  );
}

/** How RSA keys refuse what is too long for them. */
async function askedOfRsa({ kms }: TestVault) {
  const calls = ['RSA_2048', 'RSA_3072', 'RSA_4096'].flatMap((KeySpec) =>
    ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'].map(async (EncryptionAlgorithm) => {
      const { KeyId } = await rsaKey(kms, KeySpec);
      return refusal(kms.Encrypt(OWNER, { KeyId, Plaintext: Buffer.alloc(471), EncryptionAlgorithm }));
    }),
  );
  return Promise.all(calls);
}

const rsaKeys = new Map<string, Promise<{ KeyId: string }>>();

/** One key of each size: they take their time. */
function rsaKey(kms: TestVault['kms'], KeySpec: string): Promise<{ KeyId: string }> {
  const made =
    rsaKeys.get(KeySpec) ??
    kms.CreateKey(OWNER, { KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' }).then(({ KeyMetadata }) => KeyMetadata);
  rsaKeys.set(KeySpec, made);
  return made;
}

/** Recorded messages that nothing here says, each with the reason. */
const UNSAID: readonly (readonly [code: string, message: string, why: string])[] = [
  [
    'NotFoundException',
    "Key '<key-arn of another region>' does not exist",
    'of a replica that is not there; here there is one region, and an ARN of another is an invalid one',
  ],
  [
    'UnsupportedOperationException',
    '<mrk-key-arn> is not a multi-region primary key.',
    'there are no multi-region keys',
  ],
  [
    'UnsupportedOperationException',
    '',
    'without the operation and without words; ours says what is not there',
  ],
  ['ValidationException', '', 'without the operation and without words; ours says what is not valid'],
];

/** A recorded message with the placeholders that ours are given. */
function asOurs(message: string): string {
  return message
    .replace(/arn:<partition>:kms:ap-southeast-1:\d+:key\/<key-id:1>/, '<key-arn of another region>')
    .replace(/arn:<partition>:kms:<region>:\d+:key\/<key-id:1>/, '<key-arn>')
    .replace('<key-id:1>', '<key-id>')
    .replace('<key-material-id:2>', '<key-material-id>');
}

/** A message of ours with placeholders for what is of this vault alone. */
function general(message: string): string {
  return message
    .replace(/arn:aws:kms:local:\d+:key\/mrk-[0-9a-f]+/, '<mrk-key-arn>')
    .replace(/arn:aws:kms:local:\d+:key\/[0-9a-f-]+/, '<key-arn>')
    .replace('eu-west-1', '<secondary-region>')
    .replace(/KMS key [0-9a-f-]{36}/, 'KMS key <key-id>')
    .replaceAll(/\(id: [0-9a-f]{64}\)/g, '(id: <key-material-id>)');
}

describe('errors', () => {
  it('have the names and messages that were recorded from AWS KMS, each of them', async ({ skip }) => {
    const file = vectorsFolder('aws-kms-recorded-errors.json', skip);
    const entries: [string, string][] = JSON.parse(readFileSync(file, 'utf8'));
    const recorded = entries.map(([code, message]) => `${code}: ${asOurs(message)}`);
    const vault = newVault();
    const { kms } = vault;
    const { id, arn } = await newKey(vault, 'alias/a');
    const off = await newKey(vault);
    await kms.DisableKey(OWNER, { KeyId: off.id });
    const full = await newKey(vault);
    for (let i = 0; i < 25; i++) await kms.RotateKeyOnDemand(OWNER, { KeyId: full.id });
    const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.from('x') });
    const gone = '134f2428-cec1-4b25-a1ae-9048164dba47';
    const named = (KeyId: string) => kms.DescribeKey(OWNER, { KeyId });
    const asked = [
      kms.Encrypt(OWNER, { KeyId: off.id, Plaintext: Buffer.from('x') }),
      kms.Decrypt(OWNER, { CiphertextBlob, KeyId: full.id }),
      kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: { a: 'b' } }),
      kms.RotateKeyOnDemand(OWNER, { KeyId: full.id }),
      ...['134f2428cec14b25a1ae9048164dba47', 'fake-key-id', 'key_id', 'mrk-fake-key-id', gone].map(named),
      named(`mrk-${'0'.repeat(32)}`),
      named(arn.replace(':local:', ':eu-west-1:')),
      kms.GenerateDataKey(OWNER, { KeyId: id, NumberOfBytes: 0 }),
      kms.GenerateDataKey(OWNER, { KeyId: id, NumberOfBytes: 1_025 }),
      kms.CreateKey(OWNER, { KeySpec: 'HMAC_random' }),
      kms.CreateKey(OWNER, { KeyUsage: 'RANDOM' }),
      kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.alloc(4_097) }),
      kms.CreateAlias(OWNER, { AliasName: 'a', TargetKeyId: id }),
    ];
    const answers = [
      ...(await Promise.all(asked.map(refusal))),
      ...(await askedOfOthers(vault, id)),
      ...(await askedOfImports(vault, id)),
      ...(await askedOfRsa(vault)),
    ].map(({ code, message }) => `${code}: ${general(message)}`);
    expect(answers.filter((answer) => !recorded.includes(answer))).toEqual([]);
    const unsaid = UNSAID.map(([code, message]) => `${code}: ${message}`);
    expect(recorded.filter((one) => !answers.includes(one)).sort()).toEqual(unsaid.sort());
  });
});
