import { TAG_BYTES } from '../crypto/aead.ts';
import { tooLong } from './errors.ts';
import { MAX_FRAMES } from './layout.ts';
import type { FrameLayout } from './message-body.ts';

/** Sequence number, IV and tag around a regular frame's ciphertext. */
export const REGULAR_OVERHEAD = 4 + 12 + TAG_BYTES;

/** The same with the final mark and the content length in addition. */
export const FINAL_OVERHEAD = 4 + 4 + 12 + 4 + TAG_BYTES;

/** What a body of a certain length must consist of; offsets are counted from the start of the body. */
export type BodyPlan = {
  /** Frames in all, the final one included; frames are numbered from 1. */
  readonly frames: number;
  readonly plaintextLength: number;
  readonly finalOffset: number;
  /** Bytes of plaintext in the final frame: 1 to a whole frame, 0 in an empty file and in any AWS message. */
  readonly finalLength: number;
};

/**
 * The only body of `bodyLength` bytes that its shape allows (docs/format.md section 9); `undefined` when no
 * body has that length.
 */
export function planBody(
  bodyLength: number,
  { frameLength, shape }: Pick<FrameLayout, 'frameLength' | 'shape'>,
): BodyPlan | undefined {
  const rest = bodyLength - FINAL_OVERHEAD;
  if (rest < 0) return undefined;
  if (rest === 0) return { frames: 1, plaintextLength: 0, finalOffset: 0, finalLength: 0 };
  const stride = frameLength + REGULAR_OVERHEAD;
  const regular = Math.floor((shape === 'native' ? rest - 1 : rest) / stride);
  const finalLength = rest - regular * stride;
  if (finalLength > frameLength || regular + 1 > MAX_FRAMES) return undefined;
  return {
    frames: regular + 1,
    plaintextLength: regular * frameLength + finalLength,
    finalOffset: regular * stride,
    finalLength,
  };
}

/**
 * The plan of the body for `plaintextLength` bytes of the file `name`, and the body's length in bytes. Throws `ValidationException` when it
 * needs more frames than are counted.
 */
export function planFor(
  plaintextLength: number,
  layout: Pick<FrameLayout, 'frameLength' | 'shape'>,
  name: string,
): { readonly plan: BodyPlan; readonly bodyLength: number } {
  if (plaintextLength > MAX_FRAMES * layout.frameLength) throw tooLong(name, layout.frameLength);
  const bodyLength = bodyLengthOf(plaintextLength, layout.frameLength);
  const plan = planBody(bodyLength, layout);
  if (plan === undefined) throw new RangeError('no body has this length');
  return { plan, bodyLength };
}

/** Bytes of the body for this many bytes of plaintext; throws RangeError when it needs more than 2^32−1 frames. */
export function bodyLengthOf(plaintextLength: number, frameLength: number): number {
  const frames = Math.max(1, Math.ceil(plaintextLength / frameLength));
  if (frames > MAX_FRAMES) throw new RangeError('more frames than the format counts');
  return plaintextLength + (frames - 1) * REGULAR_OVERHEAD + FINAL_OVERHEAD;
}
