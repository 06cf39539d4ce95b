import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { CommandHome } from '../support/command.ts';

/* A home on a disk that can't carry a vault is refused when the vault is made, with the reason: pitfall 62. */

let made: CommandHome;
let disk: string;
let mounted = false;
let device: string | undefined;

beforeEach(() => {
  made = CommandHome.prepare();
  disk = mkdtempSync(join(tmpdir(), 'keyward-disk-'));
});
afterEach(() => {
  if (mounted) spawnSync('umount', ['--lazy', disk]);
  if (device !== undefined) spawnSync('losetup', ['-d', device]);
  device = undefined;
  mounted = false;
  rmSync(disk, { recursive: true, force: true });
  made.end();
});

function mount(context: TestContext, file: string, ...words: string[]): void {
  if (spawnSync(file, [...words, disk]).status !== 0) context.skip(`needs ${file} ${words.join(' ')}`);
  mounted = true;
}

/** Runs the command on a home; gives its one document. */
function run(
  home: string,
  words: readonly string[],
): { ok: boolean; error?: { code: string; message: string } } {
  const file = join(import.meta.dirname, '../../bin/keyward');
  const env = { ...made.env, KEYWARD_HOME: home };
  return JSON.parse(spawnSync(file, [...words, '--json'], { env, encoding: 'utf8', timeout: 60_000 }).stdout);
}

describe.skipIf(process.platform !== 'linux')('a home', () => {
  it.for([
    ['umask=000', 'it keeps no permissions'],
    ['umask=077', 'it keeps no permissions'],
    ['fmask=177,dmask=077', 'it takes no sockets'],
  ])('on exFAT by FUSE (%s) is refused, and no vault is made', ([options = '', why = ''], context) => {
    const image = join(made.folder, 'image');
    writeFileSync(image, '');
    truncateSync(image, 32 * 1024 * 1024);
    spawnSync('mkfs.exfat', [image]);
    device = spawnSync('losetup', ['-f', '--show', image], { encoding: 'utf8' }).stdout?.trim() || undefined;
    mount(context, 'mount.exfat-fuse', '-o', options, device ?? image);
    expect(run(join(disk, 'home'), made.initWords)).toMatchObject({
      error: { code: 'VaultHomeUnsafe', message: expect.stringContaining(why) },
    });
    expect(readdirSync(disk, { recursive: true }).filter((name) => String(name).includes('.db'))).toEqual([]);
    expect(readdirSync(made.folder)).not.toContain('recovery');
  });

  it('on a disk without programs works', (context) => {
    mount(context, 'mount', '-t', 'tmpfs', '-o', 'size=20m,mode=700,noexec,nosuid,nodev', 'keyward-test');
    const home = join(disk, 'home');
    expect(run(home, made.initWords)).toMatchObject({ ok: true });
    expect(run(home, ['keys', 'list', ...made.unlocking])).toMatchObject({ ok: true });
    expect(readdirSync(join(home, 'run')).filter((name) => name.startsWith('trial'))).toEqual([]);
  });

  it('on a disk that is read-only is told as that, with a vault and without', (context) => {
    mount(context, 'mount', '-t', 'tmpfs', '-o', 'size=20m,mode=700', 'keyward-test');
    const home = join(disk, 'home');
    mkdirSync(join(disk, 'other'), { mode: 0o700 });
    expect(run(home, made.initWords)).toMatchObject({ ok: true });
    spawnSync('mount', ['-o', 'remount,ro', disk]);
    const again = ['init', '--passphrase-file', join(made.folder, 'passphrase')];
    const words = [...again, '--recovery-file', join(made.folder, 'second')];
    for (const place of ['new', 'other']) {
      expect(run(join(disk, place), words)).toMatchObject({ error: { code: 'DiskReadOnly' } });
    }
    expect(run(home, ['keys', 'list', ...made.unlocking])).toMatchObject({ error: { code: 'DiskReadOnly' } });
    expect(run(home, ['unlock', ...made.unlocking])).toMatchObject({ error: { code: 'DiskReadOnly' } });
    expect(run(home, ['status'])).not.toMatchObject({ error: { code: 'SourceNotFound' } });
  });
});
