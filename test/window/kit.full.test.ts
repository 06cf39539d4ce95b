import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { App } from '../host/driver.ts';
import { printedCodes, WHY_NO_CODES } from '../support/printed-codes.ts';
import { backUpTo, confirmWords, goTo, lock, PASSPHRASE, readPhrase, unlock } from './flows.ts';
import { expectNoComplaints, keyward, withApp } from './support.ts';

/* What is printed for the day on which the vault must come back, and whether it brings it back. */
describe('what is printed', () => {
  const { test } = keyward();
  let words: readonly string[] = [];
  let shares: string[] = [];

  test('is a kit at set-up, whose code says the words; the page gets neither', async ({ app, folder }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'A new vault' }).click();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByLabel('The same again').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Make the vault' }).click();
    words = await readPhrase(page);
    await page.getByRole('button', { name: 'Print them as a recovery kit…' }).click();
    await page.getByRole('heading', { name: 'The kit is ready' }).waitFor();
    const pdf = join(folder, 'kit.pdf');
    await saveTo(app, pdf);
    await page.getByRole('button', { name: 'Save as PDF…' }).click();
    await page.getByText('Whoever has that file needs nothing else').waitFor();
    expect(statSync(pdf).mode & 0o777).toBe(0o600);
    if (WHY_NO_CODES === undefined) expect(printedCodes(pdf)).toEqual([[words.join(' ')]]);
    await page.getByRole('button', { name: 'Done' }).click();
    await confirmWords(page, words);
    await backUpTo(app, page, join(folder, 'STICK'));
    writeFileSync(join(folder, 'Will.txt'), 'all to the cat');
    await app.drop(page, 'body', [join(folder, 'Will.txt')]);
    await page.getByText('encrypted under My files').waitFor();
    expectNoComplaints(app);
  }, 90_000);

  test('is a kit later, when the words are typed anew, and none for other words', async ({ app, folder }) => {
    const page = await app.page();
    await goTo(page, 'Recovery');
    await page.getByRole('button', { name: 'Make the kit…' }).click();
    const dialog = page.getByRole('dialog');
    const wrong = [...words];
    [wrong[0], wrong[1]] = [wrong[1] ?? '', wrong[0] ?? ''];
    await dialog.getByLabel('Recovery phrase').fill(wrong.join(' '));
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.getByLabel('Recovery phrase').inputValue()).toBe(wrong.join(' '));
    // As people type from paper: numbers, commas and capitals count for nothing.
    const typed = words.map((word, n) => `${n + 1}. ${word.toUpperCase()},`).join('\n');
    await dialog.getByLabel('Recovery phrase').fill(typed);
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: 'The kit is ready' }).waitFor();
    await dialog.getByLabel('Paper').selectOption('US Letter');
    await dialog.getByRole('button', { name: 'Print…' }).click();
    await dialog.getByText('It went to the printer.').waitFor();
    expect(await asked(app)).toMatchObject([{ pageSize: 'Letter', printBackground: true }]);
    const pdf = join(folder, 'kit-letter.pdf');
    await saveTo(app, pdf);
    await dialog.getByRole('button', { name: 'Save as PDF…' }).click();
    await dialog.getByText('Whoever has that file needs nothing else').waitFor();
    if (WHY_NO_CODES === undefined) expect(printedCodes(pdf)).toEqual([[words.join(' ')]]);
    await refusePrinting(app, 'no printer is there');
    await dialog.getByRole('button', { name: 'Print…' }).click();
    await dialog.getByText('It was not printed. The system says: no printer is there.').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    expectNoComplaints(app);
  });

  test('is shown in a window of its own, which runs nothing and closes with the kit', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Make the kit…' }).click();
    await page.getByText('With lines to write them on').click();
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await expect.poll(async () => (await app.page()).url()).toContain('paper');
    const sheet = await app.page();
    expect(await sheet.getByRole('heading', { name: 'Keyward recovery kit' }).count()).toBe(1);
    expect(await sheet.getByText('_________').count()).toBe(24);
    expect(await sheet.evaluate(() => 'keyward' in window)).toBe(false);
    await page.getByRole('button', { name: 'Done' }).click();
    await expect.poll(() => windows(app)).toBe(1);
    expectNoComplaints(app);
  });

  test('is shown no longer once the vault is locked', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Make the kit…' }).click();
    await page.getByText('With lines to write them on').click();
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await expect.poll(() => windows(app)).toBe(2);
    // As another process does, or the idle time: the dialog on the page has no say in it.
    await page
      .evaluate(() => (window as unknown as Keyward).keyward['vault.lock']({}))
      .catch(() => undefined);
    await expect.poll(() => windows(app)).toBe(1);
    await expect.poll(async () => (await app.page()).url()).toContain('index.html');
    await unlock(await app.page());
    await goTo(await app.page(), 'Recovery');
    expectNoComplaints(app);
  });

  test('brings the vault back in an empty home, by what its code says', async ({ folder }) => {
    const [[read = ''] = []] =
      WHY_NO_CODES === undefined ? printedCodes(join(folder, 'kit.pdf')) : [[words.join(' ')]];
    await withApp(join(folder, 'other-home'), async (app) => {
      const page = await toRestore(app, folder);
      await page.getByLabel('Recovery phrase').fill(read);
      await bringBack(page);
      expectNoComplaints(app);
    });
  }, 90_000);

  test('are shares, one to a page, which are made once and told', async ({ app, folder }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Make shares…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('How many there are').selectOption('3');
    await dialog.getByLabel('How many of them open the vault').selectOption('2');
    await dialog.getByLabel('Passphrase', { exact: true }).fill('not that one');
    await dialog.getByRole('button', { name: 'Make them' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await dialog.getByRole('button', { name: 'Make them' }).click();
    // What is under way would be lost unseen; the platform closes a dialog by the second Escape without asking.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: '3 shares, one to a page' }).waitFor({ timeout: 30_000 });
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.getByText('They were neither printed nor saved').waitFor();
    const pdf = join(folder, 'shares.pdf');
    await saveTo(app, pdf);
    await dialog.getByRole('button', { name: 'Save as PDF…' }).click();
    await dialog.getByText('Whoever has that file needs nothing else').waitFor();
    shares = textsOf(pdf);
    expect(shares).toHaveLength(3);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('2 of 3 shares open it.').waitFor();
    expectNoComplaints(app);
  }, 90_000);

  test('opens the locked vault by two shares, one of them in a file, and not by one', async ({
    app,
    folder,
  }) => {
    await lock(await app.page());
    const page = await app.page();
    await page.getByRole('button', { name: 'Use shares' }).click();
    await page.getByLabel('Shares').fill(shares[0] ?? '');
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await page.getByText('2 different shares of this set are needed, and 1 was given').waitFor();
    expect(await page.getByLabel('Shares').inputValue()).toBe(shares[0]);
    const file = join(folder, 'share.txt');
    writeFileSync(file, `A share of ours:\n${shares[2]}\n`);
    await choose(app, [file]);
    await page.getByRole('button', { name: 'Shares in files…' }).click();
    await page.getByRole('button', { name: 'Leave it out (share.txt)' }).waitFor();
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor({ timeout: 30_000 });
    expectNoComplaints(app);
  }, 90_000);

  test('brings the vault back by shares and a backup that was made since', async ({ app, folder }) => {
    const page = await app.page();
    await goTo(page, 'Recovery');
    await page.getByRole('button', { name: 'Back up now on STICK' }).click();
    await page.getByText(/A backup was made on STICK/).waitFor({ state: 'attached' });
    await withApp(join(folder, 'third-home'), async (other) => {
      const restoring = await toRestore(other, folder);
      await restoring.getByRole('button', { name: 'I have shares instead' }).click();
      await restoring.getByLabel('Shares').fill(shares.slice(1).join('\n'));
      await bringBack(restoring);
      expectNoComplaints(other);
    });
  }, 90_000);

  test('ends: shares open the vault no longer', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'End them…' }).click();
    await page.getByRole('dialog').getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('dialog').getByRole('button', { name: 'End them' }).click();
    await page.getByRole('button', { name: 'Make shares…' }).waitFor({ timeout: 30_000 });
    expect(await page.getByText('2 of 3 shares open it.').count()).toBe(0);
    await lock(page);
    const shut = await app.page();
    await shut.getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    expect(await shut.getByRole('button', { name: 'Use shares' }).count()).toBe(0);
    await unlock(shut);
    expectNoComplaints(app);
  }, 90_000);
});

