import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
  verify,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KEY_SPECS, kindOf, usagesOf } from '../../../src/shared/key-specs.ts';
import { codeOf, newVault, OWNER, refusal } from './support.ts';

const Message = Buffer.from('the message');
const DIGESTS = { '256': 'sha256', '384': 'sha384', '512': 'sha512' } as const;

function digest(algorithm: string): Buffer {
  const bits = algorithm.slice(-3) as keyof typeof DIGESTS;
  return createHash(DIGESTS[bits]).update(Message).digest();
}

/** The same bytes but for one. */
function changed(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[10] = (bytes[10] ?? 0) ^ 1;
  return other;
}

const signing = KEY_SPECS.filter((spec) => usagesOf(spec).includes('SIGN_VERIFY'));

describe.each(signing)('a signing key of spec %s', (KeySpec) => {
  it('signs and verifies by each of its algorithms, messages and digests alike', async () => {
    const { kms } = newVault();
    const { KeyMetadata } = await kms.CreateKey(OWNER, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const { KeyId, Arn, SigningAlgorithms = [] } = KeyMetadata;
    expect(KeyMetadata).not.toHaveProperty('CurrentKeyMaterialId');
    expect(KeyMetadata).not.toHaveProperty('EncryptionAlgorithms');
    const { PublicKey, ...about } = await kms.GetPublicKey(OWNER, { KeyId });
    expect(about).toEqual({
      KeyId: Arn,
      KeySpec,
      CustomerMasterKeySpec: KeySpec,
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms,
    });
    const publicKey = createPublicKey({ key: PublicKey, format: 'der', type: 'spki' });
    expect(SigningAlgorithms.length).toBeGreaterThan(0);
    for (const SigningAlgorithm of SigningAlgorithms) {
      const how = { KeyId, SigningAlgorithm };
      const raw = SigningAlgorithm !== 'ED25519_PH_SHA_512';
      const hashed = !['ED25519_SHA_512', 'ML_DSA_SHAKE_256'].includes(SigningAlgorithm);
      const inputs = [
        ...(raw ? [{ Message, MessageType: 'RAW' }] : []),
        ...(hashed ? [{ Message: digest(SigningAlgorithm), MessageType: 'DIGEST' }] : []),
      ];
      for (const input of inputs) {
        const { Signature, ...rest } = await kms.Sign(OWNER, { ...how, ...input });
        expect(rest).toEqual({ KeyId: Arn, SigningAlgorithm });
        for (const other of inputs) {
          const answer = await kms.Verify(OWNER, { ...how, ...other, Signature });
          expect(answer).toEqual({ KeyId: Arn, SignatureValid: true, SigningAlgorithm });
        }
        if (raw && hashed) {
          const padding = SigningAlgorithm.startsWith('RSASSA_PSS')
            ? constants.RSA_PKCS1_PSS_PADDING
            : undefined;
          const key = padding === undefined ? publicKey : { key: publicKey, padding };
          const hash = DIGESTS[SigningAlgorithm.slice(-3) as keyof typeof DIGESTS];
          expect(verify(hash, Message, key, Signature)).toBe(true);
        } else if (raw) {
          expect(verify(null, Message, publicKey, Signature)).toBe(true);
        }
        const wrong = { ...how, ...input, Signature: changed(Signature) };
        expect(await refusal(kms.Verify(OWNER, wrong))).toEqual({
          code: 'KMSInvalidSignatureException',
          message: '',
        });
      }
    }
    expect(await codeOf(kms.Sign(OWNER, { KeyId, Message, SigningAlgorithm: 'SOME' }))).toBe(
      'ValidationException',
    );
    expect(await codeOf(kms.Encrypt(OWNER, { KeyId, Plaintext: Message }))).toBe('InvalidKeyUsageException');
  });
});

describe('an RSA key that encrypts', () => {
  it('exchanges with OpenSSL, needs its name and algorithm, takes no context', async () => {
    const { kms } = newVault();
    const { KeyId, Arn } = (await kms.CreateKey(OWNER, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
      .KeyMetadata;
    const { PublicKey } = await kms.GetPublicKey(OWNER, { KeyId });
    const key = createPublicKey({ key: PublicKey, format: 'der', type: 'spki' });
    for (const [EncryptionAlgorithm, oaepHash, most] of [
      ['RSAES_OAEP_SHA_1', 'sha1', 214],
      ['RSAES_OAEP_SHA_256', 'sha256', 190],
    ] as const) {
      const how = { KeyId, EncryptionAlgorithm };
      const sealed = await kms.Encrypt(OWNER, { ...how, Plaintext: Buffer.alloc(most, 1) });
      expect(sealed).toMatchObject({ KeyId: Arn, EncryptionAlgorithm });
      const { CiphertextBlob } = sealed;
      const opened = await kms.Decrypt(OWNER, { ...how, CiphertextBlob });
      expect(opened.Plaintext.equals(Buffer.alloc(most, 1))).toBe(true);
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const theirs = publicEncrypt({ key, padding, oaepHash }, Message);
      expect((await kms.Decrypt(OWNER, { ...how, CiphertextBlob: theirs })).Plaintext.equals(Message)).toBe(
        true,
      );
      expect(await refusal(kms.Encrypt(OWNER, { ...how, Plaintext: Buffer.alloc(most + 1) }))).toEqual({
        code: 'ValidationException',
        message: `Algorithm ${EncryptionAlgorithm} and key spec RSA_2048 cannot encrypt data larger than ${most} bytes.`,
      });
      expect(await codeOf(kms.Decrypt(OWNER, { CiphertextBlob, EncryptionAlgorithm }))).toBe(
        'ValidationException',
      );
      expect(await codeOf(kms.Decrypt(OWNER, { CiphertextBlob, KeyId }))).toBe('InvalidKeyUsageException');
      const context = { EncryptionContext: { a: 'b' } };
      expect(await codeOf(kms.Encrypt(OWNER, { ...how, ...context, Plaintext: Message }))).toBe(
        'ValidationException',
      );
      expect(await codeOf(kms.Decrypt(OWNER, { ...how, CiphertextBlob: Buffer.alloc(256, 1) }))).toBe(
        'InvalidCiphertextException',
      );
    }
    expect(await codeOf(kms.Encrypt(OWNER, { KeyId, Plaintext: Message }))).toBe('InvalidKeyUsageException');
    expect(await codeOf(kms.GenerateDataKey(OWNER, { KeyId, NumberOfBytes: 1 }))).toBe(
      'InvalidKeyUsageException',
    );
    expect(await codeOf(kms.RotateKeyOnDemand(OWNER, { KeyId }))).toBe('UnsupportedOperationException');
  });
});

describe.each(['HMAC_224', 'HMAC_256', 'HMAC_384', 'HMAC_512'])('a key of spec %s', (KeySpec) => {
  it('makes and verifies MACs of its own algorithm only', async () => {
    const { kms } = newVault();
    const made = await kms.CreateKey(OWNER, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' });
    const { KeyId, Arn } = made.KeyMetadata;
    const MacAlgorithm = KeySpec.replace('HMAC_', 'HMAC_SHA_');
    expect(made.KeyMetadata.MacAlgorithms).toEqual([MacAlgorithm]);
    const input = { KeyId, Message, MacAlgorithm };
    const { Mac } = await kms.GenerateMac(OWNER, input);
    expect(Mac.length * 8).toBe(Number(KeySpec.slice(5)));
    expect(await kms.VerifyMac(OWNER, { ...input, Mac })).toEqual({
      KeyId: Arn,
      MacValid: true,
      MacAlgorithm,
    });
    for (const wrong of [
      { Mac: changed(Mac) },
      { Mac: Mac.subarray(1) },
      { Mac, Message: Buffer.from('other') },
    ]) {
      const refused = await refusal(kms.VerifyMac(OWNER, { ...input, ...wrong }));
      expect(refused).toEqual({ code: 'KMSInvalidMacException', message: '' });
    }
    const other = KeySpec === 'HMAC_256' ? 'HMAC_SHA_512' : 'HMAC_SHA_256';
    expect(await refusal(kms.GenerateMac(OWNER, { ...input, MacAlgorithm: other }))).toEqual({
      code: 'InvalidKeyUsageException',
      message: `Algorithm ${other} is incompatible with key spec ${KeySpec}.`,
    });
  });
});

describe('shared secrets', () => {
  it.each(['ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_NIST_P521'])('two keys of %s agree', async (KeySpec) => {
    const { kms } = newVault();
    const keys = await Promise.all(
      [0, 1].map(() => kms.CreateKey(OWNER, { KeySpec, KeyUsage: 'KEY_AGREEMENT' })),
    );
    const [a = '', b = ''] = keys.map(({ KeyMetadata }) => KeyMetadata.KeyId);
    const derive = async (own: string, other: string) => {
      const { PublicKey } = await kms.GetPublicKey(OWNER, { KeyId: other });
      return kms.DeriveSharedSecret(OWNER, { KeyId: own, KeyAgreementAlgorithm: 'ECDH', PublicKey });
    };
    const first = await derive(a, b);
    expect(first.SharedSecret.equals((await derive(b, a)).SharedSecret)).toBe(true);
    expect(first.SharedSecret.equals((await derive(a, a)).SharedSecret)).toBe(false);
    const bad = { KeyId: a, KeyAgreementAlgorithm: 'ECDH', PublicKey: Buffer.from('x') };
    expect(await codeOf(kms.DeriveSharedSecret(OWNER, bad))).toBe('ValidationException');
  });

  it.each(['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'])(
    'of %s come out of their ciphertext',
    async (KeySpec) => {
      const { kms } = newVault();
      const { KeyId } = (await kms.CreateKey(OWNER, { KeySpec, KeyUsage: 'ENCAPSULATE_DECAPSULATE' }))
        .KeyMetadata;
      const how = { KeyId, EncapsulationAlgorithm: 'ML_KEM' };
      const { SharedSecret, SharedSecretCiphertextBlob } = await kms.Encapsulate(OWNER, how);
      const back = await kms.Decapsulate(OWNER, { ...how, SharedSecretCiphertextBlob });
      expect(back.SharedSecret.equals(SharedSecret)).toBe(true);
      const short = { ...how, SharedSecretCiphertextBlob: SharedSecretCiphertextBlob.subarray(1) };
      expect(await codeOf(kms.Decapsulate(OWNER, short))).toBe('InvalidCiphertextException');
    },
  );
});

describe('GenerateDataKeyPair', () => {
  const specs = KEY_SPECS.filter((spec) => ['rsa', 'ecc', 'ed25519'].includes(kindOf(spec).kind));

  it.each(specs)(
    'of %s gives a pair that belongs together, wrapped as it is in clear',
    async (KeyPairSpec) => {
      const { kms } = newVault();
      const { KeyId, Arn } = (await kms.CreateKey(OWNER, {})).KeyMetadata;
      const EncryptionContext = { client: '17' };
      const pair = await kms.GenerateDataKeyPair(OWNER, { KeyId, KeyPairSpec, EncryptionContext });
      expect(pair).toMatchObject({ KeyId: Arn, KeyPairSpec });
      const CiphertextBlob = pair.PrivateKeyCiphertextBlob;
      const { Plaintext } = await kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext });
      expect(Plaintext.equals(pair.PrivateKeyPlaintext)).toBe(true);
      const secret = createPrivateKey({ key: Plaintext, format: 'der', type: 'pkcs8' });
      const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
      expect(spki.equals(pair.PublicKey)).toBe(true);
      const without = await kms.GenerateDataKeyPairWithoutPlaintext(OWNER, { KeyId, KeyPairSpec });
      expect(without).not.toHaveProperty('PrivateKeyPlaintext');
      if (KeyPairSpec === 'RSA_2048') {
        const sealed = publicEncrypt(createPublicKey(secret), Message);
        expect(privateDecrypt(secret, sealed).equals(Message)).toBe(true);
      }
    },
  );

  it('refuses SM2, and specs that there are not', async () => {
    const { kms } = newVault();
    const { KeyId } = (await kms.CreateKey(OWNER, {})).KeyMetadata;
    expect(await codeOf(kms.GenerateDataKeyPair(OWNER, { KeyId, KeyPairSpec: 'SM2' }))).toBe(
      'UnsupportedOperationException',
    );
    expect(await codeOf(kms.GenerateDataKeyPair(OWNER, { KeyId, KeyPairSpec: 'HMAC_256' }))).toBe(
      'ValidationException',
    );
  });
});

describe('what is only tried', () => {
  it('ends with DryRunOperationException, or with the error that it would have had', async () => {
    const { kms } = newVault();
    const { KeyId } = (await kms.CreateKey(OWNER, {})).KeyMetadata;
    const DryRun = true;
    const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId, Plaintext: Message });
    const tried = [
      kms.Encrypt(OWNER, { KeyId, Plaintext: Message, DryRun }),
      kms.Decrypt(OWNER, { CiphertextBlob, DryRun }),
      kms.ReEncrypt(OWNER, { CiphertextBlob, DestinationKeyId: KeyId, DryRun }),
      kms.GenerateDataKey(OWNER, { KeyId, NumberOfBytes: 1, DryRun }),
      kms.GenerateDataKeyWithoutPlaintext(OWNER, { KeyId, NumberOfBytes: 1, DryRun }),
      kms.GenerateDataKeyPair(OWNER, { KeyId, KeyPairSpec: 'RSA_4096', DryRun }),
    ];
    for (const one of tried) {
      expect(await refusal(one)).toEqual({
        code: 'DryRunOperationException',
        message: 'The request would have succeeded, but the DryRun option is set.',
      });
    }
    const wrong = { CiphertextBlob, EncryptionContext: { a: 'b' }, DryRun };
    expect(await codeOf(kms.Decrypt(OWNER, wrong))).toBe('InvalidCiphertextException');
    await kms.DisableKey(OWNER, { KeyId });
    expect(await codeOf(kms.Encrypt(OWNER, { KeyId, Plaintext: Message, DryRun }))).toBe('DisabledException');
  });
});
