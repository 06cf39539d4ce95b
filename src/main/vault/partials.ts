import { dirname } from 'node:path';
import { factsAt, syncFolder, unlinkFile } from '../disk/tree.ts';
import type { Store } from '../store/database.ts';
import { listPartials, removePartials } from '../store/partials.ts';

/**
 * Removes the partials that a dead owner left, and only those: what stands at a recorded path must be the
 * recorded file. One recorded but not yet identified was never given a byte, so only an empty file goes. A
 * partial whose disk is away stays on record. The caller holds the home, so none of them is still in use.
 * Gives the paths removed.
 */
export async function sweepPartials(store: Store): Promise<string[]> {
  const removed: string[] = [];
  const settled: number[] = [];
  for (const partial of store.read(listPartials)) {
    try {
      const facts = await factsAt(partial.path, false);
      if (facts === undefined && (await factsAt(dirname(partial.path), true)) === undefined) continue;
      const ours =
        facts?.kind === 'file' &&
        (partial.inode === undefined
          ? facts.size === 0 && facts.mode === 0o600
          : facts.inode === partial.inode && facts.device === partial.device && facts.born === partial.born);
      if (ours) {
        await unlinkFile(partial.path);
        await syncFolder(dirname(partial.path));
        removed.push(partial.path);
      }
      settled.push(partial.id);
    } catch {
      // Not removable now: it stays on record, and the next start tries again.
    }
  }
  if (settled.length > 0) store.write((tx) => removePartials(tx, settled));
  return removed;
}
