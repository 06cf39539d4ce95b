import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { App } from '../host/driver.ts';

/* What a person does in the window, by the words that stand there. */

/** A passphrase that is found nowhere else. */
export const PASSPHRASE = 'canary-passphrase-9b1d-keeps-singing';

/** Makes a vault from the first screen on; returns the recovery phrase's words. */
export async function setUp(page: Page, passphrase = PASSPHRASE): Promise<readonly string[]> {
  const words = await setUpToBackups(page, passphrase);
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
  return words;
}

/** The same, up to the question where backups go. */
export async function setUpToBackups(page: Page, passphrase = PASSPHRASE): Promise<readonly string[]> {
  await page.getByRole('button', { name: 'A new vault' }).click();
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByLabel('The same again').fill(passphrase);
  await page.getByRole('button', { name: 'Make the vault' }).click();
  const words = await readPhrase(page);
  await confirmWords(page, words);
  return words;
}

/** From the question where backups go into the open vault, whose backups go to a new folder. */
export async function backUpTo(app: App, page: Page, folder: string): Promise<void> {
  mkdirSync(folder);
  await app.answer('showOpenDialog', { canceled: false, filePaths: [folder] });
  await page.getByRole('button', { name: 'Choose a folder…' }).click();
  await page.getByRole('button', { name: 'Open the vault' }).click();
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
}

/** From the words on the screen to the question where backups go. */
export async function confirmWords(page: Page, words: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'I have written them down' }).click();
  const fields = page.getByLabel(/^Word \d+$/);
  await fields.first().waitFor();
  for (const field of await fields.all()) {
    await field.fill(words[(await askedPlace(page, field)) - 1] ?? '');
  }
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Where should backups go?' }).waitFor();
}

/** The words on the screen that shows the recovery phrase. */
export async function readPhrase(page: Page): Promise<readonly string[]> {
  const list = page.getByRole('list', { name: 'Recovery phrase' });
  await list.waitFor({ timeout: 30_000 });
  const items = await list.getByRole('listitem').allTextContents();
  const words = items.map((text) => text.replace(/^\d+/, '').trim());
  expect(words).toHaveLength(24);
  return words;
}

/** Which word a field asks for, counted from 1. */
export async function askedPlace(page: Page, field: ReturnType<Page['getByLabel']>): Promise<number> {
  const id = await field.getAttribute('id');
  const label = await page.locator(`label[for="${id}"]`).textContent();
  return Number(label?.replace(/\D/g, ''));
}

/** Goes to one of the places on the left. */
export async function goTo(
  page: Page,
  place: 'Files' | 'Keys' | 'Activity' | 'Recovery' | 'Health' | 'Settings',
): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: place }).click();
  await page.getByRole('heading', { name: place, level: 1 }).waitFor();
}

/** Opens the vault from the locked screen. */
export async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
}

/** Makes a key for files of this name, from the list of keys; its details are open afterwards. */
export async function makeKey(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New key…' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('radio', { name: 'AES-256' }).waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Make the key' }).click();
  await details(page).getByRole('heading', { name }).waitFor();
}

/** Opens the page of a key from the list of keys. */
export async function openKey(page: Page, name: string): Promise<void> {
  const list = page.getByRole('region', { name: 'List of keys' });
  await list.getByRole('button', { name }).dblclick();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

/** The panel on the right. */
export function details(page: Page): ReturnType<Page['getByRole']> {
  return page.getByRole('complementary', { name: 'Details' });
}

/** Locks by the button in the corner, and waits until the page is gone. */
export async function lock(page: Page): Promise<void> {
  const closed = page.waitForEvent('close');
  // The page may be gone before its click is over.
  await page
    .getByRole('button', { name: 'Lock', exact: true })
    .click()
    .catch(() => undefined);
  await closed;
}
