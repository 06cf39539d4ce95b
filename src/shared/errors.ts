/**
 * The closed union of error codes. They cross every border unchanged: the owner's socket, Electron's IPC,
 * the command's `--json` and, for AWS's names, the KMS endpoint.
 *
 * Codes that end in `Exception` are AWS KMS's own; see
 * https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
 */
export const ERROR_CODES = [
  // AWS KMS
  'AccessDeniedException',
  'AlreadyExistsException',
  'CustomKeyStoreNotFoundException',
  'DisabledException',
  'DryRunOperationException',
  'ExpiredImportTokenException',
  'IncompleteSignatureException',
  'IncorrectKeyException',
  'IncorrectKeyMaterialException',
  'InvalidAliasNameException',
  'InvalidArnException',
  'InvalidCiphertextException',
  'InvalidGrantIdException',
  'InvalidGrantTokenException',
  'InvalidImportTokenException',
  'InvalidKeyUsageException',
  'InvalidMarkerException',
  'InvalidSignatureException',
  'KMSInternalException',
  'KMSInvalidMacException',
  'KMSInvalidSignatureException',
  'KMSInvalidStateException',
  'KeyUnavailableException',
  'LimitExceededException',
  'MalformedPolicyDocumentException',
  'MissingAuthenticationTokenException',
  'NotFoundException',
  'SerializationException',
  'TagException',
  'ThrottlingException',
  'UnknownOperationException',
  'UnrecognizedClientException',
  'UnsupportedOperationException',
  'ValidationException',
  // The vault and its unlocking
  'VaultNotFound',
  'VaultExists',
  'VaultLocked',
  'VaultDamaged',
  'VaultNewer',
  'VaultChanged',
  'VaultPutBack',
  'VaultHomeUnsafe',
  'OwnerBusy',
  'OwnerUnreachable',
  'PortInUse',
  'WrongPassphrase',
  'WrongRecoveryPhrase',
  'WeakPassphrase',
  'WrongShares',
  'ProtectorDamaged',
  'ProtectorWeakened',
  'ProtectorMissing',
  'LastProtector',
  'KeychainUnavailable',
  'SelfTestFailed',
  // Backups
  'BackupDamaged',
  'BackupNotCertified',
  'BackupNotFound',
  'BackupOfOtherVault',
  'BackupOlder',
  'NoRecoveryRecipient',
  'RecoveryDrillFailed',
  // The audit log
  'AuditBroken',
  'AuditUnwritable',
  // Files
  'NotKeywardFile',
  'NewerFormat',
  'FileTruncated',
  'FileDamaged',
  'WrongKey',
  'UnsupportedSlot',
  'HeaderTooLarge',
  'LeaseHeld',
  'GenerationConflict',
  'SourceNotFound',
  'SourceUnreadable',
  'SourceChanged',
  'SourceIsFolder',
  'SourceNotRegular',
  'SourceNameNotText',
  'TargetExists',
  'TargetIsSource',
  'TargetInVault',
  'NameTooLong',
  'NameNotAllowed',
  'PermissionDenied',
  'DiskFull',
  'DiskReadOnly',
  'FileBusy',
  'IoFailed',
  'Cancelled',
  // The faces
  'Usage',
  'MessageTooLarge',
  'Internal',
] as const;

/** One of the codes above. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What JSON can carry; nothing else may stand in an error's details. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Facts about one error: paths that the caller named, byte ranges, key ids. Never secrets, never stacks. */
export type ErrorDetails = { readonly [key: string]: Json };

/** An error as it crosses a border. */
export type ErrorBody = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
};

/**
 * The one error class. `message` is a sentence for people: what happened, to which file, why, what to do next.
 */
export class KeywardError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'KeywardError';
    this.code = code;
    this.details = details;
  }

  /** The form that crosses borders: no stack, no cause. */
  toBody(): ErrorBody {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** True for a string that is one of our codes. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && (ERROR_CODES as readonly string[]).includes(value);
}

/** True for our error; with codes, only for one of those. */
export function isKeywardError(error: unknown, ...codes: readonly ErrorCode[]): error is KeywardError {
  return error instanceof KeywardError && (codes.length === 0 || codes.includes(error.code));
}

/** Anything thrown, as a KeywardError: what is not ours becomes `Internal` and keeps its cause for the log. */
export function asKeywardError(error: unknown): KeywardError {
  if (error instanceof KeywardError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new KeywardError('Internal', `Something went wrong inside Keyward: ${reason}`, {}, error);
}

/** The error that a body stands for; an unknown code becomes `Internal`. */
export function fromErrorBody(body: { code: string; message: string; details?: ErrorDetails }): KeywardError {
  const code = isErrorCode(body.code) ? body.code : 'Internal';
  return new KeywardError(code, body.message, body.details ?? {});
}

/**
 * Exit codes of the command: 0 done, 1 failed, 2 usage, 3 locked or can't unlock, 4 refused by policy or key
 * state, 5 damaged or not authentic. Of several files the highest that occurred.
 */
export function exitCodeOf(code: ErrorCode): 1 | 2 | 3 | 4 | 5 {
  return EXIT_CODES[code] ?? 1;
}

const EXIT_CODES: { readonly [C in ErrorCode]?: 2 | 3 | 4 | 5 } = {
  Usage: 2,
  ValidationException: 2,
  SerializationException: 2,
  TagException: 2,
  MalformedPolicyDocumentException: 2,
  SourceIsFolder: 2,
  WeakPassphrase: 2,
  VaultNotFound: 3,
  VaultLocked: 3,
  WrongPassphrase: 3,
  WrongRecoveryPhrase: 3,
  VaultPutBack: 3,
  WrongShares: 3,
  ProtectorDamaged: 3,
  ProtectorWeakened: 3,
  ProtectorMissing: 3,
  KeychainUnavailable: 3,
  KeyUnavailableException: 3,
  SelfTestFailed: 3,
  OwnerBusy: 3,
  OwnerUnreachable: 3,
  LastProtector: 4,
  AccessDeniedException: 4,
  DisabledException: 4,
  KMSInvalidStateException: 4,
  InvalidKeyUsageException: 4,
  LimitExceededException: 4,
  InvalidGrantTokenException: 4,
  UnsupportedOperationException: 4,
  NotKeywardFile: 5,
  FileTruncated: 5,
  FileDamaged: 5,
  WrongKey: 5,
  InvalidCiphertextException: 5,
  IncorrectKeyException: 5,
  KMSInvalidMacException: 5,
  KMSInvalidSignatureException: 5,
  AuditBroken: 5,
  VaultDamaged: 5,
  NoRecoveryRecipient: 4,
  RecoveryDrillFailed: 5,
  BackupOfOtherVault: 4,
  BackupOlder: 4,
  BackupDamaged: 5,
  BackupNotCertified: 5,
};
