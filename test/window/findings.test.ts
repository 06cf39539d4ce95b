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

  test('is in Settings with its next step; what is serious stands above every place, and goes when it is mended', async ({
    app,
    home,
  }) => {
    const page = await app.page();
    page.setDefaultTimeout(60_000);
    await setUp(page);
    await goTo(page, 'Settings');
    const section = page.getByRole('region', { name: 'What Keyward noticed' });
    await section.getByText('No backup yet').waitFor();
    await section.getByText('keyward backup create --to FOLDER').waitFor();
    outside(home, "DELETE FROM protectors WHERE kind = 'passphrase'");
    const above = page.locator('.with-bar > .note').filter({ hasText: 'A way to unlock was changed.' });
    await above.getByText('keyward protectors add passphrase').waitFor();
    await section.getByText('keyward protectors add passphrase').waitFor();
    await goTo(page, 'Keys');
    await above.waitFor();
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
    await goTo(shut, 'Settings');
    await shut.getByRole('region', { name: 'What Keyward noticed' }).waitFor();
    expect(await shut.getByText('An older vault was put back').count()).toBe(0);
    expectNoComplaints(app);
  }, 180_000);
});
