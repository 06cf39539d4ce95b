import { type BigIntStats, fstatSync, fsync, read, readFileSync, write } from 'node:fs';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { fail } from '../../shared/errors.ts';
import type { Doing, StreamRefusal } from '../../shared/reasons/disk.ts';
import { abortable, pause } from './abortable.ts';
import { diskError, isErrno } from './errors.ts';
import { injectFault } from './fault-hook.ts';

/*
 * Standard input and output that are no pipe and no terminal. Node has a stream for those two and for sockets that
 * carry one; of the others it takes some for an empty input or an output that swallows everything (block devices,
 * folders, sockets of datagrams), and a write that was cut short for a whole one.
 */

const CHUNK = 1 << 20;
const PAUSE = 10;
const SECTOR = 512n;

const pread = promisify(read);
const pwrite = promisify(write);

/**
 * What moves the bytes of a standard descriptor: this module (`bytes`: files, block and character devices), Node's own
 * stream (`stream`: pipes, terminals; for a `socket` only where Node has one), or nothing, and then why.
 */
type StreamKind = 'bytes' | 'stream' | 'socket' | { readonly refused: StreamRefusal };

/** What the descriptor is. */
export function kindOfStream(descriptor: 0 | 1): StreamKind {
  if (process.platform === 'win32' || isatty(descriptor)) return 'stream';
  try {
    const facts = fstatSync(descriptor);
    if (facts.isFIFO()) return 'stream';
    if (facts.isSocket()) return 'socket';
    if (facts.isFile() || facts.isCharacterDevice() || facts.isBlockDevice()) return 'bytes';
    if (facts.isDirectory()) return { refused: 'folder' };
    return { refused: 'no-bytes' };
  } catch {
    return { refused: 'closed' };
  }
}

/**
 * The bytes of standard input (`bytes`) from where it stands to its end. An end before the size that a file or a block
 * device has is none. Throws `Cancelled` once `signal` is aborted, `SourceChanged` for a file that was cut or written into
 * meanwhile, `IoFailed` and the other disk errors.
 */
export async function* inputBytes(signal: AbortSignal): AsyncGenerator<Buffer> {
  const name = 'standard input';
  const before = factsOf(0);
  const from = positionOf(0);
  let length = 0n;
  for (;;) {
    const buffer = Buffer.allocUnsafe(CHUNK);
    const got = await moved('read', name, signal, (atMost) =>
      pread(0, buffer, 0, Math.min(CHUNK, atMost), null).then(({ bytesRead }) => bytesRead),
    );
    if (got === 0) break;
    length += BigInt(got);
    yield buffer.subarray(0, got);
  }
  if (before === undefined) return;
  if (from !== undefined) requireWhole(name, before, length, from);
  if (before.isFile()) requireUnchanged(name, before, from === undefined ? undefined : length + from);
}

/** Writes all of `bytes` to standard output (`bytes`), where it stands. Throws the system's error or one with words. */
export async function writeOutput(bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const want = bytes.length - done;
    const put = await moved('write', 'standard output', undefined, (atMost) =>
      pwrite(1, bytes, done, Math.min(want, atMost), null).then(({ bytesWritten }) => bytesWritten),
    );
    if (put === 0) throw fail('output-took-nothing');
    done += put;
  }
}

/** Flushes standard output (`bytes`): a disk may refuse only then what it has taken. */
export async function flushOutput(): Promise<void> {
  try {
    await promisify(fsync)(1);
  } catch (error) {
    // Terminals, /dev/null and their like have nothing to flush.
    if (!isErrno(error, 'EINVAL', 'EROFS', 'ENOTSUP', 'ENOSYS'))
      throw streamError(error, 'flush', 'standard output');
  }
}

/** One read or write. A descriptor that was set not to wait is asked again. */
async function moved(
  op: 'read' | 'write',
  name: string,
  signal: AbortSignal | undefined,
  act: (atMost: number) => Promise<number>,
): Promise<number> {
  for (;;) {
    try {
      const answer = injectFault({ op, path: name });
      return await abortable(act(answer?.atMost ?? Number.MAX_SAFE_INTEGER), signal);
    } catch (error) {
      if (!isErrno(error, 'EAGAIN', 'EINTR')) throw streamError(error, op, name);
      await abortable(pause(PAUSE), signal);
    }
  }
}

function streamError(error: unknown, doing: Doing, name: string): unknown {
  if (!isErrno(error, 'EBADF')) return diskError(error, doing, name);
  return fail('stream-closed', { doing, path: name }, { errno: 'EBADF' }, error);
}

function requireWhole(name: string, before: BigIntStats, length: bigint, from: bigint): void {
  if (before.isBlockDevice()) {
    const size = sizeOfDevice(before.rdev);
    if (size === undefined || length + from >= size) return;
    throw fail('device-ended-early', { name, length: Number(length + from), size: Number(size) });
  }
  if (!before.isFile() || length + from >= before.size) return;
  if (isMadeUp(before, length + from)) return;
  throw fail('input-cut-short', { name, length: Number(length + from), size: Number(before.size) });
}

/**
 * Pitfall 53, for a file that has no name here: what was written into it while it was read is neither its old contents
 * nor its new ones. A program can put the time of modification back, the time of change it can't.
 */
function requireUnchanged(name: string, before: BigIntStats, end: bigint | undefined): void {
  const now = factsOf(0);
  if (now === undefined || isMadeUp(before, end)) return;
  if (now.size === before.size && now.mtimeNs === before.mtimeNs && now.ctimeNs === before.ctimeNs) return;
  throw fail('input-changed', { name });
}

/**
 * Files that the system makes up as they are read, as in /sys, have a size that means nothing, other than where they
 * end, and no blocks.
 */
function isMadeUp(before: BigIntStats, end: bigint | undefined): boolean {
  const now = factsOf(0);
  return now !== undefined && now.size === before.size && now.blocks === 0n && end !== before.size;
}

function factsOf(descriptor: number): BigIntStats | undefined {
  try {
    return fstatSync(descriptor, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Where a descriptor stands (proc_pid_fdinfo(5)); `undefined` where the system does not say. */
function positionOf(descriptor: number): bigint | undefined {
  const [, position] = /^pos:\s*(\d+)/m.exec(textOf(`/proc/self/fdinfo/${descriptor}`)) ?? [];
  return position === undefined ? undefined : BigInt(position);
}

/** The bytes of a block device, by its number (makedev(3)). */
function sizeOfDevice(device: bigint): bigint | undefined {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  const [, sectors] = /^(\d+)/.exec(textOf(`/sys/dev/block/${major}:${minor}/size`)) ?? [];
  return sectors === undefined ? undefined : BigInt(sectors) * SECTOR;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
