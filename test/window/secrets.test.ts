import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { lock, PASSPHRASE, setUp } from './flows.ts';
import { keyward } from './support.ts';

/* After locking, nothing secret is left where somebody could find it (Bitwarden #3166, Signal's plain key). */
describe('after locking', () => {
  const { test } = keyward();
  const name = `canary-name-${randomBytes(6).toString('hex')}.txt`;
  const content = `canary-content-${randomBytes(6).toString('hex')}`;
  let words: readonly string[] = [];

  test('a vault is used and locked', async ({ app, folder }) => {
    const page = await app.page();
    words = await setUp(page);
    writeFileSync(join(folder, name), content);
    await app.drop(page, 'body', [join(folder, name)]);
    await page.getByText('encrypted under My files').waitFor();
    expect(await heap(page)).toContain(name);
    await lock(page);
    await (await app.page()).getByRole('heading', { name: 'Unlock your vault' }).waitFor();
  });

  test('the page holds no secret in its memory', async ({ app }) => {
    const text = await heap(await app.page());
    expect(secrets().filter((secret) => text.includes(secret))).toEqual([]);
  });

  test('no file below the home holds a secret', async ({ home }) => {
    const found: string[] = [];
    for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      for (const secret of secrets()) {
        if (bytes.includes(secret) || bytes.includes(Buffer.from(secret, 'utf16le')))
          found.push(`${path}: ${secret}`);
      }
    }
    expect(found).toEqual([]);
  });

  test('the bridge answers that the vault is locked, and hands out nothing', async ({ app }) => {
    const page = await app.page();
    const codes = await page.evaluate(async () => {
      type Call = (input: object) => Promise<{ ok: boolean; error?: { code: string } }>;
      const bridge = (window as unknown as { keyward: { [name: string]: Call } }).keyward;
      const answers: string[] = [];
      for (const method of ['keys.list', 'audit.verify', 'config.list']) {
        answers.push((await bridge[method]?.({}))?.error?.code ?? 'answered');
      }
      const jobs = (await bridge['jobs.list']?.({})) as unknown as { value?: { jobs: unknown[] } };
      return [...answers, jobs.value?.jobs.length];
    });
    expect(codes).toEqual(['VaultLocked', 'VaultLocked', 'VaultLocked', 0]);
  });

  function secrets(): string[] {
    return [
      PASSPHRASE,
      name,
      content,
      words.join(' '),
      words.slice(0, 3).join(' '),
      words.slice(-3).join(' '),
    ];
  }
});

/** Everything that a heap snapshot of the page tells, as one text. */
async function heap(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const parts: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => parts.push(chunk));
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return parts.join('');
}

describe('what is cut from a field', () => {
  const { test } = keyward();

  test('goes the way of what is copied: by the main process, which takes it from the clipboard again', async ({
    app,
  }) => {
    const page = await app.page();
    await page.getByRole('button', { name: 'A new vault' }).click();
    const field = page.getByLabel('Passphrase', { exact: true });
    await field.fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Show what I type' }).click();
    await field.press('ControlOrMeta+a');
    await field.press('ControlOrMeta+x');
    await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText(), null)).toBe(PASSPHRASE);
    expect(await field.inputValue()).toBe('');
  });
});
