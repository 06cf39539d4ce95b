import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Store } from '../../src/main/store/database.ts';
import { CommandHome } from '../support/command.ts';
import { LoopDisk, run } from '../support/disks.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

/* Access control lists, extended attributes, groups and times as the system's own tools set them. */

const vault = await oneVault();
const NOBODY = 65534;
const noLists = process.platform !== 'linux' || run('setfacl', '--version') === undefined;
const noAttributes = process.platform !== 'linux' || !existsSync('/usr/bin/getfattr');
const noRoot = process.getuid?.() !== 0;

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** Encrypts a file, removes it and decrypts it to `to`; gives both results. */
async function thereAndBack(path: string, to = path) {
  const there = only(await vault.encrypt(path));
  rmSync(path);
  const back = only(await vault.decrypt(there.output ?? '', { out: to }));
  expect([there.status, back.status]).toEqual(['done', 'done']);
  return { there, back };
}

/** What somebody else may do with a file, by asking the system as that user. */
function mayOpen(path: string, user: number, group: number, how: 'r' | 'w'): boolean {
  const asked = `process.setgroups([]);process.setgid(${group});process.setuid(${user});require('fs').openSync(${JSON.stringify(path)},'${how === 'r' ? 'r' : 'r+'}')`;
  return run(process.execPath, '-e', asked) !== undefined;
}

/** Lets others through to the test's files. */
function openTheWay(): void {
  for (const path of [join(vault.files, '..'), vault.files]) chmodSync(path, 0o755);
}

describe('pitfall 57: access', () => {
  it('of a file with an access control list: the group, which had nothing, has nothing', async (context) => {
    if (noLists) context.skip('needs the package acl');
    const path = vault.path('a');
    writeFileSync(path, 'x');
    chmodSync(path, 0o600);
    run('setfacl', '-m', `u:${NOBODY}:rw`, path);
    expect(modeOf(path)).toBe(0o660);
    const { there } = await thereAndBack(path);
    expect(modeOf(path)).toBe(0o600);
    expect(there.notes?.join(' ')).toMatch(/access control list is not kept/);
  });

  it('of one whose list denies somebody what all others may: that one can not read it now', async (context) => {
    if (noLists || noRoot) context.skip('needs root and the package acl');
    openTheWay();
    const path = vault.path('a');
    writeFileSync(path, 'x');
    chmodSync(path, 0o644);
    run('setfacl', '-m', `u:${NOBODY}:---`, path);
    expect(mayOpen(path, NOBODY, NOBODY, 'r')).toBe(false);
    await thereAndBack(path);
    expect(mayOpen(path, NOBODY, NOBODY, 'r')).toBe(false);
  });

  it('in a folder that gives new files a list: nobody on it reads the file, while it is written nor after', async (context) => {
    if (noLists || noRoot) context.skip('needs root and the package acl');
    openTheWay();
    mkdirSync(vault.path('to'), { mode: 0o755 });
    chmodSync(vault.path('to'), 0o755);
    for (const mode of [0o600, 0o640, 0o660]) {
      const path = vault.path('a');
      writeFileSync(path, 'x');
      chmodSync(path, mode);
      run('setfacl', '-d', '-m', `u:${NOBODY}:rwx`, vault.path('to'));
      const to = vault.path('to', `a${mode}`);
      const { back } = await thereAndBack(path, to);
      expect(mayOpen(to, NOBODY, NOBODY, 'r'), mode.toString(8)).toBe(false);
      expect(back.notes?.join(' ') ?? '').toMatch(mode === 0o600 ? /^$/ : /folder gives new files/);
      rmSync(vault.path('a.keyward'));
    }
  });

  it('of a file of another group: neither group gains anything, and it is said', async (context) => {
    if (noRoot) context.skip('needs root');
    openTheWay();
    const path = vault.path('a');
    writeFileSync(path, 'x');
    chownSync(path, 0, 4242);
    chmodSync(path, 0o660);
    const { there } = await thereAndBack(path);
    expect(modeOf(path)).toBe(0o600);
    expect(there.notes?.join(' ')).toMatch(/group/);
  });

  it('in a folder that gives files its own group: that group has no more than all others', async (context) => {
    if (noRoot) context.skip('needs root');
    openTheWay();
    const path = vault.path('a');
    writeFileSync(path, 'x');
    chmodSync(path, 0o640);
    mkdirSync(vault.path('to'));
    chownSync(vault.path('to'), 0, 4242);
    chmodSync(vault.path('to'), 0o2755);
    const to = vault.path('to', 'a');
    await thereAndBack(path, to);
    expect(statSync(to).gid).toBe(4242);
    expect(mayOpen(to, NOBODY, 4242, 'r')).toBe(false);
  });

  it('of an encrypted file that is made anew: owner and group stay, a list gives nobody more, and is said', async (context) => {
    if (noLists || noRoot) context.skip('needs root and the package acl');
    const path = vault.path('a');
    writeFileSync(path, 'x');
    const file = only(await vault.encrypt(path)).output ?? '';
    chownSync(file, NOBODY, 4242);
    chmodSync(file, 0o640);
    const anew = async () =>
      only((await vault.call('files.reencrypt', { sources: [file], each: false })).results);
    expect((await anew()).status).toBe('done');
    expect(statSync(file)).toMatchObject({ uid: NOBODY, gid: 4242 });
    expect(modeOf(file)).toBe(0o640);
    run('setfacl', '-m', 'u:1234:rw', file);
    expect(modeOf(file)).toBe(0o660);
    expect((await anew()).notes?.join(' ')).toMatch(/access control list is not kept/);
    expect(modeOf(file)).toBe(0o600);
  });

  it('extended attributes are not kept, and said; what the system keeps for itself is not', async (context) => {
    if (noAttributes) context.skip('needs the package attr');
    const path = vault.path('a');
    writeFileSync(path, 'x');
    if (run('setfattr', '-n', 'user.origin', '-v', 'somewhere', path) === undefined)
      context.skip('needs a disk with extended attributes');
    const { there } = await thereAndBack(path);
    expect(there.notes?.join(' ')).toMatch(/extended attributes are not kept: user\.origin/);
    writeFileSync(vault.path('b'), 'x');
    expect(only(await vault.encrypt(vault.path('b'))).notes).toBeUndefined();
  });
});

