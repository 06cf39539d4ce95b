import type { KeyKind, KeySpec, KeyUsage } from '../../shared/key-specs.ts';

/** A spec that a key can be made with, in plain words. */
type Spec = { readonly spec: KeySpec; readonly name: string; readonly about: string };

/** What a key can be for: AWS's usage, in plain words, with its specs; the first one is recommended. */
export type Purpose = {
  readonly usage: KeyUsage;
  /** For a column: what the key does. */
  readonly does: string;
  readonly title: string;
  readonly about: string;
  readonly specs: readonly Spec[];
};

const rsa = (about: (bits: number) => string): Spec[] =>
  ([2_048, 3_072, 4_096] as const).map((bits) => ({
    spec: `RSA_${bits}`,
    name: `RSA ${bits.toLocaleString('en')}`,
    about: about(bits),
  }));
/** What RSA with OAEP and SHA-256 takes at most. */
const fits = (bits: number) => bits / 8 - 66;

const P256: Spec = {
  spec: 'ECC_NIST_P256',
  name: 'Elliptic curve P-256',
  about: 'Small, fast, and understood everywhere.',
};
const P384: Spec = {
  spec: 'ECC_NIST_P384',
  name: 'Elliptic curve P-384',
  about: 'A wider margin, a little slower.',
};
const P521: Spec = {
  spec: 'ECC_NIST_P521',
  name: 'Elliptic curve P-521',
  about: 'The widest margin of the three.',
};

/** All purposes, the most usual first. */
export const PURPOSES: readonly Purpose[] = [
  {
    usage: 'ENCRYPT_DECRYPT',
    does: 'Encrypts',
    title: 'Encrypt files and data',
    about: 'Files are encrypted under it, and opened with it again.',
    specs: [
      {
        spec: 'SYMMETRIC_DEFAULT',
        name: 'AES-256',
        about: 'What files are encrypted under. It can get new versions, by hand or by itself.',
      },
      ...rsa(
        (bits) => `Anybody with its public key can encrypt up to ${fits(bits)} bytes for you. Not for files.`,
      ),
    ],
  },
  {
    usage: 'SIGN_VERIFY',
    does: 'Signs',
    title: 'Sign',
    about: 'Others can check with its public key that something is from you and unchanged.',
    specs: [
      P256,
      {
        spec: 'ECC_NIST_EDWARDS25519',
        name: 'Ed25519',
        about: 'Small and fast; what SSH and many newer tools use.',
      },
      P384,
      P521,
      { spec: 'ECC_SECG_P256K1', name: 'Elliptic curve secp256k1', about: 'What Bitcoin and Ethereum use.' },
      ...rsa(() => 'For those who can check nothing but RSA. Large signatures.'),
      {
        spec: 'ML_DSA_44',
        name: 'ML-DSA-44',
        about: 'Stands against quantum computers; the smallest of its kind.',
      },
      { spec: 'ML_DSA_65', name: 'ML-DSA-65', about: 'Stands against quantum computers.' },
      { spec: 'ML_DSA_87', name: 'ML-DSA-87', about: 'Stands against quantum computers; the widest margin.' },
    ],
  },
  {
    usage: 'GENERATE_VERIFY_MAC',
    does: 'Checks messages',
    title: 'Check messages',
    about: 'Puts a code on a message by which you alone can tell later that it is unchanged (MAC).',
    specs: [
      { spec: 'HMAC_256', name: 'HMAC with SHA-256', about: 'What most systems expect.' },
      { spec: 'HMAC_384', name: 'HMAC with SHA-384', about: 'A longer code.' },
      { spec: 'HMAC_512', name: 'HMAC with SHA-512', about: 'The longest code.' },
      { spec: 'HMAC_224', name: 'HMAC with SHA-224', about: 'A shorter code, for systems that ask for it.' },
    ],
  },
  {
    usage: 'KEY_AGREEMENT',
    does: 'Agrees on secrets',
    title: 'Agree on a secret',
    about: 'You and somebody else come to the same secret from each other’s public keys (ECDH).',
    specs: [P256, P384, P521],
  },
  {
    usage: 'ENCAPSULATE_DECAPSULATE',
    does: 'Receives secrets',
    title: 'Receive secrets',
    about: 'Anybody with its public key can send you a fresh secret, safe from quantum computers (KEM).',
    specs: [
      { spec: 'ML_KEM_768', name: 'ML-KEM-768', about: 'The usual choice.' },
      { spec: 'ML_KEM_1024', name: 'ML-KEM-1024', about: 'A wider margin.' },
      { spec: 'ML_KEM_512', name: 'ML-KEM-512', about: 'The smallest.' },
    ],
  },
];

/** What a key does, in a word or two. */
export function usageText({ usage }: Pick<KeyKind, 'usage'>): string {
  return PURPOSES.find((purpose) => purpose.usage === usage)?.does ?? usage;
}

/** A spec's name for people. */
export function specName({ spec }: Pick<KeyKind, 'spec'>): string {
  const known = PURPOSES.flatMap(({ specs }) => specs).find((one) => one.spec === spec);
  return known?.name ?? spec;
}
