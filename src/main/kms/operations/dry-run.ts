import { awsError, type KeywardError } from '../../../shared/errors.ts';
import { wipe } from '../../crypto/bytes.ts';
import { invalid } from '../errors.ts';
import type { BlobInput, DryRunInput } from '../types.ts';
import { missing, requireOneOf } from '../validate.ts';

/** Ends an operation that was only tried, once it is known that it would succeed. */
export function endDryRun({ DryRun }: DryRunInput): void {
  if (DryRun === true) throw onlyTried();
}

/** `DryRunOperationException`: it would have succeeded. */
export function onlyTried(): KeywardError {
  return awsError(
    'DryRunOperationException',
    'The request would have succeeded, but the DryRun option is set.',
  );
}

/**
 * The blob of a call; `undefined` for a dry run that ignores it (KMS API Reference, "DryRunModifiers"). Throws
 * `ValidationException` where the blob is missing, and for modifiers without a dry run.
 */
export function blobOf({ CiphertextBlob, DryRun, DryRunModifiers = [] }: BlobInput): Uint8Array | undefined {
  for (const [n, modifier] of DryRunModifiers.entries()) {
    requireOneOf(`dryRunModifiers.${n + 1}.member`, modifier, ['IGNORE_CIPHERTEXT']);
  }
  if (DryRunModifiers.length > 0) {
    if (DryRun === true) return undefined;
    throw invalid('DryRunModifiers can be specified only when DryRun is true.');
  }
  if (CiphertextBlob !== undefined) return CiphertextBlob;
  throw missing('ciphertextBlob');
}

/** As `endDryRun`, where the answer is known already: it is wiped. */
export function endDryRunAfter(input: DryRunInput, secret: Uint8Array): void {
  if (input.DryRun === true) wipe(secret);
  endDryRun(input);
}
