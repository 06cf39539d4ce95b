import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, prepareBrowser } from '../host/chromium.ts';
import { BUILT, CommandHome } from '../support/command.ts';
import { printedCodes, WHY_NO_CODES } from '../support/printed-codes.ts';

let home: CommandHome;
let folder: string;
let phrase: string;

const path = (name: string) => join(folder, name);
const found = findBrowser();
const NOT_READ = WHY_NO_CODES ?? ('missing' in found ? found.missing : undefined);

beforeAll(async () => {
  home = CommandHome.prepare();
  folder = mkdtempSync(join(tmpdir(), 'keyward-kit-'));
  const words = ['--passphrase-file', join(home.folder, 'passphrase'), '--recovery-file', home.recovery];
  expect((await home.run(['init', ...words])).code).toBe(0);
  phrase = readFileSync(home.recovery, 'utf8').trim().split(/\s+/).join(' ');
  mkdirSync(path('stick'));
  expect((await home.run(['backup', 'create', '--to', path('stick'), ...home.unlocking])).code).toBe(0);
});
afterAll(() => {
  home.end();
  rmSync(folder, { recursive: true, force: true });
});

/** What the QR codes of a printed page say, and on how many pages they stand. */
async function printed(file: string, format: 'A4' | 'Letter'): Promise<{ codes: string[]; pages: number }> {
  if ('missing' in found) throw new Error(found.missing);
  await prepareBrowser(found);
  const browser = await chromium.launch({
    executablePath: found.path,
    env: { ...process.env, ...found.environment } as Record<string, string>,
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`file://${file}`);
    writeFileSync(path('page.pdf'), await page.pdf({ format }));
  } finally {
    await browser.close();
  }
  const pages = printedCodes(path('page.pdf'));
  return { codes: pages.flat(), pages: pages.length };
}

describe('the recovery kit', () => {
  it.for(['A4', 'Letter'] as const)(
    'is one page of %s, whose QR code restores the vault into an empty home',
    { timeout: 120_000 },
    async (format, context) => {
      const out = path(`kit-${format}.html`);
      const words = ['recovery', 'kit', '--with-phrase', '--recovery-file', home.recovery, '--out', out];
      expect((await home.run(words)).code).toBe(0);
      expect(statSync(out).mode & 0o777).toBe(0o600);
      if (NOT_READ !== undefined) return context.skip(NOT_READ);
      const { codes, pages } = await printed(out, format);
      expect({ codes, pages }).toEqual({ codes: [phrase], pages: 1 });
      writeFileSync(path('read'), codes[0] ?? '');
      writeFileSync(path('new'), 'quite a new passphrase');
      const empty = path(`home-${format}`);
      const restore = ['backup', 'restore', path('stick'), '--recovery-file', path('read')];
      const again = [BUILT, ...restore, '--passphrase-file', path('new')];
      const env = { ...home.env, KEYWARD_HOME: empty };
      expect(spawnSync(process.execPath, again, { env }).status).toBe(0);
      expect(existsSync(join(empty, 'vault.db'))).toBe(true);
    },
  );

  it('says what the vault is known by, and no word of the phrase unless that was asked for', async () => {
    const out = path('plain.html');
    expect((await home.run(['recovery', 'kit', '--out', out, ...home.unlocking])).code).toBe(0);
    const text = readFileSync(out, 'utf8');
    const { vaultId } = JSON.parse((await home.run(['status', '--json'])).out);
    expect(text).toContain(vaultId);
    expect(text.match(/[0-9a-f]{64}/g)).toHaveLength(2);
    expect(text).not.toContain('AGE-SECRET-KEY');
    expect(text).not.toContain('<svg');
    expect(text.match(/_{9}/g)).toHaveLength(24);
  });

  it('is not made of a phrase of another vault, and nothing is left of it', async () => {
    const other = `${'abandon '.repeat(23)}art`;
    writeFileSync(path('other'), other);
    const words = ['recovery', 'kit', '--with-phrase', '--out', path('never.html')];
    const refused = await home.run([...words, '--recovery-file', path('other')]);
    expect(refused.code).toBe(3);
    expect(existsSync(path('never.html'))).toBe(false);
  });
});

describe('shares', () => {
  const shares: string[] = [];

  it('are written once; any three open the vault, two do not', async () => {
    const words = ['recovery', 'split', '--shares', '5', '--threshold', '3', '--out', path('shares.html')];
    expect((await home.run([...words, ...home.unlocking])).code).toBe(0);
    const text = readFileSync(path('shares.html'), 'utf8');
    for (const [, share = ''] of text.matchAll(/class="share">([^<]+)</g)) shares.push(share);
    expect(shares).toHaveLength(5);
    const files = [0, 2, 4].map((n) => path(`share-${n}`));
    for (const [n, file] of files.entries()) writeFileSync(file, `${shares[n * 2]}\n`);
    expect((await home.run(['keys', 'list', '--share-file', ...files])).code).toBe(0);
    const two = await home.run(['keys', 'list', '--share-file', ...files.slice(0, 2), '--json']);
    expect([two.code, JSON.parse(two.out).error.code]).toEqual([3, 'WrongShares']);
  }, 120_000);

  it('stand one to a page, each with its code', async (context) => {
    if (NOT_READ !== undefined) return context.skip(NOT_READ);
    expect(await printed(path('shares.html'), 'A4')).toEqual({ codes: shares, pages: 5 });
  }, 120_000);
});

describe('the command', () => {
  it('revokes a phrase that leaked and says what old copies still open; then root rotate needs no paper', async () => {
    const [fresh, known] = [path('fresh'), ['--passphrase-file', join(home.folder, 'passphrase')]];
    const words = ['protectors', 'revoke', 'recovery-phrase', '--new-recovery-file', fresh, ...known];
    const done = spawnSync(process.execPath, [BUILT, ...words], { env: home.env, encoding: 'utf8' });
    expect(done.status).toBe(0);
    expect(done.stdout).toMatch(
      /Revoked: the recovery phrase.*1 key got a new version.*No longer a way in: the shares/s,
    );
    expect(done.stderr).toMatch(/What leaked still opens.*reencrypt/s);
    expect((await home.run(['keys', 'list', '--recovery-file', home.recovery])).code).toBe(3);
    expect((await home.run(['root', 'rotate', ...known])).code).toBe(0);
    expect((await home.run(['keys', 'list', '--recovery-file', fresh])).code).toBe(0);
    expect((await home.run(['audit', 'verify', ...known])).code).toBe(0);
  }, 120_000);
});