/** The shares on the pages of a PDF: by their codes, or else by the text that main made. */
function textsOf(pdf: string): string[] {
  if (WHY_NO_CODES === undefined) {
    const pages = printedCodes(pdf);
    expect(pages.map((codes) => codes.length)).toEqual([1, 1, 1]);
    return pages.flat();
  }
  return readFileSync(pdf, 'latin1').match(/KWSHA-RE[-0-9A-Z]+/g) ?? [];
}

/** From the first page of an empty home to the form that asks for the phrase. */
async function toRestore(app: App, folder: string): Promise<Page> {
  const page = await app.page();
  await page.getByRole('button', { name: 'I have a recovery phrase' }).click();
  await choose(app, [join(folder, 'STICK')]);
  await page.getByRole('button', { name: 'Choose the folder…' }).click();
  await page.getByRole('button', { name: 'Continue with this folder' }).click();
  return page;
}

async function bringBack(page: Page): Promise<void> {
  await page.getByLabel('New passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('The same again').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Bring the vault back' }).click();
  await page.getByRole('heading', { name: 'Your vault is back' }).waitFor({ timeout: 30_000 });
}

/** Has the next dialogs answer with files or a folder. */
function choose(app: App, filePaths: readonly string[]): Promise<void> {
  return app.answer('showOpenDialog', { canceled: false, filePaths });
}

function saveTo(app: App, filePath: string): Promise<void> {
  return app.answer('showSaveDialog', { canceled: false, filePath });
}

type Keyward = { readonly keyward: { 'vault.lock'(input: object): Promise<unknown> } };
type Printing = { prototype: { print: unknown }; printed: unknown[] };

/** What the host was asked to print. */
function asked(app: App): Promise<unknown[]> {
  return app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) throw new Error('There is no window');
    return (window.webContents.constructor as unknown as Printing).printed;
  }, null);
}

/** Has later printing fail as a system does that has no printer. */
function refusePrinting(app: App, why: string): Promise<void> {
  return app.evaluate(({ BrowserWindow }, reason) => {
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) throw new Error('There is no window');
    const { prototype } = window.webContents.constructor as unknown as Printing;
    prototype.print = (_options: object, done: (success: boolean, why: string) => void) =>
      setImmediate(() => done(false, reason));
  }, why);
}

function windows(app: App): Promise<number> {
  return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null);
}
