import { join } from 'node:path';
import { renameFile, syncFolder, unlinkFile } from '../disk/tree.ts';
import { databasePath, keysPath } from '../home/paths.ts';

/** Where the database of a home is made. */
export function makingPath(home: string): string {
  return join(home, 'vault.db-making');
}

/** Removes what is left of a database that was being made. */
export async function clearMaking(home: string): Promise<void> {
  for (const ending of ['', '-wal', '-shm', '-journal', '-keys', '-keys-making'])
    await unlinkFile(makingPath(home) + ending);
}

/** The second file of a database that is being made. */
export function keysOf(making: string): string {
  return `${making}-keys`;
}

/**
 * Makes the database of a home whole or not at all: `fill` makes it and its second file (`keysOf`) under other names, and
 * they are renamed. What `fill`
 * throws, and the disk errors, leave nothing behind.
 */
export async function makeDatabase<T>(home: string, fill: (path: string) => Promise<T>): Promise<T> {
  const making = makingPath(home);
  await clearMaking(home);
  try {
    const made = await fill(making);
    await renameFile(making, databasePath(home));
    try {
      await syncFolder(home);
      await renameFile(keysOf(making), keysPath(home));
      await syncFolder(home);
    } catch (error) {
      await unlinkFile(keysPath(home));
      await unlinkFile(databasePath(home));
      throw error;
    }
    return made;
  } catch (error) {
    // What stands there is of no use, and takes room; the reason is worth more than whether it could be removed.
    await clearMaking(home).catch(() => undefined);
    throw error;
  }
}
