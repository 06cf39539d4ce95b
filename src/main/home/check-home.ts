import { join } from 'node:path';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import type { UnfitDisk } from '../../shared/reasons/process.ts';
import { canListen } from '../disk/can-listen.ts';
import { openFile } from '../disk/file.ts';
import { factsAt, renameFile, syncFolder, unlinkFile } from '../disk/tree.ts';
import { Store } from '../store/database.ts';
import { socketAddress } from './paths.ts';

const NAMES = ['trial', 'trial-renamed', 'trial.db', 'trial.db-wal', 'trial.db-shm', 'trial.db-journal'];

/**
 * Tries in a home's `run` folder what a vault needs of its disk, so that one is not made where no later command could
 * open it: permissions of one's own, flushes, renames, a database in WAL mode with its shared memory, and the socket.
 * Nothing stays behind. Throws `VaultHomeUnsafe` with the reason, or the disk error. The caller has the claim.
 */
export async function checkHome(home: string): Promise<void> {
  const run = join(home, 'run');
  const at = (name: string) => join(run, name);
  const clear = async () => {
    for (const name of NAMES) await unlinkFile(at(name)).catch(() => false);
  };
  await clear();
  try {
    await attempt(home, 'flush', async () => {
      const file = await openFile(at('trial'), 'create');
      try {
        await file.write(Buffer.from('trial'), 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await syncFolder(run);
    });
    await requirePrivate(home, at('trial'), 0o600);
    await requirePrivate(home, run, 0o700);
    await attempt(home, 'rename', () => renameFile(at('trial'), at('trial-renamed')));
    await attempt(home, 'database', async () => {
      const store = Store.open(at('trial.db'), 'create');
      try {
        store.checkpoint();
      } finally {
        store.close();
      }
    });
    await attempt(home, 'socket', () => canListen(`${socketAddress(home)}-trial`));
  } finally {
    await clear();
  }
}

async function requirePrivate(home: string, path: string, mode: number): Promise<void> {
  if (process.platform === 'win32') return;
  const facts = await factsAt(path, true);
  if (facts !== undefined && (facts.mode & 0o777) === mode && facts.owner === process.getuid?.()) return;
  throw unfit(home, 'permissions');
}

async function attempt(home: string, why: UnfitDisk, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (isKeywardError(error, 'DiskFull', 'DiskReadOnly')) throw error;
    throw unfit(home, why, error);
  }
}

function unfit(home: string, why: UnfitDisk, cause?: unknown): KeywardError {
  return fail('home-on-unfit-disk', { home, why }, { home, why }, cause);
}
