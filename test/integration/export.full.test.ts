import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandHome } from '../support/command.ts';

const TOOL = resolve(import.meta.dirname, '../../tools/keyward-decrypt.mjs');

let vault: CommandHome;
beforeAll(async () => {
  vault = await CommandHome.make();
});
afterAll(() => vault.end());

const path = (name: string) => join(vault.files, name);
const run = (...words: string[]) => vault.run([...words, ...vault.unlocking]);

describe('keys export-material', () => {
  it.each([
    ['its own format', [], []],
    ['an AWS message', ['--format', 'aws'], ['--for', 'aws']],
  ])('writes what opens %s without Keyward, readable by its user alone', async (_what, format, form) => {
    const name = `note-${format.length}`;
    writeFileSync(path(name), 'dear diary');
    expect((await run('encrypt', path(name), ...format)).code).toBe(0);
    const key = path(`${name}.json`);
    expect((await run('keys', 'export-material', 'my-files', '--out', key, ...form)).code).toBe(0);
    expect(statSync(key).mode & 0o777).toBe(0o600);
    const back = path(`${name}.back`);
    const words = [TOOL, '--key', key, path(`${name}.keyward`), '--out', back];
    expect(spawnSync(process.execPath, words).status).toBe(0);
    expect(readFileSync(back, 'utf8')).toBe('dear diary');
  });

  it('can be protected by a passphrase of its own, and the version says that it was exported', async () => {
    writeFileSync(path('wrapped'), 'dear diary');
    writeFileSync(path('secret'), 'for the paper');
    expect((await run('encrypt', path('wrapped'))).code).toBe(0);
    const key = path('wrapped.json');
    const wrap = ['--wrap-file', path('secret')];
    expect((await run('keys', 'export-material', 'my-files', '--out', key, ...wrap)).code).toBe(0);
    const words = [TOOL, '--key', key, path('wrapped.keyward'), '--out', path('wrapped.back')];
    expect(spawnSync(process.execPath, words).status).toBe(2);
    expect(existsSync(path('wrapped.back'))).toBe(false);
    const opened = spawnSync(process.execPath, [...words, '--passphrase-file', path('secret')]);
    expect(opened.status).toBe(0);
    expect(readFileSync(path('wrapped.back'), 'utf8')).toBe('dear diary');
    expect((await run('keys', 'describe', 'my-files')).out).toContain('exportedAt');
  });

  it('writes the data key of one file, which opens that file and no other', async () => {
    for (const name of ['one', 'two']) {
      writeFileSync(path(name), name);
      expect((await run('encrypt', path(name))).code).toBe(0);
    }
    const key = path('one.json');
    expect((await run('keys', 'export-material', '--file', path('one.keyward'), '--out', key)).code).toBe(0);
    expect(statSync(key).mode & 0o777).toBe(0o600);
    const open = (name: string) =>
      spawnSync(process.execPath, [
        TOOL,
        '--key',
        key,
        path(`${name}.keyward`),
        '--out',
        path(`${name}.alone`),
      ]);
    expect(open('one').status).toBe(0);
    expect(readFileSync(path('one.alone'), 'utf8')).toBe('one');
    expect(open('two').status).toBe(5);
    expect(existsSync(path('two.alone'))).toBe(false);
    const log = JSON.parse((await run('audit', 'list', '--json', '--limit', '20')).out) as {
      entries: { eventName: string; file?: string }[];
    };
    expect(log.entries).toContainEqual(
      expect.objectContaining({ eventName: 'ExportDataKey', file: path('one.keyward') }),
    );
    for (const wrong of [[], ['my-files', '--file', path('one.keyward')]]) {
      expect((await run('keys', 'export-material', ...wrong, '--out', path('none.json'))).code).toBe(2);
    }
  });

  it('replaces nothing', async () => {
    writeFileSync(path('taken'), 'taken');
    const { code, out } = await run('keys', 'export-material', 'my-files', '--out', path('taken'));
    expect([code, out.includes('TargetExists')]).toEqual([1, true]);
    expect(readFileSync(path('taken'), 'utf8')).toBe('taken');
  });

  it('takes nothing out of the vault where it could not be written, or would lie beside it', async () => {
    expect((await run('keys', 'create', 'kept')).code).toBe(0);
    for (const [out, code] of [
      [path('no/such/folder.json'), 'SourceNotFound'],
      [join(vault.home, 'beside.json'), 'TargetInVault'],
    ] as const) {
      const refused = await run('keys', 'export-material', 'kept', '--out', out);
      expect([refused.code, refused.out.includes(code), existsSync(out)]).toEqual([1, true, false]);
    }
    expect((await run('keys', 'describe', 'kept')).out).not.toContain('exportedAt');
  });

  it('asks once more, even of a vault that is open, and writes nothing for the wrong answer', async () => {
    expect((await run('unlock')).code).toBe(0);
    try {
      const key = path('refused.json');
      const none = await vault.run(['keys', 'export-material', 'my-files', '--out', key]);
      expect([none.code, none.out.includes('VaultLocked')]).toEqual([3, true]);
      writeFileSync(path('wrong'), 'not the passphrase');
      const wrong = ['--passphrase-file', path('wrong')];
      const refused = await vault.run(['keys', 'export-material', 'my-files', '--out', key, ...wrong]);
      expect([refused.code, existsSync(key)]).toEqual([3, false]);
      const { out } = await vault.run(['audit', 'list', '--limit', '5']);
      expect(out).toMatch(/ExportKeyMaterial/);
    } finally {
      await vault.run(['lock']);
    }
  });
});
