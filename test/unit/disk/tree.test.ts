import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../../src/main/disk/fault-hook.ts';
import { makeFolder, syncFolder, writeNewFile } from '../../../src/main/disk/tree.ts';
import { errno } from '../../support/faults.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-disk-'));
afterEach(() => setFaultHook(undefined));
afterAll(() => rmSync(folder, { recursive: true }));

/** Fails every step of this kind. */
function failing(op: string, code: string): void {
  setFaultHook((step) => {
    if (step.op === op) throw errno(code);
    return undefined;
  });
}

describe('a new small file', () => {
  it.each(['write', 'sync', 'close', 'syncFolder'])(
    'is not left behind when this step fails, and a retry succeeds: %s',
    async (op) => {
      const path = join(folder, 'export.json');
      failing(op, 'ENOSPC');
      await expect(writeNewFile(path, 'secret')).rejects.toMatchObject({ code: 'DiskFull' });
      expect(readdirSync(folder)).toEqual([]);
      setFaultHook(undefined);
      await writeNewFile(path, 'secret');
      expect(readFileSync(path, 'utf8')).toBe('secret');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      await expect(writeNewFile(path, 'other')).rejects.toMatchObject({ code: 'TargetExists' });
      expect(readFileSync(path, 'utf8')).toBe('secret');
      rmSync(path);
    },
  );
});

describe('flushing a folder', () => {
  it.each(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EBADF'])(
    'is no failure on a disk that can not do it: %s',
    async (code) => {
      failing('syncFolder', code);
      await expect(syncFolder(folder)).resolves.toBeUndefined();
    },
  );

  it('tells of a disk that failed to', async () => {
    failing('syncFolder', 'EIO');
    await expect(syncFolder(folder)).rejects.toMatchObject({ code: 'IoFailed', details: { path: folder } });
  });
});

describe('a folder', () => {
  it('is made with its parents, which stay as they are if they exist; twice at the same time too', async () => {
    const path = join(folder, 'one', 'two', 'three');
    await makeFolder(join(folder, 'one'), 0o750);
    await Promise.all([makeFolder(path), makeFolder(path)]);
    expect(statSync(path).isDirectory()).toBe(true);
    expect(statSync(join(folder, 'one')).mode & 0o777).toBe(0o750);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    writeFileSync(join(path, 'file'), '');
    await expect(makeFolder(join(path, 'file'))).rejects.toMatchObject({ code: 'TargetExists' });
    await expect(makeFolder(join(path, 'file', 'x'))).rejects.toMatchObject({ code: 'TargetExists' });
    rmSync(join(folder, 'one'), { recursive: true });
  });
});

describe('a name that the disk refuses', () => {
  it.each(['ENOENT', 'EINVAL', 'EILSEQ'])(
    'is told as that, and not as a file that is missing: %s',
    async (code) => {
      failing('create', code);
      await expect(writeNewFile(join(folder, 'a:b'), '')).rejects.toMatchObject({
        code: 'NameNotAllowed',
        details: { path: join(folder, 'a:b'), character: ':' },
      });
      await expect(writeNewFile(join(folder, 'odd'), '')).rejects.toMatchObject({ code: 'NameNotAllowed' });
    },
  );

  it('is not suspected where the folder is missing, or a link leads nowhere', async () => {
    const missing = join(folder, 'none', 'a:b');
    await expect(writeNewFile(missing, '')).rejects.toMatchObject({ code: 'SourceNotFound' });
    symlinkSync('none', join(folder, 'link'));
    await expect(makeFolder(join(folder, 'link', 'a:b'))).rejects.toMatchObject({ code: 'TargetExists' });
    rmSync(join(folder, 'link'));
  });
});
