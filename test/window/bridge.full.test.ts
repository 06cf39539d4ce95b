import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { BRIDGE_METHODS, type Outcome } from '../../src/shared/bridge.ts';
import { setUp } from './flows.ts';
import { keyward } from './support.ts';

/* What a hostile page can do with the bridge itself. */

type AnyBridge = { readonly [name: string]: (...given: unknown[]) => Promise<Outcome<unknown>> };

describe('a hostile page and the bridge', () => {
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
      'clients.list',
      'endpoint.stop',
      'audit.verify',
      'config.list',
      'jobs.list',
      'jobs.clear',
      'window.appearance',
      'files.chooseTarget',
      'passphrase.generate',
      'restore.choose',
      'vault.showHome',
      'backup.folders',
      'backup.addFolder',
      'backup.leaveMerge',
      'repair.leave',
      'ways.newPhrase',
      'ways.readRotation',
      // Without words: the paper has lines to write them on.
      'recovery.kit',
      'shares.choose',
    ]);
    const methods = BRIDGE_METHODS.filter(
      (name) => !['vault.lock', 'vault.takeOver', 'repair.begin'].includes(name),
    );
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
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { heard: number }).heard))
      .toBeGreaterThanOrEqual(10_000);
    const heard = await page.evaluate(() => (window as unknown as { heard: number }).heard);
    expect(heard % 10_000).toBe(0);
    await page.reload();
  });
});
