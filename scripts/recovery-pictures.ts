import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import type { App } from '../test/host/driver.ts';
import { visit, withWindow } from '../test/pictures/shoot.ts';
import { backUpTo, goTo, lock, makeKey, readPhrase, setUpToBackups, unlock } from '../test/window/flows.ts';

/*
 * Pictures of what there is against the loss of a vault, and of its return: on one vault, which gets backups, loses its
 * computer, is put back, and is damaged.
 */

type Take = (page: Page, name: string) => Promise<void>;

/** Where the vaults are made, and what takes a picture of a page under a name. */
type Stage = { readonly folder: string; readonly take: Take };

const PASSPHRASE = 'a passphrase only for the picture';
const SLOW = { timeout: 30_000 };

/** Recovery and Health, the ways in, the first page for whoever lost the vault, an older copy, damage and repair. */
export async function takeRecovery({ folder, take }: Stage): Promise<void> {
  const home = join(folder, 'whole');
  let words: readonly string[] = [];
  await withWindow(home, async (app, page) => {
    words = await setUpToBackups(page, PASSPHRASE);
    await takeWhole(app, page, { folder, take }, words);
    await takeWays(page, take);
    await lock(page);
    await app.page();
  });
  copy(home, join(folder, 'older'));
  await takeFindings(home, take);
  await withWindow(home, async (_app, page) => {
    await page.getByRole('button', { name: 'Use shares' }).click();
    await take(page, 'unlock-shares');
    await page.getByRole('button', { name: 'Use the passphrase' }).click();
    await unlock(page, PASSPHRASE);
    await goTo(page, 'Keys');
    await makeKey(page, 'Clients');
    await goTo(page, 'Recovery');
    await page.getByRole('button', { name: 'Back up now on STICK' }).click();
    await page.getByText('A backup was made on STICK.').waitFor({ ...SLOW, state: 'attached' });
    await lock(page);
  });
  await withWindow(join(folder, 'new-laptop'), (app, page) =>
    takeRestore(app, page, { folder, take }, words),
  );
  copy(join(folder, 'older'), home);
  await withWindow(home, (app, page) => takePutBack(app, page, { folder, take }, words));
  damage(home);
  await withWindow(home, (app, page) => takeRepair(app, page, take, words));
}

/** A vault that gets backups: what there is under Recovery and Health. */
async function takeWhole(
  app: App,
  page: Page,
  { folder, take }: Stage,
  words: readonly string[],
): Promise<void> {
  await backUpTo(app, page, join(folder, 'STICK'));
  const path = join(folder, 'Engagement letter.docx');
  writeFileSync(path, 'the parties agree');
  await app.drop(page, 'body', [path]);
  await page.getByText('encrypted under').first().waitFor();
  await visit(page, 'Health');
  await page.getByRole('button', { name: 'Practise the recovery' }).waitFor();
  await take(page, 'health');
  await visit(page, 'Recovery');
  await page.getByText('phrase never checked').waitFor();
  await take(page, 'recovery-backups');
  await page.getByRole('button', { name: 'Practise the recovery…' }).click();
  await take(page, 'drill');
  await page.getByLabel('Recovery phrase').fill([...words].reverse().join(' '));
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('dialog').getByRole('alert').waitFor(SLOW);
  await take(page, 'drill-wrong');
  await page.getByLabel('Recovery phrase').fill(words.join(' '));
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('heading', { name: 'Your recovery works' }).waitFor(SLOW);
  await take(page, 'drill-done');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Make the kit…' }).click();
  await take(page, 'kit');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Make shares…' }).click();
  await take(page, 'shares');
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Make them' }).click();
  await page.getByRole('heading', { name: '5 shares, one to a page' }).waitFor(SLOW);
  await take(page, 'shares-ready');
  await page.getByRole('button', { name: 'Done' }).click();
  await take(page, 'shares-unkept');
  await page.getByRole('button', { name: 'Close all the same' }).click();
  await page.getByText('3 of 5 shares open it.').scrollIntoViewIfNeeded();
  await take(page, 'recovery-shares');
}

/** The ways in, and what is asked before one is changed. */
async function takeWays(page: Page, take: Take): Promise<void> {
  await page.getByRole('heading', { name: 'Ways in' }).evaluate((one) => one.scrollIntoView());
  await take(page, 'ways');
  for (const [name, button] of [
    ['way-remove', 'Remove… (recovery phrase)'],
    ['way-leaked', 'It has leaked… (passphrase)'],
    ['way-root', 'New root key…'],
    ['way-keychain', 'Add this computer’s keychain…'],
  ] as const) {
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('dialog').waitFor();
    await take(page, name);
    await page.getByRole('button', { name: 'Cancel' }).click();
  }
  await page.getByRole('button', { name: 'Replace it… (recovery phrase)' }).click();
  await take(page, 'way-phrase');
  await page.getByRole('button', { name: 'Make the words' }).click();
  await readPhrase(page);
  await take(page, 'way-phrase-words');
  await page.keyboard.press('Escape');
}

