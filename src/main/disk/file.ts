import { type FileHandle, open, stat } from 'node:fs/promises';
import { fail } from '../../shared/errors.ts';
import type { Doing } from '../../shared/reasons/disk.ts';
import { diskError, notRegular } from './errors.ts';
import { type DiskStep, injectFault } from './fault-hook.ts';
import { setExactTime } from './modification-time.ts';
import { requireNotKept } from './protected-files.ts';
import { refusedName } from './refused-name.ts';

/** What the system reports of a file; sizes in bytes, times in nanoseconds since 1970. */
export type FileFacts = {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  readonly device: bigint;
  readonly inode: bigint;
  readonly links: number;
  readonly mode: number;
  /** The user id of its owner; 0 on Windows. */
  readonly owner: number;
  /** The id of its group; 0 on Windows. */
  readonly group: number;
  readonly modified: bigint;
  readonly changed: bigint;
  readonly born: bigint;
};

type Stats = import('node:fs').BigIntStats;

/** The facts of a stat, as this room hands them out. */
export function factsOf(stats: Stats): FileFacts {
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'folder'
      : stats.isSymbolicLink()
        ? 'link'
        : 'other';
  return {
    kind,
    size: Number(stats.size),
    device: stats.dev,
    inode: stats.ino,
    links: Number(stats.nlink),
    mode: Number(stats.mode) & 0o7777,
    owner: Number(stats.uid),
    group: Number(stats.gid),
    modified: stats.mtimeNs,
    changed: stats.ctimeNs,
    born: stats.birthtimeNs,
  };
}

/**
 * An open file with positional reads and writes. Short reads and writes are continued with the same buffer,
 * so a caller never sees one. Every method throws a `KeywardError` that names the file and the cause.
 */
export class OpenFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #closed = false;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.path = path;
  }

  /** Its number, for threads that read and write it by position; valid until `close`. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  /** Fills `buffer` from `position`; returns how many bytes there were, less than asked only at the end. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < buffer.length) {
      const want = buffer.length - done;
      const got = await this.#do(
        'read',
        'read',
        { offset: position + done, length: want },
        async (atMost) => {
          const { bytesRead } = await this.#handle.read(
            buffer,
            done,
            Math.min(want, atMost),
            position + done,
          );
          return bytesRead;
        },
      );
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  /** Writes all of `buffer` at `position`. */
  async write(buffer: Uint8Array, position: number): Promise<void> {
    let done = 0;
    while (done < buffer.length) {
      const want = buffer.length - done;
      const put = await this.#do(
        'write',
        'write',
        { offset: position + done, length: want },
        async (atMost) => {
          const { bytesWritten } = await this.#handle.write(
            buffer,
            done,
            Math.min(want, atMost),
            position + done,
          );
          return bytesWritten;
        },
      );
      if (put === 0) throw fail('nothing-taken', { path: this.path });
      done += put;
    }
  }

  /** Flushes data and size to the disk (fsync). */
  async sync(): Promise<void> {
    await this.#do('sync', 'flush', {}, () => this.#handle.sync());
  }

  /** The file's facts, from its handle. */
  async stat(): Promise<FileFacts> {
    return factsOf(await this.#do('stat', 'look-at', {}, () => this.#handle.stat({ bigint: true })));
  }

  /** Sets permission bits. */
  async setMode(mode: number): Promise<void> {
    await this.#do('attributes', 'set-the-permissions-of', {}, () => this.#handle.chmod(mode & 0o7777));
  }

  /** Gives it to another user and group, by their ids. */
  async setOwner(user: number, group: number): Promise<void> {
    await this.#do('attributes', 'set-the-owner-of', {}, () => this.#handle.chown(user, group));
  }

  /**
   * Sets the time of modification, in nanoseconds since 1970, as near as system and disk can; resolves to the time
   * that it has then.
   */
  async setModified(nanoseconds: bigint): Promise<bigint> {
    const seconds = String(secondsOf(nanoseconds));
    // What Node would cut to microseconds goes another way at once.
    const isFine = nanoseconds % MICROSECOND !== 0n;
    const isTried = isFine && (await this.#setTime(() => setExactTime(this.descriptor, nanoseconds)));
    let { modified } = isTried ? await this.stat() : { modified: undefined };
    if (modified !== undefined && isNear(modified, nanoseconds)) return modified;
    await this.#setTime(() => this.#handle.utimes(seconds, seconds));
    ({ modified } = await this.stat());
    if (modified === nanoseconds || isFine) return modified;
    await setExactTime(this.descriptor, nanoseconds);
    return (await this.stat()).modified;
  }

  #setTime<T>(act: () => Promise<T>): Promise<T> {
    return this.#do('attributes', 'set-the-times-of', {}, act);
  }

  /** Cuts or extends the file to `size` bytes. */
  async truncate(size: number): Promise<void> {
    await this.#do('truncate', 'resize', { length: size }, () => this.#handle.truncate(size));
  }

  /** Closes; safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#handle.close();
      // After the fact, like close(2) itself: the file is closed even where that reports an error.
      injectFault({ op: 'close', path: this.path });
    } catch (error) {
      throw diskError(error, 'close', this.path);
    }
  }

  /** Closes a file that was only read: an error then can have lost nothing, and is not worth one. */
  async release(): Promise<void> {
    await this.close().catch(() => undefined);
  }

  async #do<T>(
    op: DiskStep['op'],
    doing: Doing,
    where: { offset?: number; length?: number },
    act: (atMost: number) => Promise<T>,
  ): Promise<T> {
    try {
      const answer = injectFault({ op, path: this.path, ...where });
      return await act(answer?.atMost ?? Number.MAX_SAFE_INTEGER);
    } catch (error) {
      throw diskError(error, doing, this.path);
    }
  }
}

