/** The key specs that this vault has, as AWS names them. */
export const KEY_SPECS = [
  'SYMMETRIC_DEFAULT',
  'HMAC_224',
  'HMAC_256',
  'HMAC_384',
  'HMAC_512',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
  'ML_DSA_44',
  'ML_DSA_65',
  'ML_DSA_87',
  'ML_KEM_512',
  'ML_KEM_768',
  'ML_KEM_1024',
] as const;
/** One of them. */
export type KeySpec = (typeof KEY_SPECS)[number];

/** What keys are for, as AWS names it. */
export const KEY_USAGES = [
  'ENCRYPT_DECRYPT',
  'SIGN_VERIFY',
  'GENERATE_VERIFY_MAC',
  'KEY_AGREEMENT',
  'ENCAPSULATE_DECAPSULATE',
] as const;
/** One of them. */
export type KeyUsage = (typeof KEY_USAGES)[number];

/** What a key is for and its spec, as AWS names them; also those of a newer Keyward than this one. */
export type KeyKind = { readonly usage: string; readonly spec: string };

/** What a key of a spec is made of; `bytes` of material where that is plain random. */
type SpecKind =
  | { readonly kind: 'symmetric'; readonly bytes: 32 }
  | {
      readonly kind: 'hmac';
      readonly bytes: number;
      readonly hash: 'sha224' | 'sha256' | 'sha384' | 'sha512';
    }
  | { readonly kind: 'rsa'; readonly bits: 2048 | 3072 | 4096 }
  | {
      readonly kind: 'ecc';
      readonly curve: 'P-256' | 'P-384' | 'P-521' | 'secp256k1';
      readonly hash: 'sha256' | 'sha384' | 'sha512';
    }
  | { readonly kind: 'ed25519'; readonly bytes: 32 }
  | { readonly kind: 'ml-dsa'; readonly bytes: 32; readonly set: 'ML_DSA_44' | 'ML_DSA_65' | 'ML_DSA_87' }
  | {
      readonly kind: 'ml-kem';
      readonly bytes: 64;
      readonly set: 'ML_KEM_512' | 'ML_KEM_768' | 'ML_KEM_1024';
    };

const SPECS: { readonly [S in KeySpec]: SpecKind } = {
  SYMMETRIC_DEFAULT: { kind: 'symmetric', bytes: 32 },
  HMAC_224: { kind: 'hmac', bytes: 28, hash: 'sha224' },
  HMAC_256: { kind: 'hmac', bytes: 32, hash: 'sha256' },
  HMAC_384: { kind: 'hmac', bytes: 48, hash: 'sha384' },
  HMAC_512: { kind: 'hmac', bytes: 64, hash: 'sha512' },
  RSA_2048: { kind: 'rsa', bits: 2048 },
  RSA_3072: { kind: 'rsa', bits: 3072 },
  RSA_4096: { kind: 'rsa', bits: 4096 },
  ECC_NIST_P256: { kind: 'ecc', curve: 'P-256', hash: 'sha256' },
  ECC_NIST_P384: { kind: 'ecc', curve: 'P-384', hash: 'sha384' },
  ECC_NIST_P521: { kind: 'ecc', curve: 'P-521', hash: 'sha512' },
  ECC_SECG_P256K1: { kind: 'ecc', curve: 'secp256k1', hash: 'sha256' },
  ECC_NIST_EDWARDS25519: { kind: 'ed25519', bytes: 32 },
  ML_DSA_44: { kind: 'ml-dsa', bytes: 32, set: 'ML_DSA_44' },
  ML_DSA_65: { kind: 'ml-dsa', bytes: 32, set: 'ML_DSA_65' },
  ML_DSA_87: { kind: 'ml-dsa', bytes: 32, set: 'ML_DSA_87' },
  ML_KEM_512: { kind: 'ml-kem', bytes: 64, set: 'ML_KEM_512' },
  ML_KEM_768: { kind: 'ml-kem', bytes: 64, set: 'ML_KEM_768' },
  ML_KEM_1024: { kind: 'ml-kem', bytes: 64, set: 'ML_KEM_1024' },
};

/** What keys of a spec are made of. */
export function kindOf(spec: KeySpec): SpecKind {
  return SPECS[spec];
}

/** Whether files can be encrypted under a key, and it can get new versions: symmetric encryption keys only. */
export function isForFiles({ spec }: Pick<KeyKind, 'spec'>): boolean {
  return spec === 'SYMMETRIC_DEFAULT';
}

/** Whether a key has a public part. */
export function hasPublicKey({ spec }: Pick<KeyKind, 'spec'>): boolean {
  return /^(RSA|ECC|ML)_/.test(spec);
}

