import { but, type InputOf, type Make, operation, tried, used } from './observing.ts';
import { there, type World } from './world.ts';

const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const;
const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const;
const text = Buffer.from('text');
const EncryptionContext = { customer: 'a' };

const encrypt: Make<InputOf<'Encrypt'>> = async (world) => ({
  KeyId: await world.key(),
  Plaintext: text,
  EncryptionContext,
});

async function sealed(world: World, KeyId: string): Promise<Uint8Array> {
  return there((await world.kms.encrypt({ KeyId, Plaintext: text, EncryptionContext })).CiphertextBlob);
}

const decrypt: Make<InputOf<'Decrypt'>> = async (world) => {
  const KeyId = await world.key();
  return { KeyId, CiphertextBlob: await sealed(world, KeyId), EncryptionContext };
};

const reEncrypt: Make<InputOf<'ReEncrypt'>> = async (world) => {
  const SourceKeyId = await world.key();
  return {
    SourceKeyId,
    CiphertextBlob: await sealed(world, SourceKeyId),
    SourceEncryptionContext: EncryptionContext,
    DestinationEncryptionContext: EncryptionContext,
    DestinationKeyId: await world.key(),
  };
};

const dataKey: Make<InputOf<'GenerateDataKey'>> = async (world) => ({
  KeyId: await world.key(),
  KeySpec: 'AES_256',
  EncryptionContext,
});

const pair: Make<InputOf<'GenerateDataKeyPair'>> = async (world) => ({
  KeyId: await world.key(),
  KeyPairSpec: 'ECC_NIST_P256',
  EncryptionContext,
});

const PAIR = ['KeyId', 'KeyMaterialId', 'KeyPairSpec', 'PrivateKeyCiphertextBlob', 'PublicKey'];

/** Encryption, data keys and random bytes. */
export const DATA = [
  ...operation('Encrypt', encrypt, ['CiphertextBlob', 'EncryptionAlgorithm', 'KeyId'], {
    ...used(encrypt),
    ...tried(encrypt),
    InvalidKeyUsageException: async (world) => ({ KeyId: await world.key(SIGNING), Plaintext: text }),
  }),
  ...operation('Decrypt', decrypt, ['EncryptionAlgorithm', 'KeyId', 'KeyMaterialId', 'Plaintext'], {
    ...used(decrypt),
    ...tried(decrypt),
    ValidationException: but(decrypt, { DryRunModifiers: ['IGNORE_CIPHERTEXT'] }),
    IncorrectKeyException: async (world) => ({ ...(await decrypt(world)), KeyId: await world.key() }),
    InvalidCiphertextException: but(decrypt, { CiphertextBlob: Buffer.from('foreign') }),
    InvalidKeyUsageException: but(decrypt, { EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
  }),
  ...operation(
    'ReEncrypt',
    reEncrypt,
    [
      'CiphertextBlob',
      'DestinationEncryptionAlgorithm',
      'DestinationKeyMaterialId',
      'KeyId',
      'SourceEncryptionAlgorithm',
      'SourceKeyId',
      'SourceKeyMaterialId',
    ],
    {
      ...tried(reEncrypt),
      NotFoundException: but(reEncrypt, { DestinationKeyId: 'alias/none' }),
      DisabledException: async (world) => {
        const input = await reEncrypt(world);
        await world.kms.disableKey({ KeyId: input.DestinationKeyId });
        return input;
      },
      KMSInvalidStateException: async (world) => {
        const input = await reEncrypt(world);
        await world.kms.scheduleKeyDeletion({ KeyId: input.SourceKeyId });
        return input;
      },
      InvalidGrantTokenException: but(reEncrypt, { GrantTokens: ['none'] }),
      IncorrectKeyException: async (world) => ({
        ...(await reEncrypt(world)),
        SourceKeyId: await world.key(),
      }),
      InvalidCiphertextException: but(reEncrypt, { SourceEncryptionContext: { another: 'context' } }),
      InvalidKeyUsageException: async (world) => ({
        ...(await reEncrypt(world)),
        DestinationKeyId: await world.key(HMAC),
      }),
    },
  ),
  ...operation('GenerateDataKey', dataKey, ['CiphertextBlob', 'KeyId', 'KeyMaterialId', 'Plaintext'], {
    ...used(dataKey),
    ...tried(dataKey),
    ValidationException: but(dataKey, { NumberOfBytes: 32 }),
    InvalidKeyUsageException: async (world) => ({ KeyId: await world.key(HMAC), NumberOfBytes: 32 }),
  }),
  ...operation('GenerateDataKeyWithoutPlaintext', dataKey, ['CiphertextBlob', 'KeyId', 'KeyMaterialId'], {
    ...used(dataKey),
    ...tried(dataKey),
    InvalidKeyUsageException: async (world) => ({ KeyId: await world.key(HMAC), NumberOfBytes: 32 }),
  }),
  ...operation('GenerateDataKeyPair', pair, [...PAIR, 'PrivateKeyPlaintext'], {
    ...used(pair),
    ...tried(pair),
    InvalidKeyUsageException: async (world) => ({
      KeyId: await world.key(HMAC),
      KeyPairSpec: 'ECC_NIST_P256',
    }),
    UnsupportedOperationException: but(pair, { KeyPairSpec: 'SM2' }),
  }),
  ...operation('GenerateDataKeyPairWithoutPlaintext', pair, PAIR, {
    ...used(pair),
    ...tried(pair),
    InvalidKeyUsageException: async (world) => ({
      KeyId: await world.key(HMAC),
      KeyPairSpec: 'ECC_NIST_P256',
    }),
    UnsupportedOperationException: but(pair, { KeyPairSpec: 'SM2' }),
  }),
  ...operation('GenerateRandom', () => ({ NumberOfBytes: 16 }), ['Plaintext'], {
    ValidationException: () => ({ NumberOfBytes: 1_025 }),
    UnsupportedOperationException: () => ({ NumberOfBytes: 16, CustomKeyStoreId: 'cks-1234567890abcdef0' }),
  }),
];
