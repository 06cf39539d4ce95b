import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { diskError } from './errors.ts';
import { injectFault } from './fault-hook.ts';

const CHUNK = 1 << 20;
const PIECE = 4_096;
const NO_FLUSH = ['EINVAL', 'EBADF', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EISDIR'];

/** The whole file at `path`; `undefined` if there is none. Throws the disk errors. */
export function readWhole(path: string): Buffer | undefined {
  try {
    injectFault({ op: 'read', path });
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw diskError(error, 'read', path);
  }
}

/**
 * As much as can be read of the file at `path`, for what is left of a damaged one: zeros stand for what the disk can't
 * read. `undefined` if there is no such file, or it can't be read at all.
 */
export function readWhatIsLeft(path: string): Buffer | undefined {
  let file: number;
  try {
    injectFault({ op: 'open', path });
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) return undefined;
    const bytes = Buffer.alloc(facts.size);
    for (let at = 0; at < bytes.length; at += PIECE) {
      try {
        injectFault({ op: 'read', path, offset: at, length: PIECE });
        readSync(file, bytes, at, Math.min(PIECE, bytes.length - at), at);
      } catch {
        // Zeros.
      }
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** The last `length` bytes of the file at `path`, and its size; `undefined` if there is none. Throws the disk errors. */
export function readEnd(path: string, length: number): { bytes: Buffer; size: number } | undefined {
  try {
    injectFault({ op: 'read', path });
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(length, size));
      readSync(file, bytes, 0, bytes.length, size - bytes.length);
      return { bytes, size };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw diskError(error, 'read', path);
  }
}

/**
 * Writes bytes at `offset`, where the file is to end so far, and flushes them; what stood behind is cut off first. The
 * file must be there. Throws the disk errors; then the file may have a part of the bytes.
 */
export function appendFlushed(path: string, offset: number, bytes: Uint8Array): void {
  try {
    injectFault({ op: 'open', path });
    const file = openSync(path, 'r+');
    try {
      if (fstatSync(file).size !== offset) ftruncateSync(file, offset);
      writeAt(file, path, bytes, offset);
      flush(file, path);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw diskError(error, 'write', path);
  }
}

/**
 * Puts a file, 0600, in the place of what has its name, at one moment, flushed with its folder; what stood there is
 * then overwritten with zeros, as far as the disk writes in place. Throws the disk errors: the old file stands then.
 */
export function replaceFlushed(path: string, bytes: Uint8Array): void {
  const making = `${path}-making`;
  let old: number | undefined;
  try {
    remove(making);
    injectFault({ op: 'create', path: making });
    const file = openSync(making, 'wx', 0o600);
    try {
      writeAt(file, making, bytes, 0);
      flush(file, making);
    } finally {
      closeSync(file);
    }
    old = openOld(path);
    injectFault({ op: 'rename', path });
    renameSync(making, path);
    flushFolderOf(path);
  } catch (error) {
    if (old !== undefined) closeSync(old);
    try {
      remove(making);
    } catch {
      // The first error is worth more than a failed clean-up.
    }
    throw diskError(error, 'write', path);
  }
  if (old !== undefined) blank(old);
}

/** Gives a file another name, flushed with its folder, if it is there. Throws the disk errors. */
export function moveFlushed(from: string, to: string): void {
  try {
    injectFault({ op: 'rename', path: to });
    renameSync(from, to);
    flushFolderOf(to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw diskError(error, 'rename-into-place', to);
  }
}

function openOld(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch {
    return undefined;
  }
}

/** Best effort: the name is gone already, and a disk may have written elsewhere anyway. */
function blank(file: number): void {
  try {
    const { size, nlink } = fstatSync(file);
    // A second name is somebody's copy.
    if (nlink > 0) return;
    const zeros = Buffer.alloc(Math.min(size, CHUNK));
    for (let at = 0; at < size; at += zeros.length)
      writeSync(file, zeros, 0, Math.min(zeros.length, size - at), at);
    fsyncSync(file);
  } catch {
    // See above.
  } finally {
    closeSync(file);
  }
}

function writeAt(file: number, path: string, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(CHUNK, bytes.length - done);
    const limit = injectFault({ op: 'write', path, offset: offset + done, length });
    done += writeSync(file, bytes, done, Math.min(length, limit?.atMost ?? length), offset + done);
  }
}

function flush(file: number, path: string): void {
  injectFault({ op: 'sync', path });
  fsyncSync(file);
}

function flushFolderOf(path: string): void {
  if (process.platform === 'win32') return;
  const folder = dirname(path);
  injectFault({ op: 'syncFolder', path: folder });
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } catch (error) {
    if (!NO_FLUSH.includes(codeOf(error))) throw error;
  } finally {
    closeSync(handle);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
