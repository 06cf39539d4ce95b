import { copyFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect } from 'vitest';
import { goTo, lock, setUp, unlock } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

function outside(home: string, sql: string): void {
  const db = new Database(join(home, 'vault.db'));
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

describe('what is found about the vault', () => {
  const { test } = keyward();

  test('is under Health with its next step; what is serious stands above every place, and goes when it is mended', async ({
    app,
    home,
  }) => {
    const page = await app.page();
    page.setDefaultTimeout(60_000);
    await setUp(page);
    await goTo(page, 'Health');
    const todo = page.getByRole('region', { name: 'To do' }).getByRole('listitem');
    await todo.filter({ hasText: 'No backup yet' }).waitFor();
    // The window has buttons for what a user of the command types.
    expect(await todo.getByText('keyward').count()).toBe(0);
    outside(home, "DELETE FROM protectors WHERE kind = 'passphrase'");
    const above = page.locator('.with-bar > .note').filter({ hasText: 'A way to unlock was changed.' });
    await above.getByText('Add it again under Recovery.').waitFor();
    const wrong = page.getByRole('region', { name: 'Something is wrong' }).getByRole('listitem');
    await wrong.filter({ hasText: 'A way to unlock was changed' }).waitFor();
    await wrong.getByRole('button', { name: 'Go to the ways in' }).click();
    await page.getByRole('heading', { name: 'Ways in' }).waitFor();
    await goTo(page, 'Keys');
    await above.waitFor();
    // As at 200 % zoom: what is told leaves room for the lock in its corner.
    await page.setViewportSize({ width: 480, height: 320 });
    const box = await page.getByRole('button', { name: 'Lock', exact: true }).boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 320)).toBeLessThanOrEqual(320);
    expectNoComplaints(app);
  }, 180_000);
});

describe('an older vault.db that was put back', () => {
  const { test } = keyward();

  test('is told on the locked screen and in the open vault until the newer file is moved away', async ({
    app,
    home,
    folder,
  }) => {
    const page = await app.page();
    page.setDefaultTimeout(60_000);
    await setUp(page);
    // What an unlock keeps beside the vault then.
    copyFileSync(join(home, 'vault.keys'), join(home, 'vault.keys.newer-1'));
    await lock(page);
    const again = await app.page();
    again.setDefaultTimeout(60_000);
    await unlock(again);
    const note = again.locator('.note').filter({ hasText: 'An older vault was put back.' });
    await note.getByText('vault.keys.newer-1').waitFor();
    await lock(again);
    const shut = await app.page();
    shut.setDefaultTimeout(60_000);
    await shut.reload();
    await shut.locator('.note').filter({ hasText: 'An older vault was put back.' }).waitFor();
    for (const name of readdirSync(home)) {
      if (name.includes('.newer-')) renameSync(join(home, name), join(folder, name));
    }
    await unlock(shut);
    await goTo(shut, 'Health');
    await shut.getByRole('region', { name: 'To do' }).waitFor();
    expect(await shut.getByText('An older vault was put back').count()).toBe(0);
    expectNoComplaints(app);
  }, 180_000);
});
