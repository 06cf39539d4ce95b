import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUILT, CommandHome } from '../support/command.ts';

const COMPOSED = 'caf\u00e9 \u00fcber';
const DECOMPOSED = COMPOSED.normalize('NFD');

let vault: CommandHome;
beforeEach(() => {
  vault = CommandHome.prepare();
});
afterEach(() => vault.end());

const path = (name: string) => join(vault.folder, name);

/** The code of a command that gets its passphrase from a file of these bytes. */
async function withPassphrase(bytes: Uint8Array | string, ...words: string[]) {
  writeFileSync(path('typed'), bytes);
  const { code, out } = await vault.run([...words, '--passphrase-file', path('typed')]);
  return { code, out };
}

const init = (bytes: Uint8Array | string) =>
  withPassphrase(bytes, 'init', '--recovery-file', vault.recovery, '--throw-away');

describe('a passphrase with accents (pitfall 65)', () => {
  it.each([
    ['in one piece', COMPOSED, DECOMPOSED],
    ['letter and accent by themselves', DECOMPOSED, COMPOSED],
  ])('set %s opens the vault either way, from files of any editor', async (_how, set, other) => {
    expect((await init(`${set}\n`)).code).toBe(0);
    for (const given of [set, other, `${other}\r\n`, `\ufeff${other}\n\n`]) {
      expect((await withPassphrase(given, 'keys', 'list')).code).toBe(0);
    }
    for (const end of ['', '\n', '\r\n']) {
      const little = Buffer.from(`\ufeff${other}${end}`, 'utf16le');
      expect((await withPassphrase(little, 'keys', 'list')).code).toBe(0);
      expect((await withPassphrase(Buffer.from(little).swap16(), 'keys', 'list')).code).toBe(0);
    }
    expect((await withPassphrase('cafe uber', 'keys', 'list')).code).toBe(3);
  });
});

describe('a passphrase that nobody could type', () => {
  it.each([
    ['a NUL', 'pass\0word'],
    ['two lines', 'pass\nword\n'],
    ['bytes that are no text', Buffer.from([0x70, 0xe9, 0x70])],
  ])('is refused with %s, and no vault comes to be', async (_what, bytes) => {
    const { code, out } = await init(bytes);
    expect(code).toBe(2);
    expect(out).toContain('Choose another one.');
    expect([existsSync(vault.recovery), readdirSync(vault.home)]).toEqual([
      false,
      expect.not.arrayContaining(['vault.db']),
    ]);
  });

  it('is refused over standard input, and to wrap an export, which then does not count as one', async () => {
    const words = [
      'init',
      '--throw-away',
      '--recovery-file',
      vault.recovery,
      '--passphrase-file',
      '/dev/stdin',
    ];
    const line = 'printf "pass\\nword\\n" | "$0" "$@"';
    const piped = spawnSync('sh', ['-c', line, process.execPath, BUILT, ...words], { env: vault.env });
    expect(piped.status).toBe(2);
    expect((await vault.run(vault.initWords)).code).toBe(0);
    writeFileSync(path('wrap'), 'pass\nword\n');
    const wrap = ['--out', path('export.json'), '--wrap-file', path('wrap'), ...vault.unlocking];
    expect((await vault.run(['keys', 'export-material', 'my-files', ...wrap])).code).toBe(2);
    expect(existsSync(path('export.json'))).toBe(false);
    expect((await vault.run(['keys', 'describe', 'my-files', ...vault.unlocking])).out).not.toContain(
      'exportedAt',
    );
  });
});

describe('a weak passphrase', () => {
  const lasting = (...words: string[]) =>
    withPassphrase('hunter2\n', 'init', '--recovery-file', vault.recovery, ...words);

  it('is refused where nobody can be asked, with the reason and the next step, unless a flag says so', async () => {
    const refused = await lasting();
    expect(refused.code).toBe(2);
    expect(refused.out).toMatch(/weak.*tries.*passphrase generate.*--weak-passphrase/s);
    expect(existsSync(vault.recovery)).toBe(false);
    expect((await lasting('--weak-passphrase')).code).toBe(0);
    expect((await withPassphrase('hunter2', 'keys', 'list')).code).toBe(0);
  });

  it('is refused at a change, and to wrap an export', async () => {
    expect((await vault.run(vault.initWords)).code).toBe(0);
    writeFileSync(path('next'), 'letmein\r\n');
    const change = ['passphrase', 'change', '--new-passphrase-file', path('next'), ...vault.unlocking];
    const exporting = [
      'keys',
      'export-material',
      'my-files',
      '--out',
      path('out'),
      '--wrap-file',
      path('next'),
    ];
    for (const words of [change, [...exporting, ...vault.unlocking]]) {
      const refused = await vault.run([...words, '--json']);
      expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([2, 'WeakPassphrase']);
      expect((await vault.run([...words, '--weak-passphrase'])).code).toBe(0);
      if (words === change) {
        expect((await withPassphrase('letmein', 'keys', 'list')).code).toBe(0);
        writeFileSync(path('back'), 'a passphrase for tests');
        const back = ['--new-passphrase-file', path('back'), '--passphrase-file', path('next')];
        expect((await vault.run(['passphrase', 'change', ...back])).code).toBe(0);
      }
    }
    expect(existsSync(path('out'))).toBe(true);
  });

  it('is not what "passphrase generate" prints: six words, and others each time', async () => {
    const made = await vault.run(['passphrase', 'generate', '--json']);
    const { passphrase, bits } = JSON.parse(made.out);
    expect([passphrase.split(' ').length, bits]).toEqual([6, 66]);
    expect((await withPassphrase(passphrase, 'init', '--recovery-file', vault.recovery)).code).toBe(0);
    expect((await vault.run(['passphrase', 'generate', '--json'])).out).not.toContain(passphrase);
  });
});

describe('a recovery phrase', () => {
  it('opens the vault as people write it down: numbered, in capitals, with commas (pitfall 65)', async () => {
    expect((await init('pass')).code).toBe(0);
    const words = readFileSync(vault.recovery, 'utf8').trim().split(/\s+/);
    writeFileSync(
      path('paper'),
      `\ufeff${words.map((word, i) => `${i + 1}. ${word.toUpperCase()}`).join(',\r\n')}`,
    );
    expect((await vault.run(['keys', 'list', '--recovery-file', path('paper')])).code).toBe(0);
  });
});
