import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { KeywardError } from '../../shared/errors.ts';
import { factsAt } from '../disk/tree.ts';

/**
 * Opens a socket; `undefined` when nobody listens. A socket in a folder that others own or can write to might be
 * an impostor's, so it is not spoken to: throws `VaultHomeUnsafe`.
 */
export async function connectToOwner(address: string): Promise<Socket | undefined> {
  await requireOwnFolder(dirname(address));
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: address, allowHalfOpen: true });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(cause.code ?? '')) return resolve(undefined);
      reject(
        new KeywardError(
          'OwnerUnreachable',
          `Could not reach the process that holds the vault: ${cause.message}. Run keyward as the user who unlocked it.`,
          { path: address },
          cause,
        ),
      );
    });
  });
}

async function requireOwnFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const facts = await factsAt(folder, true);
  if (facts === undefined || (facts.owner === process.getuid?.() && (facts.mode & 0o022) === 0)) return;
  if (facts.owner !== process.getuid?.()) {
    throw new KeywardError(
      'VaultHomeUnsafe',
      `The vault's socket would lie in ${folder}, which belongs to another user (id ${facts.owner}). Run keyward as that user, without sudo, or choose a folder of your own with KEYWARD_HOME.`,
      { path: folder },
    );
  }
  throw new KeywardError(
    'VaultHomeUnsafe',
    `The vault's socket would lie in ${folder}, which others can change. Remove that folder, or choose a shorter KEYWARD_HOME of your own.`,
    { path: folder },
  );
}
