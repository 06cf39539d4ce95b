import { describe, expect } from 'vitest';
import { goTo, lock, PASSPHRASE, setUp, unlock } from './flows.ts';
import { keyward } from './support.ts';

const SECOND = 'canary-second-4c2f-whistles-loudly';
const THIRD = 'canary-third-77aa-hums-at-night';

describe('the passphrase', () => {
  const { test } = keyward();
  let words: readonly string[] = [];

  test('is changed under Recovery by whoever knows it, typed alike twice', async ({ app }) => {
    const page = await app.page();
    words = await setUp(page);
    await goTo(page, 'Recovery');
    await page.getByRole('button', { name: 'Change the passphrase…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the passphrase' });
    const fill = async (old: string, next: string, again: string) => {
      await dialog.getByLabel('The passphrase as it is').fill(old);
      await dialog.getByLabel('New passphrase', { exact: true }).fill(next);
      await dialog.getByLabel('The same again').fill(again);
      await dialog.getByRole('button', { name: 'Change it' }).click();
    };
    await fill(PASSPHRASE, SECOND, THIRD);
    await dialog.getByText('The two are not the same.').waitFor();
    await fill('not the passphrase', SECOND, SECOND);
    await dialog.getByText('The passphrase is wrong.').waitFor();
    // What was right need not be typed once more for what was not.
    expect(await dialog.getByLabel('New passphrase', { exact: true }).inputValue()).toBe(SECOND);
    expect(await dialog.getByLabel('The same again').inputValue()).toBe(SECOND);
    await fill(PASSPHRASE, SECOND, SECOND);
    await page.getByRole('main').getByText('The new passphrase was tried and opens the vault.').waitFor();
    expect(await dialog.count()).toBe(0);
  });

  test('that is weak is told so while it is typed, and taken only if it is meant; one of six words can be made', async ({
    app,
  }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Change the passphrase…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the passphrase' });
    const next = dialog.getByLabel('New passphrase', { exact: true });
    await next.fill('hunter2');
    await dialog.getByText(/Strength: very weak|Strength: weak/).waitFor();
    await dialog.getByLabel('The passphrase as it is').fill(SECOND);
    await dialog.getByLabel('The same again').fill('hunter2');
    await dialog.getByRole('button', { name: 'Change it' }).click();
    await dialog.getByText(/say below that you mean it/).waitFor();
    await dialog.getByRole('button', { name: 'Make one of six words' }).click();
    await dialog.getByText('Six words at random.', { exact: false }).waitFor();
    const made = await next.inputValue();
    expect(made.split(' ')).toHaveLength(6);
    await dialog.getByLabel('Use it although it is weak').waitFor({ state: 'detached' });
    await next.fill('hunter2');
    await dialog.getByLabel('The same again').fill('hunter2');
    await dialog.getByLabel('Use it although it is weak').check();
    await dialog.getByRole('button', { name: 'Change it' }).click();
    await page.getByRole('main').getByText('The new passphrase was tried and opens the vault.').waitFor();
    await page.getByRole('button', { name: 'Change the passphrase…' }).click();
    await dialog.getByLabel('The passphrase as it is').fill('hunter2');
    await next.fill(SECOND);
    await dialog.getByLabel('The same again').fill(SECOND);
    await dialog.getByRole('button', { name: 'Change it' }).click();
    await expect.poll(() => dialog.count()).toBe(0);
  });

  test('that was changed opens the vault, the old one does not', async ({ app }) => {
    await lock(await app.page());
    const page = await app.page();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await page.getByText('The passphrase is wrong.').waitFor();
    // What was wrong of one way in is not said of another.
    await page.getByRole('button', { name: 'Use the recovery phrase' }).click();
    await page.getByLabel('Recovery phrase').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.getByRole('button', { name: 'Use the passphrase' }).click();
    await unlock(page, SECOND);
  });

  test('that is forgotten is offered anew at once when the phrase has unlocked', async ({ app }) => {
    await lock(await app.page());
    let page = await app.page();
    await page.getByRole('button', { name: 'Use the recovery phrase' }).click();
    await page.getByLabel('Recovery phrase').fill(words.join(' '));
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await page.getByRole('heading', { name: 'Choose a new passphrase?' }).waitFor();
    await page.getByLabel('New passphrase', { exact: true }).fill(THIRD);
    await page.getByLabel('The same again').fill(THIRD);
    await page.getByRole('button', { name: 'Set it and open the vault' }).click();
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
    await lock(page);
    page = await app.page();
    await unlock(page, THIRD);
  });
});
