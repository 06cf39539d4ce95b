import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { details, goTo, makeKey, openKey, setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* Versions that are revoked one by one, and material that comes from elsewhere. */
describe('one version of a key', () => {
  const { test } = keyward();
  const items = (page: Page) => page.getByRole('tabpanel').locator('.timeline > li');

  test('can be disabled when a newer one is there, and enabled again', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    const file = join(folder, 'Letter.txt');
    writeFileSync(file, 'Dear all');
    await app.drop(page, 'body', [file]);
    await page.getByText('encrypted under My files').waitFor();
    await goTo(page, 'Keys');
    await openKey(page, 'My files');
    await page.getByRole('tab', { name: 'Versions' }).click();
    await items(page).first().getByText('1 file').waitFor();
    expect(await page.getByRole('button', { name: /^Disable… version/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Make a new version…' }).click();
    await page.getByRole('button', { name: 'Make a new version', exact: true }).click();
    await page.getByRole('button', { name: /^Disable… version/ }).click();
    await page.getByRole('dialog').getByText('1 file that this vault knows of does not open').waitFor();
    await page.getByRole('button', { name: 'Disable the version' }).click();
    await items(page).nth(1).getByText('Nothing under this version opens since').waitFor();
    await app.drop(page, 'body', [`${file}.keyward`]);
    await page
      .getByText(/is disabled/)
      .first()
      .waitFor();
    await goTo(page, 'Keys');
    await openKey(page, 'My files');
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('button', { name: /^Enable version/ }).click();
    await expect.poll(() => items(page).nth(1).getByText('Nothing under this version').count()).toBe(0);
  });

  test('is imported from files that the page never reads, and deleted again', async ({ app, folder }) => {
    const page = await app.page();
    await goTo(page, 'Keys');
    await page.getByRole('button', { name: 'New key…' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Brought along');
    await page.getByLabel('I bring the key material myself').check();
    await page.getByRole('button', { name: 'Make the key' }).click();
    await details(page).getByText('Without material', { exact: true }).waitFor();
    await openKey(page, 'Brought along');
    await page.getByRole('button', { name: 'Import the material' }).click();
    await app.answer('showOpenDialog', { canceled: false, filePaths: [folder] });
    await page.getByLabel('Wrapping key').selectOption('RSA_2048');
    await page.getByRole('button', { name: 'Save wrapping key and token…' }).click();
    await page.getByText(/^Saved wrapping-key-/).waitFor();
    const named = (start: string) =>
      join(folder, readdirSync(folder).find((name) => name.startsWith(start)) ?? 'none');
    const token = named('import-token-');
    const material = randomBytes(32);
    const wrapped = join(folder, 'wrapped.bin');
    const key = { key: readFileSync(named('wrapping-key-')), format: 'der', type: 'spki' } as const;
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const wrap = (bytes: Buffer) => publicEncrypt({ ...key, padding, oaepHash: 'sha256' }, bytes);
    writeFileSync(wrapped, wrap(material));
    const choose = async (what: string, path: string) => {
      await app.answer('showOpenDialog', { canceled: false, filePaths: [path] });
      await page.getByRole('button', { name: `Choose… ${what}` }).click();
    };
    await choose('Import token', wrapped);
    await choose('Wrapped material', wrapped);
    await page.getByText('wrapped.bin').nth(1).waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('The import token is not one of this key.').waitFor();
    await choose('Import token', token);
    await page.getByText('import-token').last().waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await items(page).getByText('Encrypts new files').waitFor();
    await page.getByText('Without material', { exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Delete the material… of version/ }).click();
    await page.getByRole('button', { name: 'Delete the material', exact: true }).click();
    await items(page).getByText('Material deleted').waitFor();
    // Other material does not pass for what the key had.
    writeFileSync(wrapped, wrap(randomBytes(32)));
    await choose('Wrapped material', wrapped);
    await choose('Import token', token);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('alert').waitFor();
    writeFileSync(wrapped, wrap(material));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await items(page).getByText('Encrypts new files').waitFor();
    expectNoComplaints(app);
  });
});

describe('a key that the vault manages itself', () => {
  const { test } = keyward();

  test('is shown as such, and nothing offers to change it', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    await page.evaluate(() =>
      (window as unknown as { keyward: { [name: string]: (input: object) => Promise<unknown> } }).keyward[
        'config.set'
      ]?.({ name: 'default-key', value: 'alias/keyward/files' }),
    );
    await page.reload();
    const file = join(folder, 'Letter.txt');
    writeFileSync(file, 'Dear all');
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    await app.drop(page, 'body', [file]);
    await page.getByText('encrypted under').first().waitFor();
    await goTo(page, 'Keys');
    await page.getByText('managed by the vault').waitFor();
    await openKey(page, 'Keyward/files');
    await page.getByText('takes care of it: it gets a new version every year').waitFor();
    const changes = /Disable|Delete|Change|Describe|Add|Move…|Remove|Make a new version/;
    expect(await page.getByRole('main').getByRole('button', { name: changes }).count()).toBe(0);
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByText('The next one is due on').waitFor();
    expect(await page.getByLabel('Make a new version').count()).toBe(0);
    expectNoComplaints(app);
  });
});

describe('roles and clients', () => {
  const { test } = keyward();

  test('one steps down, can do less, and steps up with the passphrase', async ({ app }) => {
    const page = await app.page();
    await setUp(page, 'canary-of-the-roles');
    await goTo(page, 'Keys');
    await makeKey(page, 'Letters');
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Step down to auditor' }).click();
    await page.getByRole('button', { name: /^Auditor/ }).waitFor();
    await page.getByText('You have stepped down to auditor').waitFor();
    expect(await page.getByRole('button', { name: /^Step down/ }).count()).toBe(0);
    // What is refused is told where it was asked for, not out of sight.
    const log = page.locator('section', { has: page.getByRole('heading', { name: 'Log' }) }).last();
    await log.getByRole('checkbox').click();
    await log.getByRole('alert').getByText('You as auditor may not change settings').waitFor();
    await goTo(page, 'Keys');
    await openKey(page, 'Letters');
    await page.getByRole('button', { name: 'Disable…' }).click();
    // The platform may close a dialog by itself; it can be asked for again.
    await page.locator('dialog').evaluate((one) => one instanceof HTMLDialogElement && one.close());
    await page.getByRole('button', { name: 'Disable…' }).click();
    await page.getByRole('button', { name: 'Disable Letters' }).click();
    await page.getByText('You as auditor may not disable the key').waitFor();
    await page.getByRole('button', { name: /^Auditor/ }).click();
    await page.getByLabel('Passphrase', { exact: true }).fill('something else');
    await page.getByRole('button', { name: 'Step up', exact: true }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByLabel('Passphrase', { exact: true }).fill('canary-of-the-roles');
    await page.getByRole('button', { name: 'Step up', exact: true }).click();
    await page.getByRole('button', { name: /^Auditor/ }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Disable…' }).click();
    await page.getByRole('button', { name: 'Disable Letters' }).click();
    await page.getByRole('button', { name: 'Enable' }).waitFor();
  });

  test('clients get an access key that is shown once, and lose it', async ({ app }) => {
    const page = await app.page();
    await goTo(page, 'Settings');
    await page.getByText('There are none.').waitFor();
    await page.getByRole('button', { name: 'New client…' }).click();
    await page.getByLabel('Name', { exact: true }).fill('backup');
    const policy = page.getByLabel('Policy of the client as JSON');
    const good = await policy.inputValue();
    await policy.fill(good.replace('Allow', 'Permit'));
    await page.getByRole('button', { name: 'Make the client' }).click();
    await page.getByText('Statement[0].Effect: must be Allow or Deny').waitFor();
    await policy.fill(good);
    await page.getByRole('button', { name: 'Make the client' }).click();
    await page.getByText('The secret is shown this once').waitFor();
    const secret = await page.getByRole('dialog').locator('bdi.mono').nth(1).textContent();
    expect(secret).toMatch(/^[A-Za-z0-9+/]{40}$/);
    await page.getByRole('button', { name: 'I have put it away' }).click();
    await page.getByRole('button', { name: 'Revoke… backup' }).waitFor();
    expect(await page.content()).not.toContain(secret);
    await page.getByRole('button', { name: 'Revoke… backup' }).click();
    await page.getByRole('button', { name: 'Revoke backup', exact: true }).click();
    await page.getByText(/revoked on/).waitFor();
    expectNoComplaints(app);
  });
});
