import type { DamageWhy } from '../../shared/reasons/envelope.ts';
import { FINAL_OVERHEAD, REGULAR_OVERHEAD } from './body-plan.ts';
import { damaged, truncated } from './errors.ts';
import { contentOffset, FINAL_MARK, frameIv } from './frame.ts';
import { MAX_FRAMES } from './layout.ts';
import type { FrameLayout } from './message-body.ts';

/** One frame as it stands in a file, its shape checked, its tag not yet. */
export type SealedFrame = {
  readonly sequence: number;
  readonly final: boolean;
  readonly iv: Buffer;
  /** Ciphertext and tag. */
  readonly sealed: Buffer;
  /** Where the frame stands in the file. */
  readonly from: number;
  readonly to: number;
};

/** Where a frame is expected: its number, its place in the file, the layout of its body. */
type Expected = {
  readonly sequence: number;
  readonly at: number;
  readonly body: Pick<FrameLayout, 'frameLength' | 'shape'>;
  readonly name: string;
  /** Whether the plan of the body has its final frame here, where there is a plan. */
  readonly last?: boolean;
};

/**
 * Checks the shape of the frame in `bytes`, which end where the frame ends, at the latest where the file ends.
 * Throws `FileTruncated` when bytes are missing and `FileDamaged` for anything else.
 */
export function parseFrame(bytes: Buffer, { sequence, at, body, name, last }: Expected): SealedFrame {
  const { frameLength, shape } = body;
  const broken = (why: DamageWhy, to = at + bytes.length) => damaged(name, at, to, why, sequence);
  if (bytes.length < 4) throw truncated(name, at + bytes.length);
  const final = bytes.readUInt32BE(0) === FINAL_MARK;
  const offset = contentOffset(final);
  if (bytes.length < offset) throw truncated(name, at + bytes.length);
  const start = final ? 4 : 0;
  const stated = bytes.readUInt32BE(start);
  if (stated !== sequence || sequence > MAX_FRAMES) {
    throw broken('frame-missing');
  }
  const iv = bytes.subarray(start + 4, start + 16);
  if (shape === 'native' && !iv.equals(frameIv(sequence))) throw broken('frame-iv');
  if (last === false && final) throw broken('frame-misplaced');
  if (last === true && !final) throw truncated(name, at + bytes.length);
  const content = final ? bytes.readUInt32BE(20) : frameLength;
  if (content > frameLength || (content === 0 && sequence !== 1 && shape === 'native'))
    throw broken('final-frame-length');
  const length = content + (final ? FINAL_OVERHEAD : REGULAR_OVERHEAD);
  if (bytes.length < length) throw truncated(name, at + bytes.length);
  if (bytes.length > length) {
    if (!final) throw truncated(name, at + bytes.length);
    throw damaged(name, at + length, at + bytes.length, 'surplus-behind-file');
  }
  return { sequence, final, iv, sealed: bytes.subarray(offset), from: at, to: at + length };
}
