import { join } from 'node:path';
import { randomBytes } from '../crypto/bytes.ts';
import { type OpenFile, openFile } from '../disk/file.ts';
import { unlinkFile } from '../disk/tree.ts';
import { type ByteSource, fileSink } from '../envelope/io.ts';

const CHUNK = 1 << 20;

/**
 * Keeps a stream's ciphertext in a file of the vault's home (0600) while `use` goes over it, however often. The
 * file loses its name before its first byte where the system allows it, so that a crash leaves nothing.
 */
export async function withSpool<T>(
  home: string,
  source: ByteSource,
  use: (file: OpenFile, size: number) => Promise<T>,
): Promise<T> {
  const path = join(home, 'run', `spool-${randomBytes(8).toString('hex')}`);
  const file = await openFile(path, 'create');
  try {
    if (process.platform !== 'win32') await unlinkFile(path);
    const sink = fileSink(file);
    const buffer = Buffer.allocUnsafe(CHUNK);
    let size = 0;
    for (;;) {
      const got = await source.read(buffer);
      await sink.write(buffer.subarray(0, got));
      size += got;
      if (got < CHUNK) return await use(file, size);
    }
  } finally {
    await file.release();
    if (process.platform === 'win32') await unlinkFile(path);
  }
}
