import { FINAL_OVERHEAD, REGULAR_OVERHEAD } from '../body-plan.ts';
import { damaged, truncated } from '../errors.ts';
import { contentOffset, FINAL_MARK, frameBytes } from '../frame.ts';
import type { ReadableFile } from '../io.ts';
import type { AwsHeader } from './header.ts';

/** IV and content length before the ciphertext of a body without frames. */
export const SINGLE_HEAD = 12 + 8;

/** Bytes of the longest footer looked for: a length and more than any signature in DER takes. */
const MAX_FOOTER = 2 + 510;

/** Where the body of a message ends, and its footer's signature, if it must have one. */
type Extent = { readonly end: number; readonly signature: Buffer | undefined };

/**
 * Finds the end of a body from the end of its file, without reading what is between. Nothing of it is
 * authentic yet. Throws `FileTruncated` or `FileDamaged`.
 */
export async function findExtent(file: ReadableFile, header: AwsHeader, size: number): Promise<Extent> {
  const { frameLength, suite, bodyAt } = header;
  if (frameLength === undefined) {
    const end = await singleEnd(file, bodyAt, size);
    return {
      end,
      signature: suite.curve === undefined ? noMore(file, end, size) : await footer(file, end, size),
    };
  }
  if (suite.curve === undefined) return { end: size, signature: undefined };
  const end = await framedEnd(file, { bodyAt, frameLength }, size);
  return { end, signature: await footer(file, end, size) };
}

async function singleEnd(file: ReadableFile, bodyAt: number, size: number): Promise<number> {
  const head = await bytesAt(file, bodyAt, SINGLE_HEAD);
  if (head.length < SINGLE_HEAD) throw truncated(file.path, size);
  const length = Number(head.readBigUInt64BE(12));
  const end = bodyAt + SINGLE_HEAD + length + 16;
  if (!(end <= size)) throw truncated(file.path, size);
  return end;
}

function noMore(file: ReadableFile, end: number, size: number): undefined {
  if (end < size) throw damaged(file.path, end, size, 'surplus-behind-message');
}

/**
 * Frames stand at multiples of one length, so only few places near the end of the file can hold the final
 * frame: the one that says so, under its right number.
 */
async function framedEnd(
  file: ReadableFile,
  { bodyAt, frameLength }: { readonly bodyAt: number; readonly frameLength: number },
  size: number,
): Promise<number> {
  const stride = frameLength + REGULAR_OVERHEAD;
  const from = size - bodyAt - MAX_FOOTER - FINAL_OVERHEAD - frameLength;
  const last = Math.floor((size - bodyAt - FINAL_OVERHEAD) / stride);
  for (let index = Math.max(0, Math.floor(from / stride)); index <= last; index++) {
    const at = bodyAt + index * stride;
    const head = await bytesAt(file, at, contentOffset(true));
    if (head.length < contentOffset(true) || head.readUInt32BE(0) !== FINAL_MARK) continue;
    const content = head.readUInt32BE(20);
    if (head.readUInt32BE(4) !== index + 1 || content > frameLength) {
      throw damaged(file.path, at, at + head.length, 'final-frame-contradictory', index + 1);
    }
    const end = at + frameBytes(content, true);
    if (end > size) throw truncated(file.path, size);
    return end;
  }
  throw truncated(file.path, size);
}

async function footer(file: ReadableFile, end: number, size: number): Promise<Buffer> {
  const head = await bytesAt(file, end, 2);
  if (head.length < 2 || end + 2 + head.readUInt16BE(0) > size) throw truncated(file.path, size);
  noMore(file, end + 2 + head.readUInt16BE(0), size);
  return bytesAt(file, end + 2, head.readUInt16BE(0));
}

async function bytesAt(file: ReadableFile, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, await file.read(bytes, at));
}
