import type { EncryptionContext } from '../../shared/context.ts';
import type { KeywardError } from '../../shared/errors.ts';
import type { Algorithms, KeySpec, KeyUsage } from '../../shared/key-specs.ts';

/** Who asks: the principal's ARN, the face it came through, and the file it is about, where there is one. */
export type Caller = {
  readonly principal: string;
  readonly client: 'window' | 'cli' | 'sdk';
  readonly file?: { readonly path: string };
  /** Tokens of grants that came with the call. */
  readonly grantTokens?: readonly string[];
  /** Of a client of the endpoint: the id of its request, its address, and what it says it is. */
  readonly requestId?: string;
  readonly sourceIp?: string;
  readonly userAgent?: string;
};

/** What of the vault a key's names and its wrapped material carry. */
export type KeyVault = { readonly id: string; readonly account: string; readonly region: string };

/** The state of a key, in AWS's words. */
export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport';

/**
 * A key as AWS describes it. Lists of algorithms as the usage has them; `DeletionDate` while deletion is pending;
 * `CurrentKeyMaterialId`, of symmetric keys, is the random id of the current version, 64 hex digits.
 */
export type KeyMetadata = Algorithms & {
  readonly AWSAccountId: string;
  readonly KeyId: string;
  readonly Arn: string;
  readonly CreationDate: Date;
  readonly Enabled: boolean;
  readonly Description: string;
  readonly KeyUsage: KeyUsage;
  readonly KeyState: KeyState;
  readonly Origin: 'AWS_KMS' | 'EXTERNAL';
  readonly KeyManager: 'AWS' | 'CUSTOMER';
  readonly CustomerMasterKeySpec: KeySpec;
  readonly KeySpec: KeySpec;
  readonly MultiRegion: false;
  readonly DeletionDate?: Date;
  readonly CurrentKeyMaterialId?: string;
  readonly ExpirationModel?: ExpirationModel;
  readonly ValidTo?: Date;
};

/** Whether imported material expires, in AWS's words. */
export type ExpirationModel = 'KEY_MATERIAL_EXPIRES' | 'KEY_MATERIAL_DOES_NOT_EXPIRE';

/** What is told of a version whose material is imported; the dates while the material is there. */
export type ImportFacts = {
  readonly ImportState: 'IMPORTED' | 'PENDING_IMPORT';
  readonly ExpirationModel?: ExpirationModel;
  readonly ValidTo?: Date;
  readonly KeyMaterialDescription?: string;
};

/** Whether the call is only tried: it ends with `DryRunOperationException` where it would have succeeded. */
export type DryRunInput = { readonly DryRun?: boolean };

/** Names a key: by id, key ARN, alias name or alias ARN. */
export type KeyIdInput = { readonly KeyId: string };

/** Input of `CreateKey`; texts are checked against AWS's sets. */
export type CreateKeyInput = {
  readonly Description?: string;
  readonly KeyUsage?: string;
  readonly KeySpec?: string;
  readonly CustomerMasterKeySpec?: string;
  readonly Origin?: string;
  readonly MultiRegion?: boolean;
  readonly Tags?: readonly Tag[];
  /** JSON, 1–32,768 bytes; without one, the account's own policies decide. */
  readonly Policy?: string;
  readonly BypassPolicyLockoutSafetyCheck?: boolean;
};

/** A tag: key 1–128, value 0–256 characters. */
export type Tag = { readonly TagKey: string; readonly TagValue: string };

/** A page of a list: `Limit` 1–1000, of which some lists give less (docs/kms-api.md); `Marker` from the page before. */
export type PageInput = { readonly Limit?: number; readonly Marker?: string };

/** Whether a list goes on, and where. */
export type PageOutput = { readonly Truncated: boolean; readonly NextMarker?: string };

/** One alias; dates are when it was made and last pointed somewhere. */
export type AliasEntry = {
  readonly AliasName: string;
  readonly AliasArn: string;
  readonly TargetKeyId: string;
  readonly CreationDate: Date;
  readonly LastUpdatedDate: Date;
};

/** One version in `ListKeyRotations`; the first version of a key has no rotation date and type. */
export type RotationEntry = Partial<ImportFacts> & {
  readonly KeyId: string;
  readonly KeyMaterialId: string;
  readonly KeyMaterialState: 'CURRENT' | 'NON_CURRENT' | 'PENDING_ROTATION';
  readonly RotationDate?: Date;
  readonly RotationType?: 'ON_DEMAND' | 'AUTOMATIC';
};

/** Input of `GenerateDataKey`: exactly one of `KeySpec` and `NumberOfBytes` (1–1024). */
export type GenerateDataKeyInput = KeyIdInput &
  DryRunInput & {
    readonly KeySpec?: string;
    readonly NumberOfBytes?: number;
    readonly EncryptionContext?: EncryptionContext;
  };

/** `KeyId` is the key's ARN. Whoever takes `Plaintext` wipes it. */
export type GenerateDataKeyOutput = {
  readonly CiphertextBlob: Buffer;
  readonly Plaintext: Buffer;
  readonly KeyId: string;
  readonly KeyMaterialId: string;
};

/** Input of `Encrypt`; `Plaintext` 1–4096 bytes. */
export type EncryptInput = KeyIdInput &
  DryRunInput & {
    readonly Plaintext: Uint8Array;
    readonly EncryptionContext?: EncryptionContext;
    readonly EncryptionAlgorithm?: string;
  };

/** `KeyId` is the key's ARN. */
export type EncryptOutput = {
  readonly CiphertextBlob: Buffer;
  readonly KeyId: string;
  readonly EncryptionAlgorithm: string;
};

/** A blob, which must be there unless a dry run's modifiers are `IGNORE_CIPHERTEXT`. */
export type BlobInput = DryRunInput & {
  readonly CiphertextBlob?: Uint8Array;
  readonly DryRunModifiers?: readonly string[];
};