/** Something that was found, above every place and under Health. */
async function takeFindings(home: string, take: Take): Promise<void> {
  copyFileSync(join(home, 'vault.keys'), join(home, 'vault.keys.newer-1'));
  await withWindow(home, async (_app, page) => {
    await page.locator('.note').first().waitFor();
    await take(page, 'unlock-findings');
    await unlock(page, PASSPHRASE);
    await page.getByText('An older vault was put back.').waitFor();
    await visit(page, 'Health');
    await page.getByRole('region', { name: 'To do' }).waitFor();
    await take(page, 'findings');
    await lock(page);
  });
  rmSync(join(home, 'vault.keys.newer-1'));
}

/** The first page, for somebody whose computer is gone: the folder, the phrase, shares, and what is back. */
async function takeRestore(
  app: App,
  page: Page,
  { folder, take }: Stage,
  words: readonly string[],
): Promise<void> {
  const choose = async (name: string) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    await app.answer('showOpenDialog', { canceled: false, filePaths: [path] });
    await page.getByRole('button', { name: /folder…$/ }).click();
  };
  await page.getByRole('button', { name: 'I have a recovery phrase' }).click();
  await take(page, 'restore-where');
  await choose('Holiday photos');
  await page.getByText('Holiday photos').first().waitFor();
  await take(page, 'restore-empty-folder');
  await choose('STICK');
  await page.getByText('STICK').first().waitFor();
  await take(page, 'restore-found');
  await page.getByRole('button', { name: 'Continue with this folder' }).click();
  await take(page, 'restore-form');
  await page.getByRole('button', { name: 'I have shares instead' }).click();
  await take(page, 'restore-shares');
  await page.getByRole('button', { name: 'I have the recovery phrase' }).click();
  const restore = async (typed: readonly string[]) => {
    await page.getByLabel('Recovery phrase').fill(typed.join(' '));
    await page.getByLabel('New passphrase').fill(PASSPHRASE);
    await page.getByLabel('The same again').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Bring the vault back' }).click();
  };
  await restore([...words].reverse());
  await page.getByRole('alert').waitFor(SLOW);
  await take(page, 'restore-wrong');
  await restore(words);
  await page.getByRole('heading', { name: 'Your vault is back' }).waitFor(SLOW);
  await take(page, 'restore-done');
}

/** An older copy of the vault, and what the newer backup brings into it. */
async function takePutBack(
  app: App,
  page: Page,
  { folder, take }: Stage,
  words: readonly string[],
): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await page.getByText('This seems to be an older copy of your vault.').waitFor(SLOW);
  await take(page, 'put-back');
  await page.getByLabel('I have read this, and go on with the older copy').check();
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Go on with the older copy' }).click();
  await visit(page, 'Recovery');
  await app.answer('showOpenDialog', { canceled: false, filePaths: [join(folder, 'STICK')] });
  await page.getByRole('button', { name: 'Choose the folder that it is in…' }).click();
  await page.getByRole('dialog').getByLabel('Recovery phrase').fill(words.join(' '));
  await take(page, 'merge-which');
  await page.getByRole('button', { name: 'See what it would bring' }).click();
  await page.getByRole('list', { name: 'What it would bring' }).waitFor(SLOW);
  await take(page, 'merge');
  await page.getByRole('button', { name: 'Bring it in' }).click();
  await page.getByText('The backup was brought in.', { exact: false }).waitFor(SLOW);
  await take(page, 'merge-done');
  await lock(page);
}

/** A damaged vault: opened for rescue, what is damaged, who repairs it, what that would do, and what came of it. */
async function takeRepair(app: App, page: Page, take: Take, words: readonly string[]): Promise<void> {
  await unlock(page, PASSPHRASE);
  await take(page, 'rescue');
  await page.getByRole('button', { name: 'See what is damaged' }).click();
  await page.getByRole('list', { name: 'Damaged parts' }).waitFor();
  await take(page, 'damage');
  const closed = page.waitForEvent('close');
  await page
    .getByRole('button', { name: 'Lock it, and see what a repair would do' })
    .click()
    .catch(() => undefined);
  await closed;
  const locked = await app.page();
  await locked.getByRole('heading', { name: 'Repair your vault' }).waitFor();
  await take(locked, 'repair-who');
  await locked.getByLabel('Recovery phrase').fill(words.join(' '));
  await locked.getByRole('button', { name: 'See what it would do' }).click();
  await locked.getByRole('heading', { name: 'What a repair would do' }).waitFor(SLOW);
  await take(locked, 'repair-plan');
  await locked.getByRole('button', { name: 'Repair it like this…' }).click();
  await take(locked, 'repair-ask');
  await locked.getByRole('button', { name: 'Repair it', exact: true }).click();
  await locked.getByRole('heading', { name: 'Your vault is whole again' }).waitFor(SLOW);
  await take(locked, 'repair-done');
}

/** Copies a vault that is closed. */
function copy(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of ['vault.db-wal', 'vault.db-shm']) rmSync(join(to, name), { force: true });
  for (const name of ['vault.db', 'vault.keys']) {
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
  }
}

/** Damages rows of several kinds in a closed vault, and takes its second file away. */
function damage(home: string): void {
  rmSync(join(home, 'vault.keys'));
  const database = new Database(join(home, 'vault.db'));
  try {
    database.exec(
      "UPDATE records SET mac = zeroblob(length(mac)) WHERE room IN ('aliases', 'key-versions', 'settings')",
    );
  } finally {
    database.close();
  }
}
