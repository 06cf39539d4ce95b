import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { App } from '../host/driver.ts';
import { goTo, lock, setUp, setUpToBackups, unlock } from './flows.ts';
import { expectNoComplaints, keyward, withApp } from './support.ts';

const NEW = 'canary-restored-3e7f-comes-home';

/* A laptop dies: the window of another one brings the vault back from the first page on. */
describe('a vault that was lost', () => {
  const { test } = keyward();
  let words: readonly string[] = [];

  test('has its first backup from the set-up on', async ({ app, folder }) => {
    const page = await app.page();
    const stick = join(folder, 'STICK');
    mkdirSync(stick);
    words = await setUpToBackups(page);
    await choose(app, stick);
    await page.getByRole('button', { name: 'Choose a folder…' }).click();
    await page.getByText('The first backup is on').waitFor();
    expect(
      readdirSync(stick)
        .map((name) => name.replace(/^.*\./, ''))
        .toSorted(),
    ).toEqual(['age', 'json']);
    await page.getByRole('button', { name: 'Open the vault' }).click();
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    expect(await page.getByRole('button', { name: 'No backup yet' }).count()).toBe(0);
    writeFileSync(join(folder, 'Will.txt'), 'all to the cat');
    await app.drop(page, 'body', [join(folder, 'Will.txt')]);
    await page.getByText('encrypted under My files').waitFor();
    rmSync(join(folder, 'Will.txt'));
  });

  test('says under Recovery when and where it was backed up, and its backups are made and checked there', async ({
    app,
    folder,
  }) => {
    const page = await app.page();
    await goTo(page, 'Recovery');
    await page.getByText('Backed up today on STICK; phrase never checked.').waitFor();
    // What leads somewhere leads there each time.
    const there = page.getByRole('button', { name: 'Practise the recovery…' });
    for (const lead of [1, 2]) {
      await page.getByRole('button', { name: 'Practise the recovery', exact: true }).click();
      await expect
        .poll(() => there.evaluate((one) => one === document.activeElement), { message: `time ${lead}` })
        .toBe(true);
    }
    await page.getByRole('button', { name: 'Back up now on STICK' }).click();
    await expect.poll(() => ages(join(folder, 'STICK')).length).toBe(2);
    await page.getByRole('button', { name: 'Check its backups on STICK' }).click();
    await page.getByText(/2 backups intact/).waitFor();
    cpSync(join(folder, 'STICK'), join(folder, 'BAD'), { recursive: true });
    const [one = ''] = ages(join(folder, 'BAD'));
    damage(join(folder, 'BAD', one));
    cpSync(join(folder, 'BAD', one), join(folder, 'STICK', one));
    await page.getByRole('button', { name: 'Check its backups on STICK' }).click();
    await page.getByText('1 backup of 2 can’t be used:').waitFor();
    expectNoComplaints(app);
  });

  test('comes back in an empty home: a wrong phrase writes nothing, the right one opens its files', async ({
    folder,
  }) => {
    const home = join(folder, 'other-home');
    await withApp(home, async (app) => {
      let page = await app.page();
      await page.getByRole('button', { name: 'I have a recovery phrase' }).click();
      mkdirSync(join(folder, 'Empty'));
      await choose(app, join(folder, 'Empty'));
      await page.getByRole('button', { name: 'Choose the folder…' }).click();
      await page.getByText('There is no backup in').waitFor();
      // A stick that was pulled out meanwhile: one thing is said, not two.
      await choose(app, join(folder, 'Gone'));
      await page.getByRole('button', { name: 'Choose another folder…' }).click();
      await page.getByRole('alert').waitFor();
      expect(await page.getByText('There is no backup in').count()).toBe(0);
      await choose(app, join(folder, 'STICK'));
      await page.getByRole('button', { name: 'Choose another folder…' }).click();
      const list = page.getByRole('list', { name: 'Backups' });
      await list.getByText('Intact').first().waitFor();
      expect(await list.getByText('Damaged').count()).toBe(1);
      await page.getByRole('button', { name: 'Continue with this folder' }).click();

      const wrong = [...words];
      [wrong[0], wrong[1]] = [wrong[1] ?? '', wrong[0] ?? ''];
      await fill(page, wrong);
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').textContent()).toMatch(/phrase/);
      expect(existsSync(join(home, 'vault.db'))).toBe(false);
      // The words are there still: one that is misspelt is mended, not 24 typed anew.
      expect(await page.getByLabel('Recovery phrase').inputValue()).toBe(wrong.join(' '));
      // So is the passphrase; and what is wrong is in sight in a small window too.
      expect(await page.getByLabel('The same again').inputValue()).toBe(NEW);
      const { height = 0 } = page.viewportSize() ?? {};
      await page.setViewportSize({ width: 960, height: 640 });
      await fill(page, wrong);
      await page.getByRole('button', { name: 'Bring the vault back' }).waitFor();
      await expect.poll(() => isInSight(page, 'alert')).toBe(true);
      await page.setViewportSize({ width: 1280, height });

      await fill(page, words);
      await page.getByRole('heading', { name: 'Your vault is back' }).waitFor({ timeout: 30_000 });
      // The folder that it came from gets its backups from then on.
      const before = ages(join(folder, 'STICK')).length;
      await page.getByText(/STICK, where this one came from, goes on getting backups/).waitFor();
      await page.getByRole('button', { name: 'Back up there, and open the vault' }).click();
      await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
      expect(ages(join(folder, 'STICK')).length).toBe(before + 1);
      await goTo(page, 'Recovery');
      await page.getByText(/^Backed up today on STICK/).waitFor();
      await goTo(page, 'Files');
      await app.drop(page, 'body', [join(folder, 'Will.txt.keyward')]);
      await expect.poll(() => existsSync(join(folder, 'Will.txt'))).toBe(true);
      expect(readFileSync(join(folder, 'Will.txt'), 'utf8')).toBe('all to the cat');
      // The file is there a moment before its job is over, and who locks before that is asked.
      await page.getByRole('button', { name: 'Clear this list' }).waitFor();
      await lock(page);
      page = await app.page();
      await unlock(page, NEW);
      expectNoComplaints(app);
    });
  }, 90_000);

  test('is recognised where the folder is the vault itself, with a way to open it', async ({
    home,
    folder,
  }) => {
    await withApp(join(folder, 'third-home'), async (app) => {
      const page = await app.page();
      await page.getByRole('button', { name: 'I have a vault or a backup' }).click();
      await choose(app, home);
      await page.getByRole('button', { name: 'Choose the folder…' }).click();
      await page.getByText('This folder is a vault itself, not a backup.').waitFor();
      expect(await page.getByRole('button', { name: 'Continue with this folder' }).count()).toBe(0);
    });
  });
});

