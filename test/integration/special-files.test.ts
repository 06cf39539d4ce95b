import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const vault = await oneVault();

/** Makes a named pipe that nobody writes to: opening it to read waits for ever. */
function pipe(name: string): string {
  execFileSync('mkfifo', [vault.path(name)]);
  return vault.path(name);
}

async function encrypted(name: string): Promise<string> {
  writeFileSync(vault.path(name), `content of ${name}`);
  await vault.encrypt(vault.path(name));
  rmSync(vault.path(name));
  return vault.path(`${name}.keyward`);
}

const reencrypt = async (...sources: string[]) =>
  (await vault.call('files.reencrypt', { sources, each: false })).results;

describe('a pipe, a device or a socket', () => {
  it('is not replaced by an output, --overwrite or not', async () => {
    const file = await encrypted('a');
    const target = pipe('a');
    for (const overwrite of [false, true]) {
      const result = only(await vault.decrypt(file, { overwrite }));
      expect(result).toMatchObject({ status: 'failed', error: { code: 'TargetExists' } });
      expect(result.error?.message).toContain(target);
    }
    expect(lstatSync(target).isFIFO()).toBe(true);
    expect(vault.list()).toEqual(['a', 'a.keyward']);
  });

  it('is refused as a source at once, whoever asks', async () => {
    const source = pipe('p.keyward');
    const streams = { input: new PassThrough(), output: new PassThrough() };
    const asked = [
      () => vault.call('files.inspect', { source }),
      () => vault.call('files.decryptRange', { source, range: { first: 0 } }, { streams }),
      () =>
        vault.call('files.exportDataKey', {
          source,
          credential: { kind: 'recovery-phrase', phrase: vault.phrase },
        }),
    ];
    for (const ask of asked) {
      const late = new Promise((resolve) => setTimeout(resolve, 3_000, 'still waiting'));
      const answer = Promise.race([ask(), late]);
      await expect(answer).rejects.toMatchObject({ code: 'SourceNotRegular', details: { path: source } });
    }
  });
});

describe('reencrypt', () => {
  it('goes through a symbolic link: the file behind it is made anew, the link stays', async () => {
    const file = await encrypted('a');
    const before = readFileSync(file);
    mkdirSync(vault.path('links'));
    const link = vault.path('links', 'l.keyward');
    symlinkSync(file, link);
    expect(only(await reencrypt(link)).status).toBe('done');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file).equals(before)).toBe(false);
    expect(vault.list()).toEqual(['a.keyward', 'links', 'links/l.keyward']);
  });

  it('tells of other names of the file, which keep the old encryption', async () => {
    const file = await encrypted('a');
    linkSync(file, vault.path('b.keyward'));
    const { notes } = only(await reencrypt(file));
    expect(notes).toEqual([expect.stringMatching(/1 other name.*old data key/)]);
    expect(only(await reencrypt(file)).notes).toBeUndefined();
  });

  it('keeps who may read the encrypted file', async () => {
    const file = await encrypted('a');
    chmodSync(file, 0o644);
    await reencrypt(file);
    expect(statSync(file).mode & 0o7777).toBe(0o644);
  });

  it('does a file that is named twice in turn, and the catalog knows it once', async () => {
    const file = await encrypted('a');
    symlinkSync(file, vault.path('l'));
    const known = async (key: string) => (await vault.call('keys.files', { key })).files;
    const before = await known('my-files');
    const results = await reencrypt(file, vault.path('l'), file);
    expect(results.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    expect(await known('my-files')).toBe(before);
    expect((await vault.verify(file)).status).toBe('done');
    await vault.call('keys.create', { alias: 'elsewhere', description: '' });
    await vault.call('files.reencrypt', { sources: [file], each: false, key: 'elsewhere' });
    expect([await known('my-files'), await known('elsewhere')]).toEqual([before - 1, 1]);
  });

  it('of a copy leaves the original in the catalog', async () => {
    const file = await encrypted('a');
    copyFileSync(file, vault.path('b.keyward'));
    const known = async () => (await vault.call('keys.files', { key: 'my-files' })).files;
    const before = await known();
    await reencrypt(vault.path('b.keyward'));
    expect(await known()).toBe(before + 1);
  });
});
