import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type AxeModule from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { App } from '../host/driver.ts';
import { askedPlace, details, goTo, lock, openKey, PASSPHRASE, readPhrase } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/* Every screen in both themes is held against axe's rules for WCAG 2.2 AA and its best practices. */
describe('axe finds nothing', () => {
  const { test } = keyward();

  test('on the first run', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('heading', { name: 'How do you begin?' }).waitFor();
    await check(app, page, 'three ways to begin');
    await page.getByRole('button', { name: 'I have a recovery phrase' }).click();
    await page.getByRole('heading', { name: 'Where is your backup?' }).waitFor();
    await check(app, page, 'where the backup is');
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: 'A new vault' }).click();
    await page.getByRole('heading', { name: 'Make your vault' }).waitFor();
    await check(app, page, 'how to unlock');
    await page.getByLabel('Passphrase', { exact: true }).fill('short');
    await page.getByLabel('The same again').fill('short');
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await page.getByText(/It is very weak/).waitFor();
    await check(app, page, 'a passphrase that is too weak');
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByLabel('The same again').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Make the vault' }).click();
    const words = await readPhrase(page);
    await check(app, page, 'the recovery phrase');
    await page.getByRole('button', { name: 'I have written them down' }).click();
    const fields = page.getByLabel(/^Word \d+$/);
    await fields.first().waitFor();
    for (const field of await fields.all()) await field.fill('wrong');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Look at your paper').waitFor();
    await check(app, page, 'words that are not those');
    for (const field of await fields.all()) {
      await field.fill(words[(await askedPlace(page, field)) - 1] ?? '');
    }
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Where should backups go?' }).waitFor();
    await check(app, page, 'where backups go');
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('heading', { name: 'Drop a file anywhere in this window' }).waitFor();
    await check(app, page, 'no files yet');
  });

  test('while a file hovers, on results, and on their details', async ({ app, folder }) => {
    const page = await app.page();
    const file = join(folder, 'Contract.pdf');
    const broken = join(folder, 'Broken.txt.keyward');
    writeFileSync(file, 'x'.repeat(100_000));
    await app.drop(page, 'body', [file], 'hover');
    await page.getByText('Encrypt it under My files').waitFor();
    await check(app, page, 'hovering');
    await app.drop(page, 'body', [file]);
    await page.getByText('encrypted under My files').waitFor();
    writeFileSync(broken, readFileSync(`${file}.keyward`).subarray(0, 20_000));
    await app.drop(page, 'body', [broken]);
    await page.getByText('the end is missing').first().waitFor();
    await app.drop(page, 'body', [file]);
    await page.getByText('already there; nothing was changed').waitFor();
    await check(app, page, 'results');
    await page.getByRole('button', { name: 'Replace…' }).click();
    await page.getByRole('dialog').waitFor();
    await check(app, page, 'asking whether to replace');
    await page.getByRole('button', { name: 'Leave it' }).click();
    await page.getByRole('button', { name: /Contract ?\.pdf.*encrypted under/ }).click();
    await details(page).getByText('In the log').waitFor();
    await check(app, page, 'details of a file');
    await app.drop(page, 'body', [folder]);
    await page.getByRole('dialog').waitFor();
    await check(app, page, 'asking about a folder');
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  test('on keys, activity and settings', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await page.getByRole('button', { name: 'New key…' }).click();
    await page.getByRole('dialog').waitFor();
    await check(app, page, 'a new key, first step');
    await page.getByRole('button', { name: 'Next' }).click();
    await check(app, page, 'a new key, second step');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await check(app, page, 'a new key, last step');
    await page.getByLabel('Name', { exact: true }).fill('Tax papers');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await details(page).getByText('1 version').waitFor();
    await check(app, page, 'keys and one of them');
    await details(page).getByRole('button', { name: 'Disable…' }).click();
    await check(app, page, 'asking whether to disable');
    await page.getByRole('dialog').getByRole('button', { name: 'Disable Tax papers' }).click();
    await details(page).getByRole('button', { name: 'Enable' }).waitFor();
    await check(app, page, 'a disabled key');
    await goTo(page, 'Activity');
    await page.getByRole('button', { name: 'Check the log' }).click();
    await page.getByText('The log is whole').waitFor();
    await page.getByRole('button', { name: 'Key disabled' }).click();
    await check(app, page, 'activity and one line of it');
    await goTo(page, 'Recovery');
    await page.getByRole('heading', { name: 'Where backups go' }).waitFor();
    await check(app, page, 'recovery');
    await page.getByRole('button', { name: 'Make the kit…' }).click();
    await check(app, page, 'what stands on the kit');
    await page.getByText('With lines to write them on').click();
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: 'The kit is ready' }).waitFor();
    await check(app, page, 'a kit that is ready');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Make shares…' }).click();
    await check(app, page, 'making shares');
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Make them' }).click();
    await page.getByRole('heading', { name: '5 shares, one to a page' }).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Done' }).click();
    await check(app, page, 'shares that are not kept yet');
    await page.getByRole('button', { name: 'Close all the same' }).click();
    await page.getByText('3 of 5 shares open it.').waitFor();
    await page.getByRole('button', { name: 'End them…' }).click();
    await check(app, page, 'asking whether to end the shares');
    await page.getByRole('button', { name: 'Keep them' }).click();
    await goTo(page, 'Health');
    await page.getByRole('region', { name: 'To do' }).waitFor();
    await check(app, page, 'health');
    await goTo(page, 'Settings');
    await page.getByRole('heading', { name: 'This vault' }).waitFor();
    await check(app, page, 'settings');
    await page.getByRole('button', { name: 'Start the endpoint' }).click();
    await page.getByText('Listening', { exact: true }).waitFor();
    await check(app, page, 'settings while the endpoint listens');
    await page.getByRole('button', { name: 'Stop the endpoint' }).click();
    await page.getByRole('button', { name: 'New client…' }).click();
    await page.getByRole('dialog').waitFor();
    await check(app, page, 'a new client');
    await page.getByLabel('Name', { exact: true }).fill('backup');
    await page.getByRole('button', { name: 'Make the client' }).click();
    await page.getByText('The secret is shown this once').waitFor();
    await check(app, page, 'an access key');
    await page.getByRole('button', { name: 'I have put it away' }).click();
    await page.getByRole('button', { name: 'Step down to operator' }).click();
    await page.getByText('You have stepped down to operator').waitFor();
    await check(app, page, 'settings of an operator');
    await page.getByRole('button', { name: /^Operator/ }).click();
    await page.getByRole('dialog').waitFor();
    await check(app, page, 'stepping up');
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Step up', exact: true }).click();
    await page.getByRole('button', { name: /^Operator/ }).waitFor({ state: 'detached' });
  });

  test('on the page of a key', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await page.getByLabel('Find a key').fill('nothing of that name');
    await page.getByRole('heading', { name: 'No key fits' }).waitFor();
    await check(app, page, 'no key fits');
    await page.getByRole('button', { name: 'Show all keys' }).click();
    await openKey(page, 'Tax papers');
    await check(app, page, 'the page of a key');
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('button', { name: 'Describe' }).click();
    await page.getByRole('button', { name: 'Add tags' }).click();
    await check(app, page, 'a key that is being described');
    await page.getByRole('button', { name: 'Move… alias/tax-papers', exact: true }).click();
    await check(app, page, 'asking where a name goes');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByText('no known files').waitFor();
    await check(app, page, 'the versions of a key');
    await page.getByRole('tab', { name: 'Access' }).click();
    await page.getByText('This is the policy that counts.').waitFor();
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('You as operator may').waitFor();
    await check(app, page, 'the access to a key');
    await page.getByLabel('Policy as JSON').fill('{');
    await page.getByText('Not a policy yet').waitFor();
    await check(app, page, 'a policy that is none');
    await page.getByRole('button', { name: 'New grant…' }).click();
    await check(app, page, 'a new grant');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByText('What shredding does not reach').waitFor();
    await check(app, page, 'asking whether to delete');
    await page.getByLabel('Type Tax papers to confirm').fill('Tax papers');
    await page.getByRole('button', { name: /^Delete Tax papers after/ }).click();
    await page.getByRole('button', { name: 'Keep the key' }).waitFor();
    await check(app, page, 'a key that is to be deleted');
  });

  test('on a key whose material is imported', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await page.getByRole('button', { name: 'New key…' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Brought along');
    await page.getByLabel('I bring the key material myself').check();
    await page.getByRole('button', { name: 'Make the key' }).click();
    await openKey(page, 'Brought along');
    await page.getByRole('button', { name: 'Import the material' }).click();
    await page.getByText('2. Bring it in').waitFor();
    await check(app, page, 'a key without material');
  });

  test('on the locked vault', async ({ app }) => {
    const page = await app.page();
    await lock(page);
    const locked = await app.page();
    await locked.getByRole('heading', { name: 'Unlock your vault' }).waitFor();
    await check(app, locked, 'locked');
    await locked.getByLabel('Passphrase', { exact: true }).fill('something else');
    await locked.getByRole('button', { name: 'Unlock', exact: true }).click();
    await locked.getByText('The passphrase is wrong.').waitFor();
    await check(app, locked, 'a wrong passphrase');
    await locked.getByRole('button', { name: 'Use shares' }).click();
    await locked.getByLabel('Shares').waitFor();
    await check(app, locked, 'shares in place of it');
    expectNoComplaints(app);
  });
});

