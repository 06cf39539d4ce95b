import type { ErrorCode } from '../../shared/error-codes.ts';

/** What the command says of errors for which AWS has no words. */
export const WORDLESS: { readonly [C in ErrorCode]?: string } = {
  InvalidCiphertextException:
    'The ciphertext does not open: it was changed, made elsewhere, or encrypted with another encryption context. Give the context that it was encrypted with.',
  KMSInvalidSignatureException:
    'The signature does not belong to this message, key and signing algorithm. Check each of them, and the message type.',
  KMSInvalidMacException: 'The MAC does not belong to this message, key and algorithm. Check each of them.',
};

/** The same of any other one. */
export const REFUSED = 'It was refused: {code}.';

/** What to do next with the command, where an error's own words do not say it, by its code. */
export const NEXT: { readonly [C in ErrorCode]?: string } = {
  VaultNotFound: 'Make a vault with: keyward init, or bring yours back: keyward backup restore FOLDER',
  VaultLocked: 'Unlock with: keyward unlock',
  VaultPutBack: 'If you know why, go on with: keyward unlock --accept-put-back',
  WrongPassphrase: 'Try again, or unlock with the recovery phrase: keyward unlock --recovery-file FILE',
  WrongRecoveryPhrase: 'Check the 24 words and their order.',
  KeychainUnavailable: 'Unlock with the passphrase: keyward unlock --passphrase-file FILE',
  KMSInvalidStateException: 'See its state with: keyward keys describe KEY',
  DisabledException: 'Enable the key with: keyward keys enable KEY',
  NotFoundException: 'See which keys there are with: keyward keys list',
  AlreadyExistsException: 'Choose another name, or see what is there with: keyward keys list',
  MalformedPolicyDocumentException: 'Correct the policy there, and try again.',
  AuditBroken: 'Keep the vault as it is and compare with your newest backup.',
  IncorrectKeyException:
    'Leave the key out to have it found by the ciphertext, or name the one it was encrypted under.',
  InvalidKeyUsageException: 'See what it is for with: keyward keys describe KEY',
  FileDamaged: 'Fetch the file from a backup; this copy is not to be trusted.',
  FileTruncated: 'Fetch the whole file again, or from a backup.',
  NotKeywardFile: 'Check that this is a file that keyward encrypt made.',
  NewerFormat: 'Install the newest Keyward.',
  SourceNotFound: 'Check the name.',
  BackupDamaged: 'See which backups are whole with: keyward backup verify FOLDER',
};

/** What to do next, of some errors that a code alone does not tell apart. */
export const NEXT_OF = {
  lockout:
    'Have the policy allow you kms:PutKeyPolicy. If you mean it, add --bypass-policy-lockout-safety-check; only "keyward keys reset-policy KEY" takes that back.',
  client: 'See which clients there are with: keyward clients list',
  version: 'See its versions with: keyward keys describe KEY',
  deletion: 'Take its deletion back with: keyward keys cancel-deletion KEY',
  index: 'Build it anew with: keyward audit reindex',
} as const;
