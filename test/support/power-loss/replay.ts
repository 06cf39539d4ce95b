import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPartials } from '../../../src/main/store/partials.ts';
import { withPartials } from '../partial-table.ts';
import type { DiskState } from './crash.ts';

/** Makes the folder `root` be what the disk held after a power loss. */
export function putBack(root: string, state: DiskState): void {
  for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
  for (const [path, content] of state) {
    // SQLite writes its shared memory by mapping it, which no trace shows, and makes it anew by itself.
    if (path === root || path.endsWith('-shm')) continue;
    if (content === undefined) mkdirSync(path, { mode: 0o700 });
    else writeFileSync(path, content, { mode: 0o600 });
  }
}

/**
 * Files put back have other inodes and times of birth than the disk had: the recorded partials are told the
 * new ones, as far as they had been told any.
 */
export async function renumberPartials(home: string, phrase: string): Promise<void> {
  await withPartials(home, phrase, (store, partials) => {
    for (const { id, path, inode } of store.read(listPartials)) {
      const facts = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (inode === undefined || facts === undefined) continue;
      const file = { device: facts.dev, inode: facts.ino, born: facts.birthtimeNs };
      store.write((tx) => partials.identify(tx, id, file));
    }
  });
}
