import type { KmsOperation } from '../../../src/shared/kms-operations.ts';

/** Errors that AWS declares and that do not happen here: of these operations, or of all that declare them. */
export type Unreachable = {
  readonly errors: readonly string[];
  readonly operations?: readonly KmsOperation[];
  readonly why: string;
};

const STORES = 'There are no key stores: CreateKey and GenerateRandom refuse what names one.';

/** All of them, each with the reason. */
export const UNREACHABLE: readonly Unreachable[] = [
  {
    errors: ['DependencyTimeoutException'],
    why: 'Nothing stands behind the vault that could be waited for.',
  },
  {
    errors: ['KMSInternalException'],
    why: 'It tells of a damaged vault or a full disk, which no call brings about.',
  },
  {
    errors: [
      'CloudHsmClusterInvalidConfigurationException',
      'CustomKeyStoreInvalidStateException',
      'XksKeyAlreadyInUseException',
      'XksKeyInvalidConfigurationException',
      'XksKeyNotFoundException',
    ],
    why: STORES,
  },
  { errors: ['CustomKeyStoreNotFoundException'], operations: ['CreateKey', 'GenerateRandom'], why: STORES },
  {
    errors: ['InvalidArnException'],
    operations: ['CreateKey'],
    why: 'Its input has no ARN outside a policy.',
  },
  {
    errors: ['KMSInvalidStateException'],
    operations: [
      'DeleteAlias',
      'DeleteImportedKeyMaterial',
      'GetKeyPolicy',
      'GetKeyRotationStatus',
      'ListGrants',
      'ListKeyPolicies',
      'ListKeyRotations',
      'PutKeyPolicy',
      'RetireGrant',
      'RevokeGrant',
    ],
    why: 'It works in every state that a key can have here, as in AWS’s table of key states.',
  },
  {
    errors: ['LimitExceededException'],
    operations: ['EnableKey'],
    why: 'The number of keys counts those that are disabled.',
  },
  {
    errors: ['LimitExceededException'],
    operations: ['TagResource'],
    why: 'Too many tags are a TagException, as recorded from AWS.',
  },
  {
    errors: ['TagException'],
    operations: ['UntagResource'],
    why: 'Tag keys that a key does not have are passed over.',
  },
  {
    errors: ['UnsupportedOperationException'],
    operations: ['PutKeyPolicy'],
    why: 'A managed key’s own policy denies it, with AccessDenied; every other key can have one.',
  },
  {
    errors: ['InvalidKeyUsageException'],
    operations: ['GetPublicKey'],
    why: 'Every asymmetric key gives its public key, whatever it is for.',
  },
  {
    errors: ['NotFoundException'],
    operations: ['ListRetirableGrants'],
    why: 'It names no key, and a principal without grants has an empty list.',
  },
  {
    errors: ['ConflictException'],
    operations: ['RotateKeyOnDemand'],
    why: 'A rotation is over when it is answered, so no two can meet.',
  },
];

/** Why an error that AWS declares for an operation does not happen here; `undefined` if it can. */
export function unreachable(operation: string, error: string): string | undefined {
  return UNREACHABLE.find(
    ({ errors, operations }) =>
      errors.includes(error) && (operations === undefined || operations.some((one) => one === operation)),
  )?.why;
}
