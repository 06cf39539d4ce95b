import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import type { FileResult } from '../../src/shared/contract.ts';
import { errno, gateBelow } from '../support/faults.ts';
import { LiveVault, only } from '../support/live-vault.ts';

const LARGE = 40 << 20;

let vault: LiveVault;
beforeAll(async () => {
  vault = await LiveVault.make();
});
beforeEach(() => {
  setFaultHook(undefined);
  rmSync(vault.files, { recursive: true, force: true });
  mkdirSync(vault.files);
});
afterEach(() => setFaultHook(undefined));
afterAll(() => vault.end());

/** Writes a file of random bytes and gives its path and what it holds. */
function written(name: string, bytes = 1_000): { path: string; content: Buffer } {
  const path = vault.path(name);
  const content = randomBytes(bytes);
  writeFileSync(path, content);
  return { path, content };
}

const each = (sources: string[]) => ({ sources, each: true });
const statuses = (results: readonly FileResult[]) => results.map(({ status }) => status);

describe('pitfall 11: originals', () => {
  it('stay, whatever a job does with them and however it ends', async () => {
    const { path, content } = written('a');
    await vault.encrypt(path);
    const encrypted = readFileSync(`${path}.keyward`);
    await vault.decrypt(`${path}.keyward`, { out: vault.path('back') });
    await vault.verify(`${path}.keyward`);
    await vault.encrypt(path);
    gateBelow(vault.files, ({ op }) => {
      if (op === 'syncFolder') throw errno('EIO');
      return undefined;
    });
    await vault.encrypt(path, { out: vault.path('b.keyward') });
    await vault.decrypt(`${path}.keyward`, { out: vault.path('c') });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(readFileSync(`${path}.keyward`).equals(encrypted)).toBe(true);
  });
});

describe('pitfall 15: many small files', () => {
  it('take time by their number, and one data key each without one slow derivation', async () => {
    const timed = async (name: string, count: number) => {
      mkdirSync(vault.path(name));
      for (let n = 0; n < count; n += 1) writeFileSync(vault.path(name, `f${n}`), `text ${n}`);
      const begun = performance.now();
      const results = await vault.encrypt(vault.path(name), { each: true });
      expect(results.filter(({ status }) => status === 'done')).toHaveLength(count);
      return performance.now() - begun;
    };
    await timed('warm', 200);
    const [few, many] = [await timed('few', 400), await timed('many', 2_400)];
    // Six times the files: what grows by the square takes 36 times as long.
    expect(many / few).toBeLessThan(15);
    expect(many / 2_400).toBeLessThan(50);
  }, 120_000);
});

describe('pitfall 27: conflict copies of a sync program', () => {
  it('are files of their own: all are listed, each opens, none is dropped or merged', async () => {
    const { path, content } = written('Plan.txt');
    await vault.encrypt(path);
    const names = [
      'Plan (1).txt.keyward',
      "Plan (Ada's conflicted copy 2026-11-02).txt.keyward",
      'Plan.txt (1).keyward',
    ];
    for (const name of names) copyFileSync(`${path}.keyward`, vault.path(name));
    // One of them goes on by itself, as it would on another machine.
    await vault.call('keys.rotate', { key: 'my-files' });
    expect(statuses((await vault.call('files.rewrap', each([vault.path(names[0] ?? '')]))).results)).toEqual([
      'done',
    ]);
    const all = [`${path}.keyward`, ...names.map((name) => vault.path(name))];
    const results = await vault.decrypt(all, { each: true, out: vault.path('out') });
    expect(results.map(({ source }) => source).sort()).toEqual([...all].sort());
    expect(new Set(statuses(results))).toEqual(new Set(['done']));
    const outputs = results.map(({ output }) => output ?? '');
    expect(new Set(outputs).size).toBe(all.length);
    for (const output of outputs) expect(readFileSync(output).equals(content)).toBe(true);
  });
});

