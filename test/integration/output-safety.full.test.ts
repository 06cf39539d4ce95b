import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimHome, openSession } from '../../src/main/api/index.ts';
import { lockedStatus } from '../../src/main/api/without-session.ts';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { Store } from '../../src/main/store/database.ts';
import { listPartials } from '../../src/main/store/partials.ts';
import { LiveVault, only } from '../support/live-vault.ts';
import { withPartials } from '../support/partial-table.ts';

const FRAME = 1 << 20;

let vault: LiveVault;
let stranger: LiveVault;
beforeAll(async () => {
  vault = await LiveVault.make();
  stranger = await LiveVault.make();
});
beforeEach(() => {
  for (const { files } of [vault, stranger]) {
    rmSync(files, { recursive: true, force: true });
    mkdirSync(files);
  }
});
afterEach(() => setFaultHook(undefined));
afterAll(() => Promise.all([vault.end(), stranger.end()]));

/** Writes and encrypts a file; gives the path of the encrypted one. */
async function encrypted(name: string, content: string | Buffer, by = vault): Promise<string> {
  writeFileSync(by.path(name), content);
  return only(await by.encrypt(by.path(name))).output ?? '';
}

/** Changes bytes of a file in place. */
function patch(path: string, at: number, change: (byte: number) => number, count = 1): void {
  const bytes = readFileSync(path)
    .subarray(at, at + count)
    .map(change);
  // Never shorter in between: somebody may be reading it.
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

const flip = (byte: number) => byte ^ 0xff;

describe('overwriting', () => {
  it('an existing target stays unless --overwrite is given, then it is replaced whole', async () => {
    const file = await encrypted('a', 'new');
    writeFileSync(vault.path('a'), 'old');
    expect(only(await vault.decrypt(file)).error?.code).toBe('TargetExists');
    expect(readFileSync(vault.path('a'), 'utf8')).toBe('old');
    expect(only(await vault.decrypt(file, { overwrite: true })).status).toBe('done');
    expect(readFileSync(vault.path('a'), 'utf8')).toBe('new');
    expect(vault.list()).toEqual(['a', 'a.keyward']);
  });

  it('pitfall 1: a failure after --overwrite leaves the target as it was', async () => {
    const damaged = await encrypted('a', randomBytes(2 * FRAME + 5));
    patch(damaged, statSync(damaged).size - 20, flip);
    const middle = await encrypted('b', randomBytes(2 * FRAME + 5));
    patch(middle, 8192 + FRAME, flip);
    const foreign = await encrypted('c', 'x', stranger);
    copyFileSync(foreign, vault.path('c.keyward'));
    for (const name of ['a', 'b', 'c']) {
      writeFileSync(vault.path(name), `dear old ${name}`);
      const result = only(await vault.decrypt(vault.path(`${name}.keyward`), { overwrite: true }));
      expect(result.error?.code).toBe(name === 'c' ? 'WrongKey' : 'FileDamaged');
      expect(readFileSync(vault.path(name), 'utf8')).toBe(`dear old ${name}`);
    }
    expect(vault.list()).toEqual(['a', 'a.keyward', 'b', 'b.keyward', 'c', 'c.keyward']);
  });

  it('pitfall 2: the source is refused as the target, by whatever name', async () => {
    writeFileSync(vault.path('a'), 'precious');
    mkdirSync(vault.path('folder'));
    symlinkSync('..', vault.path('folder', 'up'));
    symlinkSync('a', vault.path('link'));
    linkSync(vault.path('a'), vault.path('second-name'));
    const names = ['a', './a', 'folder/../a', 'folder/up/a', 'link', 'second-name'];
    for (const name of names) {
      const result = only(
        await vault.encrypt(vault.path('a'), { out: `${vault.files}/${name}`, overwrite: true }),
      );
      expect(result.error?.code, name).toBe('TargetIsSource');
    }
    const file = only(await vault.encrypt(vault.path('a'))).output ?? '';
    const before = readFileSync(file);
    expect(only(await vault.decrypt(file, { out: file, overwrite: true })).error?.code).toBe(
      'TargetIsSource',
    );
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readFileSync(vault.path('a'), 'utf8')).toBe('precious');
  });

  it('a symbolic link as the target: refused, or replaced itself and never written through', async () => {
    const file = await encrypted('a', 'new');
    rmSync(vault.path('a'));
    writeFileSync(vault.path('elsewhere'), 'not yours');
    for (const to of ['elsewhere', 'nowhere']) {
      symlinkSync(to, vault.path('a'));
      expect(only(await vault.decrypt(file)).error?.code).toBe('TargetExists');
      expect(readlinkSync(vault.path('a'))).toBe(to);
      expect(only(await vault.decrypt(file, { overwrite: true })).status).toBe('done');
      expect(lstatSync(vault.path('a')).isFile()).toBe(true);
      rmSync(vault.path('a'));
    }
    expect(readFileSync(vault.path('elsewhere'), 'utf8')).toBe('not yours');
    expect(vault.list()).toEqual(['a.keyward', 'elsewhere']);
  });

  it('a folder as the target is refused, even with --overwrite', async () => {
    const file = await encrypted('a', 'x');
    rmSync(vault.path('a'));
    mkdirSync(vault.path('a'));
    expect(only(await vault.decrypt(file, { overwrite: true })).error?.code).toBe('TargetExists');
    expect(lstatSync(vault.path('a')).isDirectory()).toBe(true);
  });

  it('pitfall 12: the target is another file than before, so a crash leaves the old or the new one', async () => {
    const file = await encrypted('a', randomBytes(FRAME));
    const before = statSync(file);
    const held = readFileSync(file);
    linkSync(file, vault.path('old'));
    await vault.encrypt(vault.path('a'), { overwrite: true });
    expect(statSync(file).ino).not.toBe(before.ino);
    expect(readFileSync(vault.path('old')).equals(held)).toBe(true);
  });

  it('what appears under the target while the work is done is not written over', async () => {
    writeFileSync(vault.path('a'), randomBytes(FRAME));
    setFaultHook(({ op, path }) => {
      if (op === 'sync' && path.endsWith('.partial')) writeFileSync(vault.path('a.keyward'), 'mine');
      return undefined;
    });
    expect(only(await vault.encrypt(vault.path('a'))).error?.code).toBe('TargetExists');
    expect(readFileSync(vault.path('a.keyward'), 'utf8')).toBe('mine');
    expect(vault.list()).toEqual(['a', 'a.keyward']);
  });
});

