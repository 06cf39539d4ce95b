import { fail, type KeywardError } from '../../shared/errors.ts';
import { type BodyPlan, planBody, REGULAR_OVERHEAD } from './body-plan.ts';
import { decryptBody, frameOpener } from './decrypt.ts';
import { damaged, truncated } from './errors.ts';
import { contentOffset, FINAL_MARK, frameBytes } from './frame.ts';
import { type ByteSink, boundedSource, type ReadableFile } from './io.ts';
import type { Body } from './message-body.ts';
import { runPipeline, type Watch } from './pipeline.ts';
import { parseFrame, type SealedFrame } from './sealed-frame.ts';

/** A file whose header and final frame are verified, and whose length agrees with the final frame's number. */
export type CheckedFile<F extends ReadableFile = ReadableFile> = {
  readonly file: F;
  readonly body: Body;
  readonly plan: BodyPlan;
  /** Where the body ends: bytes of the whole file when it was checked, less what follows the body. */
  readonly size: number;
};

/**
 * Verifies the end of a file before anything else of its body is believed (property 12): a truncated or
 * extended file is found at once, however long it is (pitfall 16). `end` is where the body ends, unless that is
 * the end of the file. Throws `FileTruncated` or `FileDamaged`.
 */
export async function checkFile<F extends ReadableFile>(
  file: F,
  body: Body,
  end?: number,
): Promise<CheckedFile<F>> {
  const size = end ?? (await file.stat()).size;
  const plan = planBody(size - body.bodyAt, body);
  if (plan === undefined) throw await impossibleLength(file, body, size);
  const frame = await readFrame(file, body, plan, plan.frames, size);
  frameOpener(body, file.path, plan.finalLength).open(frame).fill(0);
  return { file, body, plan, size };
}

/** A file too long or too short by a few bytes: the frame that should be the last tells which. */
async function impossibleLength(
  file: ReadableFile,
  { bodyAt, frameLength }: Body,
  size: number,
): Promise<KeywardError> {
  const stride = frameLength + REGULAR_OVERHEAD;
  const before = Math.floor(Math.max(0, size - bodyAt - 1) / stride);
  // The last frame starts at a multiple of the stride, and is at most 8 bytes longer than a stride.
  for (const frames of before > 0 ? [before - 1, before] : [before]) {
    const at = bodyAt + frames * stride;
    const bytes = Buffer.alloc(contentOffset(true));
    const got = await file.read(bytes, at);
    const end = statedEnd(bytes.subarray(0, got), frames + 1);
    if (end !== undefined && at + end < size) {
      return damaged(file.path, at + end, size, 'surplus-behind-file');
    }
  }
  return truncated(file.path, size);
}

function statedEnd(bytes: Buffer, sequence: number): number | undefined {
  if (bytes.length < contentOffset(true) || bytes.readUInt32BE(0) !== FINAL_MARK) return undefined;
  return bytes.readUInt32BE(4) === sequence ? frameBytes(bytes.readUInt32BE(20), true) : undefined;
}

/** Reads one frame of a plan and checks its shape; `buffer` is used if there is one. Throws as `parseFrame`. */
export async function readFrame(
  file: ReadableFile,
  body: Body,
  plan: BodyPlan,
  sequence: number,
  size: number,
  buffer?: Buffer,
): Promise<SealedFrame> {
  const stride = body.frameLength + REGULAR_OVERHEAD;
  const at = body.bodyAt + (sequence - 1) * stride;
  const length = sequence === plan.frames ? size - at : stride;
  const bytes = (buffer ?? Buffer.allocUnsafeSlow(length)).subarray(0, length);
  const got = await file.read(bytes, at);
  const last = sequence === plan.frames;
  return parseFrame(bytes.subarray(0, got), { sequence, at, body, name: file.path, last });
}

/**
 * Decrypts a whole file whose end was checked, or only verifies it when there is no sink. Resolves to the bytes
 * of plaintext. Throws as `decryptBody` does.
 */
export async function decryptFile(
  { file, body, size }: CheckedFile,
  sink: ByteSink | undefined,
  watch: Watch = {},
): Promise<number> {
  return decryptBody(body, boundedSource(file, body.bodyAt, size), sink, watch);
}

/**
 * Decrypts the plaintext from `start` up to, not including, `end` (or the end of the file, whichever is
 * first), reading only the frames that hold it. Resolves to the bytes given. Throws `ValidationException` for
 * a range that starts behind the end, `FileDamaged` and `FileTruncated`.
 */
export async function readRange(
  checked: CheckedFile,
  start: number,
  end: number,
  sink: ByteSink,
  watch: Watch = {},
): Promise<number> {
  const { file, body, plan, size } = checked;
  const { frameLength } = body;
  const stop = Math.min(end, plan.plaintextLength);
  if (!Number.isSafeInteger(start) || start < 0 || start > plan.plaintextLength || end < start) {
    throw fail(
      'no-such-range',
      { path: file.path, length: plan.plaintextLength, start },
      { path: file.path, length: plan.plaintextLength },
    );
  }
  if (stop === start) return 0;
  const most = Math.min(frameLength, plan.plaintextLength);
  const opener = frameOpener(body, file.path, most);
  const buffers: Buffer[] = [];
  const last = Math.floor((stop - 1) / frameLength) + 1;
  let sequence = Math.floor(start / frameLength);
  try {
    return await runPipeline(
      {
        source: {},
        sink,
        next: async () => {
          if (sequence === last) return undefined;
          sequence++;
          buffers[sequence % 2] ??= Buffer.allocUnsafeSlow(frameBytes(most, true));
          return readFrame(file, body, plan, sequence, size, buffers[sequence % 2]);
        },
        work: (frame) => {
          const at = (frame.sequence - 1) * frameLength;
          const output = opener.open(frame).subarray(Math.max(0, start - at), stop - at);
          return { output, plaintext: output.length };
        },
      },
      watch,
    );
  } finally {
    opener.wipe();
  }
}