/** Input of `Decrypt`; `CiphertextBlob` 1–6144 bytes; `KeyId`, where given, must be the blob's key. */
export type DecryptInput = BlobInput & {
  readonly KeyId?: string;
  readonly EncryptionContext?: EncryptionContext;
  readonly EncryptionAlgorithm?: string;
};

/** `KeyId` is the key's ARN; `KeyMaterialId` is told of symmetric keys. Whoever takes `Plaintext` wipes it. */
export type DecryptOutput = {
  readonly Plaintext: Buffer;
  readonly KeyId: string;
  readonly KeyMaterialId?: string;
  readonly EncryptionAlgorithm: string;
};

/** Input of `ReEncrypt`. */
export type ReEncryptInput = BlobInput & {
  readonly SourceKeyId?: string;
  readonly SourceEncryptionContext?: EncryptionContext;
  readonly SourceEncryptionAlgorithm?: string;
  readonly DestinationKeyId: string;
  readonly DestinationEncryptionContext?: EncryptionContext;
  readonly DestinationEncryptionAlgorithm?: string;
};

/** `KeyId` and `SourceKeyId` are ARNs; ids of key material are told of symmetric keys. */
export type ReEncryptOutput = {
  readonly CiphertextBlob: Buffer;
  readonly SourceKeyId: string;
  readonly KeyId: string;
  readonly SourceKeyMaterialId?: string;
  readonly DestinationKeyMaterialId?: string;
  readonly SourceEncryptionAlgorithm: string;
  readonly DestinationEncryptionAlgorithm: string;
};

/** A data key as a slot holds it: the blob, its key (the bare id) and version. */
export type WrappedDataKey = {
  readonly CiphertextBlob: Buffer;
  readonly KeyId: string;
  readonly KeyMaterialId: string;
};

/**
 * Input of `rewrapDataKey` (docs/format.md 7). `context` is the user's pairs alone; the message id is added here.
 * `verify` looks at the old commitment and header MAC: false or an error refuses the rewrap. `seal` makes the new
 * header. Both may be called again when a full disk makes the transaction start anew, and must not keep the data
 * key, which is wiped afterwards.
 */
export type RewrapInput<T> = {
  readonly messageId: Uint8Array;
  readonly context: EncryptionContext;
  readonly source: { readonly CiphertextBlob: Uint8Array };
  readonly target: KeyIdInput;
  readonly verify: (dataKey: Buffer) => boolean;
  readonly seal: (dataKey: Buffer, slot: WrappedDataKey) => T;
};

/** What `seal` made, and the slot it was made with. */
export type RewrapOutput<T> = { readonly result: T; readonly slot: WrappedDataKey };

/**
 * Input of `exportMaterial`. `KeyMaterialId`: a version, else the current one. `form`: the material itself, or
 * only the raw AES key that AWS messages are opened with. `refusal`: why the owner was not recognised anew.
 */
export type ExportInput = KeyIdInput & {
  readonly KeyMaterialId?: string | undefined;
  readonly form: 'material' | 'aws';
  readonly refusal?: KeywardError | undefined;
};

/** Input of `exportDataKey`: the blob of a file's slot with its whole context. `refusal` as in `ExportInput`. */
export type ExportDataKeyInput = {
  readonly CiphertextBlob: Uint8Array;
  readonly EncryptionContext: EncryptionContext;
  readonly refusal?: KeywardError | undefined;
};

/** `KeyId` is the bare id. Whoever takes `exported` (32 bytes) wipes it. */
export type ExportOutput = {
  readonly KeyId: string;
  readonly KeyMaterialId: string;
  readonly exported: Buffer;
};

/** A key with its aliases and all its versions, both oldest first: what a list of keys shows. */
export type KeyOverview = {
  readonly metadata: KeyMetadata;
  /** Automatic rotation: its interval in days, and the date of the next one. */
  readonly rotation?: { readonly days: number; readonly next: Date };
  readonly aliases: readonly string[];
  readonly tags: readonly Tag[];
  readonly versions: readonly {
    readonly KeyMaterialId: string;
    readonly CreationDate: Date;
    readonly current: boolean;
    /** How it came to be; null for a key's first version. */
    readonly rotation: 'ON_DEMAND' | 'AUTOMATIC' | null;
    /** When its material first left the vault. */
    readonly exported?: Date;
    /** Since when nothing opens under it. */
    readonly disabled?: Date;
    /** Where material is imported. */
    readonly imported?: ImportFacts;
    /** Whether its material waits for `RotateKeyOnDemand`. */
    readonly pendingRotation?: true;
  }[];
};

/** A raw AES key as AWS messages name it: 32 bytes under a namespace and a name. Valid during the call only. */
export type MessageWrappingKey = { readonly namespace: string; readonly name: string; readonly key: Buffer };

/** A data key for an AWS message; `wrap` wraps it. */
export type MessageKeyInput<T> = {
  readonly KeyId: string;
  readonly EncryptionContext: EncryptionContext;
  readonly wrap: (key: MessageWrappingKey, dataKey: Buffer) => T;
};

/** The data key in clear, 32 bytes, and as `wrap` made it. */
export type MessageKey<T> = {
  readonly Plaintext: Buffer;
  readonly wrapped: T;
  readonly KeyId: string;
  readonly KeyMaterialId: string;
};

/** The slot of an AWS message, opened by `unwrap`, which gives `undefined` if it is not authentic. */
export type OpenMessageKeyInput = {
  readonly KeyId: string;
  readonly KeyMaterialId: string;
  readonly EncryptionContext: EncryptionContext;
  readonly unwrap: (key: MessageWrappingKey) => Buffer | undefined;
};
