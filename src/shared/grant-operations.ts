import { isForFiles, type KeyKind, type KeyUsage } from './key-specs.ts';

/** Operations that go with every key. */
const ALWAYS = ['CreateGrant', 'DescribeKey', 'RetireGrant'];

const OF_USAGE: { readonly [U in KeyUsage]: readonly string[] } = {
  ENCRYPT_DECRYPT: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
};

/** Operations that symmetric keys alone have. */
const OF_SYMMETRIC = [
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
];

/** What a grant can allow, in AWS's words (KMS API Reference, `CreateGrant`). */
export const GRANT_OPERATIONS: readonly string[] = [
  ...new Set([...Object.values(OF_USAGE).flat(), ...OF_SYMMETRIC, ...ALWAYS]),
];

/** What a grant on a key of this kind can allow, the usual things first; of an unknown usage what goes with every key. */
export function grantable(key: KeyKind): readonly string[] {
  const { usage } = key;
  return [
    ...(isUsage(usage) ? OF_USAGE[usage] : []),
    ...(isForFiles(key) ? OF_SYMMETRIC : []),
    ...(usage === 'ENCRYPT_DECRYPT' && !isForFiles(key) ? ['GetPublicKey'] : []),
    ...ALWAYS,
  ];
}

function isUsage(usage: string): usage is KeyUsage {
  return Object.hasOwn(OF_USAGE, usage);
}
