import { join } from 'node:path';
import { isKeywardError } from '../../shared/errors.ts';
import { listFolder } from '../disk/tree.ts';
import type { DeviceFacts } from './device.ts';
import { backupAt } from './list.ts';
import { type Manifest, parseBackupName } from './manifest.ts';
import { isSuccessor } from './succession.ts';

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
export function newestOwnHeads({ vault, device, folders }: OwnPlaces): Promise<OwnHead[]> {
  return inEach(folders, async (folder) => {
    const names = (await namesByDevice(folder, vault)).get(device.id) ?? [];
    const isOwn = (one: Manifest) => one.device.publicKey === device.publicKey;
    return newestOf(folder, names, (manifest) => (isOwn(manifest) ? 'take' : 'next'));
  });
}

/**
 * The same of the devices that came after it, as this vault would have become one if no older copy had been put in its
 * place. Of a device that did not, one backup is looked at, so that a folder of many devices costs little.
 */
export function newestHeadsAfter({ vault, device, folders }: OwnPlaces): Promise<OwnHead[]> {
  return inEach(folders, async (folder) => {
    const devices = await namesByDevice(folder, vault);
    devices.delete(device.id);
    const found: OwnHead[] = [];
    for (const names of devices.values()) {
      const isAfter = (one: Manifest) => isSuccessor(vault, one.device, device);
      const newest = newestOf(folder, names, (one) => (isAfter(one) ? 'take' : 'end'));
      found.push(...(await newest.catch(() => [])));
    }
    return found;
  });
}

async function inEach(
  folders: readonly string[],
  look: (folder: string) => Promise<OwnHead[]>,
): Promise<OwnHead[]> {
  return (await Promise.all(folders.map((folder) => look(folder).catch(() => [])))).flat();
}

/** The names of a vault's manifests by the id of the device that they name. */
async function namesByDevice(folder: string, vault: string): Promise<Map<string, string[]>> {
  const devices = new Map<string, string[]>();
  for (const { name, kind } of await listFolder(folder)) {
    const parsed = kind === 'file' ? parseBackupName(name) : undefined;
    if (parsed?.vault !== vault) continue;
    const names = devices.get(parsed.device) ?? [];
    names.push(name);
    devices.set(parsed.device, names);
  }
  return devices;
}

async function newestOf(
  folder: string,
  names: readonly string[],
  judge: (manifest: Manifest) => 'take' | 'next' | 'end',
): Promise<OwnHead[]> {
  // Numbers have the same length in all names. A manifest that does not hold, or can't be read, says nothing.
  for (const name of [...names].sort().reverse()) {
    const found = await backupAt(join(folder, name)).catch(ifOfDisk);
    if (found?.manifest === undefined) continue;
    const { path, manifest } = found;
    const verdict = judge(manifest);
    if (verdict === 'take') return [{ path, created: manifest.created, head: manifest.head }];
    if (verdict === 'end') return [];
  }
  return [];
}

function ifOfDisk(error: unknown): undefined {
  if (!isKeywardError(error)) throw error;
}
