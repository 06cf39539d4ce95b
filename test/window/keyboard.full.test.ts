import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { callsOf } from '../../src/cli/sample-data/session-calls.ts';
import { claimHome, initVault, openSession } from '../../src/main/api/index.ts';
import { THROW_AWAY_PASSPHRASE } from '../../src/main/home/throw-away.ts';
import { CHEAP } from '../support/live-vault.ts';
import { askedPlace, goTo, PASSPHRASE, readPhrase } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* Nothing but keys, from the empty home to the first file and back. */
describe('the keyboard alone', () => {
  const { test } = keyward();

  test('sets up a vault', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('heading', { name: 'How do you begin?' }).waitFor();
    expect(await focused(page)).toContain('A new vault');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Make your vault' }).waitFor();
    expect(await focused(page)).toBe('Passphrase');
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press('Enter');
    const words = await readPhrase(page);
    await tabTo(page, 'I have written them down');
    await page.keyboard.press('Enter');
    const fields = page.getByLabel(/^Word \d+$/);
    await fields.first().waitFor();
    const places: number[] = [];
    for (const field of await fields.all()) places.push(await askedPlace(page, field));
    for (const place of places) {
      if ((await focused(page)) !== `Word ${place}`) await tabTo(page, `Word ${place}`);
      await page.keyboard.type(words[place - 1] ?? '');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Where should backups go?' }).waitFor();
    await tabTo(page, 'Not now');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
  });

  test('chooses and encrypts the first file, opens its details and closes them', async ({ app, folder }) => {
    const page = await app.page();
    const file = join(folder, 'Note.txt');
    writeFileSync(file, 'Note');
    await app.answer('showOpenDialog', { canceled: false, filePaths: [file] });
    await tabTo(page, 'Choose files…');
    await page.keyboard.press('Enter');
    await page.getByText('encrypted under My files').waitFor();
    expect(existsSync(`${file}.keyward`)).toBe(true);
    await tabTo(page, /Note ?\.txt.*encrypted/);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
    await tabTo(page, 'Check');
    await page.keyboard.press('Enter');
    await page.getByText('complete and authentic').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'Details' }).waitFor({ state: 'detached' });
    expect(readFileSync(file, 'utf8')).toBe('Note');
  });

  test('asks with a dialog, and the focus comes back to what asked', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('navigation').getByRole('button', { name: 'Keys' }).click();
    await page.getByRole('button', { name: 'New key…' }).waitFor();
    await expectDialog(page, 'New key…');
    await page
      .getByRole('region', { name: 'List of keys' })
      .getByRole('button', { name: 'My files' })
      .focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Close details' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Details' }).waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toMatch(/^My files/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Open this key' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'My files', level: 1 }).waitFor();
    for (const asks of ['Make a new version…', 'Disable…', 'Move… alias/my-files']) {
      await expectDialog(page, asks);
    }
    // What asked is gone after the change: the focus is with the key, and what was done is told.
    await page.getByRole('button', { name: 'Disable…' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Disable My files' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('The key is disabled.').waitFor({ state: 'attached' });
    await expect.poll(() => focused(page)).toBe('My files');
    await tabTo(page, 'Enable');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('The key is enabled.').waitFor({ state: 'attached' });
    await page.getByRole('tab', { name: 'Access' }).click();
    await expectDialog(page, 'New grant…');
    await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
    await expectDialog(page, 'New client…');
  });

  test('reaches every place, and locks', async ({ app }) => {
    const page = await app.page();
    for (const place of ['Keys', 'Activity', 'Settings', 'Files']) {
      await tabTo(page, place);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: place, level: 1 }).waitFor();
    }
    expect(await visibleFocus(page)).toBe(true);
    await tabTo(page, 'Lock');
    const closed = page.waitForEvent('close');
    // The page may be gone before the key comes up.
    await page.keyboard.press('Enter').catch(() => undefined);
    await closed;
    const locked = await app.page();
    await locked.getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    expect(await focused(locked)).toBe('Passphrase');
    expectNoComplaints(app);
  });
});

