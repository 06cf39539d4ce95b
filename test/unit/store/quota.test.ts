import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, expect, it } from 'vitest';
import { setFaultHook } from '../../../src/main/disk/fault-hook.ts';
import { sqlError } from '../../../src/main/store/sql-errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-quota-'));
const path = join(folder, 'vault.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => setFaultHook(undefined));

const said = (code: string) => sqlError(new Database.SqliteError('disk I/O error', code), path);
/** The disk takes no bytes, with this answer. */
const answering = (code: string, op: string) =>
  setFaultHook((step) => {
    if (step.op === op)
      throw Object.assign(new Error(code), { code, ...(code === 'EDQUOT' ? { errno: -122 } : {}) });
    return undefined;
  });

it.each([
  ['SQLITE_IOERR_WRITE', 'EDQUOT', 'write'],
  ['SQLITE_IOERR_FSYNC', 'ENOSPC', 'write'],
  ['SQLITE_IOERR_TRUNCATE', 'EDQUOT', 'write'],
  ['SQLITE_CANTOPEN', 'EDQUOT', 'create'],
])('%s on a disk that answers %s to its own probe is a full disk, with the reason', (code, errno, op) => {
  answering(errno, op);
  expect(said(code)).toMatchObject({
    code: 'DiskFull',
    reason: errno === 'EDQUOT' ? 'database-quota-used-up' : 'database-disk-full',
    details: { sqlite: code, errno },
  });
  expect(readdirSync(folder)).toEqual([]);
});

it.each(['SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_CANTOPEN'])(
  '%s stays an error of the disk where it takes bytes, or fails otherwise; nothing is left behind',
  (code) => {
    expect(said(code)).toMatchObject({ code: 'IoFailed' });
    answering('EIO', 'write');
    expect(said(code)).toMatchObject({ code: 'IoFailed' });
    expect(readdirSync(folder)).toEqual([]);
  },
);
