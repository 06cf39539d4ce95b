import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect } from 'vitest';
import { goTo, lock, PASSPHRASE, setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* A damaged vault opens in the window all the same, says what is wrong, and decrypts. */
describe('a damaged vault', () => {
  const { test } = keyward();
  let whole = Buffer.alloc(0);

  test('is made, with a file', async ({ app, home, folder }) => {
    const page = await app.page();
    await setUp(page);
    writeFileSync(join(folder, 'Diary.txt'), 'dear diary');
    await app.drop(page, 'body', [join(folder, 'Diary.txt')]);
    await page.getByText('encrypted under My files').waitFor();
    await lock(page);
    await (await app.page()).getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    whole = readFileSync(join(home, 'vault.db'));
  });

  test('with a row that does not hold opens for rescue; the row is named, files decrypt, nothing is changed', async ({
    app,
    home,
    folder,
  }) => {
    const database = new Database(join(home, 'vault.db'));
    const { changes } = database
      .prepare("UPDATE records SET mac = zeroblob(length(mac)) WHERE room = 'aliases'")
      .run();
    database.close();
    expect(changes).toBeGreaterThan(0);
    await check(app, folder, /The name “My files” of a key/);
  });

  test('that is cut short leads to rescue from the first page on', async ({ app, home, folder }) => {
    await lock(await app.page());
    rmSync(join(home, 'vault.db-wal'), { force: true });
    writeFileSync(join(home, 'vault.db'), whole.subarray(0, 6_000));
    const page = await app.page();
    await page.reload();
    await page.getByRole('heading', { name: 'Open your vault for rescue' }).waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(/restart|SQLITE|undefined/i);
    await check(app, folder, undefined, 'Open for rescue');
  });

  type App = Parameters<Parameters<typeof test>[1]>[0]['app'];

  async function check(app: App, folder: string, row: RegExp | undefined, does = 'Unlock'): Promise<void> {
    const page = await app.page();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: does, exact: true }).click();
    await page.getByRole('button', { name: 'See what is damaged' }).click();
    await page.getByRole('heading', { name: 'What is damaged' }).waitFor();
    if (row !== undefined) {
      await page.getByRole('list', { name: 'Damaged parts' }).getByText(row).first().waitFor();
    }
    await page.getByText('Decrypt what you need').waitFor();
    await goTo(page, 'Files');
    if (row !== undefined)
      await page.getByText('Nothing can be encrypted until the vault is repaired.').waitFor();
    rmSync(join(folder, 'Diary.txt'), { force: true });
    await app.drop(page, 'body', [join(folder, 'Diary.txt.keyward')]);
    await expect.poll(() => existsSync(join(folder, 'Diary.txt'))).toBe(true);
    expect(readFileSync(join(folder, 'Diary.txt'), 'utf8')).toBe('dear diary');
    for (const place of ['Keys', 'Activity', 'Settings'] as const) {
      await goTo(page, place);
      expect(await page.locator('body').textContent()).not.toMatch(/restart|SQLITE|undefined/i);
    }
    expectNoComplaints(app);
  }
});
