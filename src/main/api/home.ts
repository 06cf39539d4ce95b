import { homedir, platform, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { KeywardError } from '../../shared/errors.ts';
import { sha256 } from '../crypto/hash.ts';
import { exists, factsAt, makeFolder, realPath, setMode } from '../disk/tree.ts';
import { unsafeForDatabase } from '../disk/volume.ts';
import { Store } from '../store/database.ts';
import { type FileLock, takeFileLock } from '../store/lock.ts';
import { sweepPartials } from '../vault/partials.ts';

/** Proof that this process alone may open the vault at `home` for writing, until `release` or its end. */
export interface Claim {
  readonly home: string;
  release(): Promise<void>;
}

/** Bytes that a Unix socket's path may have everywhere (macOS: 104 with the final zero). */
const SOCKET_PATH_BYTES = 100;

/** Where the vault lives: `KEYWARD_HOME`, else the platform's folder for a user's application data. */
export function resolveHome(env: NodeJS.ProcessEnv): string {
  const named = env['KEYWARD_HOME'];
  if (named !== undefined && named !== '') return resolve(named);
  switch (platform()) {
    case 'win32':
      return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Keyward');
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'Keyward');
    default:
      return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'keyward');
  }
}

/** The database of the vault at `home`. */
export function databasePath(home: string): string {
  return join(home, 'vault.db');
}

/** Whether a vault has been made at `home`. */
export function hasVault(home: string): boolean {
  return exists(databasePath(home));
}

/** The error for a home without a vault. */
export function noVault(home: string): KeywardError {
  return new KeywardError('VaultNotFound', `There is no vault at ${home} yet. Make one with: keyward init`, {
    home,
  });
}

/**
 * The address of the owner's socket: in the home where the path is short enough, else in a folder of the
 * user's own under the system's temporary folder; a named pipe on Windows.
 */
export function socketAddress(home: string): string {
  const mark = sha256(Buffer.from(resolve(home))).toString('hex', 0, 12);
  if (platform() === 'win32') return `\\\\.\\pipe\\keyward-${userInfo().username}-${mark}`;
  const near = join(home, 'run', 'owner.sock');
  if (Buffer.byteLength(near) <= SOCKET_PATH_BYTES) return near;
  return join(tmpdir(), `keyward-${userInfo().uid}-${mark}`, 'owner.sock');
}

/**
 * Claims `home` for this process and removes what a dead owner left; `undefined` if another process has it.
 * The folder is made if need be, 0700. Throws `VaultHomeUnsafe` for a folder of another user's, on a network
 * disk or in a synced folder.
 */
export async function claimHome(home: string, waitMs = 0): Promise<Claim | undefined> {
  await makeFolder(home);
  await requireOwnFolder(home);
  const why = await unsafeForDatabase(await realPath(home));
  if (why !== undefined) throw unsafeHome(home, why);
  await makeFolder(join(home, 'run'));
  const address = socketAddress(home);
  if (platform() !== 'win32' && !address.startsWith(home)) {
    await makeFolder(join(address, '..'));
    await requireOwnFolder(join(address, '..'));
  }
  const lock = takeFileLock(join(home, 'run', 'owner.lock'), waitMs);
  if (lock === undefined) return undefined;
  try {
    if (hasVault(home)) await sweep(home);
  } catch (error) {
    lock.release();
    throw error;
  }
  return claimOf(home, lock);
}

function claimOf(home: string, lock: FileLock): Claim {
  let held = true;
  return {
    home,
    release: async () => {
      if (held) lock.release();
      held = false;
    },
  };
}

async function sweep(home: string): Promise<void> {
  const store = Store.open(databasePath(home), 'existing');
  try {
    await sweepPartials(store);
  } finally {
    store.close();
  }
}

async function requireOwnFolder(path: string): Promise<void> {
  const facts = await factsAt(path, true);
  if (platform() === 'win32' || facts === undefined || (facts.mode & 0o077) === 0) return;
  try {
    await setMode(path, 0o700);
  } catch (error) {
    throw new KeywardError(
      'VaultHomeUnsafe',
      `Others can look into ${path}, and its permissions can't be changed. Choose a folder of your own with KEYWARD_HOME.`,
      { path },
      error,
    );
  }
}

function unsafeHome(home: string, why: 'network' | 'synced'): KeywardError {
  const reason =
    why === 'network'
      ? 'it is on a network disk, where the vault can be damaged by two machines at once'
      : 'a program syncs this folder and would put old copies of the vault back';
  return new KeywardError(
    'VaultHomeUnsafe',
    `The vault can't live at ${home}: ${reason}. Choose a folder on this machine's own disk with KEYWARD_HOME.`,
    { home, why },
  );
}
