import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documents, failureDocument } from '../../src/cli/json-documents.ts';
import { isPartialName } from '../../src/main/vault/file-names.ts';
import { BUILT, CommandHome } from '../support/command.ts';
import { type DiskKind, LoopDisk, occupyLoopDevice } from '../support/disks.ts';
import { LiveVault, only } from '../support/live-vault.ts';
import { SEED } from '../support/random.ts';

const MISSING: { readonly [kind in DiskKind]: string } = {
  exfat: 'needs root, a loop device, FUSE and the packages exfat-fuse and exfatprogs',
  ext4: 'needs root and a loop device',
  xfs: 'needs root, a loop device and the package xfsprogs',
  btrfs: 'needs root, a loop device and the package btrfs-progs',
  ntfs: 'needs root, a loop device, FUSE and the package ntfs-3g',
  overlay: 'needs root, a loop device and overlayfs',
};

/** Runs tests on a disk of that kind, or skips them, saying why. */
function onDisk(kind: DiskKind, tests: (disk: () => LoopDisk) => void): void {
  describe(kind, () => {
    const disk = LoopDisk.make(kind);
    afterAll(() => disk?.end());
    if (disk === undefined) it('a disk of this kind', (context) => context.skip(`${kind}: ${MISSING[kind]}`));
    else tests(() => disk);
  });
}

let vault: LiveVault;
beforeAll(async () => {
  vault = await LiveVault.make();
});
afterAll(() => vault.end());

