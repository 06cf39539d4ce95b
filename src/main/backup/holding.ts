import { type FoundBackup, findBackups, newestFirst } from './list.ts';
import type { Manifest } from './manifest.ts';

/** A backup and the keys in it that were asked for, by id. */
type HoldingBackup = { readonly path: string; readonly created: string; readonly keys: readonly string[] };

/**
 * Which backup in some folders opens what is under these keys, by what stands in clear beside each: the one that holds
 * most of them, of those the newest; `undefined` if none holds any. Throws the disk errors.
 */
export async function backupHolding(
  keys: readonly string[],
  folders: readonly string[],
): Promise<HoldingBackup | undefined> {
  const all = (await Promise.all(folders.map((folder) => findBackups(folder)))).flat();
  const [best] = newestFirst(all)
    .filter(isWhole)
    .map(({ path, manifest: { created, keys: held } }) => {
      const known = new Set(held);
      return { path, created, keys: keys.filter((key) => known.has(key)) };
    })
    .filter(({ keys: { length } }) => length > 0)
    .sort((a, b) => b.keys.length - a.keys.length);
  return best;
}

function isWhole(found: FoundBackup): found is FoundBackup & { readonly manifest: Manifest } {
  return found.manifest !== undefined && found.trouble === undefined;
}
