import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { importedNames } from '../../scripts/import-graph.ts';
import { root } from '../unit/project/files.ts';

/** What may stand outside the bundles: Electron, and packages with native code. */
const OUTSIDE = ['electron', 'better-sqlite3', 'keytar', '@node-rs/argon2'];

const folder = join(root, 'out/main');
const built = readdirSync(folder).filter((name) => name.endsWith('.js'));

describe('the built main process and command', () => {
  // A package that stays outside is found by its name alone: another version of it, or none in the packed app.
  it('bring along all that they import but native code', () => {
    expect(built.length).toBeGreaterThan(10);
    const outside = built.flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return importedNames(name, text)
        .filter((imported) => !imported.startsWith('.') && !imported.startsWith('node:'))
        .filter((imported) => !builtinModules.includes(imported) && !OUTSIDE.includes(imported))
        .map((imported) => `${name}: ${imported}`);
    });
    expect(outside).toEqual([]);
  });

  it('are read well: an import of a package would be seen', () => {
    const { errors } = parseSync('x.js', 'import a from "left-pad"; await import("b");');
    expect(errors).toEqual([]);
    expect(importedNames('x.js', 'import a from "left-pad"; await import("b");')).toEqual(['left-pad', 'b']);
  });
});

describe('the built page', () => {
  it('weighs less than 300 KiB with all its scripts and styles, compressed', () => {
    const assets = join(root, 'out/renderer/assets');
    const texts = readdirSync(assets).filter((name) => /\.(js|css)$/.test(name));
    expect(texts.length).toBeGreaterThan(1);
    const bytes = texts.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
    expect(bytes).toBeLessThan(300 * 1024);
  });
});
