import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { details, goTo, openKey, PASSPHRASE, readPhrase, setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/** The smallest window, the sizes of the pictures. */
const SIZES = [
  [760, 520],
  [960, 640],
  [1280, 800],
  [1600, 1000],
] as const;

/** Half of a picture, as at 200 % zoom. */
const ZOOMED = [640, 400] as const;

const LONG_NAME = 'matter-of-somebody-against-somebody-else/'.repeat(5).slice(0, 200);
const LONG_TITLE = /^Matter of somebody/;

/* What stands in a list is clicked twice. */
describe('details beside a list', () => {
  const { test } = keyward();

  test('move no row, in windows of any size', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    for (const alias of ['a-second-key', 'a-third-key'])
      await ask(page, 'keys.create', { alias, description: '' });
    await page.reload();
    const files = ['One.txt', 'Two.txt'].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, 'x');
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    await app.drop(page, 'body', files);
    await page.getByRole('heading', { name: 'Encrypted 2 files' }).waitFor();
    for (const [place, row] of [
      ['Files', /^Two ?\.txt/],
      ['Keys', 'A third key'],
      ['Activity', 'Vault made'],
    ] as const) {
      await goTo(page, place);
      for (const [width, height] of SIZES.slice(1)) {
        await page.setViewportSize({ width, height });
        const button = page.getByRole('main').getByRole('button', { name: row }).first();
        const before = (await button.boundingBox())?.y;
        await button.click();
        await details(page).waitFor();
        const after = (await button.boundingBox())?.y;
        expect(after, `${place}, ${width} wide`).toBe(before);
        await page.keyboard.press('Escape');
        await details(page).waitFor({ state: 'detached' });
      }
    }
  });

  test('leave the names in sight when the page is enlarged', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await page.setViewportSize({ width: ZOOMED[0], height: ZOOMED[1] });
    const name = page.getByRole('main').getByText('A third key', { exact: true });
    const isInSight = () =>
      name.evaluate((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return width > 40 && document.elementFromPoint(x + width / 2, y + height / 2) === one;
      });
    expect(await isInSight()).toBe(true);
    await name.click();
    await details(page).waitFor();
    expect(await isInSight()).toBe(true);
    await page.keyboard.press('Escape');
  });
});

describe('what is wrong with a field', () => {
  const { test } = keyward();

  test('is told within its width', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'A new vault' }).click();
    await page.getByLabel('Passphrase', { exact: true }).fill('short');
    await page.getByLabel('The same again').fill('short');
    await page.getByRole('button', { name: 'Make the vault' }).click();
    const told = page.getByRole('alert');
    await told.waitFor();
    expect(await told.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0);
  });
});

describe('the words of a recovery phrase', () => {
  const { test } = keyward();

  test('are never broken, in windows of any size: they are copied by hand', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'A new vault' }).click();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByLabel('The same again').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await readPhrase(page);
    for (const [width, height] of [...SIZES, ZOOMED, [480, 320]] as const) {
      await page.setViewportSize({ width, height });
      // The longest words of the list have eight letters.
      const lines = await page.locator('.phrase .word').evaluateAll((words) =>
        words.map((word) => {
          word.textContent = 'umbrella';
          const place = word.parentElement;
          if (place === null || place.scrollWidth > place.clientWidth) return 'beyond its place';
          if (place.getBoundingClientRect().right > innerWidth) return 'beyond the window';
          return Math.round(word.clientHeight / Number.parseFloat(getComputedStyle(word).lineHeight));
        }),
      );
      expect(new Set(lines), `${width} wide`).toEqual(new Set([1]));
    }
  });
});

