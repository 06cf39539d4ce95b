import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { BRIDGE_METHODS, type Outcome } from '../../src/shared/bridge.ts';
import type { App } from '../host/driver.ts';
import { setUp } from './flows.ts';
import { keyward } from './support.ts';

/* A page that has gone over to the enemy tries everything that others were wounded by. */

type AnyBridge = { readonly [name: string]: (...given: unknown[]) => Promise<Outcome<unknown>> };

/** The page's address as main and a real Electron know it. */
const PAGE = 'app://bundle/index.html';

/** The literal that the window's switches must equal; written out, so that a change of the source shows. */
const SWITCHES = {
  partition: 'keyward-window',
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  plugins: false,
  safeDialogs: true,
  disableDialogs: true,
  spellcheck: false,
};

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'none'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
  "trusted-types 'none'";

describe('a hostile page', () => {
  const { test } = keyward();

  test('finds exactly the contract on the bridge, frozen', async ({ app }) => {
    const page = await app.page();
    const found = await page.evaluate(() => {
      const bridge = (window as unknown as { keyward: AnyBridge }).keyward;
      const before = bridge['vault.lock'];
      try {
        (bridge as { [name: string]: unknown })['vault.lock'] = () => 1;
      } catch {
        // frozen
      }
      return { names: Object.keys(bridge), same: before === bridge['vault.lock'] };
    });
    expect(found.names.toSorted()).toEqual([...BRIDGE_METHODS, 'subscribe'].toSorted());
    expect(found.same).toBe(true);
  });

  test('finds no Node, no Electron and nothing of the preload', async ({ app }) => {
    const page = await app.page();
    const names = [
      'require',
      'module',
      'process',
      'Buffer',
      'electron',
      'ipcRenderer',
      '__dirname',
      'global',
    ];
    expect(await page.evaluate((list) => list.filter((name) => name in window), names)).toEqual([]);
  });

  test('gets the policy as a response header, and Chromium enforces it', async ({ app }) => {
    const page = await app.page();
    const answered = page.waitForResponse(/index\.html$/);
    await page.reload();
    expect((await answered).headers()['content-security-policy']).toBe(POLICY);
    const blocked = await page.evaluate(async () => {
      // DevTools may evaluate what the policy forbids: step out of its call first.
      await new Promise((resolve) => setTimeout(resolve));
      const tried: string[] = [];
      const failed = (name: string, act: () => unknown) => {
        try {
          act();
          tried.push(name);
        } catch {
          // refused
        }
      };
      // biome-ignore lint/security/noGlobalEval: it must fail
      failed('eval', () => globalThis.eval('1'));
      failed('Function', () => new Function('return 1')());
      failed('innerHTML', () => {
        document.createElement('p').innerHTML = '<img src=x onerror=alert(1)>';
      });
      failed('policy', () =>
        (
          window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }
        ).trustedTypes.createPolicy('mine', {
          createHTML: (text: string) => text,
        }),
      );
      const script = document.createElement('script');
      failed('script text', () => {
        script.textContent = 'window.ran = true';
        document.body.append(script);
      });
      const image = document.createElement('img');
      failed('onerror', () => image.setAttribute('onerror', 'window.ran = true'));
      image.src = 'data:,';
      document.body.append(image);
      await new Promise((resolve) => setTimeout(resolve, 100));
      if ('ran' in window) tried.push('ran');
      return tried;
    });
    // Appending a script whose text came by textContent throws nothing but runs nothing either.
    expect(blocked.filter((name) => name !== 'script text')).toEqual([]);
  });

  test('reaches no network by any way that pages have', async ({ app }) => {
    const page = await app.page();
    const got = await page.evaluate(async () => {
      const reached: string[] = [];
      const target = 'https://outside.invalid/x';
      const settle = async (name: string, act: () => Promise<unknown>) => {
        try {
          await Promise.race([
            act(),
            new Promise((_, reject) => setTimeout(() => reject(new Error('nothing')), 300)),
          ]);
          reached.push(name);
        } catch {
          // refused
        }
      };
      const load = (element: HTMLElement, into: ParentNode = document.body) =>
        new Promise((resolve, reject) => {
          element.onload = resolve;
          element.onerror = reject;
          into.append(element);
        });
      await settle('fetch', () => fetch(target));
      await settle('fetch of a file', () => fetch('file:///etc/passwd'));
      await settle('fetch of itself', () => fetch('/index.html'));
      await settle('xhr', () => {
        const request = new XMLHttpRequest();
        request.open('GET', target);
        return new Promise((resolve, reject) => {
          request.onload = resolve;
          request.onerror = reject;
          request.send();
        });
      });
      await settle('socket', () => {
        const socket = new WebSocket('wss://outside.invalid/');
        return new Promise((resolve, reject) => {
          socket.onopen = resolve;
          socket.onerror = reject;
        });
      });
      await settle('events', () => {
        const source = new EventSource(target);
        return new Promise((resolve, reject) => {
          source.onopen = resolve;
          source.onerror = reject;
        });
      });
      await settle('image', () => load(Object.assign(new Image(), { src: target })));
      await settle('data image', () =>
        load(Object.assign(new Image(), { src: 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=' })),
      );
      await settle('style', () =>
        load(
          Object.assign(document.createElement('link'), { rel: 'stylesheet', href: target }),
          document.head,
        ),
      );
      await settle('frame', async () => {
        const frame = document.createElement('iframe');
        frame.src = target;
        document.body.append(frame);
        await new Promise((resolve) => setTimeout(resolve, 200));
        const inside = frame.contentDocument;
        frame.remove();
        if (inside === null || inside.body.childElementCount === 0) throw new Error('empty');
      });
      await settle('font', () => new FontFace('x', `url(${target})`).load());
      await settle('worker', async () => {
        const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));
        await new Promise((resolve, reject) => {
          worker.onmessage = resolve;
          worker.onerror = reject;
        });
      });
      await settle('service worker', () => navigator.serviceWorker.register('/assets/sw.js'));
      await settle('import', () => import(/* @vite-ignore */ String(target)));
      const form = Object.assign(document.createElement('form'), { action: target, method: 'post' });
      document.body.append(form);
      form.submit();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return reached;
    });
    expect(got).toEqual([]);
    expect(page.isClosed()).toBe(false);
    expect(await here(page)).toBe(true);
  });

  test('can leave its place by no road, and opens no window (CVE-2026-34765, -102673, -102674)', async ({
    app,
  }) => {
    const page = await app.page();
    await page.reload();
    const before = await windows(app);
    const roads = [
      'https://outside.invalid/',
      'http://127.0.0.1:1/',
      'file:///etc/passwd',
      'data:text/html,<h1>x</h1>',
      'javascript:document.title="taken"',
      'app://elsewhere/index.html',
      'app://bundle/assets/',
      'chrome://settings/',
      'keyward://x',
      'mailto:x@outside.invalid',
    ];
    for (const road of roads) {
      await page
        .evaluate(async (address) => {
          location.href = address;
          const link = document.createElement('a');
          link.href = address;
          document.body.append(link);
          link.click();
          await new Promise((resolve) => setTimeout(resolve, 30));
        }, road)
        .catch(() => undefined);
      expect(await here(page), road).toBe(true);
      expect(await page.title(), road).toBe('Keyward');
    }
    const opened = await page.evaluate(() => {
      const results: unknown[] = [];
      for (const address of ['https://outside.invalid/', 'about:blank', location.href]) {
        results.push(
          window.open(address),
          window.open(address, 'name', 'popup,nodeIntegration=yes,sandbox=no'),
        );
        const link = Object.assign(document.createElement('a'), {
          href: address,
          target: '_blank',
          rel: 'opener',
        });
        document.body.append(link);
        link.click();
        link.dispatchEvent(new MouseEvent('click', { ctrlKey: true, bubbles: true }));
        link.dispatchEvent(new MouseEvent('auxclick', { button: 1, bubbles: true }));
      }
      return results.filter((result) => result !== null).length;
    });
    expect(opened).toBe(0);
    await page.evaluate(() => {
      const link = Object.assign(document.createElement('a'), {
        href: 'https://outside.invalid/',
        id: 'middle',
      });
      link.textContent = 'middle';
      link.style.cssText = 'position:fixed;inset:0;z-index:99999;display:block';
      document.body.append(link);
    });
    await page.mouse.click(30, 30, { button: 'middle' });
    await page.keyboard.down('Shift');
    await page.mouse.click(30, 30);
    await page.keyboard.up('Shift');
    await page.waitForTimeout(150);
    expect(await windows(app)).toBe(before);
    expect(await here(page)).toBe(true);
  });

  test('config: asks for no file outside the list of names', async ({ app }) => {
    const page = await app.page();
    await page.reload();
    const names = [
      '..%2f..%2fpackage.json',
      '..%5c..%5cpackage.json',
      '%2e%2e/%2e%2e/package.json',
      '/etc/passwd',
      '//etc/passwd',
      'names.json',
      'index.html%00.png',
      'INDEX.HTML',
      'assets/',
      '__proto__',
      'constructor',
    ];
    for (const name of names) {
      const answered = page.waitForResponse((response) => response.request().resourceType() === 'image');
      await page.evaluate((source) => {
        document.body.append(Object.assign(new Image(), { src: source }));
      }, new URL('.', page.url()).href + name);
      expect((await answered).status(), name).toBe(404);
    }
  });

  test('fuzzes every method and gets a refusal, never a crash or a polluted prototype (CVE-2026-70610)', async ({
    app,
  }) => {
    const page = await app.page();
    await page.reload();
    await setUp(page);
    // What takes no input may be asked by any page; it tells no more than the window shows.
    const harmless = new Set([
      'vault.status',
      'keys.list',
      'audit.verify',
      'config.list',
      'jobs.list',
      'jobs.clear',
      'window.appearance',
      'files.chooseTarget',
    ]);
    const methods = BRIDGE_METHODS.filter((name) => !['vault.lock', 'vault.takeOver'].includes(name));
    const answers = await page.evaluate(async (list) => {
      const bridge = (window as unknown as { keyward: AnyBridge }).keyward;
      const circle: { me?: unknown } = {};
      circle.me = circle;
      let deep: unknown = 0;
      for (let i = 0; i < 900; i++) deep = { deep };
      const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]));
      const inputs: [string, () => unknown][] = [
        ['__proto__', () => JSON.parse('{"__proto__": {"polluted": true}}')],
        ['nested __proto__', () => JSON.parse('{"a": [{"__proto__": {"polluted": true}}]}')],
        ['constructor', () => JSON.parse('{"constructor": {"prototype": {"polluted": true}}}')],
        ['getter', () => Object.defineProperty({}, 'key', { enumerable: true, get: () => 'x'.repeat(10) })],
        [
          'throwing getter',
          () =>
            Object.defineProperty({}, 'key', {
              enumerable: true,
              get: () => {
                throw new Error('boom');
              },
            }),
        ],
        ['circle', () => circle],
        ['deep', () => deep],
        ['wide', () => wide],
        ['function', () => ({ key: () => 1 })],
        ['symbol', () => ({ key: Symbol('x') })],
        ['array', () => [1, 2, 3]],
        ['number', () => Number.NaN],
        ['string', () => '\ud800'],
        ['big', () => 10n],
        ['date', () => new Date(Number.NaN)],
        ['map', () => new Map([['__proto__', 1]])],
        ['window', () => window],
        ['null', () => null],
        ['surplus', () => ({ surplus: true })],
        ['path', () => ({ file: '/etc/passwd' })],
        ['paths', () => ({ kind: 'encrypt', files: ['/etc/passwd'], overwrite: true })],
        [
          'proxy',
          () =>
            new Proxy(
              {},
              {
                ownKeys: () => ['key'],
                getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
              },
            ),
        ],
      ];
      const large: typeof inputs = [
        ['huge string', () => ({ key: 'x'.repeat(6_000_000) })],
        ['huge bytes', () => ({ kind: 'passphrase', secret: new Uint8Array(6_000_000) })],
        ['sparse array', () => Object.assign([], { length: 200_000 })],
      ];
      const odd: string[] = [];
      for (const name of list) {
        for (const [label, make] of name === 'keys.create' ? [...inputs, ...large] : inputs) {
          try {
            const answer = await bridge[name]?.(make());
            const text = JSON.stringify(answer);
            if (answer?.ok) odd.push(`accepted ${name} with ${label}`);
            else if (typeof answer?.error.message !== 'string') odd.push(`${name} with ${label}: ${text}`);
            else if (answer.error.code === 'Internal') odd.push(`${name} with ${label}: Internal`);
            if (/\bat \S+ \(|node_modules|\.(ts|js):\d/.test(text))
              odd.push(`${name} with ${label}: a stack`);
          } catch {
            // refused by the bridge itself
          }
        }
      }
      if ('polluted' in {}) odd.push('polluted here');
      return odd;
    }, methods);
    const accepted = answers
      .map((line) => /^accepted (\S+)/.exec(line)?.[1])
      .filter((name) => name !== undefined);
    expect(answers.filter((line) => !line.startsWith('accepted '))).toEqual([]);
    expect(accepted.filter((name) => !harmless.has(name))).toEqual([]);
    expect(await app.evaluate(() => 'polluted' in {}, null)).toBe(false);
    const status = await page.evaluate(() =>
      (window as unknown as { keyward: AnyBridge }).keyward['vault.status']?.({}),
    );
    expect(status?.ok).toBe(true);
  });

  test('gets nothing for handles that it was not given', async ({ app }) => {
    const page = await app.page();
    const codes = await page.evaluate(async () => {
      const bridge = (window as unknown as { keyward: AnyBridge }).keyward;
      const guess = `f-${'0'.repeat(32)}`;
      const answers = [
        await bridge['files.inspect']?.({ file: guess }),
        await bridge['files.show']?.({ file: guess }),
        await bridge['jobs.start']?.({ kind: 'encrypt', files: [guess], overwrite: true }),
        await bridge['jobs.start']?.({ kind: 'decrypt', files: [guess], to: guess, overwrite: true }),
        await bridge['jobs.cancel']?.({ job: guess }),
      ];
      return answers.map((answer) => (answer?.ok === false ? answer.error.code : 'accepted'));
    });
    expect(codes).not.toContain('accepted');
    expect(codes).not.toContain('Internal');
  });

  test('cannot make up a drop', async ({ app, folder }) => {
    const page = await app.page();
    const secret = join(folder, 'secret.txt');
    writeFileSync(secret, 'x');
    const heard = await page.evaluate(async () => {
      const events: unknown[] = [];
      const bridge = (
        window as unknown as { keyward: { subscribe(listener: (event: unknown) => void): () => void } }
      ).keyward;
      const stop = bridge.subscribe((event) => events.push(event));
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'made-up.txt'));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 150));
      stop();
      return events;
    });
    expect(heard).toEqual([]);
  });

  test('unsubscribes for real, a thousand times', async ({ app, folder }) => {
    const page = await app.page();
    const file = join(folder, 'dropped.txt');
    writeFileSync(file, 'x');
    await page.evaluate(() => {
      const scope = window as unknown as {
        keyward: { subscribe(listener: () => void): () => void };
        heard: number;
      };
      scope.heard = 0;
      const stops = Array.from({ length: 1_000 }, () => scope.keyward.subscribe(() => scope.heard++));
      for (const stop of stops) stop();
      scope.keyward.subscribe(() => {
        scope.heard += 10_000;
      });
    });
    await app.drop(page, 'body', [file]);
    await expect.poll(() => page.evaluate(() => (window as unknown as { heard: number }).heard)).toBe(10_000);
    await page.reload();
  });

  test('gets no permission, no webview and no download', async ({ app }) => {
    const page = await app.page();
    const found = await page.evaluate(async () => {
      const states: string[] = [];
      for (const name of ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi']) {
        try {
          const { state } = await navigator.permissions.query({ name: name as PermissionName });
          if (state === 'granted') states.push(name);
        } catch {
          // unknown here
        }
      }
      const where = await new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('found'),
          () => resolve('refused'),
          { timeout: 500 },
        );
      });
      const view = document.createElement('webview');
      view.setAttribute('src', 'https://outside.invalid/');
      document.body.append(view);
      const link = Object.assign(document.createElement('a'), {
        href: URL.createObjectURL(new Blob(['x'])),
        download: 'evil.desktop',
      });
      document.body.append(link);
      link.click();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { states, where, view: 'executeJavaScript' in view };
    });
    expect(found).toEqual({ states: [], where: 'refused', view: false });
    expect(await here(page)).toBe(true);
  });

  test('config: main refuses every permission and cancels every download', async ({ app }) => {
    const found = await app.evaluate(async ({ session }, partition) => {
      const { recorded } = session.fromPartition(partition) as unknown as {
        recorded: {
          permissionRequest: (...args: unknown[]) => void;
          permissionCheck: () => boolean;
          devicePermission: () => boolean;
        };
      };
      const asked = await new Promise((resolve) => recorded.permissionRequest(null, 'media', resolve, {}));
      return [asked, recorded.permissionCheck(), recorded.devicePermission()];
    }, SWITCHES.partition);
    expect(found).toEqual([false, false, false]);
  });

  test('config: the window was made with exactly the written switches (CVE-2026-34769)', async ({ app }) => {
    const found = await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      return (window as unknown as { options: { webPreferences: { preload?: string } } }).options
        .webPreferences;
    }, null);
    const { preload, ...switches } = found;
    expect(switches).toEqual(SWITCHES);
    expect(preload).toMatch(/out[\\/]preload[\\/]index\.cjs$/);
  });

  test('config: nothing of all this asked for an address outside', async ({ app }) => {
    const outside = await app.evaluate(
      ({ session }, partition) =>
        (session.fromPartition(partition) as unknown as { outside: string[] }).outside,
      SWITCHES.partition,
    );
    expect(outside).toEqual([]);
  });
});

/** Whether the page still stands where it belongs, with its bridge. */
async function here(page: Page): Promise<boolean> {
  await page.waitForLoadState();
  const at = await page.evaluate(() => `${location.host}${location.pathname} ${'keyward' in window}`);
  return /^bundle[^/]*\/index\.html true$/.test(at) && PAGE.endsWith('/index.html');
}

async function windows(app: App): Promise<number> {
  return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null);
}
