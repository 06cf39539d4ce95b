import { homedir, platform, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { sha256 } from '../crypto/hash.ts';
import { exists } from '../disk/exists.ts';

// Loaded by every call of the command, so it reaches for nothing heavy.

/** Bytes that a Unix socket's path may have everywhere (macOS: 104 with the final zero). */
const SOCKET_PATH_BYTES = 100;

/**
 * Where the vault lives: `KEYWARD_HOME`, else the platform's folder for a user's application data. An
 * `XDG_DATA_HOME` that is empty or not absolute counts as not set (XDG Base Directory Specification). Throws `Usage`
 * where that would be a folder that nobody meant: for a `~` that no shell replaced, and a `HOME` that is no path.
 */
export function resolveHome(env: NodeJS.ProcessEnv): string {
  const named = env['KEYWARD_HOME'];
  if (named !== undefined && named !== '') {
    requireNoTilde(named, 'KEYWARD_HOME');
    return resolve(named);
  }
  switch (platform()) {
    case 'win32':
      return join(absolute(env['APPDATA']) ?? join(homedir(), 'AppData', 'Roaming'), 'Keyward');
    case 'darwin':
      return join(userFolder(env), 'Library', 'Application Support', 'Keyward');
    default:
      return join(absolute(env['XDG_DATA_HOME']) ?? join(userFolder(env), '.local', 'share'), 'keyward');
  }
}

/** Refuses a path that begins with a `~`, which a shell replaces only where it stands bare. `what` named it. */
export function requireNoTilde(path: string, what: string): void {
  if (path !== '~' && !path.startsWith('~/')) return;
  throw fail('tilde-not-replaced', { what, path });
}

function userFolder(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'];
  if (home === undefined || isAbsolute(home)) return homedir();
  throw fail('user-folder-unknown', { home, why: home === '' ? 'empty' : 'relative' }, {});
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** The file in a home's `run` folder that stands for the claim on it. */
export const LOCK_NAME = 'owner.lock';

/** The database of the vault at `home`. */
export function databasePath(home: string): string {
  return join(home, 'vault.db');
}

/** The second file of the vault at `home`, with all that is needed to open its files. */
export function keysPath(home: string): string {
  return join(home, 'vault.keys');
}

/** A repaired database of the vault at `home` that is about to take its place. */
export function repairedPath(home: string): string {
  return join(home, 'vault.db-repaired');
}

/** Whether a vault has been made at `home`: there is its database, or at least its second file. */
export function hasVault(home: string): boolean {
  return [databasePath(home), keysPath(home), repairedPath(home)].some(exists);
}

/** The error for a home without a vault. */
export function noVault(home: string): KeywardError {
  return fail('no-vault-yet', { home });
}

/**
 * The address at which an owner started here listens: in the home where the path is short enough, else in a folder of the
 * user's own under the system's temporary folder; a named pipe on Windows.
 */
export function socketAddress(home: string): string {
  const mark = sha256(Buffer.from(resolve(home))).toString('hex', 0, 12);
  if (platform() === 'win32') return `\\\\.\\pipe\\keyward-${userInfo().username}-${mark}`;
  const near = join(home, 'run', 'owner.sock');
  if (Buffer.byteLength(near) <= SOCKET_PATH_BYTES) return near;
  const name = join(`keyward-${userInfo().uid}-${mark}`, 'owner.sock');
  const far = join(tmpdir(), name);
  return Buffer.byteLength(far) <= SOCKET_PATH_BYTES ? far : join('/tmp', name);
}