describe('a disk without hard links', () => {
  /** Answers `link` as such a disk does; `act` sees the other steps. */
  function withoutLinks(act: (step: { op: string; path: string }) => void = () => undefined): void {
    setFaultHook((step) => {
      if (step.op === 'link') throw Object.assign(new Error('no links'), { code: 'EPERM' });
      act(step);
      return undefined;
    });
  }

  it('pitfall 51: the name is taken before the rename, so that nothing is written over', async () => {
    writeFileSync(vault.path('a'), 'x');
    const raced: string[] = [];
    withoutLinks(({ op, path }) => {
      if (op !== 'rename') return;
      try {
        writeFileSync(path, 'mine', { flag: 'wx' });
        raced.push('taken');
      } catch {
        raced.push('held');
      }
    });
    expect(only(await vault.encrypt(vault.path('a'))).status).toBe('done');
    expect(raced).toEqual(['held']);
    expect(vault.list()).toEqual(['a', 'a.keyward']);
  });

  it('what has the name meanwhile stays, and nothing else is left', async () => {
    writeFileSync(vault.path('a'), 'x');
    withoutLinks(({ op, path }) => {
      if (op === 'create' && path === vault.path('a.keyward')) writeFileSync(path, 'mine');
    });
    expect(only(await vault.encrypt(vault.path('a'))).error?.code).toBe('TargetExists');
    expect(readFileSync(vault.path('a.keyward'), 'utf8')).toBe('mine');
    expect(vault.list()).toEqual(['a', 'a.keyward']);
  });

  it('a rename that fails leaves neither the partial nor the empty file that held the name', async () => {
    writeFileSync(vault.path('a'), 'x');
    withoutLinks(({ op }) => {
      if (op === 'rename') throw Object.assign(new Error('gone'), { code: 'EIO' });
    });
    expect(only(await vault.encrypt(vault.path('a'))).error?.code).toBe('IoFailed');
    expect(vault.list()).toEqual(['a']);
  });
});

