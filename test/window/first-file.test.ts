import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect } from 'vitest';
import { details, goTo, lock, PASSPHRASE, setUp, unlock } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

const SIZE = 50 * 1024 * 1024;

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/* The way of a new user, from an empty home to an encrypted and decrypted file and a locked vault. */
describe('the first file', () => {
  const { test } = keyward();
  let words: readonly string[] = [];

  test('a vault is set up from an empty home, with its phrase confirmed', async ({ app }) => {
    const page = await app.page();
    words = await setUp(page);
    await page.getByRole('heading', { name: 'Drop a file anywhere in this window' }).waitFor();
    expectNoComplaints(app);
  });

  test('hovering says what will happen, and under which key', async ({ app, folder }) => {
    const page = await app.page();
    const file = join(folder, 'Contract.pdf');
    writeFileSync(file, randomBytes(SIZE));
    utimesSync(file, 1_700_000_000, 1_700_000_000);
    await app.drop(page, 'body', [file], 'hover');
    await page.getByText('Encrypt it under My files').waitFor();
    expect(existsSync(`${file}.keyward`)).toBe(false);
  });

  test('a real file of 50 MB is dropped, encrypted and left where it was', async ({ app, folder }) => {
    const page = await app.page();
    const file = join(folder, 'Contract.pdf');
    const before = await digest(file);
    await app.drop(page, 'body', [file]);
    await page.getByText('encrypted under My files').waitFor();
    expect(statSync(`${file}.keyward`).size).toBeGreaterThan(SIZE);
    expect(await digest(file)).toBe(before);
    expect(existsSync(`${file}.keyward.partial`)).toBe(false);
    expectNoComplaints(app);
  });

  test('the inspector shows key, version, size and its line of the log', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: /Contract ?\.pdf.*encrypted under My files/ }).click();
    const panel = details(page);
    await panel.getByText('My files').first().waitFor();
    await panel.getByText(/newest\)/).waitFor();
    await panel.getByText('Encrypted Contract.pdf').waitFor();
    expect(await panel.textContent()).toMatch(/The original, Contract\.pdf, is still where it was/);
  });

  test('what stands there already is not overwritten; in another folder it comes back equal', async ({
    app,
    folder,
  }) => {
    const page = await app.page();
    const file = join(folder, 'Contract.pdf');
    const out = join(folder, 'restored');
    mkdirSync(out);
    await app.drop(page, 'body', [`${file}.keyward`]);
    await page.getByText('already there; nothing was changed').waitFor();
    await app.answer('showOpenDialog', { canceled: false, filePaths: [out] });
    await page.getByRole('button', { name: 'Put it in another folder…' }).click();
    await page.getByText('decrypted', { exact: true }).waitFor();
    const restored = join(out, 'Contract.pdf');
    expect(await digest(restored)).toBe(await digest(file));
    expect(Math.round(statSync(restored).mtimeMs)).toBe(1_700_000_000_000);
    expectNoComplaints(app);
  });

  test('the folder of a result is shown', async ({ app, folder }) => {
    const page = await app.page();
    await app.watchShell();
    await page.getByRole('button', { name: 'Show Contract.pdf.keyward in its folder' }).first().click();
    await expect
      .poll(async () => (await app.asked()).filter(({ method }) => method === 'showItemInFolder'))
      .toEqual([{ method: 'showItemInFolder', options: join(folder, 'Contract.pdf.keyward') }]);
  });

  test('the key is rotated, and the old file is moved to the new version', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await page.getByRole('button', { name: /^My files/ }).click();
    await details(page).getByRole('button', { name: 'Make a new version…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make a new version' }).click();
    await details(page).getByRole('heading', { name: '2 versions' }).waitFor();
    await goTo(page, 'Files');
    await page.getByRole('button', { name: /Contract ?\.pdf.*encrypted under My files/ }).click();
    await details(page)
      .getByText(/\(.*older/)
      .waitFor();
    await details(page).getByRole('button', { name: 'Move to the newest version' }).click();
    await page.getByText('now under the newest version of My files').waitFor();
    expectNoComplaints(app);
  });

  test('the log is whole', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Activity');
    await page.getByRole('button', { name: 'Check the log' }).click();
    await page.getByText('The log is whole').waitFor();
    await page.getByRole('button', { name: 'Encrypted Contract.pdf' }).first().waitFor();
  });

  test('locking shows the locked page at once; a wrong passphrase is told apart, the phrase opens too', async ({
    app,
  }) => {
    const page = await app.page();
    await lock(page);
    const locked = await app.page();
    await locked.getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    await locked.getByLabel('Passphrase', { exact: true }).fill('something else');
    await locked.getByRole('button', { name: 'Unlock', exact: true }).click();
    await locked.getByText('The passphrase is wrong.').waitFor({ timeout: 5_000 });
    await locked.getByRole('button', { name: 'Use the recovery phrase' }).click();
    const phrase = locked.getByLabel('Recovery phrase');
    const misspelt = ['misspelt', ...words.slice(1)].join(' ');
    await phrase.fill(misspelt);
    await locked.getByRole('button', { name: 'Unlock', exact: true }).click();
    await locked.getByRole('alert').getByText('This is not a recovery phrase').waitFor();
    // For one wrong word the others need not be typed anew.
    await expect.poll(() => phrase.inputValue()).toBe(misspelt);
    await phrase.fill(words.join('  '));
    await locked.getByRole('button', { name: 'Unlock', exact: true }).click();
    await locked.getByRole('button', { name: 'Keep the old one' }).click();
    await locked.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    await lock(locked);
    await unlock(await app.page(), PASSPHRASE);
    expectNoComplaints(app);
  });

  test('quitting ends the program with 0 and leaves the vault locked', async ({ app }) => {
    await app.quit();
    expect(await app.ended).toBe(0);
  });
});