describe('axe itself', () => {
  const { test } = keyward();

  test('would find what is wrong', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('heading', { name: 'How do you begin?' }).waitFor();
    await page.evaluate(() => {
      const faint = document.createElement('p');
      faint.textContent = 'faint';
      faint.style.color = '#999';
      document.querySelector('main')?.append(faint, document.createElement('button'));
    });
    const found = (await look(app, page, 'spoilt')).join('\n');
    expect(found).toMatch(/light: color-contrast/);
    expect(found).toMatch(/light: button-name/);
    expect(found).toMatch(/dark: button-name/);
  });
});

/** Fails with what axe finds on a screen. */
async function check(app: App, page: Page, screen: string): Promise<void> {
  expect(await look(app, page, screen)).toEqual([]);
}

/** What axe finds on a screen, in both themes. */
async function look(app: App, page: Page, screen: string): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await app.evaluate(({ nativeTheme }, source) => {
      nativeTheme.themeSource = source;
    }, theme);
    await page.waitForFunction(
      (dark) => matchMedia('(prefers-color-scheme: dark)').matches === dark,
      theme === 'dark',
    );
    // Colours must have arrived before they are measured.
    await page.evaluate(() =>
      Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0))),
    );
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(readFileSync(AXE, 'utf8'));
    const violations = await page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof AxeModule };
      const { violations } = await axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      });
      return violations.map(({ id, help, nodes }) => {
        const [node] = nodes;
        return `${id}: ${help}: ${node?.html} (${nodes.length}) ${node?.failureSummary ?? ''}`;
      });
    });
    found.push(...violations.map((text) => `${screen}, ${theme}: ${text}`));
  }
  return found;
}
