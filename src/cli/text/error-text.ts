import { errorText as sentenceOf } from '../../messages/errors.ts';
import type { ErrorBody, ErrorCode, ErrorDetails } from '../../shared/errors.ts';
import { escapeText } from '../../shared/safe-text.ts';

/* What errors say to people, beside their own words. */

type Told = Pick<ErrorBody, 'code' | 'message' | 'reason' | 'params'> & Partial<Pick<ErrorBody, 'details'>>;

/** What happened, in an error's own words; AWS has errors that have none. */
export function errorText(error: Told): string {
  const text = sentenceOf(error, 'command');
  return text === '' ? (WORDLESS[error.code] ?? `It was refused: ${error.code}.`) : escapeText(text);
}

/** A document, with each error in it in the command's words. */
export function withWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWords);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withWords(part)]));
  const { reason, message } = parts;
  return typeof reason === 'string' && typeof message === 'string'
    ? { ...parts, message: sentenceOf(value as ErrorBody, 'command') }
    : parts;
}

const WORDLESS: { readonly [C in ErrorCode]?: string } = {
  InvalidCiphertextException:
    'The ciphertext does not open: it was changed, made elsewhere, or encrypted with another encryption context. Give the context that it was encrypted with.',
  KMSInvalidSignatureException:
    'The signature does not belong to this message, key and signing algorithm. Check each of them, and the message type.',
  KMSInvalidMacException: 'The MAC does not belong to this message, key and algorithm. Check each of them.',
};

/** Which statement or grant decided, or what was missing, of a call that policies refused. */
export function reasonIn(details: ErrorDetails = {}): string | undefined {
  const { decision } = details;
  if (typeof decision !== 'object' || decision === null || !('reason' in decision)) return undefined;
  return typeof decision['reason'] === 'string' ? escapeText(decision['reason']) : undefined;
}

/** What to do next, where an error's own words do not say it. */
export function nextStepFor({ code, message, details = {} }: Told): string | undefined {
  if (details['locksOut'] === true) return AGAINST_LOCKOUT;
  if (code === 'NotFoundException' && 'client' in details) {
    return 'See which clients there are with: keyward clients list';
  }
  if (code === 'NotFoundException' && 'version' in details) {
    return 'See its versions with: keyward keys describe KEY';
  }
  if (code === 'KMSInvalidStateException' && message.endsWith(' is pending deletion.')) {
    return 'Take its deletion back with: keyward keys cancel-deletion KEY';
  }
  if (code === 'AuditBroken' && details['part'] === 'index') {
    return 'Build it anew with: keyward audit reindex';
  }
  return NEXT[code];
}

const AGAINST_LOCKOUT =
  'Have the policy allow you kms:PutKeyPolicy. If you mean it, add --bypass-policy-lockout-safety-check; only "keyward keys reset-policy KEY" takes that back.';

const NEXT: { readonly [C in ErrorCode]?: string } = {
  VaultNotFound: 'Make a vault with: keyward init',
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
