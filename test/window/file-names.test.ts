import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { setUp } from './flows.ts';
import { expectNoComplaints, keyward } from './support.ts';

/* A file's name is text and nothing else (Logseq, Jan, Joplin; Bitwarden VULN-425). */
const NAMES = [
  '<img src=x onerror=alert(1)>.txt',
  'javascript:alert(1).txt',
  '<script>window.ran=1<’script>.txt',
  'invoice\u202efdp.exe',
  'zero\u200bwidth.txt',
  'line\nbreak.txt',
  '{{7*7}} #{7*7} %s.txt',
  '&lt;b&gt;.txt',
  '-rf.txt',
  'Ünïcode ✓ 漢字 👩‍👩‍👧.txt',
  `${'long '.repeat(40)}.txt`,
].filter((name) => process.platform !== 'win32' || !/[<>:"|?*\n]/.test(name));

describe('names of files', () => {
  const { test } = keyward();

  test('are shown as what they are and nothing else happens', async ({ app, folder }) => {
    const page = await app.page();
    await setUp(page);
    const place = join(folder, 'names');
    mkdirSync(place);
    for (const name of NAMES) writeFileSync(join(place, name), 'x');
    await app.drop(
      page,
      'body',
      NAMES.map((name) => join(place, name)),
    );
    await page.getByText(`Encrypted ${NAMES.length} files`).first().waitFor();
    expect(readdirSync(place).filter((name) => name.endsWith('.keyward'))).toHaveLength(NAMES.length);
    const found = await page.evaluate(() => ({
      ran: 'ran' in window,
      images: document.querySelectorAll('img, script:not([src]), a[href^="javascript:"]').length,
      text: document.querySelector('main')?.textContent ?? '',
      wide: document.documentElement.scrollWidth > window.innerWidth,
    }));
    expect(found.ran).toBe(false);
    expect(found.images).toBe(0);
    expect(found.text).toContain('<img src=x onerror=alert(1)>.txt');
    // What would turn the text around is not left in it.
    expect(found.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(found.wide).toBe(false);
    expectNoComplaints(app);
  });

  test('twenty files are one job and one prompt (pitfall 48)', async ({ app, folder }) => {
    const page = await app.page();
    const place = join(folder, 'twenty');
    mkdirSync(place);
    const paths = Array.from({ length: 20 }, (_, n) => join(place, `Page ${n + 1}.txt`));
    for (const path of paths) writeFileSync(path, path);
    await app.drop(page, 'body', paths);
    await page.getByText('Encrypted 20 files').first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(paths.every((path) => existsSync(`${path}.keyward`))).toBe(true);
  });

  test('a folder is asked about before anything is done', async ({ app, folder }) => {
    const page = await app.page();
    const place = join(folder, 'a folder');
    mkdirSync(place);
    writeFileSync(join(place, 'inside.txt'), 'x');
    await app.drop(page, 'body', [place]);
    await page.getByRole('dialog').getByText('This is a folder.').waitFor();
    expect(existsSync(join(place, 'inside.txt.keyward'))).toBe(false);
    await page.getByRole('button', { name: 'Encrypt each file' }).click();
    await expect.poll(() => existsSync(join(place, 'inside.txt.keyward'))).toBe(true);
    expectNoComplaints(app);
  });
});
