/**
 * How a field of an operation's input is written in JSON: text, truth, whole number, a date in seconds since 1970,
 * bytes in base64, a map of texts, a list of texts, a list of tags, a grant's constraints. `!` marks a field that
 * must be there.
 */
export type KmsField =
  | 'text'
  | 'text!'
  | 'truth'
  | 'number'
  | 'date'
  | 'blob'
  | 'blob!'
  | 'map'
  | 'texts'
  | 'texts!'
  | 'constraints'
  | 'tags'
  | 'tags!';

const key = { KeyId: 'text!' } as const;
const page = { Limit: 'number', Marker: 'text' } as const;
const alias = { AliasName: 'text!', TargetKeyId: 'text!' } as const;
const context = { EncryptionContext: 'map' } as const;
const tried = { GrantTokens: 'texts', DryRun: 'truth' } as const;
const dataKey = { ...key, ...context, NumberOfBytes: 'number', KeySpec: 'text', ...tried } as const;
const pair = { ...key, ...context, KeyPairSpec: 'text!', ...tried } as const;
const mac = { Message: 'blob!', ...key, MacAlgorithm: 'text!', ...tried } as const;
const signing = {
  ...key,
  Message: 'blob!',
  MessageType: 'text',
  SigningAlgorithm: 'text!',
  ...tried,
} as const;
const kem = { ...key, EncapsulationAlgorithm: 'text!', ...tried } as const;

/**
 * The operations of AWS KMS that this vault has, with the fields of their input (AWS KMS API Reference). The
 * command's `kms` and whatever else speaks AWS's JSON are made from this.
 */
export const KMS_OPERATIONS = {
  CancelKeyDeletion: key,
  CreateAlias: alias,
  CreateGrant: {
    ...key,
    GranteePrincipal: 'text!',
    RetiringPrincipal: 'text',
    Operations: 'texts!',
    Constraints: 'constraints',
    ...tried,
    Name: 'text',
  },
  CreateKey: {
    Policy: 'text',
    Description: 'text',
    KeyUsage: 'text',
    CustomerMasterKeySpec: 'text',
    KeySpec: 'text',
    Origin: 'text',
    Tags: 'tags',
    MultiRegion: 'truth',
    BypassPolicyLockoutSafetyCheck: 'truth',
  },
  Decapsulate: { ...kem, SharedSecretCiphertextBlob: 'blob!' },
  Decrypt: {
    CiphertextBlob: 'blob',
    ...context,
    KeyId: 'text',
    EncryptionAlgorithm: 'text',
    ...tried,
    DryRunModifiers: 'texts',
  },
  DeleteAlias: { AliasName: 'text!' },
  DeleteImportedKeyMaterial: { ...key, KeyMaterialId: 'text' },
  DeriveSharedSecret: { ...key, KeyAgreementAlgorithm: 'text!', PublicKey: 'blob!', ...tried },
  DescribeCustomKeyStores: { CustomKeyStoreId: 'text', CustomKeyStoreName: 'text', ...page },
  DescribeKey: { ...key, GrantTokens: 'texts' },
  DisableKey: key,
  DisableKeyRotation: key,
  EnableKey: key,
  EnableKeyRotation: { ...key, RotationPeriodInDays: 'number' },
  Encapsulate: kem,
  Encrypt: { ...key, Plaintext: 'blob!', ...context, EncryptionAlgorithm: 'text', ...tried },
  GenerateDataKey: dataKey,
  GenerateDataKeyPair: pair,
  GenerateDataKeyPairWithoutPlaintext: pair,
  GenerateDataKeyWithoutPlaintext: dataKey,
  GenerateMac: mac,
  GenerateRandom: { NumberOfBytes: 'number', CustomKeyStoreId: 'text' },
  GetKeyLastUsage: key,
  GetKeyPolicy: { ...key, PolicyName: 'text' },
  GetKeyRotationStatus: key,
  GetParametersForImport: { ...key, WrappingAlgorithm: 'text!', WrappingKeySpec: 'text!' },
  GetPublicKey: { ...key, GrantTokens: 'texts' },
  ImportKeyMaterial: {
    ...key,
    ImportToken: 'blob!',
    EncryptedKeyMaterial: 'blob!',
    ValidTo: 'date',
    ExpirationModel: 'text',
    ImportType: 'text',
    KeyMaterialDescription: 'text',
    KeyMaterialId: 'text',
  },
  ListAliases: { KeyId: 'text', ...page },
  ListGrants: { ...page, ...key, GrantId: 'text', GranteePrincipal: 'text' },
  ListKeyPolicies: { ...key, ...page },
  ListKeyRotations: { ...key, IncludeKeyMaterial: 'text', ...page },
  ListKeys: page,
  ListResourceTags: { ...key, ...page },
  ListRetirableGrants: { ...page, RetiringPrincipal: 'text!' },
  PutKeyPolicy: {
    ...key,
    PolicyName: 'text',
    Policy: 'text!',
    BypassPolicyLockoutSafetyCheck: 'truth',
  },
  ReEncrypt: {
    CiphertextBlob: 'blob',
    SourceEncryptionContext: 'map',
    SourceKeyId: 'text',
    DestinationKeyId: 'text!',
    DestinationEncryptionContext: 'map',
    SourceEncryptionAlgorithm: 'text',
    DestinationEncryptionAlgorithm: 'text',
    ...tried,
    DryRunModifiers: 'texts',
  },
  RetireGrant: { GrantToken: 'text', KeyId: 'text', GrantId: 'text', DryRun: 'truth' },
  RevokeGrant: { ...key, GrantId: 'text!', DryRun: 'truth' },
  RotateKeyOnDemand: key,
  ScheduleKeyDeletion: { ...key, PendingWindowInDays: 'number' },
  Sign: signing,
  TagResource: { ...key, Tags: 'tags!' },
  UntagResource: { ...key, TagKeys: 'texts!' },
  UpdateAlias: alias,
  UpdateKeyDescription: { ...key, Description: 'text!' },
  Verify: { ...signing, Signature: 'blob!' },
  VerifyMac: { ...mac, Mac: 'blob!' },
} as const satisfies { readonly [operation: string]: { readonly [field: string]: KmsField } };