it('a name that fits where the longer one of its partial does not is taken all the same', async () => {
  const name = 'n'.repeat(140);
  writeFileSync(vault.path('a'), 'x');
  setFaultHook(({ op, path }) => {
    // As on eCryptfs: 143 bytes.
    if (op === 'create' && basename(path).length > 143)
      throw Object.assign(new Error('long'), { code: 'ENAMETOOLONG' });
    return undefined;
  });
  const out = vault.path(name);
  expect(only(await vault.encrypt(vault.path('a'), { out })).status).toBe('done');
  setFaultHook(undefined);
  expect((await vault.verify(out)).status).toBe('done');
  expect(vault.list()).toEqual(['a', name]);
});

describe('plaintext that is not whole', () => {
  it("is nobody else's to read before it has its name", async () => {
    writeFileSync(vault.path('a'), 'x', { mode: 0o644 });
    chmodSync(vault.path('a'), 0o644);
    const file = only(await vault.encrypt(vault.path('a'))).output ?? '';
    for (const overwrite of [false, true]) {
      if (!overwrite) rmSync(vault.path('a'));
      const modes: number[] = [];
      setFaultHook(({ op }) => {
        const partial = vault.list().find((name) => name.endsWith('.partial'));
        if (partial !== undefined) modes.push(statSync(vault.path(partial)).mode & 0o777);
        if (op === 'link' || op === 'rename') modes.push(0);
        return undefined;
      });
      expect(only(await vault.decrypt(file, { overwrite })).status).toBe('done');
      setFaultHook(undefined);
      expect(modes).toContain(0);
      expect(new Set(modes)).toEqual(new Set([0, 0o600]));
      expect(statSync(vault.path('a')).mode & 0o777).toBe(0o644);
    }
  });

  it('goes also where its folder got another name meanwhile', async () => {
    mkdirSync(vault.path('to'));
    const file = await encrypted('a', randomBytes(2 * FRAME));
    for (const again of [false, true]) {
      let renamed = false;
      setFaultHook(({ op, path }) => {
        if (op === 'sync' && path.endsWith('.partial') && !renamed) {
          renamed = true;
          renameSync(vault.path('to'), vault.path('moved'));
          if (again) mkdirSync(vault.path('to'));
        }
        return undefined;
      });
      const result = only(await vault.decrypt(file, { out: vault.path('to', 'a') }));
      setFaultHook(undefined);
      expect(result.error?.code).toBe('SourceNotFound');
      expect(vault.list('moved')).toEqual([]);
      if (again) rmSync(vault.path('to'), { recursive: true });
      renameSync(vault.path('moved'), vault.path('to'));
    }
  });

  it('is emptied, and named, where its name can not be removed', async () => {
    const file = await encrypted('a', randomBytes(2 * FRAME));
    rmSync(vault.path('a'));
    setFaultHook(({ op, path }) => {
      if (op === 'link' || (op === 'unlink' && path.endsWith('.partial')))
        throw Object.assign(new Error('no'), { code: 'EIO' });
      return undefined;
    });
    const { error } = only(await vault.decrypt(file));
    setFaultHook(undefined);
    const [left = ''] = vault.list().filter((name) => name.endsWith('.partial'));
    expect(statSync(vault.path(left)).size).toBe(0);
    expect(error?.message).toContain(vault.path(left));
    expect(error?.details['partial']).toBe(vault.path(left));
    await vault.reopen();
    expect(vault.list()).toEqual(['a.keyward']);
  });
});

