import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { backUpTo, goTo, lock, makeKey, PASSPHRASE, setUpToBackups, unlock } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* An older copy of the vault is noticed, gone on with when that was read, and completed from a backup. */
describe('a vault that was put back', () => {
  const { test } = keyward();
  let words: readonly string[] = [];

  test('is made: a copy, then a key and a backup that know of more', async ({ app, home, folder }) => {
    let page = await app.page();
    const stick = join(folder, 'STICK');
    words = await setUpToBackups(page);
    await backUpTo(app, page, stick);
    await lock(page);
    page = await app.page();
    await page.getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    copy(home, join(folder, 'old'));
    await unlock(page);
    await goTo(page, 'Keys');
    await makeKey(page, 'Clients');
    await goTo(page, 'Recovery');
    const before = readdirSync(stick).length;
    await page.getByRole('button', { name: 'Back up now on STICK' }).click();
    await expect.poll(() => readdirSync(stick).length).toBeGreaterThan(before);
    await page.getByRole('button', { name: 'Back up now on STICK' }).waitFor();
    await lock(page);
    await (await app.page()).getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    copy(join(folder, 'old'), home);
    expectNoComplaints(app);
  }, 60_000);

  test('says so in plain words, and opens only when the user has read it', async ({ app }) => {
    const page = await app.page();
    await type(page);
    await page.getByText('This seems to be an older copy of your vault.').waitFor();
    await page.getByText(/^When it made the backup /).waitFor();
    // The same once more is not enough.
    await type(page);
    await page.getByRole('button', { name: 'Unlocking…' }).waitFor();
    await page.getByRole('button', { name: 'Unlock', exact: true }).waitFor();
    await page.getByText('This seems to be an older copy of your vault.').waitFor();
    await page.getByLabel('I have read this, and go on with the older copy').check();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Go on with the older copy' }).click();
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor({ timeout: 20_000 });
    await goTo(page, 'Keys');
    expect(await page.getByText('Clients', { exact: true }).count()).toBe(0);
    expectNoComplaints(app);
  }, 60_000);

  test('gets from the newer backup what it lacks, after a look at it', async ({ app, folder }) => {
    const page = await app.page();
    await goTo(page, 'Recovery');
    await app.answer('showOpenDialog', { canceled: false, filePaths: [join(folder, 'STICK')] });
    await page.getByRole('button', { name: 'Choose the folder that it is in…' }).click();
    const dialog = page.getByRole('dialog');
    const wrong = [words[1] ?? '', words[0] ?? '', ...words.slice(2)].join(' ');
    await dialog.getByLabel('Recovery phrase').fill(wrong);
    await dialog.getByRole('button', { name: 'See what it would bring' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Recovery phrase').fill(words.join(' '));
    await dialog.getByRole('button', { name: 'See what it would bring' }).click();
    const list = dialog.getByRole('list', { name: 'What it would bring' });
    await list.getByText('The key “Clients” is added.').waitFor();
    await dialog.getByRole('button', { name: 'Bring it in' }).click();
    await page.getByText('The backup was brought in.', { exact: false }).waitFor();
    await goTo(page, 'Keys');
    await page.getByText('Clients', { exact: true }).first().waitFor();
    expectNoComplaints(app);
  }, 60_000);
});

function copy(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of ['vault.db-wal', 'vault.db-shm']) rmSync(join(to, name), { force: true });
  for (const name of ['vault.db', 'vault.keys'])
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
}

async function type(page: Page): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}