describe('pitfall 68: times', () => {
  const disks: { [name: string]: LoopDisk | undefined } = {};
  afterAll(() => {
    for (const disk of Object.values(disks)) disk?.end();
  });
  for (const kind of ['ext4', 'exfat'] as const) {
    it(`on ${kind}: kept to the nanosecond, or said`, async (context) => {
      const disk = LoopDisk.make(kind);
      if (disk === undefined) context.skip(`needs root, a loop device and what makes ${kind} disks`);
      disks[kind] = disk;
      const times = [
        '1969-07-20T20:17:40.123456789Z',
        '1903-01-01T00:00:00Z',
        '2040-02-29T12:00:00.000000001Z',
        '2261-12-31T00:00:00Z',
      ];
      for (const [index, time] of times.entries()) {
        const path = vault.path(`t${index}`);
        writeFileSync(path, 'x');
        run('touch', '-d', time, path);
        const before = statSync(path, { bigint: true }).mtimeNs;
        const to = join(disk?.folder ?? '', `t${index}`);
        const { back } = await thereAndBack(path, to);
        const same = statSync(to, { bigint: true }).mtimeNs === before;
        if (kind === 'ext4') expect(same, time).toBe(true);
        expect(same || back.notes?.some((note) => note.includes('time of modification')), time).toBe(true);
      }
    });
  }

  it('that the format has no room for are said when the file is encrypted', async (context) => {
    const path = vault.path('late');
    writeFileSync(path, 'x');
    run('touch', '-d', '2300-01-01T00:00:00Z', path);
    if (statSync(path, { bigint: true }).mtimeNs < 2n ** 63n)
      context.skip('needs a disk with times after 2262');
    const { there } = await thereAndBack(path);
    expect(there.notes?.join(' ')).toMatch(/2300-01-01.*is not kept/);
  });

  it('a disk without permissions says so', async (context) => {
    const disk = disks['exfat'] ?? LoopDisk.make('exfat');
    if (disk === undefined) context.skip('needs root, FUSE, exfat-fuse and exfatprogs');
    disks['exfat'] = disk;
    writeFileSync(vault.path('a'), 'x', { mode: 0o600 });
    const { back } = await thereAndBack(vault.path('a'), join(disk?.folder ?? '', 'a'));
    expect(back.notes?.join(' ')).toMatch(/keeps no permissions/);
  });
});

describe('by the built command', () => {
  let home: CommandHome | undefined;
  afterEach(() => home?.lockAndEnd());

  /** Locks, and takes away what the vault knows of its files. */
  async function forgetFiles(of: CommandHome): Promise<void> {
    await of.run(['lock']);
    const store = Store.open(join(of.home, 'vault.db'), 'existing');
    store.write((tx) => tx.run('DELETE FROM catalog'));
    store.close();
  }

  it('a file that this vault did not make obeys the umask of whoever decrypts it, also in the background', async () => {
    for (const background of [false, true]) {
      home = await CommandHome.make();
      const path = join(home.files, 'a');
      writeFileSync(path, 'x');
      chmodSync(path, 0o666);
      expect((await home.run(['encrypt', path, ...home.unlocking])).code).toBe(0);
      rmSync(path);
      const before = process.umask(0o027);
      try {
        if (background) expect((await home.run(['unlock', ...home.unlocking])).code).toBe(0);
        const words = background ? [] : home.unlocking;
        const decrypted = await home.run(['decrypt', `${path}.keyward`, ...words]);
        expect(decrypted.code, decrypted.err).toBe(0);
        expect(modeOf(path)).toBe(0o666);
        rmSync(path);
        await forgetFiles(home);
        if (background) expect((await home.run(['unlock', ...home.unlocking])).code).toBe(0);
        expect((await home.run(['decrypt', `${path}.keyward`, ...words])).code).toBe(0);
        expect(modeOf(path)).toBe(0o640);
      } finally {
        process.umask(before);
      }
      await home.lockAndEnd();
    }
  });
});
