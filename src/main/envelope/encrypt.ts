import { wipe } from '../crypto/bytes.ts';
import { sourceChanged, tooLong } from './errors.ts';
import { frameBytes, sealFrame } from './frame.ts';
import type { ByteSink, ByteSource } from './io.ts';
import { MAX_FRAMES } from './layout.ts';
import type { Body } from './message-body.ts';
import { nativeBody } from './native-body.ts';
import type { OpenHeader } from './open.ts';
import { runPipeline, type Watch } from './pipeline.ts';

/** Bytes of plaintext read and bytes of the file written. */
export type Encrypted = { readonly plaintextLength: number; readonly fileLength: number };

/**
 * Writes a whole native file: both header copies, then the body, each byte once and in order. Memory: four
 * frames at most. `open` comes from `newHeader` and serves one call only, whatever its outcome: a second try
 * needs a fresh data key and message id (property 11).
 *
 * Throws `SourceChanged` when the source does not have the length it said, `Cancelled`, and what source and
 * sink throw. Nothing is flushed or renamed here.
 */
export async function encryptStream(
  open: OpenHeader,
  source: ByteSource,
  sink: ByteSink,
  watch: Watch = {},
): Promise<Encrypted> {
  claimHeader(open);
  return encryptClaimed(open, source, sink, watch);
}

/** As `encryptStream`, for a header that the caller has claimed for it. */
export async function encryptClaimed(
  open: OpenHeader,
  source: ByteSource,
  sink: ByteSink,
  watch: Watch,
): Promise<Encrypted> {
  const { area } = open.header;
  return encryptBody(nativeBody(open), { opening: [Buffer.concat([area, area])], source, sink }, watch);
}

/** Where a message comes from and goes to. */
type MessageFlow = {
  /** What stands before the first frame. */
  readonly opening: readonly Uint8Array[];
  readonly source: ByteSource;
  readonly sink: ByteSink;
  /** Sees each sealed frame in order before it is written. */
  readonly onFrame?: (frame: Uint8Array) => void;
};

/**
 * Seals a source frame by frame behind any header. The caller has made sure that key and message id are used
 * here only. Throws as `encryptStream` does.
 */
export async function encryptBody(
  { frameLength, key, messageId }: Body,
  { opening, source, sink, onFrame }: MessageFlow,
  watch: Watch,
): Promise<Encrypted> {
  const frames = plaintextFrames(source, frameLength);
  const outputs: Buffer[] = [];
  let fileLength = opening.reduce((sum, part) => sum + part.length, 0);
  let sequence = 0;
  try {
    const plaintextLength = await runPipeline(
      {
        source,
        sink,
        opening,
        next: frames.next,
        work: ({ plaintext, final }) => {
          sequence++;
          if (sequence > MAX_FRAMES || (sequence === MAX_FRAMES && !final))
            throw tooLong(source.name, frameLength);
          outputs[sequence % 2] ??= Buffer.allocUnsafeSlow(frameBytes(frames.most, true));
          const buffer = outputs[sequence % 2] ?? Buffer.alloc(0);
          const frame = { key, messageId, sequence, final };
          const output = buffer.subarray(0, sealFrame(buffer, frame, plaintext));
          fileLength += output.length;
          onFrame?.(output);
          return { output, plaintext: plaintext.length };
        },
      },
      watch,
    );
    return { plaintextLength, fileLength };
  } finally {
    frames.wipe();
  }
}

const claimed = new WeakSet<OpenHeader>();

/** Notes that frames are made under this header; throws if that was done before (property 11). */
export function claimHeader(open: OpenHeader): void {
  if (claimed.has(open)) throw new Error('a header was used to encrypt twice; make a new one');
  claimed.add(open);
}

type PlaintextFrame = { readonly plaintext: Buffer; readonly final: boolean };

/**
 * Cuts a source into frames of canonical lengths. Each read asks for one byte more than a frame holds, so that
 * a full frame knows whether it is the last; that byte starts the next buffer.
 */
function plaintextFrames(source: ByteSource, frameLength: number) {
  const expected = source.length;
  const most = Math.min(frameLength, expected ?? frameLength);
  const buffers: Buffer[] = [];
  let count = 0;
  let total = 0;
  let carried: number | undefined;
  let ended = false;

  async function next(): Promise<PlaintextFrame | undefined> {
    if (ended) return undefined;
    buffers[count % 2] ??= Buffer.allocUnsafeSlow(most + 1);
    const buffer = buffers[count % 2] ?? Buffer.alloc(0);
    count++;
    const start = carried === undefined ? 0 : buffer.writeUInt8(carried, 0);
    const length = start + (await source.read(buffer.subarray(start)));
    ended = length <= most;
    carried = ended ? undefined : buffer.readUInt8(most);
    const plaintext = buffer.subarray(0, Math.min(length, most));
    total += plaintext.length;
    if (expected !== undefined && (ended ? total !== expected : total >= expected)) {
      throw sourceChanged(source.name);
    }
    return { plaintext, final: ended };
  }
  return { next, most, wipe: () => wipe(...buffers) };
}
