import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import type { FileResult } from '../../src/shared/contract.ts';
import { BUILT, CommandHome } from '../support/command.ts';
import { errno, gateBelow } from '../support/faults.ts';
import { oneVault } from '../support/one-vault.ts';

const COUNT = 300;

const vault = await oneVault();
afterEach(() => setFaultHook(undefined));

/** Small files, and one large one in their midst. */
function makeTree(): { paths: string[]; contents: Buffer[] } {
  mkdirSync(vault.path('tree'));
  const names = Array.from({ length: COUNT }, (_, n) => `f${String(n).padStart(3, '0')}`);
  const contents = names.map((_, n) => randomBytes(n === 150 ? 2_000_000 : n * 7));
  const paths = names.map((name) => vault.path('tree', name));
  paths.forEach((path, n) => {
    writeFileSync(path, contents[n] ?? '');
  });
  return { paths, contents };
}

type Step = { readonly op: string; readonly path: string; readonly offset?: number };

/** The steps below the files' folder while `act` runs. */
async function stepsOf(act: () => Promise<unknown>): Promise<Step[]> {
  const steps: Step[] = [];
  gateBelow(vault.files, (step) => {
    steps.push(step);
    return undefined;
  });
  await act();
  setFaultHook(undefined);
  return steps;
}

/** The kinds of steps in order, without repetitions; those that `kindOf` has no word for are left out. */
function phases(steps: readonly Step[], kindOf: (step: Step) => string | undefined): string[] {
  const kinds = steps.map(kindOf).filter((kind) => kind !== undefined);
  return kinds.filter((kind, at) => kind !== kinds[at - 1]);
}

