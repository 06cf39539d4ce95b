import { createServer } from 'node:net';
import { setMode } from './tree.ts';

/** Listens at a path for a moment and takes it away again. Throws what the system says, also of its permissions. */
export async function canListen(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  try {
    await setMode(path, 0o600);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