const MICROSECOND = 1_000n;

/** Whether a time is nearer to another one than Node could set it. */
function isNear(one: bigint, other: bigint): boolean {
  return one - other < MICROSECOND && other - one < MICROSECOND;
}

/**
 * A time in seconds for utimes(2) as Node offers it, which keeps microseconds. Today's doubles are a quarter of a microsecond apart, and
 * what is a little too early would show as the microsecond before: such a one is moved to its neighbour.
 */
function secondsOf(nanoseconds: bigint): number {
  const rest = Number(((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  const whole = Number((nanoseconds - BigInt(rest)) / 1_000_000_000n);
  const nearest = whole + rest / 1e9;
  const step = 2 ** (Math.floor(Math.log2(Math.max(1, Math.abs(nearest)))) - 52);
  const off = Math.floor((nearest - whole) * 1e6) - Math.floor(rest / 1e3);
  return nearest - Math.sign(off) * step;
}

/**
 * Opens a file. `read`: to read. `create`: new, 0600, fails if the name is taken. `update`: to read and write
 * an existing file. What is no regular file is not opened: a pipe's other end may never come. Throws
 * `SourceNotFound`, `SourceIsFolder`, `SourceNotRegular`, `TargetExists`, `NameNotAllowed`, `PermissionDenied` and the other disk
 * errors.
 */
export async function openFile(path: string, how: 'read' | 'create' | 'update'): Promise<OpenFile> {
  const flags = how === 'read' ? 'r' : how === 'create' ? 'wx+' : 'r+';
  try {
    injectFault({ op: how === 'create' ? 'create' : 'open', path });
    if (how !== 'create') await requireRegular(path);
    return new OpenFile(await open(path, flags, 0o600), path);
  } catch (error) {
    const refused = how === 'create' ? await refusedName(error, path) : undefined;
    throw refused ?? diskError(error, how === 'create' ? 'create' : 'open', path);
  }
}

async function requireRegular(path: string): Promise<void> {
  const stats = await stat(path, { bigint: true });
  const { kind } = factsOf(stats);
  if (kind === 'folder') throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  if (kind !== 'file') throw notRegular(path);
  requireNotKept(path, stats);
}