describe('pitfall 29: handles', () => {
  const open = () =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const path = readlinkSync(`/proc/self/fd/${fd}`);
        return path.startsWith(vault.files) ? [path] : [];
      } catch {
        return [];
      }
    });

  it.skipIf(process.platform !== 'linux')('are all closed when a job has ended, well or not', async () => {
    const small = written('small');
    const large = written('large', LARGE);
    const sources = [small.path, large.path];
    let seen = 0;
    const progress = () => {
      seen = Math.max(seen, open().length);
    };
    await vault.encrypt(sources, { each: true }, { progress });
    expect(seen).toBeGreaterThan(0);
    expect(open()).toEqual([]);
    const encrypted = sources.map((path) => `${path}.keyward`);
    await vault.call('files.verify', each(encrypted));
    await vault.call('files.rewrap', each(encrypted));
    await vault.call('files.reencrypt', each(encrypted));
    await vault.decrypt(encrypted, { each: true, out: vault.path('out') });
    await vault.call('files.inspect', { source: encrypted[0] ?? '' });
    expect(open()).toEqual([]);
    const cut = readFileSync(encrypted[1] ?? '').subarray(0, LARGE / 2);
    writeFileSync(vault.path('cut.keyward'), cut);
    writeFileSync(vault.path('not.keyward'), 'not ours');
    const broken = [vault.path('cut.keyward'), vault.path('not.keyward'), vault.path('none.keyward')];
    const failing = await vault.decrypt(broken, { each: true, out: vault.path('broken') });
    expect(statuses(failing)).toEqual(['failed', 'failed', 'failed']);
    expect(open()).toEqual([]);
    const stop = new AbortController();
    const stopped = await vault.decrypt(
      encrypted,
      { each: true, out: vault.path('stopped') },
      {
        signal: stop.signal,
        progress: () => stop.abort(),
      },
    );
    expect(statuses(stopped)).toContain('cancelled');
    expect(open()).toEqual([]);
    for (const op of ['read', 'write', 'sync', 'link', 'syncFolder'] as const) {
      gateBelow(vault.files, (step) => {
        if (step.op === op) throw errno('EIO');
        return undefined;
      });
      await vault.encrypt(sources, { each: true, out: vault.path(`out-${op}`) });
      setFaultHook(undefined);
      expect([op, open()]).toEqual([op, []]);
    }
  });
});

describe('pitfall 31: a share that goes away in the middle of a job', () => {
  it.each(['ESTALE', 'ENXIO', 'EIO'])(
    '(%s) fails the files that it held; what is told as done is done',
    async (code) => {
      const files = Array.from({ length: 9 }, (_, n) => written(`f${n}`));
      let writes = 0;
      gateBelow(vault.files, ({ op, path }) => {
        if (op === 'write' && path.includes('.keyward')) writes += 1;
        if (writes > 4) throw errno(code);
        return undefined;
      });
      const results = await vault.encrypt(
        files.map(({ path }) => path),
        { each: true },
      );
      setFaultHook(undefined);
      expect(results.map(({ source }) => source)).toEqual(files.map(({ path }) => path));
      const done = results.filter(({ status }) => status === 'done');
      const failed = results.filter(({ status }) => status === 'failed');
      expect(done.length + failed.length).toBe(files.length);
      expect(failed.length).toBeGreaterThan(0);
      for (const { error } of failed) expect(error).toMatchObject({ code: 'IoFailed' });
      for (const { source, output } of results) expect(existsSync(`${source}.keyward`)).toBe(output !== null);
      for (const { output } of done) expect((await vault.verify(output ?? '')).status).toBe('done');
      // Taken up again, the rest is done, and nothing twice.
      const rest = failed.map(({ source }) => source);
      expect(statuses(await vault.encrypt(rest, { each: true }))).toEqual(rest.map(() => 'done'));
      // What could not be removed meanwhile is at the next unlock.
      await vault.reopen();
      expect(vault.list().filter((name) => name.includes('partial'))).toEqual([]);
    },
  );
});

describe('pitfall 9: what the window can ask for', () => {
  it('opens with the command, in every combination', async () => {
    const { path, content } = written('a');
    await vault.call('keys.create', { alias: 'other', description: '' });
    const out = vault.path('there');
    mkdirSync(out);
    for (const key of [undefined, 'other', 'keyward/files']) {
      for (const to of [undefined, out]) {
        for (const overwrite of [false, true]) {
          const input = {
            overwrite,
            ...(key === undefined ? {} : { key }),
            ...(to === undefined ? {} : { out: to }),
          };
          if (!overwrite)
            for (const old of [`${path}.keyward`, `${out}/a.keyward`]) rmSync(old, { force: true });
          const result = only(await vault.encrypt(path, { ...input, each: true }));
          expect([input, result.status]).toEqual([input, 'done']);
          const back = only(
            await vault.decrypt(result.output ?? '', { out: vault.path('back'), overwrite: true }),
          );
          expect(readFileSync(back.output ?? '').equals(content)).toBe(true);
        }
      }
    }
  });
});
