import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isInside, isSameFolder } from '../../../src/main/disk/inside.ts';

const root = mkdtempSync(join(tmpdir(), 'keyward-inside-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...names: string[]) => join(root, ...names);
mkdirSync(at('home', 'run'), { recursive: true });
mkdirSync(at('home-evil'));
symlinkSync(at('home'), at('link'));
symlinkSync(at('home', 'run'), at('deep'));

it('tells what lies in a folder by links and names, there or not', async () => {
  const inside = ['home', 'home/run', 'home/new', 'home/new/er', 'link', 'link/run', 'link/new', 'deep/new'];
  for (const path of inside) expect(await isInside(at(path), at('home')), path).toBe(true);
  for (const path of inside) expect(await isInside(at(path), at('link')), path).toBe(true);
  for (const path of ['', 'home-evil', 'home-evil/new', 'homes', '..']) {
    expect(await isInside(at(path), at('home')), path).toBe(false);
  }
  expect(await isInside(at('none', 'new'), at('none'))).toBe(true);
  expect(await isInside(at('other', 'new'), at('none'))).toBe(false);
  expect(await isSameFolder(at('link'), at('home'))).toBe(true);
  expect(await isSameFolder(at('home-evil'), at('home'))).toBe(false);
});

it.skipIf(process.platform !== 'linux')('knows a folder that is mounted a second time', (context) => {
  mkdirSync(at('mounted'));
  // In a namespace of mounts of its own, so that nothing is left of it.
  const script = `
    import { isInside, isSameFolder } from ${JSON.stringify(join(import.meta.dirname, '../../../src/main/disk/inside.ts'))};
    const [mounted, home] = ${JSON.stringify([at('mounted'), at('home')])};
    console.log(await isInside(mounted + '/new/er', home), await isSameFolder(mounted, home));`;
  const mount = 'mount --bind "$1" "$2" && exec "$3" --input-type=module-typescript -e "$4"';
  const words = ['-m', 'sh', '-c', mount, 'sh', at('home'), at('mounted'), process.execPath, script];
  const { status, stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' });
  if (status !== 0 && /unshare|mount|permission|ENOENT/i.test(stderr ?? 'ENOENT')) {
    return context.skip('needs the right to mount');
  }
  expect([stdout, stderr]).toEqual(['true true\n', '']);
});
