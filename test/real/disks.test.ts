import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPartialName } from '../../src/main/vault/file-names.ts';
import { BUILT, CommandHome } from '../support/command.ts';
import { type DiskKind, LoopDisk, occupyLoopDevice } from '../support/disks.ts';
import { LiveVault, only } from '../support/live-vault.ts';

const MISSING: { readonly [kind in DiskKind]: string } = {
  exfat: 'needs root, a loop device, FUSE and the packages exfat-fuse and exfatprogs',
  ext4: 'needs root and a loop device',
  xfs: 'needs root, a loop device and the package xfsprogs',
  ntfs: 'needs root, a loop device, FUSE and the package ntfs-3g',
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
