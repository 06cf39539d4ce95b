import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A kind of file system that `LoopDisk` can make. */
export type DiskKind = 'exfat' | 'ext4' | 'xfs' | 'ntfs';

type Command = readonly [program: string, ...words: string[]];

type Kind = { readonly make: Command; readonly mount: Command; readonly needs: string };

/** Kinds of file systems, with the programs that make and mount them on a loop device. */
const KINDS: { readonly [kind in DiskKind]: Kind } = {
  /** Folds case, has no hard links, no permissions and no lasting inodes. */
  exfat: { make: ['mkfs.exfat'], mount: ['mount.exfat-fuse'], needs: '/dev/fuse' },
  ext4: { make: ['mkfs.ext4', '-q', '-F'], mount: ['mount', '-t', 'ext4'], needs: '/dev/loop-control' },
  xfs: { make: ['mkfs.xfs', '-q', '-f'], mount: ['mount', '-t', 'xfs'], needs: '/dev/loop-control' },
  ntfs: { make: ['mkfs.ntfs', '-q', '-F', '-f'], mount: ['mount.ntfs-3g'], needs: '/dev/fuse' },
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
  static make(kind: DiskKind, mebibytes = 64): LoopDisk | undefined {
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
    return run(program, ...words, this.#device, this.folder) !== undefined;
  }

  /** Unmounts it: its mount point stands empty. */
  disconnect(): void {
    run('umount', this.folder);
    if (this.#device !== undefined) run('losetup', '-d', this.#device);
    this.#device = undefined;
  }

  /** Takes it away for good. */
  end(): void {
    this.disconnect();
    run('umount', '--lazy', this.folder);
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
