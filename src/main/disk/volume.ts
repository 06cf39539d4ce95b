import { statfs } from 'node:fs/promises';
import { sep } from 'node:path';
import { diskError } from './errors.ts';

// Magic numbers of statfs(2): NFS, SMB, CIFS, SMB2, AFS, Coda, 9P, Ceph.
const NETWORK = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x73757245, 0x01021997, 0x00c36400,
]);

const SYNCED =
  /^(dropbox|onedrive|onedrive - .*|google ?drive|my drive|icloud ?drive|mobile documents|com~apple~clouddocs|nextcloud|owncloud|syncthing|sync|pcloud ?drive|mega|megasync)$/i;

/**
 * Why a folder is a bad place for a database that must not change behind our back: on a network disk or in a
 * folder that a program syncs; `undefined` if nothing speaks against it. `path` must exist.
 */
export async function unsafeForDatabase(path: string): Promise<'network' | 'synced' | undefined> {
  if (path.split(sep).some((part) => SYNCED.test(part))) return 'synced';
  if (process.platform !== 'linux') return undefined;
  const { type } = await statfs(path);
  return NETWORK.has(type) ? 'network' : undefined;
}

/** File systems that live in memory: tmpfs and ramfs. */
const IN_MEMORY = ['1021994', '858458f6'];

/**
 * What can be said of the volume that `path` stands on, as text to be compared: type and size. It tells most volumes
 * apart that take turns at one mount point, not two of the same make. Throws the disk errors.
 */
export async function volumeAt(path: string): Promise<string> {
  try {
    const { type, blocks, bsize } = await statfs(path);
    return `${type.toString(16)}-${blocks}-${bsize}`;
  } catch (error) {
    throw diskError(error, 'look-at-the-disk-of', path);
  }
}

/** How many bytes a user may still write to the disk that `path` stands on. Throws the disk errors. */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    throw diskError(error, 'look-at-the-disk-of', path);
  }
}

/** Whether what stood on a volume, as `volumeAt` told of it, is lost when the system ends. */
export function isInMemory(volume: string): boolean {
  return IN_MEMORY.some((type) => volume.startsWith(`${type}-`));
}
