import { isKeywardError, KeywardError } from '../../shared/errors.ts';
import { isMoved } from '../store/sql-errors.ts';

/** The error for an entry that is not ours where one of ours must be. */
export function changedFromOutside(seq: number): KeywardError {
  return new KeywardError(
    'AuditBroken',
    `The audit log was changed from outside: its entry ${seq} is not Keyward's. Run "keyward audit verify".`,
    { firstBroken: seq },
  );
}

/** The error for work that must be logged and can't be, because the disk is full or read-only. */
export function unwritable(error: unknown): unknown {
  if (!isKeywardError(error, 'DiskFull', 'DiskReadOnly')) return error;
  const [why, remedy] = isMoved(error)
    ? [`its file ${error.details['path']} was removed or replaced while the vault was open`, 'Put it back']
    : error.code === 'DiskFull'
      ? ['the disk is full', 'Free some space']
      : ['the disk is read-only', 'Make the folder writable'];
  return new KeywardError(
    'AuditUnwritable',
    `Keyward can't write its audit log: ${why}. Nothing was changed. ${remedy}, and try again.`,
    { because: error.code, ...error.details },
    error,
  );
}
