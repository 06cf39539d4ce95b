import { join } from 'node:path';
import { exists } from '../disk/exists.ts';
import { factsAt, renameFile, syncFolder, unlinkFile } from '../disk/tree.ts';
import { databasePath, keysPath, repairedPath } from './paths.ts';

/** The second file of a repaired database that has not taken its place yet. */
function repairedKeys(home: string): string {
  return join(home, 'vault.keys-repaired');
}

/**
 * Puts a repaired database, whole and flushed at `making`, and its second file in the place of the damaged ones. From the
 * moment at which it has its second name on, the vault is the repaired one: whoever claims the home next goes on where
 * this ended (`finishRepair`). Throws the disk errors; before that moment the vault is as it was. Returns the names of the
 * files that were moved aside.
 */
export async function putRepaired(
  home: string,
  making: { readonly database: string; readonly keys: string },
) {
  await renameFile(making.keys, repairedKeys(home));
  await syncFolder(home);
  await renameFile(making.database, repairedPath(home));
  await syncFolder(home);
  return finishRepair(home);
}

/**
 * Goes on with a repair that ended behind its last decision: the damaged files are moved aside, never removed, and the
 * repaired ones take their places. Does nothing where there is none. Throws the disk errors. The caller has the claim.
 */
export async function finishRepair(home: string): Promise<string[]> {
  const repaired = repairedPath(home);
  const facts = exists(repaired) ? await factsAt(repaired, false) : undefined;
  if (facts === undefined) return [];
  const stamp = new Date(Number(facts.modified / 1_000_000n))
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  const moved: string[] = [];
  const aside = async (path: string) => {
    if (!exists(path)) return;
    const place = await freePlace(`${path}.damaged-${stamp}`);
    await renameFile(path, place);
    moved.push(place);
  };
  const database = databasePath(home);
  // The journal goes first: beside the repaired database it would be taken for its own.
  for (const ending of ['-wal', '-journal', '']) await aside(database + ending);
  await unlinkFile(`${database}-shm`);
  if (exists(repairedKeys(home))) {
    await aside(keysPath(home));
    await syncFolder(home);
    await renameFile(repairedKeys(home), keysPath(home));
  }
  await syncFolder(home);
  await renameFile(repaired, database);
  await syncFolder(home);
  return moved;
}

async function freePlace(wanted: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const place = n === 1 ? wanted : `${wanted}-${n}`;
    if ((await factsAt(place, false)) === undefined) return place;
  }
}
