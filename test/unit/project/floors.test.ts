import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  chainViolations,
  circleViolations,
  FLOORS,
  folderOf,
  readmeViolations,
  unusedPermissions,
  violations,
} from '../../../scripts/check-floors.ts';
import { importGraph, longestChain } from '../../../scripts/import-graph.ts';
import { projectFiles, textOf } from './files.ts';
import { tableAfter } from './markdown.ts';

const table = tableAfter(textOf('docs/architecture.md'), '## Floors');
const floors = new Map(
  table.map(([room = '', may = '']) => [room, may.split(', ').filter((name) => name !== '')] as const),
);

/** What a module of this room does wrong. */
const wrong = (room: string, text: string) => violations(join(folderOf(room), 'x.ts'), text);

/** An import of one room's module by another's. */
function importOf(from: string, to: string): string {
  const up = '../'.repeat(folderOf(from).split('/').length);
  return `import { y } from '${up}${folderOf(to)}/y.ts';`;
}

/** A graph of modules by path below src/. */
const graphOf = (modules: { readonly [path: string]: string }) =>
  importGraph(new Map(Object.entries(modules).map(([path, text]) => [join(...path.split('/')), text])));

describe('the floors', () => {
  it('are kept by every module', () => {
    const modules = projectFiles('src').filter((path) => /\.tsx?$/.test(path));
    expect(modules.length).toBeGreaterThan(100);
    const found = modules.flatMap((path) => violations(join(...path.split('/').slice(1)), textOf(path)));
    expect(found).toEqual([]);
  });

  it('have no circle, and no permission that nobody uses', () => {
    const graph = graphOf(
      Object.fromEntries(
        projectFiles('src')
          .filter((path) => /\.tsx?$/.test(path))
          .map((path) => [path.slice('src/'.length), textOf(path)]),
      ),
    );
    expect(circleViolations(graph)).toEqual([]);
    expect(chainViolations(graph)).toEqual([]);
    expect(unusedPermissions(graph)).toEqual([]);
  });

  it('are said by each room in its README.md, with its purpose and where to begin', () => {
    const files = new Set(projectFiles('src'));
    const found = Object.keys(FLOORS).flatMap((room) => {
      const folder = `src/${folderOf(room).split(sep).join('/')}`;
      const text = files.has(`${folder}/README.md`) ? textOf(`${folder}/README.md`) : undefined;
      return readmeViolations(room, text, (name) => files.has(`${folder}/${name}`));
    });
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
    expect(violations(join('cli', 'console.ts'), "import '../main/kms/a.ts';")).toHaveLength(1);
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

  it.each([
    ['two modules', { 'main/kms/a.ts': "import './b.ts';", 'main/kms/b.ts': "import './a.ts';" }],
    ['a module and itself', { 'main/kms/a.ts': "import './a.ts';" }],
    [
      'types',
      { 'cli/a.ts': "import type { B } from './b.ts';", 'cli/b.ts': "import type { A } from './a.ts';" },
    ],
    [
      'three modules, one of them late',
      {
        'cli/a.ts': "import './b.ts';",
        'cli/b.ts': "export * from './c.ts';",
        'cli/c.ts': "const a = await import('./a.ts');",
      },
    ],
  ])('sees a circle of %s', (_, modules) => {
    expect(circleViolations(graphOf(modules))).toHaveLength(1);
  });

  it('takes two ways to one module for no circle', () => {
    const modules = {
      'cli/a.ts': "import './b.ts'; import './c.ts';",
      'cli/b.ts': "import './d.ts';",
      'cli/c.ts': "import './d.ts';",
      'cli/d.ts': '',
    };
    expect(circleViolations(graphOf(modules))).toEqual([]);
    expect(longestChain(graphOf(modules))).toHaveLength(3);
  });

  it('refuses a chain of 30 imports or more, and says it; types count', () => {
    const chainOf = (length: number) =>
      graphOf(
        Object.fromEntries(
          Array.from({ length }, (_, n) => [
            `cli/m${n}.ts`,
            n === length - 1 ? '' : `import type { y } from './m${n + 1}.ts';`,
          ]),
        ),
      );
    expect(chainViolations(chainOf(29))).toEqual([]);
    const [found, ...more] = chainViolations(chainOf(30));
    expect(found).toMatch(/a chain of 30 imports, 29 at most.*m0\.ts -> .*m29\.ts$/);
    expect(more).toEqual([]);
  });

  it('refuses a permission that nobody uses, and the floor of a room that is not there', () => {
    const found = unusedPermissions(graphOf({ 'main/disk/a.ts': '', 'shared/a.ts': '' }));
    expect(found).toContain('disk may import shared, and does not');
    expect(found).toContain('there is no room kms');
  });

  it.each([
    ['is missing', undefined],
    ['has no purpose', '# disk\n\nMay import: shared.\n\nBegin at: [file.ts](file.ts).\n'],
    [
      'has another name',
      `# disc\n\n${'What it is for. '.repeat(4)}\n\nMay import: shared.\n\nBegin at: [file.ts](file.ts).\n`,
    ],
    [
      'allows more',
      `# disk\n\n${'What it is for. '.repeat(4)}\n\nMay import: shared, kms.\n\nBegin at: [file.ts](file.ts).\n`,
    ],
    [
      'leads nowhere',
      `# disk\n\n${'What it is for. '.repeat(4)}\n\nMay import: shared.\n\nBegin at: [gone.ts](gone.ts).\n`,
    ],
    ['does not lead', `# disk\n\n${'What it is for. '.repeat(4)}\n\nMay import: shared.\n`],
  ])('refuses a room whose README.md %s', (_, text) => {
    expect(readmeViolations('disk', text, (name) => name === 'file.ts')).toHaveLength(1);
  });
});
