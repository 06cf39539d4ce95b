import { awsError } from '../../shared/errors.ts';
import type { KeyUsage } from '../../shared/key-specs.ts';
import { invalidState, isDisabled } from './errors.ts';
import type { KeyRow } from './keys/row-schemas.ts';

/** A key that was found: id, ARN, row. */
export type FoundKey = { readonly id: string; readonly arn: string; readonly row: KeyRow };

/** Throws `DisabledException` or `KMSInvalidStateException` unless the key may be used (AWS, "Key states"). */
export function requireEnabled(key: FoundKey): void {
  if (key.row.state === 'Disabled') throw isDisabled(key.arn);
  requireNotPending(key);
  requireMaterial(key);
}

/** Throws `KMSInvalidStateException` for a key whose imported material is not there. */
export function requireMaterial(key: FoundKey): void {
  if (key.row.state === 'PendingImport') throw invalidState(`${key.arn} is pending import.`);
}

/** Throws `KMSInvalidStateException` for a key that is pending deletion. */
export function requireNotPending(key: FoundKey): void {
  if (key.row.state === 'PendingDeletion') throw invalidState(`${key.arn} is pending deletion.`);
}

/** Throws `InvalidKeyUsageException` unless the key is for this. */
export function requireUsage(key: FoundKey, usage: KeyUsage, operation: string): void {
  if (key.row.usage === usage) return;
  throw awsError(
    'InvalidKeyUsageException',
    `${key.arn} key usage is ${key.row.usage} which is not valid for ${operation}.`,
  );
}

/** Throws `InvalidKeyUsageException` unless the key is a symmetric one that encrypts. */
export function requireSymmetric(key: FoundKey, operation: string): void {
  requireUsage(key, 'ENCRYPT_DECRYPT', operation);
  if (key.row.spec === 'SYMMETRIC_DEFAULT') return;
  throw awsError(
    'InvalidKeyUsageException',
    `${key.arn} key spec is ${key.row.spec} which is not valid for ${operation}.`,
  );
}
