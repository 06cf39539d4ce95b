import { describe, expect, it } from 'vitest';
import { unusedExports } from '../../../scripts/unused-exports.ts';

const found = (
  modules: { readonly [path: string]: string },
  users: { readonly [path: string]: string } = {},
) =>
  unusedExports(new Map(Object.entries(modules)), new Map(Object.entries(users))).map((line) =>
    line.replace(/;.*/, ''),
  );

const A = 'src/main/x/a.ts';
const B = 'src/main/b.ts';

describe('exports', () => {
  it.each([
    ['a type', 'export type T = 1;', 'T'],
    ['a function', 'export async function f() {}', 'f'],
    ['a constant', 'export const c = 1;', 'c'],
    ['a class', 'export class K {}', 'K'],
    ['a default', 'export default 1;', 'default'],
    ['a name of another', 'const c = 1; export { c as d };', 'd'],
  ])('that nobody imports are found: %s', (_, text, name) => {
    expect(found({ [A]: text })).toEqual([`${A}: nobody imports ${name}`]);
  });

  it.each([
    ['by name', "import { c } from './x/a.ts';"],
    ['under another name', "import { c as d } from './x/a.ts';"],
    ['as a type', "import type { c } from './x/a.ts';"],
    ['as one of them all', "import * as all from './x/a.ts';"],
    ['late', "const { c } = await import('./x/a.ts');"],
    ['in a type', "type C = import('./x/a.ts').c;"],
  ])('that a module imports %s are used', (_, text) => {
    expect(found({ [A]: 'export const c = 1;', [B]: text })).toEqual([]);
  });

  it('that are exported again are used as far as that is imported', () => {
    const again = { [A]: 'export const c = 1;', [B]: "export { c } from './x/a.ts';" };
    expect(found(again)).toEqual([`${B}: nobody imports c`]);
    expect(found(again, { 'test/b.test.ts': "import { c } from '../src/main/b.ts';" })).toEqual([]);
    expect(found({ [A]: 'export const c = 1;', 'src/main/c.ts': "export * from './x/a.ts';" })).toEqual([]);
  });

  it('of the same name in another module, or used in their own, are not used', () => {
    const other = { 'src/main/x/other.ts': 'export const c = 1;', [B]: "import { c } from './x/other.ts';" };
    expect(found({ [A]: 'export const c = 1; c;', ...other })).toEqual([`${A}: nobody imports c`]);
  });

  it('that a test imports are used', () => {
    const test = "import { c } from '../../../src/main/x/a.ts';";
    expect(found({ [A]: 'export const c = 1;' }, { 'test/unit/x/a.test.ts': test })).toEqual([]);
  });
});
