import { awsError, fail, type KeywardError } from '../../shared/errors.ts';

/** `NotFoundException` for an id that no key has. */
export function noSuchKey(arn: string): KeywardError {
  return awsError('NotFoundException', `Key '${arn}' does not exist`);
}

/** `NotFoundException` for an alias that is not there. */
export function noSuchAlias(arn: string): KeywardError {
  return awsError('NotFoundException', `Alias ${arn} is not found.`);
}

/**
 * `InvalidCiphertextException`, with AWS's empty message: a blob that was tampered with, another context and a
 * blob from elsewhere are not told apart.
 */
export function invalidCiphertext(): KeywardError {
  return awsError('InvalidCiphertextException', '');
}

/** `IncorrectKeyException`: the key that was named is not the one behind the blob. */
export function incorrectKey(): KeywardError {
  return awsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );
}

/** `DisabledException` for the key of this ARN. */
export function isDisabled(arn: string): KeywardError {
  return awsError('DisabledException', `${arn} is disabled.`, { keyArn: arn });
}

/** `DisabledException` for one version, 64 hex digits, of the key of this ARN. */
export function isVersionDisabled(arn: string, version: string): KeywardError {
  return awsError(
    'DisabledException',
    `Version ${version} of ${arn} is disabled, so nothing that was encrypted under it opens. To open it, enable the version: keyward keys versions enable ${arn.slice(arn.indexOf('/') + 1)} ${version.slice(0, 12)}`,
    { keyArn: arn, version },
  );
}

/** `InvalidArnException` for a text that is not an ARN, or not one that fits there. */
export function invalidArn(text: string): KeywardError {
  return awsError('InvalidArnException', `Invalid arn ${text}`);
}

/** `KMSInvalidStateException` with AWS's message. */
export function invalidState(message: string): KeywardError {
  return awsError('KMSInvalidStateException', message);
}

/** `ValidationException` with a message of its own, for what is not a violated constraint. */
export function invalid(message: string): KeywardError {
  return awsError('ValidationException', message);
}

/** `KMSInternalException`, after which AWS's clients ask again: the caller was let through only meanwhile. */
export function allowedMeanwhile(operation: string): KeywardError {
  return awsError(
    'KMSInternalException',
    `${operation} was allowed while it was under way, so nothing was made ready for it. Try again.`,
  );
}

/** `UnsupportedOperationException` for what AWS has and this vault has not. */
export function unsupported(what: string): KeywardError {
  return awsError('UnsupportedOperationException', `${what} is not available in this vault.`);
}

/** `VaultDamaged` for a row whose MAC holds but whose contents make no sense. */
export function damagedRow(row: string): KeywardError {
  return fail('row-does-not-open', { row });
}
