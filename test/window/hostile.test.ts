import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { App } from '../host/driver.ts';
import { keyward } from './support.ts';

/* A page that has gone over to the enemy tries everything that others were wounded by. */

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
