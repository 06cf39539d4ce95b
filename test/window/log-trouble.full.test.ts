import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Bridge } from '../../src/shared/bridge.ts';
import { launch } from '../host/driver.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { goTo, setUp } from './flows.ts';
import { expectNoComplaints, MAIN, REASON } from './support.ts';

/** Changes a description until not even a small entry finds room in what SQLite has already. */
function writeUntilRefused(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const { keyward } = window as unknown as { keyward: Bridge };
    for (let [n, refused] = [0, 0]; n < 2_000 && refused < 20; n += 1) {
      const answer = await keyward['keys.setDescription']({ key: 'my-files', description: `${n}` });
      refused = answer.ok ? 0 : refused + 1;
    }
  });
}

it('a bar above everything tells that the log can’t be written, and goes by itself (pitfall 46)', async ({
  skip,
}) => {
  if (REASON !== undefined) return skip(REASON);
  // The vault holds 50 MiB back for its log.
  const disk = SmallDisk.mount(64 * 1_024);
  if (disk === undefined) return skip('needs the right to mount a small tmpfs (root)');
  const home = join(disk.folder, 'home');
  // The page's own files would give room back now and then.
  const own = mkdtempSync(join(tmpdir(), 'keyward-page-'));
  mkdirSync(home, { mode: 0o700 });
  symlinkSync(own, join(home, 'window'));
  const app = await launch({ main: MAIN, env: { KEYWARD_HOME: home } });
  try {
    const page = await app.page();
    await setUp(page);
    const bar = page.getByRole('alert').filter({ hasText: 'The log can’t be written.' });
    expect(await bar.count()).toBe(0);
    rmSync(join(home, 'vault.db-reserve'));
    disk.fill();
    await writeUntilRefused(page);
    await bar.getByText('the disk is full. Free some space.').waitFor();
    expect((await bar.boundingBox())?.y).toBe(0);
    // The rest of the window is there and works.
    await goTo(page, 'Settings');
    await page.getByRole('button', { name: 'Step down to operator' }).click();
    await page.getByRole('button', { name: /^Operator/ }).waitFor();
    disk.free();
    await bar.waitFor({ state: 'detached', timeout: 20_000 });
    expectNoComplaints(app);
  } finally {
    app.kill();
    await app.ended;
    disk.unmount();
    rmSync(own, { recursive: true, force: true, maxRetries: 5 });
  }
}, 120_000);
