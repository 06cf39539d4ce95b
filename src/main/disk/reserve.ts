import { statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError, isErrno } from './errors.ts';
import { injectFault } from './fault-hook.ts';
import { freeBytes } from './volume.ts';

const CHUNK = 1 << 20;

/** Of the room that a disk has for it, one part in so many is taken at most: the vault itself must grow too. */
const SHARE = 4;

/**
 * Disk space held back in a file of its own, so that a full disk does not silence the audit log
 * (docs/adr/0007). It is given back from the end, one step at a time.
 */
export class SpaceReserve {
  readonly path: string;
  readonly #step: number;
  #isShort = false;

  /** `step`: how many bytes one `release` gives back. */
  constructor(path: string, step: number) {
    this.path = path;
    this.#step = step;
  }

  /** Whether some of it was given back, or found no room, since it was last filled: the disk has no room to spare. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** Bytes still held; 0 if there is no such file. */
  get left(): number {
    try {
      return statSync(this.path).size;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return 0;
      throw diskError(error, 'look-at', this.path);
    }
  }

  /**
   * Fills the file up to `size` bytes from `fill`, which must not compress (a disk that compresses would hold
   * nothing back), but never takes more than a quarter of the room that a small disk has. A full disk leaves what fitted
   * and is no error: returns whether all of it stands, and a step more would find room.
   */
  async fill(size: number, fill: (length: number) => Uint8Array): Promise<boolean> {
    const held = this.left;
    const free = await freeBytes(dirname(this.path));
    const most = Math.min(size, Math.floor((held + free) / SHARE));
    const spare = free - Math.max(0, most - held);
    const isWhole = (await this.#fillUp(most, fill)) && (held >= size || spare >= this.#step);
    this.#isShort = !isWhole;
    return isWhole;
  }

  async #fillUp(size: number, fill: (length: number) => Uint8Array): Promise<boolean> {
    if (this.left >= size) return true;
    try {
      injectFault({ op: 'open', path: this.path });
      const handle = await open(this.path, 'a', 0o600);
      try {
        let held = (await handle.stat()).size;
        while (held < size) {
          const length = Math.min(CHUNK, size - held);
          injectFault({ op: 'write', path: this.path, offset: held, length });
          held += (await handle.write(fill(length))).bytesWritten;
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOSPC', 'EDQUOT')) return false;
      throw diskError(error, 'write', this.path);
    }
  }

  /** Gives one step back to the disk; false if nothing is left or the disk does not let us. */
  release(): boolean {
    this.#isShort = true;
    const left = this.left;
    if (left === 0) return false;
    try {
      injectFault({ op: 'truncate', path: this.path, length: Math.max(0, left - this.#step) });
      truncateSync(this.path, Math.max(0, left - this.#step));
      return true;
    } catch {
      return false;
    }
  }
}