const stores =
  'Custom key stores are clusters and proxies of an AWS account; this vault keeps all of its keys itself.';
const regions = 'A vault on one computer has one region, so nothing can be replicated to another.';

/** The operations of AWS KMS that this vault refuses, with the reason. */
export const KMS_REFUSED = {
  ConnectCustomKeyStore: stores,
  CreateCustomKeyStore: stores,
  DeleteCustomKeyStore: stores,
  DisconnectCustomKeyStore: stores,
  ReplicateKey: regions,
  UpdateCustomKeyStore: stores,
  UpdatePrimaryRegion: regions,
} as const satisfies { readonly [operation: string]: string };

const enclaves = 'It is for Nitro Enclaves, which a vault on one computer does not have.';
const services = 'A vault has no AWS services that could be given grants.';

/**
 * Fields of AWS KMS that this vault does not have, with the reason, for each operation that it has and that does not
 * list them. Whoever gives one is refused: without it, the call would mean something else.
 */
export const KMS_FIELDS_REFUSED: { readonly [field: string]: string } = {
  CustomKeyStoreId: stores,
  GranteeServicePrincipal: services,
  Recipient: enclaves,
  RetiringServicePrincipal: services,
  XksKeyId: stores,
};

/** What a grant can be constrained by here. */
export const GRANT_CONSTRAINTS = ['EncryptionContextEquals', 'EncryptionContextSubset'] as const;

/** The name of an operation that this vault has. */
export type KmsOperation = keyof typeof KMS_OPERATIONS;

/** The name of an operation that this vault refuses. */
export type RefusedOperation = keyof typeof KMS_REFUSED;

/** Those that this vault refuses, in alphabetical order. */
export const KMS_REFUSED_NAMES = Object.keys(KMS_REFUSED) as readonly RefusedOperation[];

/** All that it has, in alphabetical order. */
export const KMS_OPERATION_NAMES = Object.keys(KMS_OPERATIONS) as readonly KmsOperation[];

type ValueOf<K extends KmsField> = K extends 'text' | 'text!'
  ? string
  : K extends 'truth'
    ? boolean
    : K extends 'number'
      ? number
      : K extends 'date'
        ? Date
        : K extends 'blob' | 'blob!'
          ? Uint8Array
          : K extends 'map'
            ? { readonly [name: string]: string }
            : K extends 'texts' | 'texts!'
              ? readonly string[]
              : K extends 'constraints'
                ? { readonly [C in (typeof GRANT_CONSTRAINTS)[number]]?: { readonly [name: string]: string } }
                : readonly { readonly TagKey: string; readonly TagValue: string }[];

type Fields<O extends KmsOperation> = (typeof KMS_OPERATIONS)[O];
type Needed<O extends KmsOperation> = {
  [F in keyof Fields<O>]: Fields<O>[F] extends `${string}!` ? F : never;
}[keyof Fields<O>];

/** The input of an operation once its JSON was read. */
export type KmsInput<O extends KmsOperation> = {
  readonly [F in Needed<O>]: Fields<O>[F] extends KmsField ? ValueOf<Fields<O>[F]> : never;
} & {
  readonly [F in Exclude<keyof Fields<O>, Needed<O>>]?: Fields<O>[F] extends KmsField
    ? ValueOf<Fields<O>[F]>
    : never;
};
