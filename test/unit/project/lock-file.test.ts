import { describe, expect, it } from 'vitest';
import { jsonOf, projectFiles, textOf } from './files.ts';

type Entry = { readonly resolved?: string; readonly hasInstallScript?: true; readonly integrity?: string };

const { packages } = jsonOf<{ packages: { readonly [path: string]: Entry } }>('package-lock.json');

/** Words that only the address of a package registry or a mirror of one has. */
const REGISTRY =
  /\b(registry|npm|packages|pypi|mirrors?)\.[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|org|net|io|dev|cn|local|internal)\b|\b(npmmirror|artifactory|verdaccio|codeartifact)\b|\bregistry\s*=/i;

/** The host that packages are taken from where this runs, unless it is only "localhost". */
function registryAtHand(): string | undefined {
  const host = URL.parse(process.env['npm_config_registry'] ?? '')?.hostname;
  return host === undefined || host === 'localhost' || host === '' ? undefined : host;
}

describe('package-lock.json', () => {
  it('has no addresses', () => {
    const addressed = Object.entries(packages).filter(([, entry]) => 'resolved' in entry);
    expect(addressed.map(([path]) => path)).toEqual([]);
  });

  it('lets only keytar run an install script', () => {
    const scripted = Object.entries(packages).filter(([, entry]) => entry.hasInstallScript === true);
    expect(scripted.map(([path]) => path)).toEqual(['node_modules/keytar']);
  });

  it('has a hash for every package that runs with the vault', () => {
    const own = Object.keys(jsonOf<{ dependencies: object }>('package.json').dependencies);
    for (const name of own) expect(packages[`node_modules/${name}`]?.integrity, name).toMatch(/^sha512-/);
  });
});

describe('the project', () => {
  it('names no registry', () => {
    const host = registryAtHand();
    const found = projectFiles().filter((path) => {
      const text = textOf(path);
      return REGISTRY.test(text) || (host !== undefined && text.includes(host));
    });
    expect(found.filter((path) => path !== 'test/unit/project/lock-file.test.ts')).toEqual([]);
  });

  it('would be caught naming one', () => {
    const host = (...parts: readonly string[]) => parts.join('.');
    expect(`https://${host('registry', 'example', 'org')}/a`).toMatch(REGISTRY);
    expect(`//${host('npm', 'example', 'com')}/a`).toMatch(REGISTRY);
    expect(['registry', 'https://a.example'].join('=')).toMatch(REGISTRY);
    expect('github.com/npm/cli and example.org/registry.html').not.toMatch(REGISTRY);
  });
});
