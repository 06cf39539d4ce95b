import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { diskError, errnoName, isErrno } from '../../../src/main/disk/errors.ts';
import { setFaultHook } from '../../../src/main/disk/fault-hook.ts';
import { SpaceReserve } from '../../../src/main/disk/reserve.ts';
import { errorText } from '../../../src/messages/errors.ts';
import { fail } from '../../../src/shared/errors.ts';

afterEach(() => setFaultHook(undefined));

/** What Node throws for an errno that it has no name for. */
function unnamed(number: number): NodeJS.ErrnoException {
  const code = `Unknown system error -${number}`;
  return Object.assign(new Error(`${code}: ${code}, open '/x'`), { code, errno: -number, syscall: 'open' });
}

/** Numbers of Linux on x64 and arm64, as in asm-generic/errno.h. */
const LINUX = [
  [122, 'EDQUOT', 'DiskFull', /quota .* is used up\. Free some space/],
  [116, 'ESTALE', 'IoFailed', /network folder is gone\. Connect it again/],
  [121, 'EREMOTEIO', 'IoFailed', /disk reported an error\. Check the disk/],
  [123, 'ENOMEDIUM', 'IoFailed', /no disk in the drive\. Insert it/],
  [117, 'EUCLEAN', 'IoFailed', /file system of the disk is damaged\. Have the system check/],
  [74, 'EBADMSG', 'IoFailed', /file system of the disk is damaged\./],
  [61, 'ENODATA', 'IoFailed', /disk reported an error\./],
  [112, 'EHOSTDOWN', 'IoFailed', /does not answer\. Connect it again/],
  [52, 'EBADE', 'IoFailed', /does not answer\./],
  [126, 'ENOKEY', 'PermissionDenied', /key of this encrypted folder\. Unlock the folder/],
  [127, 'EKEYEXPIRED', 'PermissionDenied', /run out or was refused\. Sign in/],
  [37, 'ENOLCK', 'FileBusy', /holds a lock on it\. Close it there/],
] as const;

describe.runIf(process.platform === 'linux')('an errno that Node has no name for', () => {
  it.each(LINUX)('%i is %s: its own code, what happened and what to do', (number, name, code, words) => {
    const error = diskError(unnamed(number), 'write', '/x/file');
    expect(error).toMatchObject({ code, details: { path: '/x/file', errno: name } });
    expect(errorText(error)).toMatch(/^Could not write \/x\/file: /);
    expect(errorText(error)).toMatch(words);
    expect(isErrno(unnamed(number), name)).toBe(true);
    expect(isErrno(unnamed(number), 'ENOSPC')).toBe(false);
  });

  it('a quota that is used up ends the filling of a reserve as a full disk does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-errno-'));
    setFaultHook(({ op }) => {
      if (op === 'write') throw unnamed(122);
      return undefined;
    });
    try {
      const reserve = new SpaceReserve(join(folder, 'reserve'), 1_024);
      expect(await reserve.fill(4_096, (length) => Buffer.alloc(length))).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('every errno', () => {
  it('from 1 to 133 has a sentence that says more than a number', () => {
    for (let number = 1; number <= 133; number++) {
      const message = errorText(diskError(unnamed(number), 'read', '/x'));
      expect(message, `${number}`).not.toMatch(/Unknown system|, open/);
      expect(message, `${number}`).toMatch(/^Could not read \/x: [a-z].*\.$/);
    }
  });

  it('without any name still tells its number, and what Windows does not name says so', () => {
    expect(errorText(diskError(unnamed(524), 'read', '/x'))).toMatch(/error 524\. Check the disk/);
    const unknown = Object.assign(new Error("UNKNOWN: unknown error, open 'x'"), {
      code: 'UNKNOWN',
      errno: -4094,
    });
    expect(errorText(diskError(unknown, 'read', '/x'))).toMatch(/without a name\. Check the disk/);
  });

  it('that Node names, but we do not, is told by its name', () => {
    const none = Object.assign(new Error('ESRCH: no such process, read'), { code: 'ESRCH', errno: -3 });
    expect(errorText(diskError(none, 'read', '/x'))).toMatch(/answered with error ESRCH\. Check/);
  });

  it('that Node names is taken by that name; what is ours passes through', () => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', errno: -28 });
    expect(errnoName(full)).toBe('ENOSPC');
    expect(diskError(full, 'write', '/x')).toMatchObject({ code: 'DiskFull' });
    const ours = fail('vault-locked');
    expect(diskError(ours, 'write', '/x')).toBe(ours);
  });
});
