import Database from 'better-sqlite3';
import { isKeywardError, KeywardError } from '../../shared/errors.ts';
import { diskFullCause } from '../disk/disk-full.ts';

/**
 * What SQLite finds wrong with the file itself: its pages, a read that ends too early, rows that its tables don't allow
 * (ours never break a constraint).
 */
const DAMAGE: readonly string[] = [
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_FORMAT',
  'SQLITE_IOERR_SHORT_READ',
  'SQLITE_IOERR_CORRUPTFS',
  'SQLITE_IOERR_DATA',
  'SQLITE_CONSTRAINT',
  'SQLITE_MISMATCH',
];
/** What fails where a disk takes no more bytes and says so by another number than ENOSPC. */
const WRITES: readonly string[] = [
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_TRUNCATE',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_IOERR_DIR_FSYNC',
  'SQLITE_IOERR_SHMOPEN',
  'SQLITE_IOERR_SHMMAP',
  'SQLITE_CANTOPEN',
];
const MOVED = 'SQLITE_READONLY_DBMOVED';

/** The error for a database whose file is no longer the one that was opened: what is written would be lost with it. */
export function movedError(path: string): KeywardError {
  return new KeywardError(
    'DiskReadOnly',
    `The vault's file ${path} was removed or replaced while the vault was open, so nothing more is written. Put it back where it was.`,
    { path, sqlite: MOVED },
  );
}

/** Whether an error says that the vault's file was removed or replaced. */
export function isMoved(error: unknown): boolean {
  return isKeywardError(error, 'DiskReadOnly') && error.details['sqlite'] === MOVED;
}

/**
 * What SQLite threw, as our error with the real cause; anything else passes through unchanged. `path` is the
 * database's file.
 */
export function sqlError(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const sqlite = error.code;
  const details = { path, sqlite };
  const because = (code: ConstructorParameters<typeof KeywardError>[0], words: string) =>
    new KeywardError(code, words, details, error);
  // Of a quota that is used up SQLite says what it says of a broken disk.
  const errno = WRITES.some((kind) => sqlite.startsWith(kind)) ? diskFullCause(path) : undefined;
  if (errno !== undefined) {
    const why = errno === 'EDQUOT' ? 'your quota on its disk is used up' : 'the disk is full';
    const message = `The vault at ${path} could not be written: ${why}. Free some space.`;
    return new KeywardError('DiskFull', message, { ...details, errno }, error);
  }
  // Growing the shared-memory file fails as an I/O error of its own, not as SQLITE_FULL.
  if (sqlite === 'SQLITE_FULL' || sqlite === 'SQLITE_IOERR_SHMSIZE') {
    return because(
      'DiskFull',
      `The vault at ${path} could not be written: the disk is full. Free some space.`,
    );
  }
  if (sqlite === MOVED) return movedError(path);
  if (sqlite.startsWith('SQLITE_READONLY')) {
    return because(
      'DiskReadOnly',
      `The vault at ${path} could not be written: the disk or the file is read-only.`,
    );
  }
  if (DAMAGE.some((kind) => sqlite.startsWith(kind))) {
    return because(
      'VaultDamaged',
      `The vault at ${path} is damaged: its file is not a sound database. Restore it from a backup.`,
    );
  }
  if (sqlite.startsWith('SQLITE_BUSY') || sqlite.startsWith('SQLITE_LOCKED')) {
    return because(
      'OwnerBusy',
      `The vault at ${path} is being written by another program. Try again in a moment.`,
    );
  }
  if (sqlite === 'SQLITE_PERM' || sqlite === 'SQLITE_AUTH') {
    return because('PermissionDenied', `The vault at ${path} could not be opened: permission was denied.`);
  }
  if (sqlite.startsWith('SQLITE_CANTOPEN')) {
    return because(
      'IoFailed',
      `The vault at ${path} could not be opened. Check that you may read and write it.`,
    );
  }
  if (sqlite.startsWith('SQLITE_IOERR')) {
    return because(
      'IoFailed',
      `The disk reported an error with the vault at ${path}. Check the disk before you rely on it.`,
    );
  }
  // The tables are ours alone: what lacks one was changed by somebody else since it was opened.
  if (/^no such (table|column|index)/.test(error.message)) {
    return because(
      'VaultDamaged',
      `The vault at ${path} was changed from outside while it was open: ${error.message}. Lock it, keep a copy of the folder as it is, and restore the vault from a backup.`,
    );
  }
  return because('Internal', `The vault's database refused a step: ${error.message}.`);
}
