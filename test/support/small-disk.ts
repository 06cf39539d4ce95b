import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isErrno } from '../../src/main/disk/errors.ts';

/** A small disk of its own, to be filled to its last byte. */
export class SmallDisk {
  readonly folder: string;
  #at: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#at = folder;
  }

  /** A disk of this size; `undefined` where that needs rights that one does not have. */
  static mount(kibibytes: number): SmallDisk | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-small-'));
    const options = `size=${kibibytes}k,mode=700`;
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'keyward-test', folder]).status === 0)
      return new SmallDisk(folder);
    rmSync(folder, { recursive: true });
    return undefined;
  }

  /** Takes all the room that is left, also while others write there. */
  fill(): void {
    fillUp(join(this.folder, 'ballast'));
  }

  /** Gives that room back. */
  free(): void {
    rmSync(join(this.folder, 'ballast'));
  }

  /** Mounts it at another folder, so that nothing is at its own; `undefined`: at its own again. */
  moveTo(folder: string | undefined): void {
    const [from, to] = [this.#at, folder ?? this.folder];
    mkdirSync(to, { recursive: true });
    if (spawnSync('mount', ['--move', from, to]).status !== 0) throw new Error(`could not mount at ${to}`);
    rmSync(from, { recursive: true });
    this.#at = to;
  }

  /** Takes the disk away, with all that is on it, even while somebody uses it. */
  unmount(): void {
    spawnSync('umount', ['--lazy', this.#at]);
    rmSync(this.#at, { recursive: true });
  }
}

/** Appends to a file until its disk has no room for one byte more. */
export function fillUp(path: string): void {
  for (const size of [1 << 20, 1 << 12, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size));
    } catch (error) {
      if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
    }
  }
}
