import { but, type InputOf, type Make, operation, tried, used } from './observing.ts';
import { there } from './world.ts';

const text = Buffer.from('text');

const sign: Make<InputOf<'Sign'>> = async (world) => ({
  KeyId: await world.key({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  Message: text,
  SigningAlgorithm: 'ECDSA_SHA_256',
});

const verify: Make<InputOf<'Verify'>> = async (world) => {
  const input = await sign(world);
  return { ...input, Signature: there((await world.kms.sign(input)).Signature) };
};

const mac: Make<InputOf<'GenerateMac'>> = async (world) => ({
  KeyId: await world.key({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
  Message: text,
  MacAlgorithm: 'HMAC_SHA_256',
});

const verifyMac: Make<InputOf<'VerifyMac'>> = async (world) => {
  const input = await mac(world);
  return { ...input, Mac: there((await world.kms.generateMac(input)).Mac) };
};

const publicKey: Make<InputOf<'GetPublicKey'>> = async (world) => ({
  KeyId: await world.key({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }),
});

const derive: Make<InputOf<'DeriveSharedSecret'>> = async (world) => {
  const KeyId = await world.key({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' });
  const { PublicKey } = await world.kms.getPublicKey({ KeyId });
  return { KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: there(PublicKey) };
};

const encapsulate: Make<InputOf<'Encapsulate'>> = async (world) => ({
  KeyId: await world.key({ KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' }),
  EncapsulationAlgorithm: 'ML_KEM',
});

const decapsulate: Make<InputOf<'Decapsulate'>> = async (world) => {
  const input = await encapsulate(world);
  const { SharedSecretCiphertextBlob } = await world.kms.encapsulate(input);
  return { ...input, SharedSecretCiphertextBlob: there(SharedSecretCiphertextBlob) };
};

/** The same call with a key of another usage. */
function unfit<I extends { readonly KeyId?: string | undefined }>(make: Make<I>): Make<I> {
  return async (world) => ({ ...(await make(world)), KeyId: await world.key() });
}

/** Signatures, MACs, public keys, agreed and encapsulated secrets. */
export const MESSAGES = [
  ...operation('Sign', sign, ['KeyId', 'Signature', 'SigningAlgorithm'], {
    ...used(sign),
    ...tried(sign),
    InvalidKeyUsageException: unfit(sign),
  }),
  ...operation('Verify', verify, ['KeyId', 'SignatureValid', 'SigningAlgorithm'], {
    ...used(verify),
    ...tried(verify),
    InvalidKeyUsageException: unfit(verify),
    KMSInvalidSignatureException: but(verify, { Message: Buffer.from('another') }),
  }),
  ...operation('GenerateMac', mac, ['KeyId', 'Mac', 'MacAlgorithm'], {
    ...used(mac),
    ...tried(mac),
    InvalidKeyUsageException: unfit(mac),
  }),
  ...operation('VerifyMac', verifyMac, ['KeyId', 'MacAlgorithm', 'MacValid'], {
    ...used(verifyMac),
    ...tried(verifyMac),
    InvalidKeyUsageException: unfit(verifyMac),
    KMSInvalidMacException: but(verifyMac, { Message: Buffer.from('another') }),
  }),
  ...operation(
    'GetPublicKey',
    publicKey,
    ['CustomerMasterKeySpec', 'KeyId', 'KeySpec', 'KeyUsage', 'PublicKey', 'SigningAlgorithms'],
    { ...used(publicKey), UnsupportedOperationException: unfit(publicKey) },
  ),
  ...operation(
    'DeriveSharedSecret',
    derive,
    ['KeyAgreementAlgorithm', 'KeyId', 'KeyOrigin', 'SharedSecret'],
    { ...used(derive), ...tried(derive), InvalidKeyUsageException: unfit(derive) },
  ),
  ...operation(
    'Encapsulate',
    encapsulate,
    ['EncapsulationAlgorithm', 'KeyId', 'SharedSecret', 'SharedSecretCiphertextBlob'],
    { ...used(encapsulate), ...tried(encapsulate), InvalidKeyUsageException: unfit(encapsulate) },
  ),
  ...operation('Decapsulate', decapsulate, ['EncapsulationAlgorithm', 'KeyId', 'SharedSecret'], {
    ...used(decapsulate),
    ...tried(decapsulate),
    InvalidKeyUsageException: unfit(decapsulate),
    InvalidCiphertextException: but(decapsulate, { SharedSecretCiphertextBlob: Buffer.from('short') }),
  }),
];
