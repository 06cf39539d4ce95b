import { accessSync, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { diskError } from './errors.ts';
import { injectFault } from './fault-hook.ts';

/**
 * Makes the empty file of a new database, 0600, before SQLite opens it: SQLite itself would make it as open as
 * the umask allows, and its journal files copy the mode. Throws `TargetExists` and the other disk errors.
 */
export function claimDatabaseFile(path: string): void {
  try {
    injectFault({ op: 'create', path });
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    throw diskError(error, 'create', path);
  }
}

/** Throws why a database's file can't be read and written, where the system knows: SQLite only says that it can't. */
export function requireWritable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw diskError(error, 'open-for-writing', path);
  }
}

/**
 * The first `length` bytes of a database's file, or as many as it has, its size, and whether SQLite's journal beside it
 * has anything. Throws the disk errors.
 */
export function readStart(
  path: string,
  length: number,
): { bytes: Buffer; size: number; hasJournal: boolean } {
  try {
    const journal = statSync(`${path}-wal`, { throwIfNoEntry: false });
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(length);
      const read = readSync(file, bytes, 0, length, 0);
      return {
        bytes: bytes.subarray(0, read),
        size: fstatSync(file).size,
        hasJournal: (journal?.size ?? 0) > 0,
      };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw diskError(error, 'read', path);
  }
}