/** The accessible name of what has the focus, as far as labels and text give it. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) return '';
    const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
    const label = labels.map((one) => one.textContent).join(' ');
    return (element.getAttribute('aria-label') ?? (label || element.textContent) ?? '').trim();
  });
}

describe('the keyboard in a long log', () => {
  const { test } = keyward();

  test('goes from day to day with the arrows, and to both ends', async ({ app, home, folder }) => {
    const lived = join(folder, 'lived-in');
    await makeLongLog(lived);
    cpSync(lived, home, { recursive: true });
    const page = await app.page();
    await page.reload();
    await page.getByRole('button', { name: 'Open it without' }).click();
    await goTo(page, 'Activity');
    await page.getByRole('button', { name: 'Check the log' }).click();
    await page.getByRole('status').getByText('it is whole').waitFor({ state: 'attached' });
    const days = page.getByRole('region', { name: 'Log' }).locator('section');
    const rowsOf = (n: number) => days.nth(n).locator('button.open');
    const hasFocus = (row: ReturnType<typeof rowsOf>) =>
      row.evaluate((one) => one === document.activeElement);
    await rowsOf(0).last().focus();
    await page.keyboard.press('ArrowDown');
    expect(await hasFocus(rowsOf(1).first())).toBe(true);
    await page.keyboard.press('ArrowUp');
    expect(await hasFocus(rowsOf(0).last())).toBe(true);
    await page.keyboard.press('End');
    expect(await hasFocus(rowsOf((await days.count()) - 1).last())).toBe(true);
    await page.keyboard.press('Home');
    expect(await hasFocus(rowsOf(0).first())).toBe(true);
    // The button that shows older ones is gone with them; the focus is on the first of those.
    const rows = page.getByRole('region', { name: 'Log' }).locator('button.open');
    const shown = await rows.count();
    await page.getByRole('button', { name: 'Show older' }).focus();
    await page.keyboard.press('Enter');
    await rows.nth(shown).waitFor();
    await expect.poll(() => hasFocus(rows.nth(shown))).toBe(true);
    expectNoComplaints(app);
  }, 60_000);
});

/** Makes a vault to throw away whose log goes over several days, several pages long. */
async function makeLongLog(home: string): Promise<void> {
  const day = 86_400_000;
  let time = Date.now() - 4 * day;
  const clock = { now: () => time };
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error('somebody else has the home');
  const passphrase = Buffer.from('a passphrase for tests');
  const { phrase } = await initVault(claim, {
    ...{ throwAway: true, keychain: false, clock, passphrase: Buffer.from(passphrase) },
    parts: { cost: CHEAP },
  });
  writeFileSync(join(home, THROW_AWAY_PASSPHRASE), passphrase);
  for (let n = 0; n < 3; n++) {
    time += day;
    const credential = { kind: 'recovery-phrase', phrase } as const;
    const session = await openSession(claim, { credential, kind: 'command', clock });
    const call = callsOf(session, new AbortController().signal);
    for (let change = 0; change < 80; change++) {
      await call(change % 2 === 0 ? 'keys.disable' : 'keys.enable', { key: 'my-files' });
    }
    await session.close();
  }
  await claim.release();
}

/** Opens a dialog by its button: the focus is in it, stays in it, and Escape gives it back. */
async function expectDialog(page: Page, button: string): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: button, exact: true }).first().focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  const inside = () =>
    page.evaluate(() => {
      const { activeElement } = document;
      // Beyond its last part the focus is with the browser, which has none of its own here.
      return activeElement === document.body || activeElement?.closest('dialog[open]') !== null;
    });
  for (let presses = 0; presses < 30; presses++) {
    expect(await inside(), `${button}, after ${presses} presses of Tab`).toBe(true);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => focused(page), { message: `after ${button}` }).toBe(button);
}

/** Presses Tab until something of this name has the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    const now = await focused(page);
    if (typeof name === 'string' ? now === name : name.test(now)) return;
    seen.push(now);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${name}; it passed: ${seen.join(' | ')}`);
}

/** Whether the focused element shows that it is. */
async function visibleFocus(page: Page): Promise<boolean> {
  await page.keyboard.press('Tab');
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null) return false;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  });
}