/** The path of a new folder on the disk. */
function folderOn(disk: LoopDisk, name: string): string {
  const path = join(disk.folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}

onDisk('exfat', (disk) => {
  const PAIRS: { readonly [what: string]: readonly [string, string] } = {
    case: ['Logo.png', 'logo.png'],
    'case beyond ASCII': ['Änderung', 'äNDERUNG'],
  };
  for (const [what, [one, other]] of Object.entries(PAIRS)) {
    for (const overwrite of [false, true]) {
      it(`pitfall 51: two outputs that differ in ${what}${overwrite ? ', with --overwrite' : ''}: one is refused`, async () => {
        const [source, to, back] = [vault.path('t'), folderOn(disk(), 'e'), folderOn(disk(), 'back')];
        rmSync(source, { recursive: true, force: true });
        mkdirSync(source);
        writeFileSync(join(source, one), 'one');
        writeFileSync(join(source, other), 'other');
        const results = await vault.encrypt(source, { each: true, out: to, overwrite });
        expect(results.map(({ status }) => status).sort()).toEqual(['done', 'failed']);
        const failed = results.find(({ status }) => status === 'failed');
        expect(failed?.error?.code).toBe('TargetExists');
        expect(readdirSync(to)).toHaveLength(1);

        // The other way round: both are whole elsewhere, and meet on the disk.
        rmSync(vault.path('both'), { recursive: true, force: true });
        await vault.encrypt(source, { each: true, out: vault.path('both') });
        const decrypted = await vault.decrypt(vault.path('both'), { each: true, out: back, overwrite });
        expect(decrypted.map(({ status }) => status).sort()).toEqual(['done', 'failed']);
        expect(readdirSync(back)).toHaveLength(1);
        const done = decrypted.find(({ status }) => status === 'done')?.output ?? '';
        expect(readFileSync(done, 'utf8')).toBe(done.endsWith(one) ? 'one' : 'other');
      });
    }
  }

  it('pitfall 2: the source is refused as the target in another spelling, with --overwrite too', async () => {
    const folder = folderOn(disk(), 'same');
    writeFileSync(join(folder, 'precious'), 'precious');
    for (const out of [join(folder, 'PRECIOUS'), join(disk().folder, 'SAME', 'precious')]) {
      const result = only(await vault.encrypt(join(folder, 'precious'), { out, overwrite: true }));
      expect(result.error?.code, out).toBe('TargetIsSource');
    }
    expect(readdirSync(folder)).toEqual(['precious']);
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious');
  });

  for (const character of [':', '?', '*', '"', '<', '|', '\u0001']) {
    it(`a name with ${JSON.stringify(character)}, which it can not have: says so, for files and folders`, async () => {
      const folder = folderOn(disk(), 'names');
      const source = vault.path('odd');
      rmSync(source, { recursive: true, force: true });
      const name = `a${character}b`;
      mkdirSync(join(source, 'inner', name), { recursive: true });
      writeFileSync(join(source, name), 'x');
      writeFileSync(join(source, 'inner', name, 'x'), 'x');
      const results = await vault.encrypt(source, { each: true, out: folder });
      expect(results.map(({ error }) => error?.code)).toEqual(['NameNotAllowed', 'NameNotAllowed']);
      for (const { error } of results) expect(error?.message).toContain(JSON.stringify(character));
      // The other way round.
      await vault.encrypt(source, { each: true });
      for (const each of [join(source, name), join(source, 'inner', name, 'x')]) rmSync(each);
      const back = await vault.decrypt(join(source, `${name}.keyward`), { out: folder, each: true });
      expect(back.map(({ error }) => error?.code)).toEqual(['NameNotAllowed']);
      expect(readdirSync(folder)).toEqual(['inner']);
    });
  }

  it('what stands there already stays, in whatever spelling, unless --overwrite is given', async () => {
    const folder = folderOn(disk(), 'old');
    writeFileSync(join(folder, 'A.KEYWARD'), 'mine');
    writeFileSync(vault.path('a'), 'x');
    const out = join(folder, 'a.keyward');
    expect(only(await vault.encrypt(vault.path('a'), { out })).error?.code).toBe('TargetExists');
    expect(readFileSync(out, 'utf8')).toBe('mine');
    expect(only(await vault.encrypt(vault.path('a'), { out, overwrite: true })).status).toBe('done');
    expect((await vault.verify(out)).status).toBe('done');
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

for (const kind of ['exfat', 'ext4'] as const) {
  onDisk(kind, (disk) => {
    it('pitfall 56: a killed decrypt is remembered while its disk is away, and removed when it is back', async () => {
      const home = await CommandHome.make();
      let free: () => void = () => undefined;
      try {
        const plain = join(home.files, 'large');
        writeFileSync(plain, '');
        truncateSync(plain, 40 << 20);
        expect((await home.run(['encrypt', plain, ...home.unlocking])).code).toBe(0);
        const partials = () => readdirSync(disk().folder).filter(isPartialName);
        const child = spawn(
          process.execPath,
          [BUILT, 'decrypt', `${plain}.keyward`, '-o', disk().folder, ...home.unlocking],
          { env: home.env, stdio: ['ignore', 'ignore', openSync('/dev/null', 'w')] },
        );
        const ended = new Promise((done) => child.once('close', done));
        await expect
          .poll(() => partials().some((one) => statSync(join(disk().folder, one)).size > 0))
          .toBe(true);
        child.kill('SIGKILL');
        await ended;
        expect(partials()).toHaveLength(1);

        disk().disconnect();
        expect((await home.run(['status'])).code).toBe(0);
        expect((await home.run(['keys', 'list', ...home.unlocking])).code).toBe(0);
        free = occupyLoopDevice();
        expect(disk().connect()).toBe(true);
        expect(partials()).toHaveLength(1);
        expect((await home.run(['keys', 'list', ...home.unlocking])).code).toBe(0);
        expect(partials()).toEqual([]);
        expect(existsSync(join(disk().folder, 'large'))).toBe(false);
      } finally {
        free();
        home.end();
      }
    });
  });
}

/** Writes a small tree of files that differ in all that is kept of them; gives their paths below it. */
function makeTree(path: string): string[] {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(join(path, 'inner'), { recursive: true });
  const names = ['a.txt', 'empty', join('inner', 'Größe 1.bin')];
  for (const [at, name] of names.entries()) {
    const file = join(path, name);
    writeFileSync(file, name === 'empty' ? '' : randomBytes(at * 200_000 + 10));
    chmodSync(file, [0o640, 0o600, 0o755][at] ?? 0o600);
    utimesSync(file, 1_700_000_000 + 2 * at, 1_600_000_000 + 2 * at);
  }
  return names;
}

/** What is to come back of a file: its contents, times and, where the disk keeps any, permissions. */
function factsOf(path: string, withMode: boolean): unknown {
  const { mtimeMs, mode } = statSync(path);
  const contents = readFileSync(path).toString('base64');
  return { contents, mtimeMs, ...(withMode ? { mode: (mode & 0o777).toString(8) } : {}) };
}

/** Kinds of disks that everything is tried on: two of them that the seed draws, or all in the longest run. */
const KINDS = ['ext4', 'xfs', 'btrfs', 'overlay', 'ntfs', 'exfat'] as const;
const isLong = process.env['KEYWARD_TEST_LEVEL'] === 'long';
const drawn = KINDS.filter((_, at) => isLong || (at + SEED) % 3 === 0);
console.log(`disks: ${drawn.join(', ')}, seed ${SEED}`);

for (const kind of drawn) {
  const keepsModes = kind !== 'exfat';
  onDisk(kind, (disk) => {
    it('every command on files keeps its promises there, as source and as target', async () => {
      const [source, to] = [vault.path('tree'), folderOn(disk(), 'all')];
      const names = makeTree(source);
      const [sealed, back] = [join(to, 'sealed'), join(to, 'back')];
      const statuses = async (doing: Promise<readonly { status: string; error?: unknown }[]>) =>
        (await doing).map(({ status, error }) => (error === undefined ? status : error));
      const done = names.map(() => 'done');
      const each = async (method: 'files.rewrap' | 'files.reencrypt' | 'files.verify') =>
        (await vault.call(method, { sources: [sealed], each: true })).results;
      expect(await statuses(vault.encrypt(source, { each: true, out: sealed }))).toEqual(done);
      expect(await statuses(each('files.verify'))).toEqual(done);
      expect(await statuses(each('files.rewrap'))).toEqual(done);
      expect(await statuses(each('files.reencrypt'))).toEqual(done);
      expect(await statuses(vault.decrypt(sealed, { each: true, out: back }))).toEqual(done);
      for (const name of names) {
        expect(factsOf(join(back, name), keepsModes), name).toEqual(factsOf(join(source, name), keepsModes));
        if (keepsModes) expect(statSync(join(sealed, `${name}.keyward`)).mode & 0o777).toBe(0o600);
      }
      // What stands there is left, or replaced by what is asked for.
      const again = await vault.decrypt(sealed, { each: true, out: back });
      expect(again.map(({ error }) => error?.code)).toEqual(names.map(() => 'TargetExists'));
      writeFileSync(join(back, 'a.txt'), 'changed');
      expect(await statuses(vault.decrypt(sealed, { each: true, out: back, overwrite: true }))).toEqual(done);
      expect(await statuses(vault.encrypt(back, { each: true }))).toEqual(done);
      expect(await statuses(vault.encrypt(back, { each: true, overwrite: true }))).toEqual(
        // What is encrypted beside its source is passed over.
        [...done, ...names.map(() => 'skipped')],
      );
      for (const name of names) {
        expect(factsOf(join(back, name), keepsModes), name).toEqual(factsOf(join(source, name), keepsModes));
      }
      const left = (readdirSync(to, { recursive: true }) as string[]).filter((one) =>
        isPartialName(basename(one)),
      );
      expect(left).toEqual([]);
    });

    it('a full disk is told as that, and nothing half is left', async () => {
      const to = folderOn(disk(), 'full');
      writeFileSync(vault.path('large'), randomBytes(3_000_000));
      expect(only(await vault.encrypt(vault.path('large'), { overwrite: true })).status).toBe('done');
      disk().fill();
      try {
        for (const result of [
          only(await vault.encrypt(vault.path('large'), { out: join(to, 'large.keyward') })),
          only(await vault.decrypt(vault.path('large.keyward'), { out: join(to, 'large') })),
        ]) {
          expect(result.error).toMatchObject({ code: 'DiskFull' });
        }
        expect(readdirSync(to)).toEqual([]);
      } finally {
        disk().free();
      }
      expect(only(await vault.encrypt(vault.path('large'), { out: join(to, 'large.keyward') })).status).toBe(
        'done',
      );
    });

    it('backups are made there, and restored from', async () => {
      const to = folderOn(disk(), 'backups');
      const home = CommandHome.prepare();
      const other = CommandHome.prepare();
      try {
        // One to be thrown away has no backups.
        const lasting = home.initWords.filter((word) => word !== '--throw-away');
        expect((await home.run(lasting)).code).toBe(0);
        const plain = join(home.files, 'note');
        writeFileSync(plain, 'dear diary');
        expect((await home.run(['encrypt', plain, ...home.unlocking])).code).toBe(0);
        for (let n = 0; n < 2; n++) {
          const made = await home.run(['backup', 'create', '--to', to, ...home.unlocking]);
          expect(made.code, made.out).toBe(0);
        }
        const passphrase = ['--passphrase-file', join(other.folder, 'passphrase')];
        const words = ['backup', 'restore', to, '--recovery-file', home.recovery, ...passphrase];
        const restored = await other.run(words);
        expect(restored.code, restored.out).toBe(0);
        const back = join(other.files, 'note');
        expect((await other.run(['decrypt', `${plain}.keyward`, '-o', back, ...passphrase])).code).toBe(0);
        expect(readFileSync(back, 'utf8')).toBe('dear diary');
      } finally {
        home.end();
        other.end();
      }
    });

    it('a vault lives there, and who holds it is named and ended; or it is refused with the reason', async () => {
      const home = CommandHome.prepare(disk().folder);
      try {
        const made = await home.run(home.initWords);
        if (made.code !== 0) {
          expect(['exfat']).toContain(kind);
          expect(failureDocument.parse(JSON.parse(made.out)).error.code).toBe('VaultHomeUnsafe');
          return;
        }
        expect(kind).not.toBe('exfat');
        const { owner } = documents.unlock.parse(
          JSON.parse((await home.run(['unlock', ...home.unlocking])).out),
        );
        writeFileSync(join(home.files, 'a'), 'a');
        expect((await home.run(['encrypt', join(home.files, 'a')])).code).toBe(0);
        rmSync(join(home.home, 'run/owner.sock'));
        const status = documents.status.parse(JSON.parse((await home.run(['status'])).out));
        expect(status.unreachable).toEqual({ pid: owner.pid });
        expect((await home.run(['lock'])).code).toBe(0);
        await expect.poll(() => existsSync(`/proc/${owner.pid}/exe`), { timeout: 10_000 }).toBe(false);
        const two = [1, 2].map(() => home.run(['verify', join(home.files, 'a.keyward'), ...home.unlocking]));
        expect((await Promise.all(two)).map(({ code }) => code)).toEqual([0, 0]);
        expect((await home.run(['audit', 'verify', ...home.unlocking])).code).toBe(0);
      } finally {
        home.end();
      }
    });
  });
}

onDisk('btrfs', (disk) => {
  it('a quota that is used up is told as that, and nothing of the file is left', async ({ skip }) => {
    const to = disk().limited('limited', 4_096);
    if (to === undefined) return skip('needs a btrfs that counts');
    writeFileSync(vault.path('large'), randomBytes(6_000_000));
    const failed = only(await vault.encrypt(vault.path('large'), { out: join(to, 'large.keyward') }));
    expect(failed.error).toMatchObject({ code: 'DiskFull', message: expect.stringMatching(/quota/) });
    // Such a disk may refuse to remove a name too: then what is left is empty, and the next unlock removes it.
    for (const name of readdirSync(to)) {
      expect(isPartialName(name)).toBe(true);
      expect(statSync(join(to, name)).size).toBe(0);
    }
  });
});
