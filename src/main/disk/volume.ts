import { statfs } from 'node:fs/promises';
import { sep } from 'node:path';

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
