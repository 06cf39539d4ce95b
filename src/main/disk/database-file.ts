import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { diskError } from './errors.ts';
import { passGate } from './fault-hook.ts';

/**
 * Makes the empty file of a new database, 0600, before SQLite opens it: SQLite itself would make it as open as
 * the umask allows, and its journal files copy the mode. Throws `TargetExists` and the other disk errors.
 */
export function claimDatabaseFile(path: string): void {
  try {
    passGate({ op: 'create', path });
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
    throw diskError(error, 'open for writing', path);
  }
}

/** Which file stands at `path` now, as text to be compared; empty if there is none. Throws the disk errors. */
export function fileIdentity(path: string): string {
  try {
    const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
    return facts === undefined ? '' : `${facts.dev}/${facts.ino}`;
  } catch (error) {
    throw diskError(error, 'look at', path);
  }
}
