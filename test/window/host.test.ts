import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, launch, wanted, whyNot } from '../host/driver.ts';

type Call = (...args: unknown[]) => Promise<unknown>;
type Described = { keys: string[]; own: boolean; plain: boolean };
type Fixture = {
  refused: string;
  invoke: Call;
  describe(value: unknown): Described;
  round<T>(value: T): T;
  onNews(listener: (news: { text: string; bytes: Uint8Array }) => void): () => void;
  fails(): void;
  later(): Promise<{ at: Date; map: Map<string, number> }>;
  paths(files: File[]): string[];
  nested: { list: number[] };
};
declare global {
  interface Window {
    readonly fixture: Fixture;
    readonly again: string;
    dropped?: string[];
  }
}

const main = fileURLToPath(new URL('../host/fixture/main.js', import.meta.url));
const reason =
  wanted() === 'host' ? whyNot() : 'the fixture proves the host, which a real Electron does not use';

describe('the host', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-host-'));
  const env = { FIXTURE_HOME: folder };
  let app: App;
  let page: Page;

  beforeAll(async () => {
    if (reason !== undefined) return;
    app = await launch({ main, env });
    page = await app.page();
  });
  afterAll(async () => {
    app?.kill();
    await app?.ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const test = (name: string, act: () => Promise<void>) =>
    it(name, async (context) => {
      if (reason !== undefined) context.skip(reason);
      await act();
    });

  test('runs the preload in a world of its own, in which require knows only electron', async () => {
    const found = await page.evaluate(() => ({
      refused: window.fixture.refused,
      leaked: 'secretOfPreload' in window,
      node: 'process' in window || 'require' in window,
    }));
    expect(found).toEqual({ refused: 'module not found: node:fs', leaked: false, node: false });
  });

  test('serves the page through the handler, with its status and headers', async () => {
    const answered = page.waitForResponse(/page\.js$/);
    await page.evaluate(() =>
      document.body.append(Object.assign(document.createElement('img'), { src: 'none.png' })),
    );
    await page.reload();
    const response = await answered;
    expect(response.status()).toBe(200);
    expect(response.headers()['x-kind']).toBe('fixture');
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe('rgb(0, 128, 0)');
  });

  test('lets Chromium enforce the Content-Security-Policy of the handler', async () => {
    const broken = await page.evaluate(async () => {
      const heard = new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        document.addEventListener('securitypolicyviolation', (event) => {
          if (seen.push(event.effectiveDirective) === 2) resolve(seen);
        });
      });
      await fetch('/page.css').catch(() => undefined);
      const script = document.createElement('div');
      try {
        script.innerHTML = '<b>';
      } catch {
        // Trusted Types
      }
      return heard;
    });
    expect(broken.sort()).toEqual(['connect-src', 'require-trusted-types-for']);
    expect(app.complaints.some((line) => line.includes('Content Security Policy'))).toBe(true);
  });

  test('copies what crosses contextBridge and drops prototypes', async () => {
    const found = await page.evaluate(async () => {
      const circle: { me?: unknown } = {};
      circle.me = circle;
      const round = window.fixture.round(circle);
      const source = { deep: [1, { two: 2 }] };
      const copy = window.fixture.round(source);
      const later = await window.fixture.later();
      let thrown: unknown;
      try {
        window.fixture.fails();
      } catch (error) {
        thrown = error;
      }
      let deep: unknown = 0;
      for (let i = 0; i < 1_100; i++) deep = [deep];
      let depth = '';
      try {
        window.fixture.round(deep);
      } catch (error) {
        depth = (error as Error).message;
      }
      return {
        circle: round.me === round && round !== circle,
        copy: JSON.stringify(copy),
        same: copy === source,
        later: later.at instanceof Date && later.map instanceof Map,
        error: thrown instanceof Error && !('code' in thrown) && thrown.message,
        depth,
        class: window.fixture.describe(
          new (class {
            x = 1;
          })(),
        ),
        proto: window.fixture.describe(JSON.parse('{"__proto__": {"a": 1}, "b": 2}')),
        frozen: Object.isFrozen(window.fixture) && Object.isFrozen(window.fixture.nested.list),
        again: window.again,
      };
    });
    expect(found).toMatchObject({
      circle: true,
      copy: '{"deep":[1,{"two":2}]}',
      same: false,
      later: true,
      error: 'thrown',
      class: { keys: ['x'], own: false, plain: true },
      proto: { keys: ['__proto__', 'b'], own: true, plain: true },
      frozen: true,
    });
    expect(found.depth).toContain('recursion depth exceeded');
    expect(found.again).toContain('on top of an existing property');
  });

  test('gives the page no way to the node that the worlds share', async () => {
    const found = await page.evaluate(() => {
      const nodes: unknown[] = [];
      const dispatch = EventTarget.prototype.dispatchEvent;
      EventTarget.prototype.dispatchEvent = function (event) {
        nodes.push(this);
        return dispatch.call(this, event);
      };
      window.fixture.round({ a: 1 });
      EventTarget.prototype.dispatchEvent = dispatch;
      return nodes.length;
    });
    expect(found).toBe(0);
  });

  test('carries invoke with structured clone and the sending frame', async () => {
    const found = await page.evaluate(async () => {
      const answer = (await window.fixture.invoke(
        'echo',
        1,
        [undefined, new Date(5), -0],
        new Uint8Array([7]),
        2n,
      )) as {
        args: unknown[];
        main: boolean;
        url: string;
      };
      const [, list, bytes] = answer.args as [number, [undefined, Date, number], Uint8Array];
      const message = (error: Error) => error.message;
      return {
        main: answer.main,
        url: answer.url,
        date: list[1].getTime(),
        zero: Object.is(list[2], -0),
        bytes: bytes[0],
        big: String(answer.args[3]),
        fail: await window.fixture.invoke('fail').catch(message),
        nobody: await window.fixture.invoke('nobody').catch(message),
        function: await window.fixture.invoke('echo', () => 1).catch(message),
      };
    });
    expect(found).toEqual({
      main: true,
      url: 'app://bundle/',
      date: 5,
      zero: true,
      bytes: 7,
      big: '2',
      fail: "Error invoking remote method 'fail': Error: on purpose",
      nobody: "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'",
      function: 'An object could not be cloned.',
    });
  });

  test('delivers what main sends, until the page unsubscribes', async () => {
    const heard = await page.evaluate(async () => {
      let times = 0;
      const news = await new Promise<string>((resolve) => {
        const stop = window.fixture.onNews(({ text, bytes }) => {
          times++;
          stop();
          resolve(`${text} ${bytes.join()}`);
        });
        void window.fixture.invoke('say');
      });
      await window.fixture.invoke('say');
      return [news, times];
    });
    expect(heard).toEqual(['hello 1,2', 1]);
  });

  test('gives the real path of a dropped file and folder, and none for a made-up file (pitfall 47)', async () => {
    const file = join(folder, 'a name with ünïcode \u202e.txt');
    writeFileSync(file, 'x');
    await page.evaluate(() => {
      document.addEventListener('dragover', (event) => event.preventDefault());
      document.addEventListener('drop', (event) => {
        event.preventDefault();
        window.dropped = window.fixture.paths([...(event.dataTransfer?.files ?? [])]);
      });
    });
    await app.drop(page, '#drop', [file, folder]);
    await expect.poll(() => page.evaluate(() => window.dropped)).toEqual([file, folder]);
    expect(await page.evaluate(() => window.fixture.paths([new File(['x'], 'made.txt')]))).toEqual(['']);
  });

  test('config: dialogs are answered by the test', async () => {
    await app.answer('showOpenDialog', { canceled: false, filePaths: ['/chosen'] });
    expect(await page.evaluate(() => window.fixture.invoke('ask'))).toEqual({
      canceled: false,
      filePaths: ['/chosen'],
    });
    expect(await app.asked()).toEqual([{ method: 'showOpenDialog', options: { properties: ['openFile'] } }]);
  });

  test('config: the theme that main chooses reaches the page', async () => {
    const dark = () => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
    expect(await dark()).toBe(false);
    await page.evaluate(() => window.fixture.invoke('dark'));
    expect(await dark()).toBe(true);
  });

  test('config: navigation is asked of main, new windows are not opened', async () => {
    const opened = await page.evaluate(() => {
      const link = Object.assign(document.createElement('a'), { href: 'https://elsewhere.invalid/' });
      document.body.append(link);
      link.click();
      return window.open('https://popup.invalid/');
    });
    expect(opened).toBeNull();
    const seen = () =>
      app.evaluate(() => (globalThis as { seen?: { navigations: string[]; popup?: string } }).seen, null);
    await expect.poll(seen).toMatchObject({
      navigations: ['https://elsewhere.invalid/'],
      popup: 'https://popup.invalid/',
    });
    expect(await page.evaluate(() => typeof window.fixture)).toBe('object');
  });

  test('config: a second instance hands over its arguments and ends', async () => {
    const second = await launch({ main, env, args: ['--hello'] }).catch((error: Error) => error.message);
    expect(String(second)).toContain('second');
    const seen = () => app.evaluate(() => (globalThis as { seen?: { second: string[] } }).seen?.second, null);
    await expect.poll(seen).toEqual(['--hello']);
  });

  test('config: quitting asks the windows and ends with 0', async () => {
    await app.quit();
    expect(await app.ended).toBe(0);
    expect(app.output()).toContain('before-quit');
  });
});
