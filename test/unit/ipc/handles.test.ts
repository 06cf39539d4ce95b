import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Handles, type PathFacts } from '../../../src/main/ipc/handles.ts';

const there: { readonly [path: string]: PathFacts } = {
  '/a/Contract.pdf': { kind: 'file', bytes: 4_200 },
  '/a/Contract.pdf.KEYWARD': { kind: 'encrypted', bytes: 8_400 },
  '/a/Photos': { kind: 'folder', bytes: 4_096 },
  '/a/pipe': { kind: 'other', bytes: 0 },
};
const make = () =>
  new Handles({
    facts: async (path) => {
      if (path === '/a/closed') throw new Error('EACCES');
      return there[path];
    },
    split: (path) => ({ folder: dirname(path), name: basename(path) }),
  });

describe('handles', () => {
  it('say what stands at a path, and nothing of its bytes', async () => {
    const given = await make().give([...Object.keys(there), '/a/gone', '/a/closed']);
    expect(given.map(({ name, kind, bytes }) => [name, kind, bytes])).toEqual([
      ['Contract.pdf', 'file', 4_200],
      ['Contract.pdf.KEYWARD', 'encrypted', 8_400],
      ['Photos', 'folder', null],
      ['pipe', 'other', null],
      ['gone', 'missing', null],
      ['closed', 'missing', null],
    ]);
    expect(new Set(given.map(({ folder }) => folder))).toEqual(new Set(['/a']));
    const again = make();
    const all = await again.give(Object.keys(there));
    expect(all.filter(({ id }) => again.isFolder(id)).map(({ name }) => name)).toEqual(['Photos']);
  });

  it('are random, the same for the same path, and lead back to it', async () => {
    const handles = make();
    const [first] = await handles.give(['/a/Contract.pdf']);
    const [again] = await handles.give(['/a/Contract.pdf']);
    const [other] = await make().give(['/a/Contract.pdf']);
    expect(first?.id).toMatch(/^f-[0-9a-f]{32}$/);
    expect(again?.id).toBe(first?.id);
    expect(other?.id).not.toBe(first?.id);
    expect(handles.path(first?.id ?? '')).toBe('/a/Contract.pdf');
  });

  it('are not paths: what the page makes up is unknown', () => {
    for (const made of ['/etc/passwd', 'f-00000000000000000000000000000000', '__proto__', '']) {
      expect(() => make().path(made)).toThrow(expect.objectContaining({ reason: 'file-no-longer-known' }));
    }
  });

  it('name a destination only if they came from a dialog that asked for one', async () => {
    const handles = make();
    const [dropped] = await handles.give(['/a/Photos']);
    const [asked] = await handles.give(['/a/Photos'], 'target');
    expect(() => handles.path(dropped?.id ?? '', 'target')).toThrow(
      expect.objectContaining({ reason: 'file-no-longer-known' }),
    );
    expect(() => handles.path(asked?.id ?? '')).toThrow(
      expect.objectContaining({ reason: 'file-no-longer-known' }),
    );
    expect(handles.path(asked?.id ?? '', 'target')).toBe('/a/Photos');
  });

  it('are forgotten at lock', async () => {
    const handles = make();
    const [given] = await handles.give(['/a/Contract.pdf']);
    handles.clear();
    expect(() => handles.path(given?.id ?? '')).toThrow(
      expect.objectContaining({ reason: 'file-no-longer-known' }),
    );
  });
});
