import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { type App, launch } from '../host/driver.ts';
import { setUp, unlock } from './flows.ts';
import { expectNoComplaints, keyward, MAIN } from './support.ts';

const GIB = 1024 ** 3;

/* What the window does around the page: jobs that are stopped, locking by itself, crashes, closing. */
describe('the window', () => {
  const { test } = keyward();

  test('stops a running job and leaves nothing of it', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    const large = join(folder, 'Large.bin');
    writeFileSync(large, '');
    truncateSync(large, 8 * GIB);
    await app.drop(page, 'body', [large]);
    await page.getByText('Encrypting Large.bin').first().waitFor();
    const bar = page.getByRole('progressbar');
    await bar.waitFor();
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
    expect(Number(await bar.getAttribute('aria-valuenow'))).toBeLessThan(100);
    await page.getByText(/ of 8\.?\d* GB · .*\/s/).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('stopped; nothing was written').waitFor();
    expect(readdirSync(folder).filter((name) => name.startsWith('Large.bin.'))).toEqual([]);
    expect(statSync(large).size).toBe(8 * GIB);
    expectNoComplaints(app);
  });

  test('asks before it locks over a running job, removes what was begun, and goes on after the unlock', async ({
    app,
    folder,
  }) => {
    const page = await app.page();
    await app.drop(page, 'body', [join(folder, 'Large.bin')]);
    await page.getByText('Encrypting Large.bin').first().waitFor();
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await page.getByRole('dialog').getByText('Lock while 1 job is running?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Lock', exact: true }).click();
    const locked = await lockedPage(app, page);
    await expect.poll(() => readdirSync(folder).filter((name) => name.startsWith('Large.bin.'))).toEqual([]);
    await unlock(locked);
    // The tests that follow want nothing running.
    await locked.getByText('Encrypting Large.bin').first().waitFor();
    await locked.getByRole('button', { name: 'Stop' }).click();
    await locked.getByText('stopped; nothing was written').waitFor();
  });

  test('comes back after its page has crashed, with the vault as it was', async ({ app }) => {
    const page = await app.page();
    const session = await page.context().newCDPSession(page);
    void session.send('Page.crash').catch(() => undefined);
    await expect.poll(async () => (await app.page()) !== page).toBe(true);
    const again = await app.page();
    await again.getByRole('heading', { name: 'Files', level: 1 }).waitFor();
  });

  test('config: locks when the screen locks and when the machine sleeps', async ({ app }) => {
    for (const event of ['lock-screen', 'suspend'] as const) {
      const page = await app.page();
      await app.evaluate(({ powerMonitor }, name) => {
        powerMonitor.emit(name);
      }, event);
      await unlock(await lockedPage(app, page));
    }
  });

  test('config: locks from the menu', async ({ app }) => {
    const page = await app.page();
    await app.evaluate(({ Menu }) => {
      type Item = MenuItemConstructorOptions & { submenu?: Item[] };
      const items = (Menu.getApplicationMenu() as unknown as { items: Item[] }).items;
      const lock = items.flatMap((item) => item.submenu ?? []).find(({ label }) => label === 'Lock now');
      (lock?.click as (() => void) | undefined)?.();
    }, null);
    await unlock(await lockedPage(app, page));
  });

  test('config: keeps what is dropped while locked, and begins when the vault is open', async ({
    app,
    folder,
  }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    const locked = await lockedPage(app, page);
    const file = join(folder, 'Waiting.txt');
    writeFileSync(file, 'x');
    await app.drop(locked, 'body', [file]);
    await locked.getByText('Waiting.txt is waiting.').waitFor();
    expect(existsSync(`${file}.keyward`)).toBe(false);
    await unlock(locked);
    await expect.poll(() => existsSync(`${file}.keyward`)).toBe(true);
  });

  test('config: a second start brings the first to the front and ends', async ({ home }) => {
    const second = await launch({ main: MAIN, env: { KEYWARD_HOME: home } }).catch((error: Error) => error);
    expect(String(second)).toContain('ended with 0');
  });

  test('config: asks before it closes over a running job', async ({ app, folder }) => {
    const page = await app.page();
    await app.drop(page, 'body', [join(folder, 'Large.bin')]);
    await page.getByText('Encrypting Large.bin').first().waitFor();
    await app.answer('showMessageBox', { response: 0, checkboxChecked: false });
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close(), null);
    await expect.poll(async () => (await app.asked()).length).toBe(1);
    const [asked] = await app.asked();
    expect(JSON.stringify(asked)).toContain('A job is still running.');
    expect(page.isClosed()).toBe(false);
    await app.answer('showMessageBox', { response: 1, checkboxChecked: false });
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close(), null);
    expect(await app.ended).toBe(0);
    expect(readdirSync(folder).filter((name) => name.startsWith('Large.bin.'))).toEqual([]);
  });
});

/** The page that takes the place of one that was locked. */
async function lockedPage(app: App, before: Page): Promise<Page> {
  await expect.poll(() => before.isClosed(), { timeout: 20_000 }).toBe(true);
  const page = await app.page();
  await page.getByRole('heading', { name: 'Unlock your vault' }).waitFor();
  return page;
}
