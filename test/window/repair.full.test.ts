import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { backUpTo, goTo, lock, PASSPHRASE, setUpToBackups, unlock } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* A damaged vault is made whole in the window: shown first, done after a yes, opened by the same passphrase. */
describe('a damaged vault with a backup', () => {
  const { test } = keyward();
  let words: readonly string[] = [];

  test('is made, with a file', async ({ app, home, folder }) => {
    let page = await app.page();
    const stick = join(folder, 'STICK');
    words = await setUpToBackups(page);
    await backUpTo(app, page, stick);
    writeFileSync(join(folder, 'Diary.txt'), 'dear diary');
    await app.drop(page, 'body', [join(folder, 'Diary.txt')]);
    await page.getByText('encrypted under My files').waitFor();
    rmSync(join(folder, 'Diary.txt'));
    await goTo(page, 'Recovery');
    await page.getByRole('button', { name: 'Back up now on STICK' }).click();
    await expect.poll(() => readdirSync(stick).filter((name) => name.endsWith('.age')).length).toBe(2);
    await lock(page);
    page = await app.page();
    await page.getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    rmSync(join(home, 'vault.keys'));
    const database = new Database(join(home, 'vault.db'));
    const { changes } = database
      .prepare("UPDATE records SET mac = zeroblob(length(mac)) WHERE room IN ('aliases', 'key-versions')")
      .run();
    database.close();
    expect(changes).toBeGreaterThan(1);
  });

  test('leads from rescue to the repair, which says what it would do without the phrase and changes nothing', async ({
    app,
    home,
  }) => {
    let page = await app.page();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await page.getByRole('button', { name: 'See what is damaged' }).click();
    const parts = page.getByRole('list', { name: 'Damaged parts' });
    await parts.getByText('A version of the key “', { exact: false }).first().waitFor();
    await parts.getByText('a backup has it.', { exact: false }).first().waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(/key-versions|aliases\/|keyward repair/);
    const closed = page.waitForEvent('close');
    await page
      .getByRole('button', { name: 'Lock it, and see what a repair would do' })
      .click()
      .catch(() => undefined);
    await closed;
    page = await app.page();
    await page.getByRole('heading', { name: 'Repair your vault' }).waitFor();
    await page.getByRole('button', { name: 'Use the passphrase' }).click();
    const before = readFileSync(join(home, 'vault.db'));
    await page.getByLabel('Passphrase', { exact: true }).fill('not the passphrase');
    await page.getByRole('button', { name: 'See what it would do' }).click();
    await page.getByText('The passphrase is wrong.').waitFor();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'See what it would do' }).click();
    await page.getByRole('heading', { name: 'What a repair would do' }).waitFor({ timeout: 30_000 });
    const lost = page.getByRole('list', { name: 'What is lost' });
    await lost.getByText(/^It is lost\. Files under it can’t be opened here/).waitFor();
    await page
      .getByRole('list', { name: 'What is not as it was' })
      .getByText('The name “My files”')
      .waitFor();
    await page.getByText('No backup was looked at.').waitFor();
    await page.getByRole('button', { name: 'Leave it as it is' }).click();
    await page.getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    expect(readFileSync(join(home, 'vault.db')).equals(before)).toBe(true);
    expectNoComplaints(app);
  }, 60_000);

  test('is repaired by the phrase from its backup after a yes, and opens its files as ever', async ({
    app,
    home,
    folder,
  }) => {
    let page = await app.page();
    await toRepair(page);
    page = await app.page();
    await page.getByLabel('Recovery phrase').fill(words.join(' '));
    await page.getByRole('button', { name: 'See what it would do' }).click();
    await page.getByText(/^\d+ parts from the backup$/).waitFor({ timeout: 30_000 });
    await page.getByText(/It was compared with the backup of/).waitFor();
    await page.getByRole('button', { name: 'Repair it like this…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Repair the vault like this?' });
    await dialog.getByRole('button', { name: 'Not yet' }).click();
    expect(readdirSync(home).filter((name) => /damaged/.test(name))).toEqual([]);
    await page.getByRole('button', { name: 'Repair it like this…' }).click();
    await dialog.getByRole('button', { name: 'Repair it' }).click();
    await page.getByRole('heading', { name: 'Your vault is whole again' }).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Unlock the vault' }).click();
    await unlock(page);
    await app.drop(page, 'body', [join(folder, 'Diary.txt.keyward')]);
    await expect.poll(() => existsSync(join(folder, 'Diary.txt'))).toBe(true);
    expect(readFileSync(join(folder, 'Diary.txt'), 'utf8')).toBe('dear diary');
    expect(await page.getByText('open for rescue').count()).toBe(0);
    expectNoComplaints(app);
  }, 60_000);

  /** From the locked page by way of rescue, where the damage shows. */
  async function toRepair(page: Page): Promise<void> {
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await page.getByRole('button', { name: 'See what is damaged' }).click();
    const closed = page.waitForEvent('close');
    await page
      .getByRole('button', { name: 'Lock it, and see what a repair would do' })
      .click()
      .catch(() => undefined);
    await closed;
  }
});
