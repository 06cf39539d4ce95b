import { fail, type KeywardError } from '../../shared/errors.ts';
import type { DamageWhy, NewerPart } from '../../shared/reasons/envelope.ts';
import { MAX_FRAMES } from './layout.ts';

/** The file is damaged in the bytes from `from` up to, not including, `to`. `names` are those of pairs of the context that were given. */
export function damaged(
  name: string,
  from: number,
  to: number,
  why: DamageWhy,
  frame?: number,
  names?: string,
): KeywardError {
  return fail(
    'file-damaged',
    { path: name, from, to, why, frame, names },
    { path: name, from, to, ...(frame === undefined ? {} : { frame }) },
  );
}

/** The file ends too early, at `length` bytes. */
export function truncated(name: string, length: number): KeywardError {
  return fail('file-cut-short', { path: name, length });
}

/** The file starts as no native file does. */
export function notKeyward(name: string): KeywardError {
  return fail('not-encrypted-by-keyward', { path: name });
}

/** The file is whole but uses something that this version does not know; `number` is that of `what`. */
export function newer(name: string, what: NewerPart, number?: number): KeywardError {
  return fail('made-by-newer-version', { path: name, what, number }, { path: name });
}

/** The data key is not the one that this file commits to. */
export function wrongKey(name: string): KeywardError {
  return fail('not-the-key-of-the-file', { path: name });
}

/** The source is not what it was when its encryption began. */
export function sourceChanged(name: string): KeywardError {
  return fail('source-changed-while-encrypted', { path: name });
}

/** The source needs more frames than the format counts. */
export function tooLong(name: string, frameLength: number): KeywardError {
  return fail('file-too-long', { path: name, mostFrames: MAX_FRAMES, frameLength }, { path: name });
}
