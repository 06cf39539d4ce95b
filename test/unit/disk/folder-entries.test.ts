import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../../src/main/disk/fault-hook.ts';
import { FolderEntries } from '../../../src/main/disk/folder-entries.ts';
import { errno } from '../../support/faults.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-entries-'));
afterEach(() => setFaultHook(undefined));
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes an empty folder of that name. */
function folderOf(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

describe('the entries of a folder', () => {
  it('are in the order of their bytes, whatever order the disk has them in', async () => {
    const path = folderOf('order');
    const names = ['a', 'B', 'b', 'ä', 'aa', 'a b', '.hidden', '2', '10', '\uffee', '😀', '\n', 'a\u0308'];
    for (const name of names) writeFileSync(join(path, name), '');
    const inOrder = [...names].sort((a, b) => Buffer.from(a).compare(Buffer.from(b)));
    expect([...(await FolderEntries.of(path))].map(({ name }) => name)).toEqual(inOrder);
  });

  it('are told from each other by kind, and links are not followed', async () => {
    const path = folderOf('kinds');
    mkdirSync(join(path, 'folder'));
    writeFileSync(join(path, 'file'), '');
    symlinkSync(join(path, 'file'), join(path, 'link'));
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(path, 'other'), done));
    const entries = [...(await FolderEntries.of(path))];
    await new Promise((done) => server.close(done));
    expect(entries.map(({ name, kind }) => [name, kind])).toEqual(
      ['file', 'folder', 'link', 'other'].map((kind) => [kind, kind]),
    );
  });

  it('are all there, in order, where they fill several pieces and pages', async () => {
    const path = folderOf('many');
    const names = Array.from({ length: 3_000 }, (_, n) => `${'ß'.repeat(n % 90)}-${n}`);
    for (const name of names) writeFileSync(join(path, name), '');
    const inOrder = [...names].sort((a, b) => Buffer.from(a).compare(Buffer.from(b)));
    expect([...(await FolderEntries.of(path))].map(({ name }) => name)).toEqual(inOrder);
  });

  it('are none in an empty folder', async () => {
    expect([...(await FolderEntries.of(folderOf('empty')))]).toEqual([]);
  });

  it('can not be told of a disk that fails, or of what is no folder', async () => {
    const path = folderOf('failing');
    writeFileSync(join(path, 'file'), '');
    await expect(FolderEntries.of(join(path, 'file'))).rejects.toMatchObject({ code: 'SourceNotFound' });
    await expect(FolderEntries.of(join(path, 'none'))).rejects.toMatchObject({ code: 'SourceNotFound' });
    setFaultHook(({ op }) => {
      if (op === 'list') throw errno('EIO');
      return undefined;
    });
    await expect(FolderEntries.of(path)).rejects.toMatchObject({ code: 'IoFailed', details: { path } });
  });
});