/** Whether the material of such a key can be imported: AWS has that for all but the post-quantum specs. */
export function isImportable({ spec }: Pick<KeyKind, 'spec'>): boolean {
  return !spec.startsWith('ML_');
}

/** The type of a key, as far as one alias may change from key to key (KMS API Reference, "UpdateAlias"). */
export function typeOf(spec: KeySpec): 'symmetric' | 'hmac' | 'asymmetric' {
  const { kind } = SPECS[spec];
  return kind === 'symmetric' || kind === 'hmac' ? kind : 'asymmetric';
}

/** The usages that a spec allows; the first is what a key gets where AWS lets it be left out. */
export function usagesOf(spec: KeySpec): readonly KeyUsage[] {
  const { kind } = SPECS[spec];
  switch (kind) {
    case 'symmetric':
      return ['ENCRYPT_DECRYPT'];
    case 'hmac':
      return ['GENERATE_VERIFY_MAC'];
    case 'rsa':
      return ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'];
    case 'ecc':
      return spec === 'ECC_SECG_P256K1' ? ['SIGN_VERIFY'] : ['SIGN_VERIFY', 'KEY_AGREEMENT'];
    case 'ed25519':
    case 'ml-dsa':
      return ['SIGN_VERIFY'];
    case 'ml-kem':
      return ['ENCAPSULATE_DECAPSULATE'];
  }
}

const RSA_SIGNING = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
];

/** All signing algorithms, in the order in which messages name them. */
export const SIGNING_ALGORITHMS = [
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
  'ED25519_SHA_512',
  'ED25519_PH_SHA_512',
  'ML_DSA_SHAKE_256',
];

/** All MAC algorithms, in the order in which AWS's message names them. */
export const MAC_ALGORITHMS = ['HMAC_SHA_384', 'HMAC_SHA_256', 'HMAC_SHA_224', 'HMAC_SHA_512'];

/** The algorithm lists of `KeyMetadata` and `GetPublicKey`, each only where the usage has it. */
export type Algorithms = {
  readonly EncryptionAlgorithms?: readonly string[];
  readonly SigningAlgorithms?: readonly string[];
  readonly MacAlgorithms?: readonly string[];
  readonly KeyAgreementAlgorithms?: readonly string[];
  readonly EncapsulationAlgorithms?: readonly string[];
};

/** The algorithms of a key of this spec and usage. */
export function algorithmsOf(spec: KeySpec, usage: KeyUsage): Algorithms {
  const kind = SPECS[spec];
  switch (usage) {
    case 'ENCRYPT_DECRYPT':
      return kind.kind === 'rsa'
        ? { EncryptionAlgorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] }
        : { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] };
    case 'GENERATE_VERIFY_MAC':
      return { MacAlgorithms: [spec.replace('HMAC_', 'HMAC_SHA_')] };
    case 'KEY_AGREEMENT':
      return { KeyAgreementAlgorithms: ['ECDH'] };
    case 'ENCAPSULATE_DECAPSULATE':
      return { EncapsulationAlgorithms: ['ML_KEM'] };
    case 'SIGN_VERIFY':
      return { SigningAlgorithms: signingOf(kind) };
  }
}

function signingOf(kind: SpecKind): readonly string[] {
  switch (kind.kind) {
    case 'rsa':
      return RSA_SIGNING;
    case 'ecc':
      return [`ECDSA_SHA_${kind.hash.slice(3)}`];
    case 'ed25519':
      return ['ED25519_SHA_512', 'ED25519_PH_SHA_512'];
    default:
      return ['ML_DSA_SHAKE_256'];
  }
}

/**
 * How material that is imported can be wrapped (KMS API Reference, `GetParametersForImport`). An import token has the
 * place in this list: what is added goes to its end.
 */
export const WRAPPING_ALGORITHMS = [
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
] as const;
/** One of them. */
export type WrappingAlgorithm = (typeof WRAPPING_ALGORITHMS)[number];

/** The specs of the RSA keys that wrap it. */
export const WRAPPING_KEY_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const;

/**
 * Whether such a key's material may be wrapped so (AWS, "Select a wrapping algorithm"): RSA keys are too long for
 * RSA alone, plain bytes have no need of a second key, and a P-521 key does not fit into 2,048 bits.
 */
export function canWrap(algorithm: WrappingAlgorithm, wrappingSpec: string, spec: string): boolean {
  const isTwofold = algorithm.startsWith('RSA_AES');
  if (spec.startsWith('RSA_')) return isTwofold;
  if (spec === 'SYMMETRIC_DEFAULT' || spec.startsWith('HMAC_')) return !isTwofold;
  return isTwofold || spec !== 'ECC_NIST_P521' || wrappingSpec !== 'RSA_2048';
}
