import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SOFTWARE } from '../../../src/main/home/locked-status.ts';
import { leafCommands } from '../cli/render-docs.ts';
import { fromRoot, jsonOf, projectFiles, root, textOf } from './files.ts';
import { anchors, localLinks } from './markdown.ts';

type Package = {
  readonly version: string;
  readonly scripts: { readonly [name: string]: string };
  readonly dependencies: { readonly [name: string]: string };
};

const packageJson = jsonOf<Package>('package.json');
const pages = projectFiles().filter((path) => path.endsWith('.md') && !path.startsWith('test/vectors/'));

/** What is wrong with the links of a page. */
function brokenLinks(page: string, text: string): string[] {
  return localLinks(text).flatMap(({ to, fragment }) => {
    const target = to === '' ? page : fromRoot(resolve(root, dirname(page), to));
    if (target.startsWith('..') || !existsSync(join(root, target))) return [`${page}: no ${to}`];
    if (fragment === undefined || anchors(textOf(target)).includes(fragment)) return [];
    return [`${page}: no heading #${fragment} in ${target}`];
  });
}

/** The source files that a page names in code, by a path with a folder, and that are not there. */
function missingFiles(page: string, text: string): string[] {
  return [...text.matchAll(/`([\w.-]+\/[\w./-]+\.tsx?)`/g)]
    .map(([, path = '']) => path)
    .filter(
      (path) => !['', 'src', 'src/main', dirname(page)].some((from) => existsSync(join(root, from, path))),
    )
    .map((path) => `${page}: no ${path}`);
}

describe('the documents', () => {
  it('have no link that leads nowhere', () => {
    expect(pages.flatMap((page) => brokenLinks(page, textOf(page)))).toEqual([]);
  });

  it('are looked through well: a broken link would be seen', () => {
    const text =
      '# A b\n[1](docs/none.md) [2](#a-b) [3](#c) [4](LICENSE) ![5](x.png) [6](https://a.example/)\n`[7](y)`';
    expect(brokenLinks('README.md', text)).toEqual([
      'README.md: no docs/none.md',
      'README.md: no heading #a-b in README.md',
      'README.md: no heading #c in README.md',
      'README.md: no x.png',
    ]);
  });

  it('name only source files that exist', () => {
    const ours = pages.filter((page) => !page.startsWith('docs/adr/') && page !== 'CHANGELOG.md');
    expect(ours.flatMap((page) => missingFiles(page, textOf(page)))).toEqual([]);
  });

  it('are looked through for source files: one that is missing would be seen', () => {
    const text =
      '`kms/core.ts` `src/main/kms/core.ts` `test/unit/project/docs.test.ts` `kms/gone.ts` `table.ts`';
    expect(missingFiles('docs/x.md', text)).toEqual(['docs/x.md: no kms/gone.ts']);
    expect(missingFiles('src/main/kms/README.md', '`keys/expiry.ts`')).toEqual([]);
  });

  it('give a reason for every dependency that ships', () => {
    const reasons = textOf('docs/adr/0003-runtime-dependencies.md');
    const named = [...reasons.matchAll(/^\| `([^`]+)` \| [^|]+ \| [^|]{20,} \|$/gm)].map((match) => match[1]);
    expect(named.sort()).toEqual(Object.keys(packageJson.dependencies).sort());
  });

  it('count the decisions without a gap, and list each of them', () => {
    const numbers = projectFiles('docs/adr').map((path) =>
      path.slice('docs/adr/'.length, 'docs/adr/0000'.length),
    );
    expect(numbers.sort()).toEqual(numbers.map((_, index) => String(index + 1).padStart(4, '0')));
    const listed = textOf('docs/architecture.md').split('## Decisions')[1] ?? '';
    for (const path of projectFiles('docs/adr')) expect(listed).toContain(`(${path.slice('docs/'.length)})`);
  });

  it('show only commands that exist, with options that they have', () => {
    const shown = ['README.md', 'docs/cli.md', 'docs/threat-model.md']
      .flatMap((page) => textOf(page).split('\n'))
      .filter((line) => /^(\$ )?keyward /.test(line))
      .map((line) => line.replace(/^\$ /, '').replace(/\s+#.*$/, ''));
    expect(shown.length).toBeGreaterThan(10);
    for (const line of shown) {
      const words = line.split(' ').slice(1);
      const found = leafCommands().find(({ name }) => `${words.join(' ')} `.startsWith(`${name} `));
      expect(found, line).toBeDefined();
      const options = found?.command.options.map(({ long }) => long) ?? [];
      for (const word of words.filter((each) => /^--[a-z]/.test(each))) expect(options, line).toContain(word);
    }
  });

  it('ask for the Node that the project brings along', () => {
    const { optionalDependencies } = jsonOf<{
      readonly optionalDependencies: { readonly [name: string]: string };
    }>('package.json');
    expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([textOf('.nvmrc').trim()]));
  });

  it('name only scripts that npm can run', () => {
    for (const page of pages) {
      const scripts = [...textOf(page).matchAll(/\bnpm run ([a-z:]+)|\bnpm (start|test)\b/g)];
      for (const [, run, short] of scripts) {
        expect(Object.keys(packageJson.scripts), page).toContain(run ?? short);
      }
    }
  });
});

describe('the version', () => {
  it('is the same everywhere', () => {
    expect(SOFTWARE).toBe(packageJson.version);
    expect(jsonOf<Package>('package-lock.json').version).toBe(packageJson.version);
    expect(textOf('CHANGELOG.md')).toMatch(
      new RegExp(`^## ${packageJson.version.replaceAll('.', '\\.')}\\b`, 'm'),
    );
  });
});
