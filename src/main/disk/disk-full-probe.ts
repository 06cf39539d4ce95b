import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { injectFault } from './fault-hook.ts';

/** More than a page of a journal takes, in bytes. */
const PROBE_BYTES = 65_536;

/**
 * Why the disk takes no more bytes beside the file at `path`: it is full, or the user's quota is used up, which SQLite
 * reports only as a failed write; `undefined`: it still takes some. A file is written there and removed.
 */
export function diskFullCause(path: string): 'ENOSPC' | 'EDQUOT' | undefined {
  const probe = `${path}-room`;
  try {
    injectFault({ op: 'create', path: probe });
    const file = openSync(probe, 'w', 0o600);
    try {
      injectFault({ op: 'write', path: probe, offset: 0, length: PROBE_BYTES });
      const bytes = Buffer.alloc(PROBE_BYTES, 1);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') return code;
    // Node has no name for it.
    if (code === 'EDQUOT' || errno === -constants.errno.EDQUOT) return 'EDQUOT';
  } finally {
    remove(probe);
  }
  return undefined;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was not made.
  }
}
