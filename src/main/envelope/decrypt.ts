import { TAG_BYTES } from '../crypto/aead.ts';
import { wipe } from '../crypto/bytes.ts';
import { damaged, truncated } from './errors.ts';
import type { ByteSink, ByteSource } from './flow.ts';
import { contentOffset, FINAL_MARK, frameBytes, frameIv, openFrame } from './frame.ts';
import { MOST_FRAMES } from './layout.ts';
import type { OpenHeader } from './open.ts';
import { FINAL_OVERHEAD, REGULAR_OVERHEAD } from './plan.ts';
import { pump, type Watch } from './pump.ts';

/** One frame as it stands in a file, its shape checked, its tag not yet. */
export type SealedFrame = {
  readonly sequence: number;
  readonly final: boolean;
  /** Ciphertext and tag. */
  readonly sealed: Buffer;
  /** Where the frame stands in the file. */
  readonly from: number;
  readonly to: number;
};

/**
 * Decrypts a body in order: every frame is verified before a byte of it goes to the sink, and the end of the
 * body must be the end of the source. Without a sink it only verifies. Memory: four frames at most. `source`
 * starts at the first frame. Resolves to the bytes of plaintext.
 *
 * Throws `FileDamaged` naming the byte range, `FileTruncated`, `Cancelled`, and what source and sink throw.
 * To a file, the sink must be a partial: what was written stands for nothing until this has resolved.
 */
export async function decryptBody(
  open: OpenHeader,
  source: ByteSource,
  sink: ByteSink | undefined,
  watch: Watch = {},
): Promise<number> {
  const frames = sealedFrames(open, source);
  const opener = frameOpener(open, source.name, frames.most);
  try {
    return await pump(
      {
        source,
        sink,
        next: frames.next,
        work: (frame) => {
          const output = opener.open(frame);
          return { output, plaintext: output.length };
        },
      },
      watch,
    );
  } finally {
    opener.wipe();
  }
}

/** Opens sealed frames into two buffers taken in turn; the plaintext is valid until the next but one call. */
export function frameOpener({ header, payloadKey }: OpenHeader, name: string, most: number) {
  const outputs: Buffer[] = [];
  let count = 0;
  return {
    /** The plaintext of a frame; throws `FileDamaged` if its tag does not verify. */
    open({ sequence, final, sealed, from, to }: SealedFrame): Buffer {
      count++;
      outputs[count % 2] ??= Buffer.allocUnsafeSlow(most);
      const output = (outputs[count % 2] ?? Buffer.alloc(0)).subarray(0, sealed.length - TAG_BYTES);
      const frame = { key: payloadKey, messageId: header.messageId, sequence, final };
      if (!openFrame(output, frame, sealed)) {
        throw damaged(name, from, to, `Frame ${sequence} is not what was encrypted.`, sequence);
      }
      return output;
    },
    wipe: () => wipe(...outputs),
  };
}

/** Reads frames in order, checking their shape and numbers, up to the final one and the end of the source. */
function sealedFrames({ header }: OpenHeader, source: ByteSource) {
  const { frameLength } = header;
  const most = Math.min(frameLength, source.length ?? frameLength);
  const regular = frameBytes(most, false);
  const buffers: Buffer[] = [];
  let at = 2 * header.areaLength;
  let sequence = 0;
  let ended = false;

  async function next(): Promise<SealedFrame | undefined> {
    if (ended) return undefined;
    sequence++;
    // One byte more than the longest frame, to see whether anything follows it.
    buffers[sequence % 2] ??= Buffer.allocUnsafeSlow(frameBytes(most, true) + 1);
    const buffer = buffers[sequence % 2] ?? Buffer.alloc(0);
    let length = await source.read(buffer.subarray(0, regular));
    if (length >= 4 && buffer.readUInt32BE(0) === FINAL_MARK) {
      if (length === regular) {
        const end = finalLength(buffer) ?? 0;
        length += await source.read(
          buffer.subarray(length, Math.max(length, Math.min(end + 1, buffer.length))),
        );
      }
      ended = true;
    }
    const frame = parseFrame(buffer.subarray(0, length), { sequence, at, frameLength, name: source.name });
    at = frame.to;
    return frame;
  }
  return { next, most };
}

/** Bytes of a final frame as it states them, from its first 24 bytes; `undefined` if they are not there. */
function finalLength(bytes: Buffer): number | undefined {
  return bytes.length < contentOffset(true) ? undefined : FINAL_OVERHEAD + bytes.readUInt32BE(20);
}

/** Where a frame is expected: its number, its place in the file, the header's frame length. */
export type Expected = {
  readonly sequence: number;
  readonly at: number;
  readonly frameLength: number;
  readonly name: string;
};

/**
 * Checks the shape of the frame in `bytes`, which end where the frame ends, at the latest where the file ends.
 * Throws `FileTruncated` when bytes are missing and `FileDamaged` for anything else.
 */
export function parseFrame(bytes: Buffer, { sequence, at, frameLength, name }: Expected): SealedFrame {
  const broken = (why: string, to = at + bytes.length) => damaged(name, at, to, why, sequence);
  if (bytes.length < 4) throw truncated(name, at + bytes.length);
  const final = bytes.readUInt32BE(0) === FINAL_MARK;
  const offset = contentOffset(final);
  if (bytes.length < offset) throw truncated(name, at + bytes.length);
  const start = final ? 4 : 0;
  const stated = bytes.readUInt32BE(start);
  if (stated !== sequence || sequence > MOST_FRAMES) {
    throw broken(`Frame ${sequence} is missing there, or what stands there belongs elsewhere.`);
  }
  if (!bytes.subarray(start + 4, start + 16).equals(frameIv(sequence)))
    throw broken('A frame has a wrong IV.');
  const content = final ? bytes.readUInt32BE(20) : frameLength;
  if (content > frameLength || (content === 0 && sequence !== 1))
    throw broken('The final frame has a wrong length.');
  const length = content + (final ? FINAL_OVERHEAD : REGULAR_OVERHEAD);
  if (bytes.length < length) throw truncated(name, at + bytes.length);
  if (bytes.length > length) {
    if (!final) throw truncated(name, at + bytes.length);
    throw damaged(name, at + length, at + bytes.length, 'Something follows the end of the file.');
  }
  return { sequence, final, sealed: bytes.subarray(offset), from: at, to: at + length };
}
