import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { violations } from '../../../scripts/check-floors.ts';
import { projectFiles, textOf } from './files.ts';
import { tableAfter } from './markdown.ts';

const table = tableAfter(textOf('docs/architecture.md'), '## Floors');
const floors = new Map(
  table.map(([room = '', may = '']) => [room, may.split(', ').filter((name) => name !== '')] as const),
);

/** The rooms that stand directly in src/; the others are in src/main/. */
const OUTSIDE = ['shared', 'cli', 'preload', 'renderer'];

const folderOf = (room: string) => (OUTSIDE.includes(room) ? room : `main/${room}`);

/** What a module of this room does wrong. */
const wrong = (room: string, text: string) => violations(join(...folderOf(room).split('/'), 'x.ts'), text);

/** An import of one room's module by another's. */
function importOf(from: string, to: string): string {
  const up = '../'.repeat(folderOf(from).split('/').length);
  return `import { y } from '${up}${folderOf(to)}/y.ts';`;
}

describe('the floors', () => {
  it('are kept by every module', () => {
    const modules = projectFiles('src').filter((path) => /\.tsx?$/.test(path));
    expect(modules.length).toBeGreaterThan(100);
    const found = modules.flatMap((path) => violations(join(...path.split('/').slice(1)), textOf(path)));
    expect(found).toEqual([]);
  });

  it('are those of docs/architecture.md, for every two rooms', () => {
    const rooms = [...floors.keys()];
    for (const from of rooms) {
      for (const to of rooms) {
        const allowed = from === to || floors.get(from)?.includes(to) === true;
        expect(wrong(from, importOf(from, to)).length === 0, `${from} imports ${to}`).toBe(allowed);
      }
    }
  });

  it('have every folder of the source in the table', () => {
    const folders = projectFiles('src').flatMap((path) => {
      const [, first = '', second = '', third] = path.split('/');
      if (first !== 'main') return [first];
      return third === undefined ? [] : [second];
    });
    expect([...floors.keys()]).toEqual(expect.arrayContaining([...new Set(folders)]));
  });
});

describe('the check', () => {
  it.each([
    ['an import', "import { a } from '../vault/a.ts';"],
    ['an import of a type', "import type { A } from '../vault/a.ts';"],
    ['an import for its effect', "import '../vault/a.ts';"],
    ['a re-export', "export { a } from '../vault/a.ts';"],
    ['a re-export of all', "export * from '../vault/a.ts';"],
    ['a late import', "const a = await import('../vault/a.ts');"],
    ['a late import of a template', 'const a = await import(`../vault/a.ts`);'],
    ['a way around', "import { a } from '../../main/vault/a.ts';"],
    ['a composition root', "import '../index.ts';"],
  ])('sees %s', (_, text) => {
    expect(wrong('kms', text)).toHaveLength(1);
  });

  it.each([
    ['kms', 'node:crypto', 'crypto'],
    ['kms', 'crypto', 'crypto'],
    ['envelope', '@noble/hashes/sha2.js', 'crypto'],
    ['unlock', '@scure/bip39', 'crypto'],
    ['unlock', '@node-rs/argon2', 'crypto'],
    ['vault', 'node:fs', 'disk'],
    ['vault', 'node:fs/promises', 'disk'],
    ['vault', 'fs', 'disk'],
    ['api', 'better-sqlite3', 'store'],
    ['store', 'keytar', 'unlock'],
    ['cli', 'electron', 'shell'],
    ['owner', 'electron', 'ipc'],
    ['api', 'commander', 'cli'],
    ['cli', 'react', 'renderer'],
    ['shell', 'react-dom/client', 'renderer'],
    ['shared', 'zustand', 'renderer'],
  ])('keeps %s from %s, which belongs to %s', (room, name, owner) => {
    expect(wrong(room, `import '${name}';`)).toHaveLength(1);
    expect(wrong(owner, `import '${name}';`)).toEqual([]);
  });

  it('keeps Node out of what runs anywhere', () => {
    for (const room of ['shared', 'renderer']) expect(wrong(room, "import 'node:path';")).toHaveLength(1);
    expect(wrong('vault', "import 'node:path';")).toEqual([]);
  });

  it('lets the composition roots wire every room, but not take every package', () => {
    for (const file of [join('main', 'index.ts'), join('cli', 'index.ts')]) {
      const up = file.startsWith('main') ? './' : '../main/';
      expect(violations(file, `import '${up}kms/a.ts'; import '${up}vault/a.ts';`)).toEqual([]);
      expect(violations(file, "import 'node:fs'; import 'node:crypto';")).toHaveLength(2);
    }
    expect(violations(join('cli', 'face.ts'), "import '../main/kms/a.ts';")).toHaveLength(1);
  });

  it('refuses a room that has no floor', () => {
    expect(wrong('attic', "import '../kms/a.ts';")).toHaveLength(1);
  });

  it('does not take words for imports', () => {
    expect(wrong('kms', "// import '../vault/a.ts'\nconst a = \"import '../vault/a.ts'\";")).toEqual([]);
  });

  it('refuses what it can not read, and modules of over 400 lines', () => {
    expect(wrong('kms', 'import {')).toHaveLength(1);
    expect(wrong('kms', '\n'.repeat(400))).toEqual([]);
    expect(wrong('kms', '\n'.repeat(401))).toHaveLength(1);
  });
});
