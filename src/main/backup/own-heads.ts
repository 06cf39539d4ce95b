import { join } from 'node:path';
import { listFolder } from '../disk/tree.ts';
import type { DeviceFacts } from './device.ts';
import { backupAt } from './list.ts';
import { parseBackupName } from './manifest.ts';

/** Where a device's own backups may be: folders that are there now. */
export type OwnPlaces = {
  readonly vault: string;
  readonly device: DeviceFacts;
  readonly folders: readonly string[];
};

/** Where the log of a device ended by the newest of its backups in a folder. */
type OwnHead = {
  readonly path: string;
  readonly created: string;
  readonly head: { readonly seq: number; readonly hash: string };
};

/** The heads that a device signed into its newest backup in each folder; a folder that can't be read has none. */
export async function newestOwnHeads({ vault, device, folders }: OwnPlaces): Promise<OwnHead[]> {
  const heads = await Promise.all(
    folders.map((folder) => newestOwnHead(folder, vault, device).catch(() => undefined)),
  );
  return heads.filter((head) => head !== undefined);
}

async function newestOwnHead(
  folder: string,
  vault: string,
  device: DeviceFacts,
): Promise<OwnHead | undefined> {
  const names = (await listFolder(folder)).map(({ name }) => name);
  const own = names.filter((name) => {
    const parsed = parseBackupName(name);
    return parsed?.vault === vault && parsed.device === device.id;
  });
  // Numbers have the same length in all names. A manifest that does not hold says nothing.
  for (const name of own.sort().reverse()) {
    const { path, manifest } = await backupAt(join(folder, name));
    if (manifest?.device.publicKey !== device.publicKey) continue;
    return { path, created: manifest.created, head: manifest.head };
  }
  return undefined;
}