describe('a vault without a backup', () => {
  const { test } = keyward();

  test('says so in the corner until a folder is named, and again when it is taken back', async ({
    app,
    folder,
  }) => {
    const page = await app.page();
    await setUp(page);
    const missing = page.getByRole('button', { name: 'No backup yet' });
    await page.setViewportSize({ width: 960, height: 640 });
    // Its words stay within it, also where they take two lines.
    expect(await missing.evaluate((one) => one.scrollHeight - one.clientHeight)).toBe(0);
    await missing.click();
    await page.getByText('There is no backup. If this disk is lost, so is every key.').waitFor();
    const stick = join(folder, 'Backups');
    mkdirSync(stick);
    await app.answer('showOpenDialog', { canceled: true, filePaths: [] });
    await page.getByRole('button', { name: 'Choose a folder…' }).click();
    await page.getByRole('button', { name: 'Choose a folder…' }).waitFor();
    expect(await page.getByRole('status').textContent()).not.toMatch(/folder was named/);
    await choose(app, stick);
    await page.getByRole('button', { name: 'Choose a folder…' }).click();
    await page.getByText('Backed up today on Backups; phrase never checked.').waitFor();
    expect(await page.getByRole('button', { name: 'No backup yet' }).count()).toBe(0);
    rmSync(stick, { recursive: true });
    await goTo(page, 'Files');
    await goTo(page, 'Recovery');
    await page.getByText('Not there now').waitFor();
    await page.getByRole('button', { name: 'Use it no longer (Backups)' }).click();
    await page.getByText('No folder gets backups by itself.').waitFor();
    expectNoComplaints(app);
  });
});

/** Whether all of the element of a role is within the window. */
async function isInSight(page: Page, role: 'alert'): Promise<boolean> {
  const box = await page.getByRole(role).boundingBox();
  const height = page.viewportSize()?.height ?? 0;
  return box !== null && box.y >= 0 && box.y + box.height <= height;
}

/** Has the next dialogs answer with a folder. */
function choose(app: App, folder: string): Promise<void> {
  return app.answer('showOpenDialog', { canceled: false, filePaths: [folder] });
}

function ages(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.age'));
}

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

async function fill(page: Page, words: readonly string[]): Promise<void> {
  await page.getByLabel('Recovery phrase').fill(words.join(' '));
  await page.getByLabel('New passphrase', { exact: true }).fill(NEW);
  await page.getByLabel('The same again').fill(NEW);
  await page.getByRole('button', { name: 'Bring the vault back' }).click();
}
