import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small disk of its own, to be filled to its last byte. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
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

  /** Takes all the room that is left. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.folder);
    appendFileSync(join(this.folder, 'ballast'), Buffer.alloc(bavail * bsize));
  }

  /** Gives that room back. */
  free(): void {
    rmSync(join(this.folder, 'ballast'));
  }

  /** Takes the disk away, with all that is on it, even while somebody uses it. */
  unmount(): void {
    spawnSync('umount', ['--lazy', this.folder]);
    rmSync(this.folder, { recursive: true });
  }
}
