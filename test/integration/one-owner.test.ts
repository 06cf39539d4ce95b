import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUILT } from '../support/command.ts';
import { LiveVault } from '../support/live-vault.ts';

let vault: LiveVault;
beforeAll(async () => {
  vault = await LiveVault.make();
});
afterAll(() => vault.end());

const SCRIPT = `
import Database from 'better-sqlite3';
const db = new Database(process.argv[1], { timeout: 0 });
try { db.exec('BEGIN EXCLUSIVE'); console.log('free'); } catch { console.log('taken'); }
`;

/** What another process finds that tries to take the claim on the vault. */
function claimOfAnother(): string {
  const lock = join(vault.home, 'run', 'owner.lock');
  const words = ['--input-type=module', '-e', SCRIPT, lock];
  return spawnSync(process.execPath, words, { cwd: join(BUILT, '../../..'), encoding: 'utf8' }).stdout.trim();
}

it.each(['run/owner.lock', 'vault.db', 'vault.db-shm'])(
  'a vault that is open does not open its own %s for anybody, which would give up its claim',
  async (name) => {
    const own = join(vault.home, name);
    mkdirSync(vault.path(name), { recursive: true });
    const [soft, hard] = [vault.path(name, 'soft'), vault.path(name, 'hard')];
    symlinkSync(own, soft);
    linkSync(own, hard);
    for (const source of [own, soft, hard]) {
      const failed = { status: 'failed', error: { code: 'SourceUnreadable' } };
      expect(await vault.encrypt(source, { out: `${hard}.keyward`, each: true })).toMatchObject([failed]);
      expect(await vault.decrypt(source, { out: `${hard}.plain`, each: true })).toMatchObject([failed]);
      await expect(vault.call('files.inspect', { source })).rejects.toMatchObject(failed.error);
    }
    await vault.encrypt(join(vault.home, 'run'), { each: true, out: vault.path(name, 'run') });
    expect(claimOfAnother()).toBe('taken');
  },
);

it('once it is locked its files are files like any others', async () => {
  await vault.reopen(() => {
    expect(claimOfAnother()).toBe('free');
    expect(readFileSync(join(vault.home, 'vault.db')).length).toBeGreaterThan(0);
  });
  expect(claimOfAnother()).toBe('taken');
});
