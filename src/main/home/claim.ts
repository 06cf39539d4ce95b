import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { exists } from '../disk/exists.ts';
import { factsAt, makeFolder, realPath, setMode } from '../disk/tree.ts';
import { unsafeForDatabase } from '../disk/volume.ts';
import { type FileLock, takeFileLock } from '../store/file-lock.ts';
import { endLeases, hasLeases } from '../store/leases.ts';
import { openDatabase } from './database.ts';
import { forgetOwner, recordOwner } from './owner-record.ts';
import { hasVault, LOCK_NAME, socketAddress } from './paths.ts';
import { finishRepair } from './repaired.ts';

/** Proof that this process alone may open the vault at `home` for writing, until `release` or its end. */
export interface Claim {
  readonly home: string;
  release(): Promise<void>;
}

/**
 * Claims `home` for this process and ends the leases of a dead owner; `undefined` if another process has it.
 * The folder is made if need be, 0700. Throws `VaultHomeUnsafe` for a folder of another user's, on a network
 * disk or in a synced folder.
 */
export async function claimHome(home: string): Promise<Claim | undefined> {
  await requireOwnPlace(home);
  await makeFolder(home);
  await requireOwnFolder(home);
  const why = await unsafeForDatabase(await realPath(home));
  if (why !== undefined) throw unsafeHome(home, why);
  await makeFolder(join(home, 'run'));
  if (platform() !== 'win32') {
    // Mostly the folder just made; for a home with a long path another one.
    const folder = dirname(socketAddress(home));
    await makeFolder(folder);
    await requireOwnFolder(folder);
  }
  const lock = takeFileLock(join(home, 'run', LOCK_NAME));
  if (lock === undefined) return undefined;
  try {
    // On a full disk an owner can still be found where it usually is.
    await recordOwner(home).catch(() => forgetOwner(home));
    await finishRepair(home);
    if (hasVault(home)) endOldLeases(home);
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
      if (!held) return;
      held = false;
      await forgetOwner(home);
      lock.release();
    },
  };
}

/** What leaves old leases as they are. */
const MAY_STAND = [
  'VaultDamaged',
  'VaultNotFound',
  'VaultNewer',
  'DiskFull',
  'DiskReadOnly',
  'PermissionDenied',
] as const;

function endOldLeases(home: string): void {
  try {
    const store = openDatabase(home);
    try {
      // Nothing is written where there is nothing to end: a full disk must not keep its vault from opening.
      if (store.read(hasLeases)) store.write(endLeases);
    } finally {
      store.close();
    }
  } catch (error) {
    // A damaged vault can be claimed as well: whoever opens it finds out, and no lease counts in a rescue.
    // Where nothing can be written, leases end by their time.
    if (!isKeywardError(error, ...MAY_STAND)) throw error;
  }
}

async function requireOwnFolder(path: string): Promise<void> {
  const facts = await factsAt(path, true);
  if (platform() === 'win32' || facts === undefined) return;
  if (facts.owner !== process.getuid?.())
    throw fail('home-of-somebody-else', { path, owner: facts.owner }, { path });
  if ((facts.mode & 0o077) === 0) return;
  try {
    await setMode(path, 0o700);
  } catch (error) {
    throw fail('home-open-to-others', { path }, { path }, error);
  }
}

/**
 * Refuses to make a home as root in a folder of another user's, as `sudo` does where it leaves `HOME` as it is: its
 * owner could not use it.
 */
async function requireOwnPlace(home: string): Promise<void> {
  if (process.getuid?.() !== 0 || exists(home)) return;
  const { KEYWARD_HOME: named, SUDO_UID: user } = process.env;
  let above = dirname(home);
  while (!exists(above) && dirname(above) !== above) above = dirname(above);
  const owner = (await factsAt(above, true))?.owner ?? 0;
  if (owner === 0 || (named !== undefined && named !== '' && String(owner) !== user)) return;
  throw fail('home-of-another-user', { path: home, above }, { path: home });
}

function unsafeHome(home: string, why: 'network' | 'synced'): KeywardError {
  return fail('home-on-unsafe-disk', { home, why });
}
