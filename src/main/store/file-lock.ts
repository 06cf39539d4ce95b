import Database from 'better-sqlite3';
import { keepClosed } from '../disk/protected-files.ts';
import { sqlError } from './sql-errors.ts';

/** A lock that ends with `release` or with the process, whatever kills it. */
export type FileLock = { release(): void };

/**
 * Takes the lock that the file at `path` stands for, without waiting; `undefined` if another process has it. SQLite's
 * own exclusive lock is used, because Node has none and a file's mere existence outlives a crash.
 */
export function takeFileLock(path: string): FileLock | undefined {
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    const reopen = keepClosed(path);
    return {
      release: () => {
        db.close();
        reopen();
      },
    };
  } catch (error) {
    db.close();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('SQLITE_BUSY')) return undefined;
    throw sqlError(error, path);
  }
}
