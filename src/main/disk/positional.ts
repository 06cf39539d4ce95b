import { readSync, writeSync } from 'node:fs';
import { fail } from '../../shared/errors.ts';
import { diskError } from './errors.ts';
import { injectFault } from './fault-hook.ts';

/** An open file by its number, as threads share it; the path is for messages. */
export type Descriptor = { readonly number: number; readonly path: string };

/**
 * Fills `buffer` from `position`, waiting for the disk; returns how many bytes there were, less than asked only
 * at the end. Throws the disk errors.
 */
export function readAt({ number, path }: Descriptor, buffer: Uint8Array, position: number): number {
  let done = 0;
  try {
    while (done < buffer.length) {
      const want = buffer.length - done;
      const most = injectFault({ op: 'read', path, offset: position + done, length: want })?.atMost ?? want;
      const got = readSync(number, buffer, done, Math.min(want, most), position + done);
      if (got === 0) break;
      done += got;
    }
  } catch (error) {
    throw diskError(error, 'read', path);
  }
  return done;
}

/** Writes all of `buffer` at `position`, waiting for the disk. Throws the disk errors. */
export function writeAt({ number, path }: Descriptor, buffer: Uint8Array, position: number): void {
  let done = 0;
  try {
    while (done < buffer.length) {
      const want = buffer.length - done;
      const most = injectFault({ op: 'write', path, offset: position + done, length: want })?.atMost ?? want;
      const put = writeSync(number, buffer, done, Math.min(want, most), position + done);
      if (put === 0) throw fail('nothing-taken', { path });
      done += put;
    }
  } catch (error) {
    throw diskError(error, 'write', path);
  }
}
