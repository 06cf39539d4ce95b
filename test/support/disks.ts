import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillUp } from './small-disk.ts';

/** A kind of file system that `LoopDisk` can make. `overlay`: an overlayfs whose upper layer is on an ext4. */
export type DiskKind = 'exfat' | 'ext4' | 'xfs' | 'btrfs' | 'ntfs' | 'overlay';

type Command = readonly [program: string, ...words: string[]];

type Kind = {
  readonly make: Command;
  readonly mount: Command;
  readonly needs: string;
  /** How large it is in MiB, unless it is to have another size: some can't be small. */
  readonly size: number;
};

const EXT4: Kind = {
  make: ['mkfs.ext4', '-q', '-F'],
  mount: ['mount', '-t', 'ext4'],
  needs: '/dev/loop-control',
  size: 64,
};

/** Kinds of file systems, with the programs that make and mount them on a loop device. */
const KINDS: { readonly [kind in DiskKind]: Kind } = {
  /** Folds case, has no hard links, no permissions and no lasting inodes. */
  exfat: { make: ['mkfs.exfat'], mount: ['mount.exfat-fuse'], needs: '/dev/fuse', size: 64 },
  ext4: EXT4,
  xfs: {
    make: ['mkfs.xfs', '-q', '-f'],
    mount: ['mount', '-t', 'xfs'],
    needs: '/dev/loop-control',
    size: 320,
  },
  btrfs: {
    make: ['mkfs.btrfs', '-q', '-f'],
    mount: ['mount', '-t', 'btrfs'],
    needs: '/dev/loop-control',
    size: 160,
  },
  ntfs: {
    make: ['mkfs.ntfs', '-q', '-F', '-f'],
    mount: ['mount.ntfs-3g', '-o', 'permissions'],
    needs: '/dev/fuse',
    size: 64,
  },
  overlay: EXT4,
};

/** A disk in a file: it can be taken away and connected again, under another device number. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly folder: string;
  readonly #kind: DiskKind;
  readonly #work: string;
  #device: string | undefined;

  private constructor(kind: DiskKind, work: string) {
    this.#kind = kind;
    this.#work = work;
    this.folder = join(work, 'disk');
  }

  /** An empty, mounted disk; `undefined` where a program, a device or a right is missing. */
  static make(kind: DiskKind, mebibytes = KINDS[kind].size): LoopDisk | undefined {
    const { make, needs } = KINDS[kind];
    if (process.getuid?.() !== 0 || !existsSync(needs)) return undefined;
    const work = mkdtempSync(join(tmpdir(), `keyward-${kind}-`));
    const disk = new LoopDisk(kind, work);
    mkdirSync(disk.folder);
    writeFileSync(disk.#image, '');
    truncateSync(disk.#image, mebibytes << 20);
    const [program, ...words] = make;
    if (run(program, ...words, disk.#image) !== undefined && disk.connect()) return disk;
    disk.end();
    return undefined;
  }

  get #image(): string {
    return join(this.#work, 'image');
  }

  /** Mounts it (again); false if that is not possible. */
  connect(): boolean {
    this.#device = run('losetup', '-f', '--show', this.#image)?.trim();
    if (this.#device === undefined) return false;
    const [program, ...words] = KINDS[this.#kind].mount;
    if (this.#kind !== 'overlay') return run(program, ...words, this.#device, this.folder) !== undefined;
    const [under, lower] = [join(this.#work, 'under'), join(this.#work, 'lower')];
    for (const path of [under, lower]) mkdirSync(path, { recursive: true });
    if (run(program, ...words, this.#device, under) === undefined) return false;
    const [upper, work] = [join(under, 'upper'), join(under, 'work')];
    for (const path of [upper, work]) mkdirSync(path, { recursive: true });
    const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    return run('mount', '-t', 'overlay', '-o', layers, 'overlay', this.folder) !== undefined;
  }

  /** Takes all the room that is left. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.folder);
    const ballast = join(this.folder, 'ballast');
    // Where room can be taken without writing, most of it is.
    run('fallocate', '--length', String(Math.max(1, (bavail - 1_024) * bsize)), ballast);
    fillUp(ballast);
  }

  /** Gives that room back. */
  free(): void {
    rmSync(join(this.folder, 'ballast'));
  }

  /** A new folder on a btrfs that may hold so many KiB; `undefined` where it does not count. */
  limited(name: string, kibibytes: number): string | undefined {
    const folder = join(this.folder, name);
    const all = [
      ['quota', 'enable', this.folder],
      ['subvolume', 'create', folder],
      ['qgroup', 'limit', `${kibibytes}K`, folder],
    ];
    return all.every((words) => run('btrfs', ...words) !== undefined) ? folder : undefined;
  }

  /** Unmounts it: its mount point stands empty. */
  disconnect(): void {
    run('umount', this.folder);
    if (this.#kind === 'overlay') run('umount', join(this.#work, 'under'));
    if (this.#device !== undefined) run('losetup', '-d', this.#device);
    this.#device = undefined;
  }

  /** Takes it away for good. */
  end(): void {
    this.disconnect();
    for (const path of [this.folder, join(this.#work, 'under')]) run('umount', '--lazy', path);
    rmSync(this.#work, { recursive: true, force: true });
  }
}

/** Keeps a loop device busy, so that the next disk gets another one; returns the way to free it. */
export function occupyLoopDevice(): () => void {
  const work = mkdtempSync(join(tmpdir(), 'keyward-loop-'));
  const image = join(work, 'image');
  writeFileSync(image, Buffer.alloc(1 << 20));
  const device = run('losetup', '-f', '--show', image)?.trim();
  return () => {
    if (device !== undefined) run('losetup', '-d', device);
    rmSync(work, { recursive: true, force: true });
  };
}

/** What a program prints; `undefined` if there is none or it fails. */
export function run(program: string, ...words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  });
  return status === 0 ? stdout : undefined;
}
