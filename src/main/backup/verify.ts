import type { BackupFacts } from '../../shared/backup-contract.ts';
import { backupAt, factsOf, findBackups, isFolderOf, readAgeOrTrouble } from './list.ts';

/** Tells how far a verification has come. */
type Tell = (done: number, of: number, path: string) => void;

/**
 * Reads backups whole and compares them with their manifests: `whole` says that nothing was changed or cut since a
 * device wrote it, not whose device that was nor that a phrase opens it. `path`: a folder, or either file of one backup.
 * Throws `BackupNotFound`, the disk errors, and what `signal` was aborted with.
 */
export async function verifyBackups(path: string, signal: AbortSignal, tell: Tell): Promise<BackupFacts[]> {
  const found = (await isFolderOf(path)) ? await findBackups(path) : [await backupAt(path)];
  const facts: BackupFacts[] = [];
  for (const [index, one] of found.entries()) {
    signal.throwIfAborted();
    tell(index, found.length, one.path);
    const read = await readAgeOrTrouble(one);
    facts.push('trouble' in read ? { ...factsOf(one), state: 'damaged', why: read.trouble } : factsOf(one));
  }
  return facts;
}

/** The backups in a folder as their manifests tell of them; with `keys`, only those that hold one of these ids. */
export async function listBackups(folder: string, keys?: readonly string[]): Promise<BackupFacts[]> {
  const found = await findBackups(folder);
  const fits = found.filter(
    ({ manifest }) => keys === undefined || manifest?.keys.some((key) => keys.includes(key)) === true,
  );
  return fits.map(factsOf);
}
