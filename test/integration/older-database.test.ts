import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileResult } from '../../src/shared/contract.ts';
import { BUILT } from '../support/command.ts';
import { LiveVault } from '../support/live-vault.ts';

/* An older vault.db put back beside a newer vault.keys: what is said, to whom, and that what docs/recovery.md says helps. */

let vault: LiveVault;
let folder: string;
/** Sealed under a key that both states know, under a later version of it, and under a later key; the last as a message of AWS. */
const NAMES = ['both', 'version', 'key', 'message'] as const;
type Name = (typeof NAMES)[number];
const sealed = (name: Name) => vault.path(`${name}.keyward`);
const newer = (home = vault.home) => readdirSync(home).filter((name) => name.startsWith('vault.keys.newer-'));
const WARNING = /^A newer keys file of this vault stands beside it: .*vault\.keys\.newer-\d+\. .*$/gm;

/** What the command says in words, of the vault while it is locked. */
async function run(...words: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, KEYWARD_HOME: vault.home, NO_COLOR: '1', KEYWARD_PASSPHRASE_FILE: '' };
  return promisify(execFile)(process.execPath, [BUILT, ...words], { env });
}

beforeAll(async () => {
  vault = await LiveVault.make();
  folder = join(vault.home, '..');
  writeFileSync(join(folder, 'phrase'), vault.phrase, { mode: 0o600 });
  const seal = async (name: Name, key = 'my-files') => {
    writeFileSync(vault.path(name), name);
    const format = name === 'message' ? { aws: { suite: '0478' as const } } : {};
    expect(await vault.encrypt(vault.path(name), { key, ...format })).toMatchObject([
      { output: sealed(name) },
    ]);
    rmSync(vault.path(name));
  };
  const copy = (name: string) => copyFileSync(join(vault.home, 'vault.db'), join(folder, name));
  await seal('both');
  await vault.reopen(() => copy('older.db'));
  await vault.call('keys.rotate', { key: 'my-files' });
  await seal('version');
  await vault.call('keys.create', { alias: 'alias/later', description: '' });
  await seal('key', 'later');
  await seal('message', 'later');
  await vault.reopen(() => {
    copy('newer.db');
    copyFileSync(join(folder, 'older.db'), join(vault.home, 'vault.db'));
  });
});
afterAll(() => vault.end());

describe('an older vault.db beside a newer vault.keys', () => {
  it('stands in the log, once, with the file, and is found by each status', async () => {
    for (let round = 0; round < 2; round += 1) {
      const { findings } = await vault.call('vault.status', {});
      expect(findings?.map(({ kind }) => kind)).toEqual(['KeysFileNewer']);
      await vault.reopen();
    }
    const [name = ''] = newer();
    const { entries } = await vault.call('audit.list', { limit: 10, event: 'KeysFileNewer' });
    expect(entries).toMatchObject([{ file: join(vault.home, name), intact: true }]);
    expect(await vault.call('audit.verify', {})).toMatchObject({ ok: true });
  });

  it.each(['version', 'key', 'message'] as const)(
    'makes a file under a later %s WrongKey, by name',
    async (name) => {
      const sources = [sealed(name)];
      const results: FileResult[] = [
        ...(await vault.decrypt(sources)),
        await vault.verify(sealed(name)),
        ...(await vault.call('files.reencrypt', { sources, each: false })).results,
      ];
      if (name !== 'message')
        results.push(...(await vault.call('files.rewrap', { sources, each: false })).results);
      for (const { error } of results) {
        expect(error).toMatchObject({ code: 'WrongKey', details: { newerKeys: expect.any(String) } });
        expect(error?.message).toContain(newer()[0]);
      }
      expect((await vault.verify(sealed('both'))).status).toBe('done');
    },
  );

  it('is told in one line by a command that unlocks, by unlock, and by the locked status', async () => {
    await vault.reopen(async () => {
      const unlocking = ['--recovery-file', join(folder, 'phrase')];
      const { stderr } = await run('keys', 'list', ...unlocking);
      expect(stderr.match(WARNING)).toHaveLength(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect((await run('unlock', ...unlocking)).stderr.match(WARNING)).toHaveLength(1);
      await run('lock');
      expect((await run('status')).stdout).toMatch(/State +locked\n(.*\n)*Found +A newer keys file/);
    });
  });

  /** A copy of the vault, changed by `act`, opened. */
  async function copied(name: string, act: (home: string) => void): Promise<LiveVault> {
    const home = join(folder, name, 'home');
    cpSync(vault.home, home, { recursive: true });
    act(home);
    return LiveVault.at(join(folder, name), vault.phrase);
  }

  it('ends with the newer database put back as docs/recovery.md says', async () => {
    await vault.leave();
    const again = await copied('put-back', (home) => {
      copyFileSync(join(folder, 'newer.db'), join(home, 'vault.db'));
      renameSync(join(home, newer(home)[0] ?? ''), join(home, 'vault.keys'));
    });
    for (const name of NAMES) expect(await again.verify(sealed(name))).toMatchObject({ status: 'done' });
    expect((await again.call('vault.status', {})).findings).toBeUndefined();
    await again.leave();
    await vault.reopen();
  });

  it('gives every file back without it, for rescue, as docs/recovery.md says', async () => {
    await vault.leave();
    const again = await copied('copy', (home) => {
      rmSync(join(home, 'vault.db'));
      renameSync(join(home, newer(home)[0] ?? ''), join(home, 'vault.keys'));
    });
    for (const name of NAMES) expect(await again.decrypt(sealed(name))).toMatchObject([{ status: 'done' }]);
    for (const name of NAMES) expect(readFileSync(vault.path(name), 'utf8')).toBe(name);
    await again.leave();
    await vault.reopen();
  });
});
