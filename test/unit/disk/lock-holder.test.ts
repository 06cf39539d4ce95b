import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lockHolder } from '../../../src/main/disk/lock-holder.ts';
import { SmallDisk } from '../../support/small-disk.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Has another process take the lock on a file, as whoever claims a home does; gives its id. */
async function heldByAnother(path: string): Promise<number> {
  const script = `
    import Database from 'better-sqlite3';
    const db = new Database(process.argv[1]); db.exec('BEGIN EXCLUSIVE'); globalThis.db = db;
    console.log('locked'); setInterval(() => 0, 1e6);`;
  const held = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    cwd: join(import.meta.dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(held);
  await once(held.stdout, 'data');
  return held.pid ?? 0;
}

describe.skipIf(process.platform !== 'linux')('who has a lock on a file', () => {
  it('is told, and that nobody has', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-lock-'));
    const path = join(folder, 'lock');
    // Where there is no lock at all the list is as empty as where nothing is told.
    await heldByAnother(join(folder, 'other'));
    expect(lockHolder(path)).toBe('nobody');
    writeFileSync(path, '');
    expect(lockHolder(path)).toBe('nobody');
    const pid = await heldByAnother(path);
    expect(lockHolder(path)).toBe(pid);
    rmSync(folder, { recursive: true });
  });

  it('is not whoever has one on a file of the same number on another disk', async ({ skip }) => {
    const [one, other] = [SmallDisk.mount(256), SmallDisk.mount(256)];
    if (one === undefined || other === undefined)
      return skip('needs the right to mount a small tmpfs (root)');
    try {
      const path = join(one.folder, 'lock');
      writeFileSync(path, '');
      let [same, tries] = ['', 0];
      while (same === '' && tries++ < 100) {
        const file = join(other.folder, `f${tries}`);
        writeFileSync(file, '');
        if (statSync(file).ino === statSync(path).ino) same = file;
      }
      expect(same).not.toBe('');
      const pid = await heldByAnother(same);
      expect(lockHolder(same)).toBe(pid);
      expect(lockHolder(path)).toBe('nobody');
    } finally {
      for (const disk of [one, other]) disk.unmount();
    }
  });
});