describe('damage', () => {
  it('pitfall 45: not a byte of plaintext stays when the end is cut off or damaged', async () => {
    const whole = await encrypted('a', randomBytes(3 * FRAME + 1000));
    const { size } = statSync(whole);
    rmSync(vault.path('a'));
    const cuts = [0, 1, 7, 100, 4096, 8191, 8192, 8193, 8192 + FRAME + 32, size - 1000, size - 1];
    for (const cut of cuts) {
      copyFileSync(whole, vault.path('cut.keyward'));
      truncateSync(vault.path('cut.keyward'), cut);
      const seen: string[] = [];
      setFaultHook(({ op, path }) => {
        if (['link', 'rename'].includes(op)) seen.push(path);
        return undefined;
      });
      const result = only(await vault.decrypt(vault.path('cut.keyward')));
      expect(result.error?.code, `cut at ${cut}`).toBe(cut < 1 ? 'NotKeywardFile' : 'FileTruncated');
      expect(seen).toEqual([]);
      expect(vault.list()).toEqual(['a.keyward', 'cut.keyward']);
    }
  });

  it('pitfall 45: a tag that fails in the last frame, after all others were written, leaves nothing', async () => {
    const whole = await encrypted('a', randomBytes(3 * FRAME));
    rmSync(vault.path('a'));
    // The end is verified first, so it is damaged only once the partial exists.
    let wrote = 0;
    setFaultHook(({ op, path }) => {
      if (op === 'write' && path.endsWith('.partial') && ++wrote === 1) {
        patch(whole, statSync(whole).size - 20, flip);
      }
      return undefined;
    });
    expect(only(await vault.decrypt(whole)).error?.code).toBe('FileDamaged');
    expect(wrote).toBeGreaterThan(1);
    expect(vault.list()).toEqual(['a.keyward']);
  });

  it('damage to either header copy falls back to the other and says so; a rewrap repairs it', async () => {
    for (const copy of [0, 1]) {
      for (const at of [0, 8, 14, 16, 19, 20, 60, 500, 4000, 4070, 4095]) {
        const file = await encrypted('a', 'content');
        patch(file, copy * 4096 + at, flip);
        const result = only(await vault.decrypt(file, { out: vault.path('back') }));
        expect(result, `copy ${copy} at ${at}`).toMatchObject({ status: 'done' });
        expect(result.notes?.join()).toContain('One of the two header copies');
        expect(readFileSync(vault.path('back'), 'utf8')).toBe('content');
        await vault.call('files.rewrap', { sources: [file], each: false });
        expect((await vault.call('files.inspect', { source: file })).notes).toEqual([]);
        for (const name of vault.list()) rmSync(vault.path(name));
      }
    }
  });

  it('pitfall 30: zeroed, emptied or doubly damaged headers are damage, never a default', async () => {
    const whole = await encrypted('a', 'content');
    rmSync(vault.path('a'));
    const harms = {
      'both copies flipped': (path: string) => [600, 4096 + 700].map((at) => patch(path, at, flip)),
      'both copies zeroed after the magic': (path: string) => {
        for (const copy of [0, 4096]) patch(path, copy + 8, () => 0, 4088);
      },
      'all zero': (path: string) => patch(path, 0, () => 0, 8192),
      emptied: (path: string) => truncateSync(path, 0),
    };
    const codes: string[] = [];
    for (const harm of Object.values(harms)) {
      copyFileSync(whole, vault.path('b.keyward'));
      harm(vault.path('b.keyward'));
      codes.push(only(await vault.decrypt(vault.path('b.keyward'))).error?.code ?? '');
    }
    expect(codes).toEqual(['FileDamaged', 'FileDamaged', 'NotKeywardFile', 'NotKeywardFile']);
    expect(vault.list()).toEqual(['a.keyward', 'b.keyward']);
  });

  it('pitfall 44: absurd lengths and counts in a header end in a typed error and little memory', async () => {
    const whole = readFileSync(await encrypted('a', 'content'));
    const codes = new Set<string>();
    const before = process.memoryUsage().rss;
    for (let at = 8; at < 200; at++) {
      const bytes = Buffer.from(whole);
      for (const copy of [0, 4096]) bytes.fill(0xff, copy + at, copy + at + 4);
      writeFileSync(vault.path('hostile.keyward'), bytes);
      codes.add(only(await vault.decrypt(vault.path('hostile.keyward'))).error?.code ?? 'done');
    }
    expect([...codes]).toEqual(['FileDamaged']);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });

  it('pitfall 33: a wrong passphrase, damage and "not our file" answer differently, each in under 2 s', async () => {
    const file = await encrypted('a', 'x');
    writeFileSync(vault.path('b.keyward'), 'no such thing');
    copyFileSync(file, vault.path('d.keyward'));
    patch(vault.path('d.keyward'), statSync(file).size - 1, flip);
    const foreign = await encrypted('c', 'x', stranger);
    const codes = [];
    for (const path of [vault.path('b.keyward'), vault.path('d.keyward'), foreign]) {
      const start = performance.now();
      codes.push(only(await vault.decrypt(path, { out: vault.path('out') })).error?.code);
      expect(performance.now() - start).toBeLessThan(2_000);
    }
    expect(codes).toEqual(['NotKeywardFile', 'FileDamaged', 'WrongKey']);
    await stranger.reopen(async () => {
      const claim = await claimHome(stranger.home);
      if (claim === undefined) throw new Error('the home is free');
      const start = performance.now();
      const credential = { kind: 'passphrase', bytes: Buffer.from('not this one') } as const;
      await expect(openSession(claim, { credential, kind: 'command' })).rejects.toMatchObject({
        code: 'WrongPassphrase',
      });
      expect(performance.now() - start).toBeLessThan(2_000);
      await claim.release();
    });
  });
});

