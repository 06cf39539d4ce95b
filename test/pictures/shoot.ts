import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type App, launch, whyNot } from '../host/driver.ts';

/*
 * Pictures of the built window on a real vault, taken through the driver of the window's tests.
 */

/** The built main process. */
const MAIN = join(import.meta.dirname, '../../out/main/index.js');

/** Width and height of a picture, its theme, and how much the page is enlarged. */
export type Look = {
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
  readonly zoom?: number;
};

/** Why no pictures can be taken here; undefined if they can. */
export const whyNoPictures = whyNot;

/** Starts the window on the vault at `home`, hands it to `act`, and ends it. */
export async function withWindow<T>(home: string, act: (app: App, page: Page) => Promise<T>): Promise<T> {
  const app = await launch({ main: MAIN, env: { KEYWARD_HOME: home } });
  try {
    return await act(app, await app.page());
  } finally {
    app.kill();
    await app.ended;
  }
}

/** Takes one picture per look (of what hovers only as `drop`: elsewhere it would hide the screen), to `<folder>/<name>-<theme>-<width>.png`; an enlarged one has its zoom in its name, and is as small as the page then is. Gives the paths. */
export async function shoot(
  page: Page,
  folder: string,
  name: string,
  looks: readonly Look[],
): Promise<string[]> {
  if (name !== 'drop') await page.locator('.drop').waitFor({ state: 'detached', timeout: 5_000 });
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (const { width, height, theme, zoom = 1 } of looks) {
    await page.setViewportSize({ width: width / zoom, height: height / zoom });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.evaluate('document.fonts.ready.then(() => undefined)');
    const path = join(folder, `${name}-${theme}-${width}${zoom === 1 ? '' : `-x${zoom}`}.png`);
    await page.screenshot({ path });
    paths.push(path);
  }
  return paths;
}

/** Unlocks a throw-away vault with the passphrase that stands in its home. */
export async function unlockThrowAway(page: Page, home: string): Promise<void> {
  const passphrase = readFileSync(join(home, 'throw-away-passphrase'), 'utf8');
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
}

/** Goes to one of the places on the left. */
export async function visit(
  page: Page,
  place: 'Files' | 'Keys' | 'Activity' | 'Recovery' | 'Health' | 'Settings',
): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: place }).click();
  await page.getByRole('heading', { name: place, level: 1 }).waitFor();
}

/** Drops a new file of 4.2 MB on the window and waits until it is encrypted and shown. */
export async function dropContract(app: App, page: Page, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'Contract.pdf');
  writeFileSync(path, Buffer.alloc(4_200_000, 'the parties agree '));
  await app.drop(page, 'body', [path]);
  await page.getByText('encrypted under').first().waitFor();
  await page.getByText('In the log').waitFor();
}
