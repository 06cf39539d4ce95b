import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { setDiskGate } from '../../../src/main/disk/fault-hook.ts';
import { syncFolder, writeNewFile } from '../../../src/main/disk/tree.ts';
import { errno } from '../../support/faults.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-disk-'));
afterEach(() => setDiskGate(undefined));
afterAll(() => rmSync(folder, { recursive: true }));

/** Fails every step of this kind. */
function failing(op: string, code: string): void {
  setDiskGate((step) => {
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
      setDiskGate(undefined);
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
