import { KeywardError } from '../../shared/errors.ts';
import { MAX_FRAMES } from './layout.ts';

/** The file is damaged in the bytes from `from` up to, not including, `to`. `why` is a whole sentence. */
export function damaged(name: string, from: number, to: number, why: string, frame?: number): KeywardError {
  return new KeywardError(
    'FileDamaged',
    `${name} is damaged at bytes ${count(from)} to ${count(to)}. ${why} Use another copy of the file.`,
    { path: name, from, to, ...(frame === undefined ? {} : { frame }) },
  );
}

/** The file ends too early, at `length` bytes. */
export function truncated(name: string, length: number): KeywardError {
  return new KeywardError(
    'FileTruncated',
    `${name} is not whole: it ends after ${count(length)} bytes, before its own end. It may not have been copied or downloaded completely. Fetch it again; if there is no whole copy, recover what is there with: keyward decrypt --salvage`,
    { path: name, length },
  );
}

/** The file starts as no native file does. */
export function notKeyward(name: string): KeywardError {
  return new KeywardError(
    'NotKeywardFile',
    `${name} is not a file that Keyward encrypted. Check that it is the file you meant.`,
    { path: name },
  );
}

/** The file is whole but uses something that this version does not know; `what` completes "it uses". */
export function newer(name: string, what: string): KeywardError {
  return new KeywardError(
    'NewerFormat',
    `${name} was made by a newer version of Keyward: it uses ${what}. Update Keyward to open it.`,
    { path: name },
  );
}

/** The data key is not the one that this file commits to. */
export function wrongKey(name: string): KeywardError {
  return new KeywardError(
    'WrongKey',
    `The key that was tried is not the key of ${name}. The file may have been given slots of another file, or the wrong data key was supplied.`,
    { path: name },
  );
}

/** The source is not what it was when its encryption began. */
export function sourceChanged(name: string): KeywardError {
  return new KeywardError(
    'SourceChanged',
    `${name} changed while it was read, so what was encrypted would not be one state of it. Nothing was kept. Try again when nothing writes to it.`,
    { path: name },
  );
}

/** The source needs more frames than the format counts. */
export function tooLong(name: string, frameLength: number): KeywardError {
  return new KeywardError(
    'ValidationException',
    `${name} is too long: this format counts ${count(MAX_FRAMES)} frames, here of ${count(frameLength)} bytes. Encrypt it in Keyward's own format, whose frames are longer, or in parts.`,
    { path: name },
  );
}

function count(bytes: number): string {
  return bytes.toLocaleString('en-GB');
}
