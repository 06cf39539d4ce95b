import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { fail } from '../../shared/errors.ts';
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
      reject(fail('holder-not-reached', { why: cause.message }, { path: address }, cause));
    });
  });
}

async function requireOwnFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const facts = await factsAt(folder, true);
  if (facts === undefined || (facts.owner === process.getuid?.() && (facts.mode & 0o022) === 0)) return;
  if (facts.owner !== process.getuid?.()) {
    throw fail('socket-folder-of-another-user', { folder, owner: facts.owner }, { path: folder });
  }
  throw fail('socket-folder-open-to-others', { folder }, { path: folder });
}
