import { linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepClosed, requireNotKept } from '../../../src/main/disk/protected-files.ts';

it('keeps a file closed under each of its names, for as long as it stands there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-kept-'));
  try {
    const [path, other] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(path, 'x');
    linkSync(path, other);
    const facts = statSync(path, { bigint: true });
    const [reopen, again] = [keepClosed(path), keepClosed(path)];
    reopen();
    reopen();
    expect(() => requireNotKept(other, facts)).toThrow(
      expect.objectContaining({ reason: 'file-of-the-open-vault' }),
    );
    // The system may give the inode of a file that is gone to a new one.
    rmSync(path);
    expect(() => requireNotKept(other, facts)).not.toThrow();
    linkSync(other, path);
    expect(() => requireNotKept(other, facts)).toThrow(
      expect.objectContaining({ reason: 'file-of-the-open-vault' }),
    );
    again();
    expect(() => requireNotKept(other, facts)).not.toThrow();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