describe('a tree of small files', () => {
  it('is done whole and in order, each file flushed before it is placed, its folder after that', async () => {
    const { paths, contents } = makeTree();
    let results: Awaited<ReturnType<typeof vault.encrypt>> = [];
    const steps = await stepsOf(async () => {
      results = await vault.encrypt(vault.path('tree'), { each: true });
    });
    expect(results.map(({ source, status }) => [source, status])).toEqual(
      paths.map((path) => [path, 'done']),
    );
    const placed = steps.flatMap(({ op }, at) => (op === 'link' ? [at] : []));
    expect(placed).toHaveLength(COUNT);
    for (const at of placed) {
      const target = steps[at]?.path ?? '';
      const synced = steps.findIndex(({ op, path }) => op === 'sync' && path.startsWith(`${target}.`));
      expect(synced).toBeGreaterThan(-1);
      expect(synced).toBeLessThan(at);
    }
    const folders = steps.flatMap(({ op, path }, at) =>
      op === 'syncFolder' && path === vault.path('tree') ? [at] : [],
    );
    expect(folders.at(-1)).toBeGreaterThan(placed.at(-1) ?? Number.NaN);
    expect(folders.length).toBeLessThan(COUNT / 10);
    const back = await vault.decrypt(vault.path('tree'), { each: true, out: vault.path('back') });
    expect(back.every(({ status }) => status === 'done')).toBe(true);
    contents.forEach((content, n) => {
      const name = paths[n]?.split('/').at(-1) ?? '';
      expect(readFileSync(vault.path('back', name)).equals(content)).toBe(true);
    });
  });

  it.each([false, true])(
    'is flushed, placed and recorded together, with overwrite: %s',
    async (overwrite) => {
      makeTree();
      if (overwrite) await vault.encrypt(vault.path('tree'), { each: true });
      const steps = await stepsOf(() => vault.encrypt(vault.path('tree'), { each: true, overwrite }));
      const placing = overwrite ? 'rename' : 'link';
      const kinds = ['write', 'sync', placing, 'syncFolder'];
      const batch = ['write', 'sync', placing, 'syncFolder'];
      // The small files before the large one, that one, and those after it.
      expect(phases(steps, ({ op }) => (kinds.includes(op) ? op : undefined))).toEqual([
        ...batch,
        ...batch,
        ...batch,
      ]);
      expect(steps.filter(({ op }) => op === 'syncFolder')).toHaveLength(3);
    },
  );

  it('is encrypted anew together, as with overwrite', async () => {
    const { paths, contents } = makeTree();
    await vault.encrypt(vault.path('tree'), { each: true });
    const sources = [vault.path('tree')];
    const steps = await stepsOf(async () => {
      const { results } = await vault.call('files.reencrypt', { sources, each: true });
      expect(results.filter(({ status }) => status === 'done')).toHaveLength(COUNT);
    });
    const batch = ['write', 'sync', 'rename', 'syncFolder'];
    expect(phases(steps, ({ op }) => (batch.includes(op) ? op : undefined))).toEqual([
      ...batch,
      ...batch,
      ...batch,
    ]);
    const decrypting = await stepsOf(() =>
      vault.decrypt(vault.path('tree'), { each: true, overwrite: true }),
    );
    // Times before, permissions when all have their names.
    const kinds = ['attributes', 'sync', 'rename', 'syncFolder'];
    const told = ['attributes', 'sync', 'rename', 'attributes', 'syncFolder'];
    expect(phases(decrypting, ({ op }) => (kinds.includes(op) ? op : undefined))).toEqual([
      ...told,
      ...told,
      ...told,
    ]);
    contents.forEach((content, n) => {
      expect(readFileSync(paths[n] ?? '').equals(content)).toBe(true);
    });
  });

  it('is rewrapped together: the first copies of all, flushed and read, then the second ones', async () => {
    makeTree();
    await vault.encrypt(vault.path('tree'), { each: true });
    const sources = [vault.path('tree')];
    const steps = await stepsOf(() => vault.call('files.rewrap', { sources, each: true }));
    const told = phases(steps, ({ op, offset }) => {
      return op === 'write' ? `write ${offset}` : op === 'sync' ? 'flush' : undefined;
    });
    // 256 files at most are a batch, and the encrypted large one is a batch of its own.
    const batch = ['write 0', 'flush', 'write 4096', 'flush'];
    expect(told).toEqual([...batch, ...batch, ...batch]);
  });

  it.each(['encrypt', 'verify', 'decrypt', 'rewrap', 'reencrypt'] as const)(
    '%s takes no more buffers than its files are large (pitfall 69)',
    async (job) => {
      mkdirSync(vault.path('small'));
      for (let n = 0; n < COUNT; n++) writeFileSync(vault.path('small', `f${n}`), randomBytes(4_096));
      if (job !== 'encrypt')
        await vault.encrypt(vault.path('small'), { each: true, out: vault.path('sealed') });
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      gateBelow(vault.files, () => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        return undefined;
      });
      const out = vault.path('out');
      const sources = [vault.path(job === 'encrypt' ? 'small' : 'sealed')];
      const how = {
        encrypt: { overwrite: false, out },
        decrypt: { overwrite: false, out },
        verify: {},
        rewrap: {},
        reencrypt: {},
      };
      const { results } = await vault.call(`files.${job}`, { sources, each: true, ...how[job] });
      expect(results.filter(({ status }) => status === 'done')).toHaveLength(COUNT);
      // Twelve MiB of files in all, with their headers.
      expect(most).toBeLessThan(64 << 20);
    },
  );

  it('goes no further than two batches before its results are taken (pitfall 69)', async () => {
    mkdirSync(vault.path('small'));
    const names = Array.from({ length: 1_100 }, (_, n) => `f${String(n).padStart(4, '0')}`);
    for (const name of names) writeFileSync(vault.path('small', name), name);
    await vault.encrypt(vault.path('small'), { each: true, out: vault.path('sealed') });
    writeFileSync(vault.path('sealed', 'plain'), 'not looked for');
    symlinkSync('plain', vault.path('sealed', 'z-link'));
    let opened = 0;
    gateBelow(vault.files, ({ op, path }) => {
      if (op === 'open' && path.endsWith('.keyward')) opened++;
      return undefined;
    });
    const taken: FileResult[] = [];
    const ahead: number[] = [];
    const call = { sources: [vault.path('gone'), vault.path('sealed')], each: true };
    const { results } = await vault.call('files.verify', call, {
      async results(page) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        ahead.push(opened - names.length - taken.length);
        taken.push(...page);
      },
    });
    setFaultHook(undefined);
    expect(results).toEqual([]);
    expect(taken.map(({ source, outcome }) => [source, outcome])).toEqual([
      [vault.path('gone'), 'failed'],
      ...names.map((name) => [vault.path('sealed', `${name}.keyward`), 'done']),
      [vault.path('sealed', 'z-link'), 'link'],
    ]);
    expect(ahead.length).toBeGreaterThan(3);
    // The walk looks into each once too.
    expect(opened).toBe(2 * names.length);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(3 * 256);
  });

  it.each([
    ['while partials are made', 'create', 20],
    ['while they are flushed', 'sync', 20],
    ['while they get their names', 'link', 20],
  ])('a cancel leaves no partial: %s', async (_when, op, count) => {
    const { paths } = makeTree();
    const controller = new AbortController();
    let seen = 0;
    gateBelow(vault.files, (step) => {
      if (step.op === op && ++seen === count) controller.abort();
      return undefined;
    });
    const { signal } = controller;
    const results = await vault.encrypt(vault.path('tree'), { each: true }, { signal });
    setFaultHook(undefined);
    const done = results.flatMap(({ status, output }) => (status === 'done' ? [output] : []));
    expect(results.filter(({ status }) => status === 'cancelled')).toHaveLength(COUNT - done.length);
    const left = vault.list('tree').filter((name) => !paths.includes(vault.path('tree', name)));
    expect(left).toEqual(done.map((path) => path?.split('/').at(-1)));
    const again = await vault.encrypt(vault.path('tree'), { each: true, overwrite: true });
    expect(again.every(({ status }) => status !== 'failed')).toBe(true);
  });

  it('a failing file fails alone', async () => {
    const { paths } = makeTree();
    gateBelow(vault.files, ({ op, path }) => {
      if (op === 'sync' && path.includes('f007.keyward')) throw errno('EIO');
      return undefined;
    });
    const results = await vault.encrypt(vault.path('tree'), { each: true });
    expect(results.filter(({ status }) => status !== 'done').map(({ source }) => source)).toEqual([paths[7]]);
    expect(vault.list('tree')).toHaveLength(2 * COUNT - 1);
  });

  it('copies of one file are rewrapped in turn', async () => {
    writeFileSync(vault.path('a'), 'dear diary');
    await vault.encrypt(vault.path('a'));
    for (const name of ['b', 'c', 'd']) copyFileSync(vault.path('a.keyward'), vault.path(`${name}.keyward`));
    const { results } = await vault.call('files.rewrap', { sources: [vault.files], each: true });
    expect(results.filter(({ status }) => status === 'done')).toHaveLength(4);
    for (const name of ['a', 'b', 'c', 'd']) {
      expect((await vault.verify(vault.path(`${name}.keyward`))).status).toBe('done');
    }
  });

  it('two sources of one name into one folder stay two results, and nothing is replaced', async () => {
    for (const folder of ['x', 'y']) {
      mkdirSync(vault.path(folder));
      writeFileSync(vault.path(folder, 'a'), folder);
    }
    const sources = [vault.path('x', 'a'), vault.path('y', 'a')];
    const results = await vault.encrypt(sources, { out: vault.path('out') });
    expect(results.map(({ status }) => status).sort()).toEqual(['done', 'failed']);
    expect(results.find(({ status }) => status === 'failed')?.error?.code).toBe('TargetExists');
    expect(vault.list('out')).toEqual(['a.keyward']);
  });
});

describe.skipIf(process.platform === 'win32')('where few files may be open at once', () => {
  it.each([256, 1024])('%i: a tree of small files is done all the same', async (most) => {
    const home = await CommandHome.make();
    try {
      const count = 1_200;
      for (let n = 0; n < count; n++) writeFileSync(join(home.files, `f${n}`), `${n}`);
      const command = [process.execPath, BUILT, 'encrypt', '--each', home.files, ...home.unlocking];
      const limited = ['-c', `ulimit -n ${most} && exec "$@"`, 'bash', ...command];
      const { status, stderr } = spawnSync('bash', limited, { env: home.env, encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, expect.not.stringContaining('too many files')]);
      expect(readdirSync(home.files)).toHaveLength(2 * count);
    } finally {
      home.end();
    }
  });
});
