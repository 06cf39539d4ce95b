import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { App } from '../host/driver.ts';
import { askedPlace, goTo, lock, PASSPHRASE, readPhrase, setUp, unlock } from './flows.ts';
import { expectNoComplaints, HOST_ONLY, keyward } from './support.ts';

const SECOND = 'canary-second-51be-counts-sheep';

/* Each way in can be taken away, replaced and, after a leak, revoked; the words of a phrase are shown once. */
describe('the ways in', () => {
  const { test } = keyward();
  let words: readonly string[] = [];

  test('the recovery phrase is removed by the passphrase, which then can’t be', async ({ app }) => {
    const page = await app.page();
    await setUp(page);
    await goTo(page, 'Recovery');
    await page.getByRole('button', { name: 'Remove… (recovery phrase)' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove the recovery phrase?' });
    await dialog.getByLabel('Passphrase', { exact: true }).fill('not the passphrase');
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await dialog.getByText('The passphrase is wrong.').waitFor();
    await dialog.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await page.getByRole('main').getByText('The recovery phrase is no way in any more.').waitFor();
    expect(await page.getByRole('button', { name: /^Remove…/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Add a recovery phrase…' }).waitFor();
    expectNoComplaints(app);
  });

  test('a vault without a phrase is offered one at its unlock; the words are in no state of React, and pictures show none', async ({
    app,
  }) => {
    await lock(await app.page());
    let page = await app.page();
    await typeAndUnlock(page, PASSPHRASE);
    await page.getByRole('heading', { name: 'This vault has no recovery phrase' }).waitFor();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    await lock(page);
    page = await app.page();
    await typeAndUnlock(page, PASSPHRASE);
    await page.getByRole('button', { name: 'Make a recovery phrase' }).click();
    words = await readPhrase(page);
    expect((await inReact(page, words)).length).toBeLessThan(6);
    if (HOST_ONLY === undefined) expect(await isProtected(app)).toBe(true);
    await confirm(app, page, words);
    if (HOST_ONLY === undefined) await expect.poll(() => isProtected(app)).toBe(false);
    await page.getByRole('button', { name: 'Use them from now on' }).click();
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    await goTo(page, 'Recovery');
    await page.getByText(/^Recovery phrase/).waitFor();
    expectNoComplaints(app);
  }, 60_000);

  test('after a leak the passphrase is another one, and what follows is told behind the lock until it is read', async ({
    app,
    folder,
  }) => {
    let page = await app.page();
    const stick = join(folder, 'STICK');
    mkdirSync(stick);
    await app.answer('showOpenDialog', { canceled: false, filePaths: [stick] });
    await page.getByRole('button', { name: 'Choose a folder…' }).click();
    await page.getByText(/^Backed up today on STICK/).waitFor();
    renameSync(stick, join(folder, 'AWAY'));
    await page.getByRole('button', { name: 'It has leaked… (passphrase)' }).click();
    const dialog = page.getByRole('dialog', { name: 'The passphrase has leaked' });
    await dialog.getByText('What that can’t do:').waitFor();
    await dialog.getByLabel('Recovery phrase').fill(words.join(' '));
    await dialog.getByLabel('New passphrase', { exact: true }).fill(SECOND);
    await dialog.getByLabel('The same again').fill(SECOND);
    const closed = page.waitForEvent('close', { timeout: 30_000 });
    await dialog
      .getByRole('button', { name: 'Revoke it and lock' })
      .click()
      .catch(() => undefined);
    await closed;
    page = await app.page();
    await page.getByText('The passphrase is revoked, and the vault has a new root key.').waitFor();
    await page.getByText(/^Not reached: backups in STICK/).waitFor();
    await typeAndUnlock(page, PASSPHRASE);
    await page.getByText('The passphrase is wrong.').waitFor();
    await unlock(page, SECOND);
    await goTo(page, 'Recovery');
    await page.getByRole('button', { name: 'I have read this' }).click();
    await expect.poll(() => page.getByText('has a new root key').count()).toBe(0);
    expectNoComplaints(app);
  }, 60_000);

  test('the phrase is replaced, and the vault gets a new root key by the passphrase', async ({ app }) => {
    let page = await app.page();
    await page.getByRole('button', { name: 'Replace it… (recovery phrase)' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replace the recovery phrase' });
    await dialog.getByRole('button', { name: 'Make the words' }).click();
    const next = await readPhrase(page);
    expect(next).not.toEqual(words);
    await confirm(app, page, next);
    await dialog.getByLabel('Passphrase', { exact: true }).fill(SECOND);
    await dialog.getByRole('button', { name: 'Use the new words' }).click();
    await page
      .getByRole('main')
      .getByText('The new recovery phrase was tried and opens the vault.')
      .waitFor();
    await page.getByRole('button', { name: 'New root key…' }).click();
    const root = page.getByRole('dialog', { name: 'A new root key' });
    await root.getByLabel('Passphrase', { exact: true }).fill(SECOND);
    const closed = page.waitForEvent('close', { timeout: 30_000 });
    await root
      .getByRole('button', { name: 'Make a new root key' })
      .click()
      .catch(() => undefined);
    await closed;
    page = await app.page();
    await page.getByText('The vault has a new root key.').waitFor();
    await page.getByRole('button', { name: 'Use the recovery phrase' }).click();
    await page.getByLabel('Recovery phrase').fill(next.join(' '));
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await page.getByRole('button', { name: 'Keep the old one' }).click();
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    expectNoComplaints(app);
  }, 60_000);
});

async function typeAndUnlock(page: Page, passphrase: string): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}

/** Types three of the words as the page asks for them. */
async function confirm(app: App, page: Page, words: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'I have written them down' }).click();
  const fields = page.getByLabel(/^Word \d+$/);
  await fields.first().waitFor();
  await expect.poll(() => isProtected(app)).toBe(true);
  for (const field of await fields.all()) await field.fill(words[(await askedPlace(page, field)) - 1] ?? '');
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Whether pictures of the screen would show nothing of the window. */
function isProtected(app: App): Promise<boolean> {
  return app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows() as unknown as { isContentProtected: boolean }[];
    return window?.isContentProtected === true;
  }, null);
}

/** Which of the words stand in what React holds: properties, states, refs and hooks of all components. */
function inReact(page: Page, words: readonly string[]): Promise<string[]> {
  return page.evaluate((list) => {
    const root = document.getElementById('root');
    if (root === null) throw new Error('the page has no root');
    const name = Object.keys(root).find((each) => each.startsWith('__reactContainer'));
    if (name === undefined) throw new Error('React is not there');
    const found = new Set<string>();
    const seen = new Set<unknown>();
    const rest: unknown[] = [(root as unknown as Record<string, unknown>)[name]];
    while (rest.length > 0) {
      const value = rest.pop();
      if (typeof value === 'string')
        for (const part of value.split(/\s+/)) if (list.includes(part)) found.add(part);
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      if (value instanceof Node || value === window) continue;
      seen.add(value);
      if (value instanceof Map || value instanceof Set) rest.push(...value.values());
      for (const each of Object.getOwnPropertyNames(value)) {
        const own = Object.getOwnPropertyDescriptor(value, each);
        if (own !== undefined && 'value' in own) rest.push(own.value);
      }
    }
    if (seen.size < 100) throw new Error(`only ${seen.size} objects were looked at`);
    return [...found];
  }, words);
}
