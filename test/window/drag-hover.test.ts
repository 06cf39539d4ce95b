import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { goTo, lock, setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* While something hovers the page knows how many items there are and their types, never their names. */
describe('what hovers over the window', () => {
  const { test } = keyward();

  test('is promised only what can be known of it', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    const note = page.locator('.drop strong');
    const named = (name: string) => {
      const path = join(folder, name);
      if (name === 'Folder') mkdirSync(path);
      else writeFileSync(path, 'x');
      return path;
    };
    const [pdf, text] = [named('Contract.pdf'), named('Notes.txt')];
    const [encrypted, bare, dir] = [named('Will.pdf.keyward'), named('README'), named('Folder')];
    for (const [paths, words] of [
      [[pdf], 'Encrypt it under My files'],
      [[pdf, text], 'Encrypt 2 items under My files'],
      [[encrypted], 'Encrypt under My files, or decrypt'],
      [[bare], 'Encrypt under My files, or decrypt'],
      [[dir], 'Encrypt under My files, or decrypt'],
      [[pdf, encrypted], 'Encrypt under My files, or decrypt'],
    ] as const) {
      await app.drop(page, 'body', [...paths], 'hover');
      await expect.poll(() => note.textContent(), { message: paths.join(' ') }).toBe(words);
    }
  });

  test('is forgotten with the first sign that the drag is over, even if its end was never told', async ({
    app,
    folder,
  }) => {
    const page = await app.page();
    const note = page.locator('.drop');
    const signs = {
      'the pointer moves': () => page.mouse.move(300, 300).then(() => page.mouse.move(310, 310)),
      'a key is pressed': () => page.keyboard.press('Escape'),
      'a place is clicked': () => goTo(page, 'Keys'),
    };
    for (const [sign, act] of Object.entries(signs)) {
      await app.drop(page, 'body', [join(folder, 'Contract.pdf')], 'hover');
      await note.waitFor();
      await act();
      await expect.poll(() => note.count(), { message: sign }).toBe(0);
    }
    expectNoComplaints(app);
  });

  test('is promised no more while the vault is locked', async ({ app, folder }) => {
    await lock(await app.page());
    const page = await app.page();
    await page.getByRole('button', { name: 'Unlock', exact: true }).waitFor();
    await app.drop(page, 'body', [join(folder, 'Will.pdf.keyward')], 'hover');
    await page.getByText('Keep it until the vault is open').waitFor();
    expect(await page.locator('.drop p').textContent()).toMatch(/^Then: encrypted files are decrypted/);
  });
});
