import { isKeywardError, KeywardError } from '../../shared/errors.ts';
import { damaged, notKeyward, truncated } from './errors.ts';
import { type Header, parseArea } from './header.ts';
import { afterPrefix, type ByteSource, type ReadableFile } from './io.ts';
import { AT, isAreaLength, MAGIC, MAX_AREA, MAX_HEADER, PAGE } from './layout.ts';

/** How one of the two header copies stands: `different` means same generation, other bytes. */
type CopyState = 'good' | 'damaged' | 'older' | 'different';

/** The header that counts and how both copies stand. */
export type HeaderState = {
  readonly header: Header;
  /** Which copy the header was read from. */
  readonly used: 0 | 1;
  readonly copies: readonly [CopyState, CopyState];
  /** True when the two copies are not equal and good: to be reported, never silent. */
  readonly fellBack: boolean;
};

/**
 * Chooses among the copies in the first bytes of a file (docs/format.md section 7): the highest generation
 * whose checksum holds. `prefix` is the whole file or at least 128 KiB of it, or what two good copies need.
 * Throws `NotKeywardFile`, `NewerFormat`, `FileTruncated`, `FileDamaged`.
 */
export function chooseHeader(prefix: Buffer, name: string): HeaderState {
  return choose(prefix, attempt(prefix, 0, claimedLength(prefix), name), name);
}

function choose(prefix: Buffer, first: Header | KeywardError, name: string): HeaderState {
  if (isKeywardError(first, 'NewerFormat')) throw first;
  if (!(first instanceof KeywardError)) {
    const { areaLength } = first;
    if (prefix.length < 2 * areaLength) throw truncated(name, prefix.length);
    // What is the same needs no second parsing.
    if (prefix.subarray(areaLength, 2 * areaLength).equals(first.area))
      return state(first, 0, ['good', 'good']);
    const second = attempt(prefix, areaLength, areaLength, name);
    return second instanceof KeywardError ? state(first, 0, ['good', 'damaged']) : compare(first, second);
  }
  // The length that copy one states can't be trusted, so copy two is looked for wherever it may stand.
  const candidates = Array.from({ length: MAX_AREA / PAGE }, (_, k) => (k + 1) * PAGE);
  for (const length of candidates) {
    const second = attempt(prefix, length, length, name);
    if (isKeywardError(second, 'NewerFormat')) throw second;
    if (!(second instanceof KeywardError)) return state(second, 1, ['damaged', 'good']);
  }
  throw neither(prefix, first, name);
}

function neither(prefix: Buffer, first: KeywardError, name: string): KeywardError {
  const start = prefix.subarray(0, MAGIC.length);
  if (start.length === 0 || !start.equals(MAGIC.subarray(0, start.length))) return notKeyward(name);
  const claimed = claimedLength(prefix);
  const length = claimed ?? PAGE;
  if (prefix.length < 2 * length) return truncated(name, prefix.length);
  return first.code === 'FileDamaged' || claimed === undefined
    ? damaged(name, 0, 2 * length, 'both-headers')
    : first;
}

function compare(first: Header, second: Header): HeaderState {
  if (second.generation > first.generation) return state(second, 1, ['older', 'good']);
  if (second.generation < first.generation) return state(first, 0, ['good', 'older']);
  return state(first, 0, ['good', first.area.equals(second.area) ? 'good' : 'different']);
}

function state(header: Header, used: 0 | 1, copies: readonly [CopyState, CopyState]): HeaderState {
  return { header, used, copies, fellBack: copies.some((copy) => copy !== 'good') };
}

function attempt(
  prefix: Buffer,
  at: number,
  length: number | undefined,
  name: string,
): Header | KeywardError {
  if (length === undefined || prefix.length < at + length) return truncated(name, prefix.length);
  try {
    return parseArea(prefix.subarray(at, at + length), name, at);
  } catch (error) {
    if (error instanceof KeywardError) return error;
    throw error;
  }
}

function claimedLength(prefix: Buffer): number | undefined {
  if (prefix.length < AT.messageId || !prefix.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const length = prefix.readUInt32BE(AT.areaLength);
  return isAreaLength(length) ? length : undefined;
}

/** Fills a buffer from the start of a file or stream, returning how many bytes there were. */
type ReadPrefix = (length: number) => Promise<Buffer>;

/**
 * Finds the header with as few bytes as possible: two copies of one page first, 128 KiB if those don't do.
 * `readPrefix` gives the first bytes of the file, fewer only if the file is shorter.
 */
export async function findHeader(readPrefix: ReadPrefix, name: string): Promise<HeaderState> {
  const short = await readPrefix(2 * PAGE);
  const whole = short.length < 2 * PAGE;
  const first = attempt(short, 0, claimedLength(short), name);
  const usual = !(first instanceof KeywardError) && first.areaLength === PAGE;
  if (whole || usual) return choose(short, first, name);
  return chooseHeader(await readPrefix(MAX_HEADER), name);
}

/**
 * Reads the header of an open file: see `findHeader`. At most 128 KiB are read and held. A copy that the disk can't
 * read is as a damaged one; if there is no other, throws what the disk said (`IoFailed`).
 */
export async function readHeader(file: Pick<ReadableFile, 'path' | 'read'>): Promise<HeaderState> {
  let failure: KeywardError | undefined;
  const readPrefix = async (length: number) => {
    const buffer = Buffer.alloc(length);
    try {
      return buffer.subarray(0, await file.read(buffer, 0));
    } catch (error) {
      if (!isKeywardError(error, 'IoFailed')) throw error;
      failure = error;
      return readPages(file, buffer);
    }
  };
  try {
    return await findHeader(readPrefix, file.path);
  } catch (error) {
    throw isKeywardError(error, 'NewerFormat') ? error : (failure ?? error);
  }
}

/** What the disk still reads of a file's start; zeros, which no good copy has, stand for its unreadable pages. */
async function readPages(file: Pick<ReadableFile, 'read'>, buffer: Buffer): Promise<Buffer> {
  for (let at = 0; at < buffer.length; at += PAGE) {
    const page = buffer.subarray(at, at + PAGE);
    try {
      const got = await file.read(page, at);
      if (got < page.length) return buffer.subarray(0, at + got);
    } catch (error) {
      if (!isKeywardError(error, 'IoFailed')) throw error;
      page.fill(0);
    }
  }
  return buffer;
}

/**
 * Reads the header from the start of a stream. `body` gives what follows: the first frame on. At most 128 KiB
 * are read ahead.
 */
export async function readStreamHeader(
  source: ByteSource,
): Promise<{ state: HeaderState; body: ByteSource }> {
  let prefix = Buffer.alloc(0);
  const state = await findHeader(async (length) => {
    const more = Buffer.alloc(length - prefix.length);
    prefix = Buffer.concat([prefix, more.subarray(0, await source.read(more))]);
    return prefix;
  }, source.name);
  return { state, body: afterPrefix(prefix.subarray(2 * state.header.areaLength), source) };
}

/** A sentence for people when the copies are not both good; `undefined` when they are. */
export function copiesNotice({ copies, used }: HeaderState, name: string): string | undefined {
  const other = copies[used === 0 ? 1 : 0];
  if (other === 'damaged') {
    return `One of the two header copies of ${name} is damaged; the other one was used. Rewrap the file to repair it.`;
  }
  if (other === 'older') {
    return `A rewrap of ${name} was interrupted; the newer header copy was used. Rewrap the file to finish it.`;
  }
  if (other === 'different') {
    return `The two header copies of ${name} differ; the first one was used. Someone may have changed the file.`;
  }
  return undefined;
}
