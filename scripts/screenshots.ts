/**
 * Writes a picture of every screen, on the vault of `keyward demo`, in both themes at several sizes and enlarged, to
 * out/screenshots; with `--docs` those of the README to docs/pictures too. Says why where it can't.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import {
  dropContract,
  type Look,
  shoot,
  unlockThrowAway,
  visit,
  whyNoPictures,
  withWindow,
} from '../test/pictures/shoot.ts';
import { takeRecovery } from './recovery-pictures.ts';

const root = join(import.meta.dirname, '..');
const target = join(root, 'out', 'screenshots');
const sizes = [
  [1280, 800],
  [960, 640],
  [640, 520],
  [1600, 1000],
] as const;
const themes = ['light', 'dark'] as const;
const looks: Look[] = [
  ...sizes.flatMap(([width, height]) => themes.map((theme) => ({ width, height, theme }))),
  ...themes.map((theme) => ({ width: 1280, height: 800, theme, zoom: 2 })),
];
const forReadme = [
  'files-light-1280',
  'files-dark-1280',
  'keys-light-1280',
  'key-versions-light-1280',
  'key-access-light-1280',
  'activity-dark-1280',
];

const reason = whyNoPictures();
if (reason !== undefined) {
  console.error(`No pictures can be taken here: ${reason}`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'keyward-pictures-'));
const made: string[] = [];
const pictures = async (page: Page, name: string) => {
  made.push(...(await shoot(page, target, name, looks)));
};
const home = join(folder, 'demo');
try {
  const cli = join(root, 'out', 'main', 'cli.js');
  const demo = spawnSync(process.execPath, [cli, 'demo', '--home', home], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (demo.status !== 0) throw new Error('keyward demo failed');

  await withWindow(join(folder, 'empty'), async (_app, page) => {
    const take = (name: string) => pictures(page, name);
    await page.getByRole('button', { name: 'A new vault' }).waitFor();
    await take('welcome');
    await page.getByRole('button', { name: 'A new vault' }).click();
    await page.getByLabel('Passphrase', { exact: true }).waitFor();
    await take('new-vault');
    await page.getByLabel('Passphrase', { exact: true }).fill('only for the picture');
    await page.getByLabel('The same again').fill('only for the picture');
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await page.getByRole('list', { name: 'Recovery phrase' }).waitFor();
    await take('phrase');
    await page.getByRole('button', { name: 'Print them as a recovery kit…' }).click();
    await page.getByRole('heading', { name: 'The kit is ready' }).waitFor();
    await take('kit-ready');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'I have written them down' }).click();
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    await take('confirm');
  });
  await takeRecovery({ folder, take: pictures });

  await withWindow(home, async (app, page) => {
    const take = (name: string) => pictures(page, name);
    await page.getByRole('button', { name: 'Unlock', exact: true }).waitFor();
    await take('unlock');
    await unlockThrowAway(page, home);
    await take('files-empty');
    await dropContract(app, page, join(folder, 'Documents'));
    await take('files');
    const damaged = join(`${home}-files`, 'Clients', 'Exhibit 02.docx.keyward');
    await app.drop(page, 'body', [damaged]);
    await page.getByText('damaged').first().waitFor();
    await take('files-damaged');
    await app.drop(page, 'body', [join(folder, 'Documents', 'Contract.pdf')], 'hover');
    await take('drop');
    await visit(page, 'Keys');
    await page.getByText('Clients', { exact: true }).first().click();
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
    await take('keys');
    await takeKeys(page, take);
    await visit(page, 'Activity');
    await take('activity');
    await visit(page, 'Recovery');
    await take('recovery');
    await visit(page, 'Settings');
    await take('settings');
    await page.getByRole('button', { name: 'Start the endpoint' }).click();
    await page.getByText('Listening', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'KMS endpoint' }).evaluate((one) => one.scrollIntoView());
    await take('settings-endpoint');
    await page.getByRole('button', { name: 'Stop the endpoint' }).click();
    await page.getByRole('button', { name: 'Step down to operator' }).click();
    await page.getByText('You have stepped down to operator').waitFor();
    await page.getByText('Your role').scrollIntoViewIfNeeded();
    await take('settings-operator');
  });
  for (const path of made) console.log(path);
  if (process.argv.includes('--docs')) {
    mkdirSync(join(root, 'docs', 'pictures'), { recursive: true });
    for (const path of made) {
      if (forReadme.includes(basename(path, '.png')))
        copyFileSync(path, join(root, 'docs', 'pictures', basename(path)));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(0);

/** The parts of a key's page, its deletion, and how a key is made. */
async function takeKeys(page: Page, take: (name: string) => Promise<unknown>): Promise<void> {
  await page.getByRole('button', { name: 'Open this key' }).click();
  await page.getByText('that this vault knows of').first().waitFor();
  await take('key');
  await page.getByRole('tab', { name: 'Versions' }).click();
  await page.getByText('Encrypts new files').waitFor();
  await take('key-versions');
  await page.getByRole('tab', { name: 'Access' }).click();
  await page.getByText('This is the policy that counts.').waitFor();
  await page.getByLabel('Add a statement').selectOption('keep');
  await page.getByText('With this you can no longer').waitFor();
  await page.getByLabel('Who', { exact: true }).fill('auditor');
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.locator('.answer').waitFor();
  await page.getByRole('tabpanel').evaluate((panel) => panel.scrollTo(0, 0));
  await take('key-access');
  await page.getByRole('button', { name: 'Back to what is saved' }).click();
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByText('This key still opens').waitFor();
  await take('key-delete');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await visit(page, 'Keys');
  await page.getByRole('button', { name: 'New key…' }).click();
  await page.getByRole('dialog').waitFor();
  await take('key-new');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Brought along');
  await page.getByLabel('I bring the key material myself').check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByRole('button', { name: 'Open this key' }).click();
  await page.getByRole('button', { name: 'Import the material' }).click();
  await take('key-import');
}