/* Names of any length: everything stays in the window, and nothing but what should scroll does. */
describe('however long the names are', () => {
  const { test } = keyward();

  test('files, keys and their pages stay in the window', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    await ask(page, 'keys.create', { alias: LONG_NAME, description: 'Everything about it. '.repeat(300) });
    await page.reload();
    const names = [`${'Deposition '.repeat(18)}.pdf`, `${'חוזה '.repeat(18)}.docx`, `${'x'.repeat(200)}.pdf`];
    const files = names.map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, 'x');
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    await app.drop(page, 'body', files);
    await page.getByRole('heading', { name: 'Encrypted 3 files' }).waitFor();
    await expectRoom(page, 'files');
    await page.getByRole('button', { name: /^Deposition/ }).click();
    await details(page).waitFor();
    await expectRoom(page, 'details of a file');
    mkdirSync(join(folder, 'y'.repeat(200)));
    await app.drop(page, 'body', [join(folder, 'y'.repeat(200))]);
    await page.getByRole('dialog').waitFor();
    await expectRoom(page, 'the question about a folder');
    await page.keyboard.press('Escape');
    await goTo(page, 'Keys');
    await page.getByRole('button', { name: LONG_TITLE }).click();
    await details(page).waitFor();
    await expectRoom(page, 'details of a key');
    expect(await inSight(page, 'Open this key')).toBe(true);
    await openKey(page, 'Matter of');
    await expectRoom(page, 'the page of a key');
    for (const change of ['Make a new version…', 'Disable…', 'Delete…', 'Move…', 'Remove…']) {
      await page.getByRole('button', { name: change }).first().click();
      await page.getByRole('dialog').waitFor();
      await expectRoom(page, change);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    for (const part of ['Versions', 'Access']) {
      await page.getByRole('tab', { name: part }).click();
      await expectRoom(page, part);
    }
  });

  test('so do recovery, its questions, and health', async ({ app, folder }) => {
    const page = await app.page();
    const stick = join(folder, `${'z'.repeat(180)} STICK`);
    mkdirSync(stick);
    await goTo(page, 'Recovery');
    await app.answer('showOpenDialog', { canceled: false, filePaths: [stick] });
    await page.getByRole('button', { name: 'Choose a folder…' }).click();
    await page.getByText('phrase never checked').waitFor();
    await expectRoom(page, 'recovery', ZOOMED);
    for (const question of ['Practise the recovery…', 'Make the kit…', 'Make shares…']) {
      await page.getByRole('button', { name: question }).click();
      await page.getByRole('dialog').waitFor();
      await expectRoom(page, question, ZOOMED);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await goTo(page, 'Health');
    await page.getByRole('region', { name: 'To do' }).waitFor();
    await expectRoom(page, 'health', ZOOMED);
  });

  test('so do the log and the settings', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Activity');
    await expectRoom(page, 'activity');
    await page.getByRole('button', { name: /^Encrypted Deposition/ }).click();
    await details(page).waitFor();
    await expectRoom(page, 'details of an entry');
    await ask(page, 'config.set', { name: 'default-key', value: `alias/${LONG_NAME}` });
    await ask(page, 'clients.create', { name: 'n'.repeat(64), policy: null });
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: /^Revoke…/ }).waitFor();
    await page.getByRole('button', { name: 'Start the endpoint' }).click();
    await page.getByText('Listening', { exact: true }).waitFor();
    await expectRoom(page, 'settings');
    await page.getByRole('button', { name: /^Revoke…/ }).click();
    await expectRoom(page, 'revoking a client');
    await page.keyboard.press('Escape');
    // Whatever is brought into sight, only the settings scroll, not the window's frame.
    await page.getByRole('heading', { name: 'This vault' }).evaluate((it) => it.scrollIntoView());
    await page.getByRole('button', { name: 'Endpoint on' }).click();
    const frame = await page.locator('.frame').boundingBox();
    expect(frame?.y).toBe(0);
    expectNoComplaints(app);
  });
});

async function ask(page: Page, method: string, input: object): Promise<void> {
  const answer = await page.evaluate(
    ([name, given]) =>
      (
        window as unknown as {
          keyward: { readonly [name: string]: (input: object) => Promise<{ ok: boolean; error?: object }> };
        }
      ).keyward[name]?.(given),
    [method, input] as const,
  );
  expect(answer).toMatchObject({ ok: true });
}

async function inSight(page: Page, button: string): Promise<boolean> {
  const box = await page.getByRole('button', { name: button }).boundingBox();
  const height = await page.evaluate(() => innerHeight);
  return box !== null && box.y + box.height <= height;
}

/** Whatever the size of the window: what can be used is within its width, and nothing scrolls sideways but texts in lines. */
async function expectRoom(page: Page, screen: string, ...more: (readonly [number, number])[]): Promise<void> {
  for (const [width, height] of [...SIZES, ...more]) {
    await page.setViewportSize({ width, height });
    const found = await page.evaluate(() => {
      const named = (one: Element) =>
        `${one.tagName.toLowerCase()}.${one.className} ${one.textContent?.slice(0, 40)}`;
      const inLines = (one: Element) => one.closest('.json, .pem, .hidden') !== null;
      const outside = [...document.querySelectorAll('button, input, select, textarea, h1, h2, h3, p')]
        .filter((one) => !inLines(one))
        .filter((one) => {
          const { left, right, width } = one.getBoundingClientRect();
          return width > 0 && (left < 0 || right > innerWidth);
        });
      const sideways = [
        ...document.querySelectorAll('.scroll, .content, .gate, dialog, .page, .work, .head'),
      ].filter((one) => one.scrollWidth > one.clientWidth + 1);
      const root = document.documentElement;
      const whole = root.scrollHeight > innerHeight || root.scrollWidth > innerWidth ? ['the window'] : [];
      return [...outside.map((one) => `outside: ${named(one)}`), ...sideways.map(named), ...whole];
    });
    expect(found, `${screen}, ${width} wide`).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}
