/** Operations that a grant on a key can allow and that one may ask about, by what the key is for. */
const USING: { readonly [usage: string]: readonly string[] } = {
  ENCRYPT_DECRYPT: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
};
const DATA_KEYS = [
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
];
const ALWAYS = ['DescribeKey', 'CreateGrant', 'RetireGrant'];

/** What a key is for and which kind it is, as AWS names it. */
export type Kind = { readonly usage: string; readonly spec: string };

/** What a grant on a key of this kind can allow, the usual things first. */
export function grantable({ usage, spec }: Kind): readonly string[] {
  const symmetric = spec === 'SYMMETRIC_DEFAULT';
  const open = usage === 'ENCRYPT_DECRYPT' && !symmetric ? ['GetPublicKey'] : [];
  return [...(USING[usage] ?? []), ...(symmetric ? DATA_KEYS : []), ...open, ...ALWAYS];
}

/** What rules over a key; never by a grant. */
export const RULING: readonly string[] = [
  'GetKeyPolicy',
  'PutKeyPolicy',
  'DisableKey',
  'EnableKey',
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
  'UpdateKeyDescription',
  'CreateAlias',
  'TagResource',
  'ListGrants',
  'RevokeGrant',
];