describe('rollback', () => {
  it('a header from before a rewrap, and one that is not ours with the same generation, are told', async () => {
    const file = await encrypted('a', 'content');
    rmSync(vault.path('a'));
    const old = readFileSync(file);
    await vault.call('keys.rotate', { key: 'my-files' });
    await vault.call('files.rewrap', { sources: [file], each: false });
    const rewrapped = readFileSync(file);
    expect(only(await vault.decrypt(file, { overwrite: true })).notes ?? []).toEqual([]);

    writeFileSync(file, old);
    const result = only(await vault.decrypt(file, { overwrite: true }));
    expect(result.status).toBe('done');
    expect(result.notes?.join()).toContain('older header (generation 1)');
    expect((await vault.verify(file)).notes?.join()).toContain('older header');

    // Two rewraps of one state: the same generation with another slot.
    await vault.call('files.rewrap', { sources: [file], each: false });
    expect((await vault.verify(file)).notes ?? []).toEqual([]);
    writeFileSync(file, rewrapped);
    expect((await vault.verify(file)).notes?.join()).toContain('another header');
  });

  it('an interrupted rewrap opens by the newer copy, says so, and the next one finishes it', async () => {
    const file = await encrypted('a', 'content');
    const old = readFileSync(file);
    await vault.call('files.rewrap', { sources: [file], each: false });
    const torn = Buffer.concat([readFileSync(file).subarray(0, 4096), old.subarray(4096)]);
    writeFileSync(file, torn);
    expect((await vault.verify(file)).notes?.join()).toContain('was interrupted');
    await vault.call('files.rewrap', { sources: [file], each: false });
    expect((await vault.call('files.inspect', { source: file })).notes).toEqual([]);
    const now = readFileSync(file);
    expect(now.subarray(0, 4096).equals(now.subarray(4096, 8192))).toBe(true);
    expect(now.subarray(8192).equals(old.subarray(8192))).toBe(true);
  });

  it('a rewrap keeps the body and changes the time of modification (pitfall 25)', async () => {
    const file = await encrypted('a', randomBytes(FRAME + 7));
    const before = { bytes: readFileSync(file), time: statSync(file).mtimeMs };
    await new Promise((resolve) => setTimeout(resolve, 20));
    await vault.call('files.rewrap', { sources: [file], each: false });
    expect(readFileSync(file).subarray(8192).equals(before.bytes.subarray(8192))).toBe(true);
    expect(readFileSync(file).length).toBe(before.bytes.length);
    expect(statSync(file).mtimeMs).toBeGreaterThan(before.time);
  });
});

