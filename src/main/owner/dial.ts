import { createConnection, type Socket } from 'node:net';
import { KeywardError } from '../../shared/errors.ts';

/** Opens a socket; `undefined` when nobody listens. */
export function dial(address: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: address, allowHalfOpen: true });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED') return resolve(undefined);
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
