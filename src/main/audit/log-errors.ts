import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { isMoved } from '../store/sql-errors.ts';

/** The error for an entry that is not ours where one of ours must be. */
export function changedFromOutside(seq: number): KeywardError {
  return fail('audit-entry-changed', { seq }, { firstBroken: seq });
}

/** The error for work that must be logged and can't be, because the disk is full or read-only. */
export function unwritable(error: unknown): unknown {
  if (!isKeywardError(error, 'DiskFull', 'DiskReadOnly')) return error;
  const why = isMoved(error) ? 'moved' : error.code === 'DiskFull' ? 'full' : 'read-only';
  const path = why === 'moved' ? String(error.details['path']) : '';
  return fail('audit-unwritable', { why, path }, { because: error.code, ...error.details }, error);
}
