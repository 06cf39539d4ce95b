import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { goTo, makeKey, openKey, setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* Who may do what with a key: its policy, the question why, its grants. */
describe('the access to a key', () => {
  const { test } = keyward();
  const policy = (page: Page) => page.getByLabel('Policy as JSON');
  const save = (page: Page) => page.getByRole('button', { name: /^Save the policy/ });

  test('is shown as JSON beside what it says', async ({ app }) => {
    const page = await app.page();
    await setUp(page);
    await goTo(page, 'Keys');
    await makeKey(page, 'Letters');
    await openKey(page, 'Letters');
    await page.getByRole('tab', { name: 'Access' }).click();
    expect(await policy(page).inputValue()).toContain('"Action": "kms:*"');
    await page.getByText('Whoever has a policy of their own that lets them may do everything').waitFor();
    await page.getByText('This is the policy that counts.').waitFor();
    expect(await save(page).getAttribute('aria-disabled')).toBe('true');
  });

  test('is checked while it is typed, naming the place', async ({ app }) => {
    const page = await app.page();
    const good = await policy(page).inputValue();
    await policy(page).fill(good.replace('"Allow"', '"Permit"'));
    await page.getByText('Statement[0].Effect: must be Allow or Deny').waitFor();
    await page.getByText('It can be put into words once it can be read.').waitFor();
    expect(await save(page).getAttribute('aria-disabled')).toBe('true');
    await policy(page).fill(good.replace('"Statement": [', '"Statement": '));
    await page.getByText(/line \d+, column \d+ can.t be read/).waitFor();
    await page.getByRole('button', { name: 'Back to what is saved' }).click();
    expect(await policy(page).inputValue()).toBe(good);
    await page.getByText('This is the policy that counts.').waitFor();
  });

  test('warns of a lock-out and does not save it', async ({ app }) => {
    const page = await app.page();
    const good = await policy(page).inputValue();
    await policy(page).fill(good.replace(':root', ':user/cli'));
    await page.getByText('This would lock you out').waitFor();
    await page.getByText(/you in the command may do everything/i).waitFor();
    await save(page).click({ force: true });
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('tab', { name: 'Access' }).click();
    await page.getByText('This would lock you out').waitFor();
    await page.getByRole('button', { name: 'Back to what is saved' }).click();
  });

  test('takes statements to begin with, and says what one gives up by saving', async ({ app }) => {
    const page = await app.page();
    await page.getByText('This is the policy that counts.').waitFor();
    await page.getByLabel('Add a statement').selectOption('Nobody deletes the key');
    await page.getByText('With this you can no longer have the key deleted').waitFor();
    await page.getByText('Nobody may have the key deleted').waitFor();
    await save(page).click();
    await page.getByRole('dialog').getByText('you can no longer have the key deleted').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Save the policy' }).click();
    await page.getByText('This is the policy that counts.').waitFor();
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByLabel('Type Letters to confirm').fill('Letters');
    await page.getByRole('button', { name: /^Delete Letters/ }).click();
    await page
      .getByRole('dialog')
      .getByRole('alert')
      .getByText('denies it, whatever else allows it')
      .waitFor();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('tab', { name: 'Access' }).click();
  });

  test('is explained: who can do what, and why', async ({ app }) => {
    const page = await app.page();
    const answer = page.locator('.answer');
    await page.getByLabel('Who', { exact: true }).fill('auditor');
    await page.getByRole('combobox', { name: 'Does what' }).selectOption('Decrypt');
    await page.getByRole('button', { name: 'Ask' }).click();
    await answer.getByText('You as auditor may not decrypt').waitFor();
    await answer.getByText(/none of the principal's allows kms:Decrypt/).waitFor();
    await page.getByLabel('Who', { exact: true }).fill('owner');
    await page.keyboard.press('Enter');
    await answer.getByText('You in the window may decrypt').waitFor();
    await page.getByRole('combobox', { name: 'Does what' }).selectOption('ScheduleKeyDeletion');
    await page.getByRole('button', { name: 'Ask' }).click();
    await answer.getByText(/statement "Keep" of the key's policy denies it/i).waitFor();
    await page.getByLabel('Who', { exact: true }).fill('no such principal, by any name');
    await page.keyboard.press('Enter');
    await page.getByText(/Invalid arn/).waitFor();
  });

  test('can be granted, with a context, and the grant ended', async ({ app }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'New grant…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who may').fill('auditor');
    await dialog.getByLabel('Decrypt', { exact: true }).check();
    await dialog.getByLabel('With which context').selectOption('subset');
    expect(await dialog.getByRole('button', { name: 'Make the grant' }).getAttribute('aria-disabled')).toBe(
      'true',
    );
    await dialog.getByLabel('Pair 1, name').fill('matter');
    await dialog.getByLabel('Pair 1, value').fill('M-1');
    await dialog.getByRole('button', { name: 'Make the grant' }).click();
    await dialog.waitFor({ state: 'detached' });
    const grants = page.getByRole('region', { name: 'Grants' });
    await grants.getByText('matter=M-1').waitFor();
    await page.getByLabel('Who', { exact: true }).fill('auditor');
    await page.getByRole('combobox', { name: 'Does what' }).selectOption('Decrypt');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.locator('.answer').getByText('You as auditor may not').waitFor();
    await page.getByRole('button', { name: 'Add a pair' }).click();
    await page.getByLabel('Pair 1, name').fill('matter');
    await page.getByLabel('Pair 1, value').fill('M-1');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page
      .locator('.answer')
      .getByText(/Grant [0-9a-f]+ allows it/)
      .waitFor();
    await grants.getByRole('button', { name: /^End… the grant of/ }).click();
    await page.getByRole('button', { name: 'Revoke it' }).click();
    await grants.getByText('There are none.').waitFor();
    expectNoComplaints(app);
  });
});
