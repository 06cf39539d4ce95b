import { dirname } from 'node:path';
import type { KeywardError } from '../../shared/errors.ts';
import type { JobObstacle } from '../../shared/job-contract.ts';
import { factsAt } from '../disk/tree.ts';
import { freeBytes } from '../disk/volume.ts';
import type { Found } from './walk.ts';

/** What stands in the way of a file and may go away by itself. */
type Obstacle = { readonly reason: JobObstacle; readonly isOver: () => Promise<boolean> };

/** Where a job writes to: `out`, or beside each source; `home` is the vault's own folder. */
type Places = { readonly out?: string | undefined; readonly home: string };

/** Beside a file's plaintext its output takes header and tags, in bytes. */
const BESIDE = 1_024 * 1_024;

/** What a system says of a disk that is not there, or does not answer. */
const GONE =
  /^(ENXIO|ENODEV|ENOMEDIUM|EPWROFF|ESTALE|EHOSTDOWN|EHOSTUNREACH|ENETDOWN|ENETUNREACH|ENOTCONN|ESHUTDOWN|ETIMEDOUT)$/;

/** Tells what a job can wait for from what fails it: room on a disk, and a disk that was taken away. */
export class Obstacles {
  readonly #places: Places;
  /** The disk that each folder was on when it was first looked at. */
  readonly #disks = new Map<string, Promise<bigint | undefined>>();

  constructor(places: Places) {
    this.#places = places;
  }

  /** Notes which disks a file is about, before work on it begins. */
  async note(file: Found): Promise<void> {
    for (const folder of this.#foldersOf(file)) {
      if (!this.#disks.has(folder)) this.#disks.set(folder, diskOf(folder));
      await this.#disks.get(folder);
    }
  }

  /** What is in the way of a file that failed with `error`; `undefined`: nothing that goes away by itself. */
  async of({ code, details }: KeywardError, file: Found): Promise<Obstacle | undefined> {
    const { errno, path, sqlite } = details;
    if (code === 'DiskFull') {
      // A file that is too large for its disk will not fit later.
      if (errno === 'EFBIG') return undefined;
      const folder = sqlite !== undefined || typeof path !== 'string' ? this.#places.home : dirname(path);
      const needed = sqlite === undefined ? file.size + BESIDE : BESIDE;
      // Where that can't be told, it is tried.
      const isOver = async () => (await freeBytes(folder).catch(() => needed)) >= needed;
      return { reason: 'disk-full', isOver };
    }
    if (code !== 'IoFailed' && code !== 'SourceNotFound') return undefined;
    for (const folder of this.#foldersOf(file)) {
      const [before, now] = [await this.#disks.get(folder), await diskOf(folder)];
      const isSilent = GONE.test(String(errno));
      // A folder that was removed leaves its disk.
      if (before === undefined || (before === now && !isSilent)) continue;
      // What stands at its place while it is away is another disk, and it may come back under another number.
      const isOver = async () => before === now || (await diskOf(folder)) !== now;
      return { reason: 'drive-gone', isOver };
    }
    return undefined;
  }

  #foldersOf(file: Found): string[] {
    return [dirname(file.path), ...(this.#places.out === undefined ? [] : [this.#places.out])];
  }
}

/** The disk of a folder, or of the nearest one above it that is there. */
async function diskOf(folder: string): Promise<bigint | undefined> {
  const facts = await factsAt(folder, true).catch(() => undefined);
  const above = dirname(folder);
  return facts !== undefined || above === folder ? facts?.device : diskOf(above);
}
