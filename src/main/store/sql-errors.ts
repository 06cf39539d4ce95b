import Database from 'better-sqlite3';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { diskFullCause } from '../disk/disk-full-probe.ts';

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
type PlainReason =
  | 'database-disk-full'
  | 'database-quota-used-up'
  | 'database-read-only'
  | 'database-pages-not-sound'
  | 'database-written-elsewhere'
  | 'database-not-permitted'
  | 'database-not-opened'
  | 'database-disk-error';

const MOVED = 'SQLITE_READONLY_DBMOVED';

/** The error for a database whose file is no longer the one that was opened: what is written would be lost with it. */
export function movedError(path: string): KeywardError {
  return fail('vault-file-moved', { path }, { path, sqlite: MOVED });
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
  // Of a quota that is used up SQLite says what it says of a broken disk.
  const errno = WRITES.some((kind) => sqlite.startsWith(kind)) ? diskFullCause(path) : undefined;
  const details = { path, sqlite, ...(errno === undefined ? {} : { errno }) };
  const because = (reason: PlainReason) => fail(reason, { path }, details, error);
  if (errno !== undefined) {
    return because(errno === 'EDQUOT' ? 'database-quota-used-up' : 'database-disk-full');
  }
  // Growing the shared-memory file fails as an I/O error of its own, not as SQLITE_FULL.
  if (sqlite === 'SQLITE_FULL' || sqlite === 'SQLITE_IOERR_SHMSIZE') {
    return because('database-disk-full');
  }
  if (sqlite === MOVED) return movedError(path);
  if (sqlite.startsWith('SQLITE_READONLY')) {
    return because('database-read-only');
  }
  if (DAMAGE.some((kind) => sqlite.startsWith(kind))) {
    return because('database-pages-not-sound');
  }
  if (sqlite.startsWith('SQLITE_BUSY') || sqlite.startsWith('SQLITE_LOCKED')) {
    return because('database-written-elsewhere');
  }
  if (sqlite === 'SQLITE_PERM' || sqlite === 'SQLITE_AUTH') {
    return because('database-not-permitted');
  }
  if (sqlite.startsWith('SQLITE_CANTOPEN')) {
    return because('database-not-opened');
  }
  if (sqlite.startsWith('SQLITE_IOERR')) {
    return because('database-disk-error');
  }
  // The tables are ours alone: what lacks one was changed by somebody else since it was opened.
  if (/^no such (table|column|index)/.test(error.message)) {
    return fail('database-changed-while-open', { path, why: error.message }, details, error);
  }
  return fail('internal', { what: `The vault's database refused a step: ${error.message}.` }, details, error);
}
