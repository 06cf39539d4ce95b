import { join } from 'node:path';
import { isKeywardError, KeywardError } from '../../shared/errors.ts';
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
    await attempt(home, 'it keeps no files that are flushed', async () => {
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
    await attempt(home, 'it renames no files', () => renameFile(at('trial'), at('trial-renamed')));
    await attempt(home, 'it has no locks or shared memory for a database', async () => {
      const store = Store.open(at('trial.db'), 'create');
      try {
        store.checkpoint();
      } finally {
        store.close();
      }
    });
    await attempt(home, 'it takes no sockets', () => canListen(`${socketAddress(home)}-trial`));
  } finally {
    await clear();
  }
}

async function requirePrivate(home: string, path: string, mode: number): Promise<void> {
  if (process.platform === 'win32') return;
  const facts = await factsAt(path, true);
  if (facts !== undefined && (facts.mode & 0o777) === mode && facts.owner === process.getuid?.()) return;
  throw unfit(home, 'it keeps no permissions, so that others could read the vault');
}

async function attempt(home: string, why: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (isKeywardError(error, 'DiskFull', 'DiskReadOnly')) throw error;
    throw unfit(home, why, error);
  }
}

function unfit(home: string, why: string, cause?: unknown): KeywardError {
  return new KeywardError(
    'VaultHomeUnsafe',
    `The vault can't live at ${home}: the disk there is not fit for it, as ${why}. Choose a folder on a disk of this machine with KEYWARD_HOME; encrypted files may lie anywhere.`,
    { home, why },
    cause,
  );
}
