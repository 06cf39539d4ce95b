import { describe, expect, it } from 'vitest';
import { type Listed, PathList } from '../../../src/main/vault/path-list.ts';

describe('a list of paths', () => {
  it('gives them back in their order, whatever they look like', () => {
    const paths: Listed[] = [
      { path: '/a/b', below: '', number: 0, marked: false },
      { path: '/a/c', below: '', number: 2 ** 50, marked: true },
      { path: '/a/c', below: 'x/y', number: 1, marked: false },
      { path: 'no-folder', below: '', number: 2, marked: false },
      { path: '/', below: '', number: 3, marked: false },
      { path: `/Größe & Maß (1)/${'ß'.repeat(40_000)}/\n😀`, below: 'ü', number: 4, marked: true },
      { path: '', below: '', number: 5, marked: false },
    ];
    const list = new PathList();
    for (const path of paths) list.push(path);
    expect(list.count).toBe(paths.length);
    expect([...list]).toEqual(paths);
    expect([...list]).toEqual(paths);
    expect([...new PathList()]).toEqual([]);
  });

  it('takes some forty bytes for each (pitfall 69)', () => {
    const before = process.memoryUsage().arrayBuffers;
    const list = new PathList();
    const path = (n: number) =>
      `/home/ada/Documents/Taxes/folder-${Math.floor(n / 500)}/receipt-${n}.pdf.keyward`;
    for (let n = 0; n < 50_000; n++) list.push({ path: path(n), below: 'Taxes', number: n, marked: false });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000 * 48);
    let seen = 0;
    for (const listed of list) if (listed.path === path(seen)) seen++;
    expect(seen).toBe(50_000);
  });
});
