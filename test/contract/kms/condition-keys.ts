/**
 * The condition keys that a call has beside those of every call and of every key, by the action that is asked for
 * (KMS Developer Guide, "AWS KMS condition keys"; Service Authorization Reference).
 */
export const CONDITION_KEYS: { readonly [key: string]: readonly string[] } = {
  'aws:RequestTag/…': ['CreateKey', 'TagResource'],
  'aws:TagKeys': ['CreateKey', 'TagResource', 'UntagResource'],
  'kms:BypassPolicyLockoutSafetyCheck': ['CreateKey', 'PutKeyPolicy'],
  'kms:CustomerMasterKeySpec': ['CreateKey'],
  'kms:CustomerMasterKeyUsage': ['CreateKey'],
  'kms:DataKeyPairSpec': ['GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext'],
  'kms:EncryptionAlgorithm': [
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
  ],
  'kms:EncryptionContext:…': [
    'CreateGrant',
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
    'RetireGrant',
  ],
  'kms:ExpirationModel': ['ImportKeyMaterial'],
  'kms:GrantConstraintType': ['CreateGrant', 'RetireGrant'],
  'kms:GrantIsForAWSResource': ['CreateGrant', 'ListGrants', 'RevokeGrant'],
  'kms:GrantOperations': ['CreateGrant'],
  'kms:GranteePrincipal': ['CreateGrant'],
  'kms:KeyAgreementAlgorithm': ['DeriveSharedSecret'],
  'kms:KeyOrigin': ['CreateKey'],
  'kms:KeySpec': ['CreateKey'],
  'kms:KeyUsage': ['CreateKey'],
  'kms:MacAlgorithm': ['GenerateMac', 'VerifyMac'],
  'kms:MessageType': ['Sign', 'Verify'],
  'kms:MultiRegion': ['CreateKey'],
  'kms:ReEncryptOnSameKey': ['ReEncryptFrom', 'ReEncryptTo'],
  'kms:RetiringPrincipal': ['CreateGrant'],
  'kms:RotationPeriodInDays': ['EnableKeyRotation'],
  'kms:ScheduleKeyDeletionPendingWindowInDays': ['ScheduleKeyDeletion'],
  'kms:SigningAlgorithm': ['Sign', 'Verify'],
  'kms:ValidTo': ['ImportKeyMaterial'],
  'kms:WrappingAlgorithm': ['GetParametersForImport'],
  'kms:WrappingKeySpec': ['GetParametersForImport'],
};

/** The condition keys of every call about a key. */
export const OF_EVERY_KEY = [
  'aws:ResourceAccount',
  'aws:ResourceTag/…',
  'kms:CustomerMasterKeySpec',
  'kms:CustomerMasterKeyUsage',
  'kms:KeyOrigin',
  'kms:KeySpec',
  'kms:KeyUsage',
  'kms:MultiRegion',
  'kms:RequestAlias',
  'kms:ResourceAliases',
];

/** The condition keys of every call. */
export const OF_EVERY_CALL = [
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:PrincipalType',
  'aws:SecureTransport',
  'aws:SourceIp',
  'aws:UserAgent',
  'aws:username',
  'keyward:Client',
  'keyward:SecondsSinceUnlock',
  'kms:CallerAccount',
];

/** Condition keys of AWS KMS that no call has, each with the reason. */
export const NEVER: { readonly [key: string]: string } = {
  'kms:MultiRegionKeyType': 'There are no multi-region keys.',
  'kms:PrimaryRegion': 'There are no multi-region keys.',
  'kms:RecipientAttestation:…': 'There are no Nitro Enclaves.',
  'kms:ReplicaRegion': 'There are no multi-region keys.',
  'kms:ViaService': 'No AWS service calls on behalf of somebody.',
};
