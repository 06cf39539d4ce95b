import { type BigIntStats, readFileSync as readNow } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Doing } from '../../shared/reasons/disk.ts';
import { abortable } from './abortable.ts';
import { diskError, isErrno } from './errors.ts';
import { type DiskStep, injectFault } from './fault-hook.ts';
import { type FileFacts, factsOf, openFile } from './file.ts';
import { FolderEntries } from './folder-entries.ts';
import { requireNotKept } from './protected-files.ts';
import { refusedName } from './refused-name.ts';

async function step<T>(op: DiskStep['op'], doing: Doing, path: string, act: () => Promise<T>): Promise<T> {
  try {
    injectFault({ op, path });
    return await act();
  } catch (error) {
    throw diskError(error, doing, path);
  }
}

/** Facts of what stands at `path`; `follow` looks through a symbolic link. `undefined` if nothing is there. */
export async function factsAt(path: string, follow: boolean): Promise<FileFacts | undefined> {
  try {
    injectFault({ op: 'stat', path });
    const stats: BigIntStats = follow
      ? await fs.stat(path, { bigint: true })
      : await fs.lstat(path, { bigint: true });
    return factsOf(stats);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw diskError(error, 'look-at', path);
  }
}

/** The names in a folder with their kinds, as `FolderEntries` has them: for folders that are not large. */
export async function listFolder(path: string): Promise<{ name: string; kind: FileFacts['kind'] }[]> {
  return [...(await FolderEntries.of(path))];
}

/**
 * Makes a folder with all its parents, flushed; existing ones stay as they are. Mode as for mkdir(2). Throws
 * `NameNotAllowed` and the other disk errors. Not by Node's own `recursive`, which tries for ever where a disk answers
 * ENOENT to a name that it can't have.
 */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  await step('makeFolder', 'make-the-folder', path, async () => {
    const missing: string[] = [];
    for (let at = resolve(path); !(await isFolder(at)) && at !== dirname(at); at = dirname(at)) {
      missing.unshift(at);
    }
    for (const folder of missing) {
      await makeOne(folder, mode);
      await syncFolder(dirname(folder));
    }
  });
}

async function makeOne(path: string, mode: number): Promise<void> {
  try {
    await fs.mkdir(path, { mode });
  } catch (error) {
    // Somebody else has just made it.
    if (isErrno(error, 'EEXIST') && (await isFolder(path))) return;
    throw (await refusedName(error, path)) ?? error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await fs.stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}

/** Gives an existing file another name, replacing what has that name. */
export async function renameFile(from: string, to: string): Promise<void> {
  await step('rename', 'rename-into-place', to, () => fs.rename(from, to));
}

/** Gives a file a second name; throws `TargetExists` if the name is taken. */
export async function linkFile(from: string, to: string): Promise<void> {
  await step('link', 'put-into-place', to, () => fs.link(from, to));
}

/** Removes a file's name; returns false if there was none. */
export async function unlinkFile(path: string): Promise<boolean> {
  try {
    injectFault({ op: 'unlink', path });
    await fs.unlink(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw diskError(error, 'remove', path);
  }
}

/** What network and other disks answer that have no flush for folders. */
const NO_FLUSH = ['EINVAL', 'EBADF', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/**
 * Flushes a folder's entries. It does nothing where that can't be done: on Windows, which opens no folders, and on
 * disks that say so.
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    injectFault({ op: 'syncFolder', path });
    const handle = await fs.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isErrno(error, ...NO_FLUSH)) throw diskError(error, 'flush-the-folder', path);
  }
}

/** The path with every symbolic link resolved; throws `SourceNotFound`. */
export async function realPath(path: string): Promise<string> {
  return step('stat', 'find', path, () => fs.realpath(path));
}

/**
 * A whole small file, or what a pipe gives up to its end; throws `IoFailed` if that is more than `most` bytes, and
 * `Cancelled` once `signal` is aborted.
 */
export async function readSmallFile(path: string, most: number, signal?: AbortSignal): Promise<Buffer> {
  return abortable(readWhole(path, most), signal);
}

function readWhole(path: string, most: number): Promise<Buffer> {
  return step('read', 'read', path, async () => {
    requireNotKept(path, await fs.stat(path, { bigint: true }));
    const handle = await fs.open(path, 'r');
    try {
      const buffer = Buffer.alloc(most + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > most)
        throw Object.assign(new Error(`it holds more than ${most} bytes`), { code: 'E2BIG' });
      const bytes = Buffer.from(buffer.subarray(0, length));
      buffer.fill(0);
      return bytes;
    } finally {
      await handle.close();
    }
  });
}

/**
 * Writes a new file, 0600, flushed together with its folder; one that could not be written whole is not left
 * behind. Throws `TargetExists` and the other disk errors.
 */
export async function writeNewFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await openFile(path, 'create');
  try {
    await file.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, 0);
    await file.sync();
    await file.close();
    await syncFolder(dirname(path));
  } catch (error) {
    await file.release();
    await unlinkFile(path).catch(() => undefined);
    throw error;
  }
}

/** The text of a small file of our own; `undefined` if it can't be read. */
export function readIfThere(path: string): string | undefined {
  try {
    return readNow(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Puts a small file, 0600, in the place of what has its name, at one moment. Not flushed. Throws the disk errors. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const making = `${path}-making`;
  await step('write', 'write', making, () => fs.writeFile(making, text, { mode: 0o600 }));
  await renameFile(making, path);
}

/** Sets permission bits of what stands at `path`. */
export async function setMode(path: string, mode: number): Promise<void> {
  await step('attributes', 'set-the-permissions-of', path, () => fs.chmod(path, mode));
}

/** Removes a folder with everything below it. */
export async function removeTree(path: string): Promise<void> {
  await step('unlink', 'remove', path, () => fs.rm(path, { recursive: true, force: true }));
}
