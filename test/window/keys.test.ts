import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { details, goTo, makeKey, openKey, setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* What a person does with keys, by mouse and keyboard. */
describe('keys', () => {
  const { test } = keyward();
  const names = (page: Page) =>
    page.getByRole('region', { name: 'List of keys' }).getByRole('listitem').allTextContents();
  const card = (page: Page, title: string) => page.getByRole('region', { name: title });

  test('are made in three steps, by the keyboard alone', async ({ app }) => {
    const page = await app.page();
    await setUp(page);
    await goTo(page, 'Keys');
    await page.getByRole('button', { name: 'New key…' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('radio', { name: /^Encrypt files/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Step 2 of 3').waitFor();
    expect(await page.getByRole('radio', { name: /P-256 Recommended/ }).isChecked()).toBe(true);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Step 3 of 3').waitFor();
    await page.keyboard.type('Seal of the house');
    await page.keyboard.press('Enter');
    await details(page).getByRole('heading', { name: 'Seal of the house' }).waitFor();
    await details(page).getByText('Signs, Ed25519').waitFor();
  });

  test('get rotation and tags while they are made', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'New key…' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Tax papers');
    await page.getByLabel('What it is for').fill('Returns since 2019');
    await page.getByLabel('A new version every year').check();
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByLabel('Tag 1, name').fill('office');
    await page.getByLabel('Tag 1, value').fill('Hamburg');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await details(page).getByText('every 365 days').waitFor();
    await details(page).getByRole('button', { name: 'Open this key' }).click();
    await page.getByRole('heading', { name: 'Tax papers', level: 1 }).waitFor();
    await card(page, 'Tags').getByText('Hamburg').waitFor();
    await page.getByRole('button', { name: 'Keys', exact: true }).nth(1).click();
    await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor();
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    expect(focused).toContain('Tax papers');
    // Its row leaves and comes back while somebody types: the focus stays where they type.
    await page.getByLabel('Find a key').fill('seal');
    await expect.poll(() => names(page)).toEqual([expect.stringContaining('Seal')]);
    await page.getByLabel('Find a key').fill('');
    await expect.poll(async () => (await names(page)).length).toBe(3);
    await page.keyboard.type('tax');
    expect(await page.getByLabel('Find a key').inputValue()).toBe('tax');
    await page.getByLabel('Find a key').fill('');
    await page.getByRole('heading', { name: 'Keys', level: 1 }).click();
  });

  test('are found by text, state and kind', async ({ app }) => {
    const page = await app.page();
    await page.keyboard.press('/');
    await page.keyboard.type('since 2019');
    await expect.poll(() => names(page)).toEqual([expect.stringContaining('Tax papers')]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await details(page).getByRole('heading', { name: 'Tax papers' }).waitFor();
    await page.getByLabel('Find a key').fill('no such thing');
    await page.getByRole('heading', { name: 'No key fits' }).waitFor();
    await page.getByRole('button', { name: 'Show all keys' }).click();
    await expect.poll(async () => (await names(page)).length).toBe(3);
    await page.getByLabel('Kind').selectOption('SIGN_VERIFY');
    await expect.poll(() => names(page)).toEqual([expect.stringContaining('Seal')]);
    await page.getByLabel('State', { exact: true }).selectOption('Disabled');
    await page.getByRole('heading', { name: 'No key fits' }).waitFor();
    await page.getByRole('button', { name: 'Show all keys' }).click();
  });

  test('have names that are given, moved and taken away', async ({ app }) => {
    const page = await app.page();
    await makeKey(page, 'Letters');
    await openKey(page, 'Letters');
    const box = card(page, 'Names');
    await box.getByLabel('One more name').fill('Post Büro');
    await box.getByText('alias/post-buro').waitFor();
    await page.keyboard.press('Enter');
    await box.getByRole('button', { name: 'Remove… alias/post-buro' }).waitFor();
    await box.getByLabel('One more name').fill('tax papers');
    await box.getByRole('button', { name: 'Add' }).click();
    await box.getByText(/already exists/).waitFor();
    await box.getByRole('button', { name: 'Move… alias/post-buro', exact: true }).click();
    await page.getByLabel('The key that gets it').selectOption({ label: 'Tax papers' });
    await page.getByRole('button', { name: 'Move the name' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => box.getByText('alias/post-buro').count()).toBe(0);
    await goTo(page, 'Keys');
    await openKey(page, 'Tax papers');
    await box.getByRole('button', { name: 'Remove… alias/post-buro' }).click();
    await page.getByRole('button', { name: 'Remove the name' }).click();
    await expect.poll(() => box.getByText('alias/post-buro').count()).toBe(0);
    await box.getByText('alias/tax-papers').first().waitFor();
  });

  test('keep their last name while new files go under it', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await openKey(page, 'My files');
    await card(page, 'Names').getByText('new files are encrypted under this name').waitFor();
    expect(
      await card(page, 'Names')
        .getByRole('button', { name: /Remove/ })
        .count(),
    ).toBe(0);
    expect(await card(page, 'Deletion').getByRole('button').count()).toBe(0);
  });

  test('have tags and a description that can be changed', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await openKey(page, 'Tax papers');
    const tags = card(page, 'Tags');
    await tags.getByRole('button', { name: 'Change tags' }).click();
    await tags.getByLabel('Tag 1, value').fill('Bremen');
    await tags.getByRole('button', { name: 'Add a tag' }).click();
    await tags.getByLabel('Tag 2, name').fill('<b onclick=alert(1)>');
    await tags.getByRole('button', { name: 'Save' }).click();
    await tags.getByText('Bremen').waitFor();
    await tags.getByText('<b onclick=alert(1)>').waitFor();
    await tags.getByRole('button', { name: 'Change tags' }).click();
    await tags.getByRole('button', { name: 'Remove tag 1' }).click();
    await tags.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => tags.getByText('Bremen').count()).toBe(0);
    const about = card(page, 'About');
    await about.getByRole('button', { name: /^Change/ }).click();
    await about.getByLabel('What it is for').fill('Returns\u202egpj since 2020');
    await about.getByRole('button', { name: 'Save' }).click();
    await about.getByText('Returns‹U+202E›gpj since 2020').waitFor();
  });

  test('show their versions along time, with the files that depend on them', async ({ app, folder }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Use for new files' }).click();
    await page.getByText('for new files').first().waitFor();
    const file = join(folder, 'Return 2025.pdf');
    writeFileSync(file, 'x'.repeat(1_200));
    await app.drop(page, 'body', [file]);
    await page.getByText('encrypted under Tax papers').waitFor();
    await goTo(page, 'Keys');
    await openKey(page, 'Tax papers');
    await page.getByText('1 file that this vault knows of, 1.2 kB').waitFor();
    await page.getByRole('tab', { name: 'Overview' }).focus();
    await page.keyboard.press('ArrowRight');
    const items = page.getByRole('tabpanel').getByRole('list').getByRole('listitem');
    await items.first().getByText('Encrypts new files').waitFor();
    await page.getByRole('button', { name: 'Make a new version…' }).click();
    await page.getByRole('button', { name: 'Make a new version', exact: true }).click();
    await page.getByRole('region', { name: '2 versions' }).waitFor();
    await items.nth(0).getByText('by hand').waitFor();
    await items.nth(0).getByText('no known files').waitFor();
    await items.nth(1).getByText('with the key').waitFor();
    await items.nth(1).getByText('1 file, 1.2 kB').waitFor();
  });

  test('rotate by themselves as often as they are told', async ({ app }) => {
    const page = await app.page();
    const box = card(page, 'Next version');
    await box.getByText('The next one is due on').waitFor();
    await box.getByLabel('Make a new version').selectOption('other');
    await box.getByLabel('Days, 90 to 2560').fill('30');
    expect(await box.getByRole('button', { name: 'Save' }).getAttribute('aria-disabled')).toBe('true');
    await box.getByLabel('Days, 90 to 2560').fill('100');
    await box.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => box.getByLabel('Make a new version').inputValue()).toBe('100');
    await box.getByLabel('Make a new version').selectOption('0');
    await box.getByRole('button', { name: 'Save' }).click();
    await box.getByText('A new version is made when you ask for it.').waitFor();
  });

  test('are deleted only after the consequences were shown and the name was typed', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await openKey(page, 'My files');
    await page.getByRole('button', { name: 'Use for new files' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Use for new files' }).count()).toBe(0);
    await goTo(page, 'Keys');
    await openKey(page, 'Tax papers');
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This key still opens 1 file (1.2 kB)').waitFor();
    await dialog.getByText('Return 2025.pdf.keyward').waitFor();
    await dialog.getByText('none of its versions was ever exported').waitFor();
    const go = dialog.getByRole('button', { name: /^Delete Tax papers/ });
    expect(await go.getAttribute('aria-disabled')).toBe('true');
    await dialog.getByLabel(/^Days until/).fill('7');
    await dialog.getByLabel('Type Tax papers to confirm').fill('tax');
    await page.keyboard.press('Enter');
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByLabel('Type Tax papers to confirm').fill('Tax papers');
    await dialog.getByRole('button', { name: 'Delete Tax papers after 7 days' }).click();
    await page.getByText('Tax papers does nothing any more and is to be deleted after').waitFor();
    expect(await page.getByRole('button', { name: /Change|Add|Make a new/ }).count()).toBe(0);
  });

  test('can be kept as long as they are there', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Keep the key' }).click();
    await page.getByText('Tax papers is disabled: no file under it can be opened').waitFor();
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('button', { name: 'Disable…' }).waitFor();
    await expect.poll(() => page.getByText('is disabled').count()).toBe(0);
  });

  test('give their public key away, by copy and as a file', async ({ app, folder }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await openKey(page, 'Seal of the house');
    await page.getByText('BEGIN PUBLIC KEY').waitFor();
    const pem = await page.getByLabel('Public key in PEM').textContent();
    const path = join(folder, 'seal.pem');
    writeFileSync(path, 'an older one');
    await app.answer('showSaveDialog', { canceled: true, filePath: '' });
    await page.getByRole('button', { name: 'Save…' }).click();
    expect(readFileSync(path, 'utf8')).toBe('an older one');
    await app.answer('showSaveDialog', { canceled: false, filePath: path });
    await page.getByRole('button', { name: 'Save…' }).click();
    await page.getByText('Saved as seal.pem').waitFor();
    expect(readFileSync(path, 'utf8')).toBe(pem);
    expect(existsSync(`${path}.new`)).toBe(false);
    await page.getByRole('button', { name: 'Copy the public key' }).click();
    await page.getByRole('button', { name: 'Describe' }).click();
    await page.keyboard.press('ControlOrMeta+V');
    expect(await page.getByLabel('What it is for').inputValue()).toBe(pem);
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  test('lead to their activity', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Show its activity' }).click();
    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Key made' }).waitFor();
    expect(await page.getByRole('button', { name: 'Key made' }).count()).toBe(1);
    expectNoComplaints(app);
  });
});

describe('keys for new files', () => {
  const { test } = keyward();

  test('that are disabled are shown as such, and another can be chosen', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    await goTo(page, 'Keys');
    await makeKey(page, 'Letters');
    await openKey(page, 'My files');
    await page.getByRole('button', { name: 'Disable…' }).click();
    await page.getByRole('button', { name: 'Disable My files' }).click();
    await page.getByRole('button', { name: 'Enable' }).waitFor();
    await goTo(page, 'Files');
    const choice = page.getByRole('combobox', { name: 'Encrypt under' });
    await choice.waitFor();
    const shown = () =>
      choice.evaluate((one) => (one instanceof HTMLSelectElement ? one.selectedOptions[0]?.textContent : ''));
    expect(await shown()).toBe('My files: disabled');
    await goTo(page, 'Settings');
    const standard = page.getByRole('combobox', { name: 'Encrypt them under' });
    expect(await standard.locator('option:checked').textContent()).toBe('My files: disabled');
    await goTo(page, 'Files');
    await choice.selectOption('Letters');
    const file = join(folder, 'Letter.txt');
    writeFileSync(file, 'Dear all');
    await app.drop(page, 'body', [file]);
    await page.getByText('encrypted under Letters').waitFor();
    expectNoComplaints(app);
  });
});