describe('partials of a dead owner', () => {
  function idOf(path: string) {
    const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
    return { device: dev, inode: ino, born: birthtimeNs };
  }

  /** Records a partial as a killed job would leave it. */
  async function record(path: string, size: number, identify = true): Promise<void> {
    writeFileSync(path, Buffer.alloc(size), { mode: 0o600 });
    await withPartials(vault.home, vault.phrase, (store, partials) => {
      const id = store.write((tx) => partials.add(tx, { now: () => Date.now() }, path));
      const folder = { ...idOf(dirname(path)), volume: 'any' };
      if (identify) store.write((tx) => partials.identify(tx, id, idOf(path), folder));
    });
  }

  /** Runs SQL from outside, as someone with the file and an editor can. */
  function tamper(sql: string, ...params: string[]): void {
    const db = new Database(join(vault.home, 'vault.db'));
    db.prepare(sql).run(...params);
    db.close();
  }

  const findings = async () => (await vault.call('vault.status', {})).findings ?? [];

  function recorded(): string[] {
    const store = Store.open(join(vault.home, 'vault.db'), 'existing');
    const paths = store.read(listPartials).map(({ path }) => path);
    store.close();
    return paths;
  }

  it('that were taking their final name where there are no links leave no empty file of that name', async () => {
    const claim = async (name: string, content: string) => {
      const partial = vault.path(`${name}.partial`);
      await record(partial, 10);
      writeFileSync(vault.path(name), content);
      await withPartials(vault.home, vault.phrase, (store, partials) => {
        const id = store.read(listPartials).find(({ path }) => path === partial)?.id ?? 0;
        store.write((tx) => partials.claim(tx, id, vault.path(name)));
      });
      return partial;
    };
    await vault.reopen(async () => {
      await claim('claimed', '');
      await claim('of somebody else', 'mine');
      // Its rename was done: what has the name is the whole file, which may well be empty.
      rmSync(await claim('whole and empty', ''));
    });
    expect(vault.list()).toEqual(['of somebody else', 'whole and empty']);
    expect(recorded()).toEqual([]);
  });

  it('are listed while the vault is locked, and go at the next unlock', async () => {
    const paths = [vault.path('a.keyward.partial'), vault.path('b.partial')];
    await vault.reopen(async () => {
      await record(paths[0] ?? '', 5000);
      await record(paths[1] ?? '', 0, false);
      const claim = await claimHome(vault.home);
      expect((await lockedStatus(vault.home)).unfinished?.sort()).toEqual(paths);
      await claim?.release();
      expect(vault.list()).toEqual(['a.keyward.partial', 'b.partial']);
    });
    expect(vault.list()).toEqual([]);
    expect(recorded()).toEqual([]);
    expect(await findings()).toEqual([]);
  });

  it("look-alikes of the user's survive: replaced at the very path, linked, grown, or never recorded", async () => {
    const path = vault.path('a.keyward.partial');
    let before: string[] = [];
    await vault.reopen(async () => {
      await record(path, 5000);
      // The file system gives the new file the inode of the old one at once.
      rmSync(path);
      writeFileSync(path, 'mine');
      const unidentified = vault.path('b.keyward.partial');
      await record(unidentified, 0, false);
      writeFileSync(unidentified, 'mine');
      const open = vault.path('c.keyward.partial');
      await record(open, 0, false);
      chmodSync(open, 0o644);
      const link = vault.path('d.keyward.partial');
      await record(link, 10);
      rmSync(link);
      symlinkSync('a.keyward.partial', link);
      writeFileSync(vault.path('e.keyward.partial'), 'mine');
      before = vault.list();
    });
    expect(vault.list()).toEqual(before);
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(recorded()).toEqual([]);
  });

  it('pitfall 56: stay on record while their folder is away, or another one stands in its place', async () => {
    const path = vault.path('disk', 'a.keyward.partial');
    await vault.reopen(async () => {
      mkdirSync(vault.path('disk'));
      await record(path, 10);
      renameSync(vault.path('disk'), vault.path('elsewhere'));
    });
    expect(recorded()).toEqual([path]);
    expect(await findings()).toMatchObject([{ kind: 'PartialKept', message: expect.stringContaining(path) }]);
    await vault.reopen(() => mkdirSync(vault.path('disk')));
    expect(recorded()).toEqual([path]);
    await vault.reopen(() => {
      rmSync(vault.path('disk'), { recursive: true });
      renameSync(vault.path('elsewhere'), vault.path('disk'));
    });
    expect(recorded()).toEqual([]);
    expect(vault.list()).toEqual(['disk']);
  });

  it('are emptied before they are removed, unless they have a second name', async () => {
    const sizes: number[] = [];
    await vault.reopen(async () => {
      setFaultHook(({ op, path }) => {
        if (op === 'unlink' && path.endsWith('.partial')) sizes.push(statSync(path).size);
        return undefined;
      });
      await record(vault.path('a.partial'), 10);
      await record(vault.path('b.partial'), 10);
      linkSync(vault.path('b.partial'), vault.path('whole'));
    });
    expect(sizes.sort((a, b) => a - b)).toEqual([0, 10]);
    expect(vault.list()).toEqual(['whole']);
    expect(statSync(vault.path('whole')).size).toBe(10);
  });

  it('pitfall 55: no row from outside has a file removed, emptied or looked for, locked or unlocked', async () => {
    const victim = vault.path('thesis');
    writeFileSync(victim, 'three years', { mode: 0o600 });
    writeFileSync(vault.path('empty'), '', { mode: 0o600 });
    const { device, inode, born } = idOf(victim);
    const folder = { ...idOf(vault.files), volume: 'any' };
    const where = [folder.device, folder.inode, folder.born, folder.volume].join(':');
    const insert =
      'INSERT INTO partials (path, device, inode, born, folder, claims, created) VALUES (?, ?, ?, ?, ?, ?, 1)';
    const forge = () =>
      tamper(insert, victim, String(device), String(inode), String(born), where, vault.path('empty'));
    const intact = () => {
      expect(readFileSync(victim, 'utf8')).toBe('three years');
      expect(vault.list()).toEqual(['empty', 'thesis']);
    };
    await vault.reopen(async () => {
      forge();
      await lockedStatus(vault.home);
      await (await claimHome(vault.home))?.release();
      intact();
    });
    intact();
    expect(await findings()).toMatchObject([
      { kind: 'PartialRefused', message: expect.stringContaining(victim) },
    ]);
    const { entries } = await vault.call('audit.list', { limit: 10, event: 'PartialRefused' });
    expect(entries).toMatchObject([{ file: victim }]);
    expect(recorded()).toEqual([]);

    // With the vault open, and with a genuine row that is turned to another file.
    forge();
    expect(only(await vault.encrypt(victim, { out: vault.path('thesis.keyward') })).status).toBe('done');
    rmSync(vault.path('thesis.keyward'));
    await vault.reopen(async () => {
      await record(vault.path('a.partial'), 7);
      rmSync(vault.path('a.partial'));
      tamper(
        'UPDATE partials SET path = ?, device = ?, inode = ?, born = ? WHERE mac IS NOT NULL',
        ...[victim, String(device), String(inode), String(born)],
      );
    });
    intact();
    expect((await findings()).every(({ kind }) => kind === 'PartialRefused')).toBe(true);
    await vault.reopen();
    expect(await findings()).toEqual([]);
  });
});
