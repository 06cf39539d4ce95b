import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { entropyToMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ageDecrypt } from '../../src/main/crypto/age.ts';
import { recoveryIdentity } from '../../src/main/unlock/recovery-identity.ts';
import { LiveVault, only } from '../support/live-vault.ts';

const TOOL = resolve(import.meta.dirname, '../../tools/keyward-decrypt.mjs');
const hasAge = spawnSync('age', ['--version']).status === 0;

/** An empty folder with the tool, the stick's files and what was typed from paper; nothing of Keyward's is in reach. */
let desk: string;
const contents = new Map<string, string>();
let phrase = '';
beforeAll(async () => {
  desk = mkdtempSync(join(tmpdir(), 'keyward-desk-'));
  copyFileSync(TOOL, join(desk, 'keyward-decrypt.mjs'));
  const vault = await LiveVault.make(tmpdir(), false);
  phrase = vault.phrase;
  for (const name of ['before.txt', 'after.txt']) {
    contents.set(name, `the text of ${name}`);
    writeFileSync(vault.path(name), contents.get(name) ?? '');
    only(await vault.encrypt(vault.path(name)));
    copyFileSync(vault.path(`${name}.keyward`), join(desk, `${name}.keyward`));
    await vault.call('keys.rotate', { key: 'my-files' });
  }
  for (const kind of ['x25519', 'hybrid'] as const) {
    mkdirSync(join(desk, kind));
    await vault.call('backup.create', { folder: join(desk, kind), kind });
  }
  // The laptop is lost.
  await vault.end();
});
afterAll(() => rmSync(desk, { recursive: true, force: true }));

/** Runs the tool as somebody does who has no Keyward. */
function tool(...words: string[]): string {
  return execFileSync(process.execPath, ['keyward-decrypt.mjs', ...words], {
    cwd: desk,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The six steps from the opened backup on: every file comes back. */
function decryptAll(backup: string) {
  for (const [name, content] of contents) {
    tool('--key', backup, '--out', `${backup}-${name}`, `${name}.keyward`);
    expect(readFileSync(join(desk, `${backup}-${name}`), 'utf8')).toBe(content);
  }
}

const ageFile = (kind: string) =>
  join(desk, kind, readdirSync(join(desk, kind)).find((name) => name.endsWith('.age')) ?? '');

describe('recovery without Keyward (docs/recovery.md)', () => {
  it('goes from paper and stick to the plaintext with stock age', (context) => {
    if (!hasAge) return context.skip('age is not installed');
    writeFileSync(
      join(desk, 'phrase.txt'),
      phrase
        .split(' ')
        .map((word, i) => `${i + 1}. ${word}`)
        .join('\n'),
    );
    writeFileSync(
      join(desk, 'identity.txt'),
      tool('--identity-from-phrase', 'phrase.txt', '--kind', 'x25519'),
    );
    execFileSync('age', ['-d', '-i', 'identity.txt', '-o', 'backup.json', ageFile('x25519')], { cwd: desk });
    decryptAll('backup.json');
  });

  it('opens a hybrid backup with the identity that the tool prints', async () => {
    writeFileSync(
      join(desk, 'four.txt'),
      phrase
        .split(' ')
        .map((word) => word.slice(0, 4))
        .join(' '),
    );
    const identity = tool('--identity-from-phrase', 'four.txt').trim();
    const opened = await ageDecrypt(readFileSync(ageFile('hybrid')), [identity]);
    if (opened.is !== 'open') throw new Error(opened.is);
    writeFileSync(join(desk, 'hybrid.json'), opened.plaintext);
    decryptAll('hybrid.json');
  });

  it('has the tool derive what the vault derives, over the whole list of words', async () => {
    const { ageIdentity, entropyOf } = (await import(TOOL)) as {
      entropyOf: (words: string) => Buffer;
      ageIdentity: (entropy: Buffer, kind: string) => string;
    };
    const seen = new Set<string>();
    for (let at = 0; at < 300; at++) {
      const entropy = Buffer.from(Array.from({ length: 32 }, (_, i) => (at * 37 + i * 91 + at * i) & 0xff));
      const words = entropyToMnemonic(entropy, wordlist);
      for (const word of words.split(' ')) seen.add(word);
      expect(entropyOf(words).equals(entropy)).toBe(true);
    }
    expect(seen.size).toBeGreaterThan(1_500);
    const { identities } = await recoveryIdentity(Buffer.alloc(32, 9));
    for (const kind of ['hybrid', 'x25519'] as const) {
      expect(ageIdentity(Buffer.alloc(32, 9), kind)).toBe(identities[kind]);
    }
  });

  it('names what is wrong with a phrase, and with a backup that was changed', () => {
    const words = phrase.split(' ');
    const failing = (text: string) => {
      writeFileSync(join(desk, 'wrong.txt'), text);
      const { status, stderr } = spawnSync(
        process.execPath,
        ['keyward-decrypt.mjs', '--identity-from-phrase', 'wrong.txt'],
        { cwd: desk, encoding: 'utf8' },
      );
      expect(status).toBe(2);
      return stderr;
    };
    expect(failing(words.slice(1).join(' '))).toContain('23 words');
    expect(failing(words.with(6, 'xyzzy').join(' '))).toContain('word 7');
    const [first = '', second = ''] = words;
    const swapped = first === second ? words.with(0, 'zoo') : words.with(0, second).with(1, first);
    expect(failing(swapped.join(' '))).toMatch(/order|Usage/);
    const document = { keyward: 'backup/1', vault: { id: 'x' }, rootKey: 'AAAA', material: [] };
    writeFileSync(join(desk, 'broken.json'), JSON.stringify(document));
    expect(() => tool('--key', 'broken.json', 'before.txt.keyward')).toThrow(/no whole backup/);
  });
});
