import { dirname } from 'node:path';
import { type FoundBackup, findBackups, readAgeOrTrouble } from './list.ts';
import type { Manifest } from './manifest.ts';
import { removeBackup } from './write.ts';

/** How many are kept: the newest ones, the newest of each of the last days, and of each of the last months. */
const KEPT = { newest: 10, days: 7, months: 12 } as const;

/** Of backups, the newest first, those that are kept. `created` in ISO 8601. */
export function keptOf<B extends { readonly created: string }>(backups: readonly B[]): Set<B> {
  const kept = new Set(backups.slice(0, KEPT.newest));
  for (const [length, most] of [
    [10, KEPT.days],
    [7, KEPT.months],
  ] as const) {
    const seen = new Set<string>();
    for (const one of backups) {
      const period = one.created.slice(0, length);
      if (seen.has(period) || seen.size >= most) continue;
      seen.add(period);
      kept.add(one);
    }
  }
  return kept;
}

/** What a vault knows of keys by their ids: those that it has or has shredded, and the latter alone. */
export type KeysOfVault = {
  readonly known: (key: string) => boolean;
  readonly isShredded: (key: string) => boolean;
};

/**
 * Removes backups of one device that newer ones make up for; gives how many. Only whole ones are removed, and only if
 * every key in them is `known` to the vault still, or known to be shredded: else keys have vanished, and an old backup may
 * be all that is left of them. One that holds a key which was shredded since is never kept for its age. Throws the disk
 * errors.
 */
export async function pruneBackups(
  folder: string,
  own: { readonly vault: string; readonly device: string; readonly publicKey: string },
  { known, isShredded }: KeysOfVault,
): Promise<number> {
  const mine = (await findBackups(folder)).flatMap((found) => {
    const { manifest } = found;
    const isMine =
      manifest?.vault === own.vault &&
      manifest.device.id === own.device &&
      manifest.device.publicKey === own.publicKey;
    return isMine && manifest !== undefined ? [{ found, manifest, created: manifest.created }] : [];
  });
  const kept = keptOf(
    mine.filter(({ found, manifest }) => found.trouble === undefined && !manifest.keys.some(isShredded)),
  );
  let pruned = 0;
  for (const one of mine) {
    if (kept.has(one) || !(await mayGo(one, known))) continue;
    await removeBackup(one.found.path);
    pruned += 1;
  }
  return pruned;
}

async function mayGo(
  { found, manifest }: { readonly found: FoundBackup; readonly manifest: Manifest },
  known: (key: string) => boolean,
): Promise<boolean> {
  return manifest.keys.every(known) && 'bytes' in (await readAgeOrTrouble(found));
}

/**
 * Removes, from the folder of a new backup that was just read back, those of the devices that this one was before: what
 * opened them has leaked. Gives how many, and which stay, for a key in them is not `known` to the vault. Throws the disk
 * errors.
 */
export async function removeReplaced(
  made: string,
  formers: readonly { readonly id: string; readonly publicKey: string }[],
  { known }: Pick<KeysOfVault, 'known'>,
): Promise<{ readonly removed: number; readonly left: readonly string[] }> {
  let removed = 0;
  const left: string[] = [];
  for (const { path, manifest } of await findBackups(dirname(made))) {
    const isOld = formers.some(
      ({ id, publicKey }) => manifest?.device.id === id && manifest.device.publicKey === publicKey,
    );
    if (!isOld || path === made) continue;
    if (manifest?.keys.every(known) === true) {
      await removeBackup(path);
      removed += 1;
    } else left.push(path);
  }
  return { removed, left };
}
