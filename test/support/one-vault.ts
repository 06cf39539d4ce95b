import { mkdirSync, rmSync } from 'node:fs';
import { afterAll, beforeEach } from 'vitest';
import { LiveVault } from './live-vault.ts';

/** One vault for all tests of a file: its folder for files is emptied before each, all of it removed after the last. */
export async function oneVault(): Promise<LiveVault> {
  const vault = await LiveVault.make();
  beforeEach(() => {
    rmSync(vault.files, { recursive: true, force: true });
    mkdirSync(vault.files);
  });
  afterAll(() => vault.end());
  return vault;
}
