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
