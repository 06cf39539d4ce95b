import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, launch, wanted, whyNot } from '../host/driver.ts';

/** The project's root. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** The built main, or what KEYWARD_APP names: another, or the program of an unpacked build. */
export const MAIN = process.env['KEYWARD_APP'] ?? join(ROOT, 'out/main/index.js');

/** Why the window's tests cannot run here; undefined if they can. */
export const REASON: string | undefined = existsSync(MAIN) ? whyNot() : 'the app is not built: npm run build';

/** Why tests of what only the host can show are skipped; undefined if they are not. */
export const HOST_ONLY: string | undefined =
  REASON ?? (wanted() === 'host' ? undefined : 'asks the host for what a real Electron does not tell');

/** A running Keyward with an empty home of its own, started before the tests of a file and ended after them. */
export type Scene = {
  readonly app: App;
  /** The vault's home. */
  readonly home: string;
  /** A folder for the test's own files. */
  readonly folder: string;
};

/** Starts Keyward for the tests of one `describe`; `scene()` gives it. Skipped where no window can run. */
export function keyward(): {
  scene: () => Scene;
  test: (name: string, act: (scene: Scene) => Promise<void>, timeout?: number) => void;
} {
  let made: Scene | undefined;
  const scene = () => {
    if (made === undefined) throw new Error('Keyward is not running');
    return made;
  };
  beforeAll(async () => {
    if (REASON !== undefined) return;
    const base = mkdtempSync(join(tmpdir(), 'keyward-window-'));
    const home = join(base, 'home');
    made = { app: await launch({ main: MAIN, env: { KEYWARD_HOME: home } }), home, folder: base };
    await made.app.page();
  });
  afterAll(async () => {
    if (made === undefined) return;
    made.app.kill();
    await made.app.ended;
    rmSync(made.folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const test = (name: string, act: (scene: Scene) => Promise<void>, timeout?: number) =>
    it(
      name,
      async (context) => {
        const reason = name.startsWith('config: ') ? HOST_ONLY : REASON;
        if (reason !== undefined) context.skip(reason);
        await act(scene());
      },
      timeout,
    );
  return { scene, test };
}

/** Fails with the lines that the page complained of. */
export function expectNoComplaints(app: App): void {
  expect(app.complaints).toEqual([]);
}

/** Starts Keyward on the vault at `home`, hands it to `act`, and ends it. */
export async function withApp(home: string, act: (app: App) => Promise<void>): Promise<void> {
  const app = await launch({ main: MAIN, env: { KEYWARD_HOME: home } });
  try {
    await act(app);
  } finally {
    app.kill();
    await app.ended;
  }
}
