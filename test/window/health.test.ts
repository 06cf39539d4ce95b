import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect } from 'vitest';
import { backUpTo, goTo, setUpToBackups } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* What `keyward doctor` finds is a page, from which each finding leads to what is to be done about it. */
describe('health and the drill', () => {
  const { test } = keyward();
  let words: readonly string[] = [];

  test('a recovery that was never practised is to do, and leads to where it is practised', async ({
    app,
    folder,
  }) => {
    const page = await app.page();
    words = await setUpToBackups(page);
    await backUpTo(app, page, join(folder, 'STICK'));
    writeFileSync(join(folder, 'Will.txt'), 'all to the cat');
    await app.drop(page, 'body', [join(folder, 'Will.txt')]);
    await page.getByText('encrypted under My files').waitFor();
    await goTo(page, 'Health');
    const todo = page.getByRole('region', { name: 'To do' }).getByRole('listitem');
    const drill = todo.filter({ hasText: 'The recovery was never practised' });
    await drill.getByRole('button', { name: 'Practise the recovery' }).click();
    await page.getByRole('heading', { name: 'Recovery', level: 1 }).waitFor();
    const begin = page.getByRole('button', { name: 'Practise the recovery…' });
    await expect.poll(() => begin.evaluate((it) => it === document.activeElement)).toBe(true);
    await page.getByText('Backed up today on STICK; phrase never checked.').waitFor();
    expectNoComplaints(app);
  }, 60_000);

  test('the drill takes the words anew, says that it works, and is dated; other words are refused and kept', async ({
    app,
    home,
  }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Practise the recovery…' }).click();
    const dialog = page.getByRole('dialog');
    const other = `${'abandon '.repeat(23)}art`;
    await dialog.getByLabel('Recovery phrase').fill(other);
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await dialog.getByRole('alert').waitFor({ timeout: 30_000 });
    expect(await dialog.getByLabel('Recovery phrase').inputValue()).toBe(other);
    await dialog.getByLabel('Recovery phrase').fill(words.join(' '));
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('heading', { name: 'Your recovery works' }).waitFor({ timeout: 30_000 });
    await dialog.getByText('decrypts to the same by the backup and by the vault.').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Backed up today on STICK; phrase checked today.').waitFor();
    await page.getByText(/^Last practised today/).waitFor();
    expect(readdirSync(home)).not.toContain('drill');
    await goTo(page, 'Health');
    await page.getByText('phrase checked today').waitFor();
    expect(await page.getByText('The recovery was never practised').count()).toBe(0);
    expectNoComplaints(app);
  }, 60_000);

  test('a drill can be stopped, and leaves nothing', async ({ app, home }) => {
    const page = await app.page();
    await goTo(page, 'Recovery');
    await page.getByRole('button', { name: 'Practise the recovery…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Recovery phrase').fill(words.join(' '));
    // What begins is stopped before it can be over: both in one turn of the page.
    const stopped = await page.evaluate(async (phrase) => {
      const { keyward } = window as unknown as {
        keyward: { readonly [name: string]: (input: object) => Promise<{ error?: { code: string } }> };
      };
      const drill = keyward['backup.drill']?.({ phrase: new TextEncoder().encode(phrase) });
      await keyward['work.cancel']?.({ work: 'drill' });
      return (await drill)?.error?.code;
    }, words.join(' '));
    expect(stopped).toBe('Cancelled');
    expect(readdirSync(home)).not.toContain('drill');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expectNoComplaints(app);
  }, 60_000);

  test('backups that are gone are told under Health and under Recovery, each with its button', async ({
    app,
    folder,
  }) => {
    const page = await app.page();
    const stick = join(folder, 'STICK');
    for (const name of readdirSync(stick)) rmSync(join(stick, name));
    await goTo(page, 'Health');
    await page.getByRole('button', { name: 'Look again' }).click();
    const gone = page.getByRole('listitem').filter({ hasText: 'No second copy is left' });
    await gone.getByRole('button', { name: 'Make a backup' }).click();
    const note = page.locator('.note').filter({ hasText: 'There is no second copy of this vault' });
    await note.getByRole('button', { name: 'Make a backup' }).click();
    await page.getByRole('button', { name: 'Back up now on STICK' }).click();
    await note.waitFor({ state: 'detached' });
    expectNoComplaints(app);
  }, 60_000);

  test('everything is checked where that is asked for: a changed row shows up, and why', async ({
    app,
    home,
  }) => {
    const page = await app.page();
    await goTo(page, 'Health');
    await page.getByRole('button', { name: 'Check everything' }).click();
    await page
      .getByText('Each row of the vault and each line of its log was read.')
      .waitFor({ timeout: 30_000 });
    expect(await page.getByRole('region', { name: 'Something is wrong' }).count()).toBe(0);
    const db = new Database(join(home, 'vault.db'));
    db.exec("UPDATE audit SET body = x'00' WHERE seq = 2");
    db.close();
    await page.getByRole('button', { name: 'Check everything' }).click();
    const wrong = page.getByRole('region', { name: 'Something is wrong' });
    await wrong.getByText('The log does not hold').first().waitFor({ timeout: 30_000 });
    await wrong.getByRole('button', { name: 'Look at the log' }).first().click();
    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
    expectNoComplaints(app);
  }, 60_000);
});
