import { TAG_BYTES } from '../crypto/aead.ts';
import { wipe } from '../crypto/bytes.ts';
import { damaged } from './errors.ts';
import { FINAL_MARK, frameBytes, openFrame } from './frame.ts';
import type { ByteSink, ByteSource } from './io.ts';
import type { Body } from './message-body.ts';
import { runPipeline, type Watch } from './pipeline.ts';
import { parseFrame, type SealedFrame } from './sealed-frame.ts';

/**
 * Decrypts a body in order: every frame is verified before a byte of it goes to the sink, and the end of the
 * body must be the end of the source. Without a sink it only verifies. Memory: four frames at most. `source`
 * starts at the first frame. Resolves to the bytes of plaintext.
 *
 * Throws `FileDamaged` naming the byte range, `FileTruncated`, `Cancelled`, and what source and sink throw.
 * To a file, the sink must be a partial: what was written stands for nothing until this has resolved.
 */
export async function decryptBody(
  body: Body,
  source: ByteSource,
  sink: ByteSink | undefined,
  watch: Watch = {},
): Promise<number> {
  const frames = sealedFrames(body, source);
  const opener = frameOpener(body, source.name, frames.most);
  try {
    return await runPipeline(
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
export function frameOpener({ key, messageId }: Body, name: string, most: number) {
  const outputs: Buffer[] = [];
  let count = 0;
  return {
    /** The plaintext of a frame; throws `FileDamaged` if its tag does not verify. */
    open({ sequence, final, iv, sealed, from, to }: SealedFrame): Buffer {
      count++;
      outputs[count % 2] ??= Buffer.allocUnsafeSlow(most);
      const output = (outputs[count % 2] ?? Buffer.alloc(0)).subarray(0, sealed.length - TAG_BYTES);
      const frame = { key, messageId, sequence, final };
      if (!openFrame(output, frame, iv, sealed)) {
        throw damaged(name, from, to, 'frame-changed', sequence);
      }
      return output;
    },
    wipe: () => wipe(...outputs),
  };
}

/** Reads frames in order, checking their shape and numbers, up to the final one and the end of the source. */
function sealedFrames(body: Body, source: ByteSource) {
  const { frameLength, bodyAt } = body;
  const most = Math.min(frameLength, source.length ?? frameLength);
  const regular = frameBytes(most, false);
  const buffers: Buffer[] = [];
  let at = bodyAt;
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
      if (length === regular) length += await source.read(buffer.subarray(length));
      ended = true;
    }
    const frame = parseFrame(buffer.subarray(0, length), { sequence, at, body, name: source.name });
    at = frame.to;
    return frame;
  }
  return { next, most };
}
