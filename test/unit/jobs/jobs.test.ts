import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { JobStore } from '../../../src/main/jobs/job-store.ts';
import { JobTable } from '../../../src/main/jobs/job-table.ts';
import type { Store } from '../../../src/main/store/database.ts';
import type { Records } from '../../../src/main/store/records.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import type { FileResult } from '../../../src/shared/file-result.ts';
import { isOver, type JobFacts } from '../../../src/shared/job-contract.ts';
import type { JobKind, JobRun } from '../../../src/shared/job-kind.ts';
import { freshStore, tamper, testKey, testRecords } from '../store/support.ts';

type Parameters = {
  readonly sources: readonly string[];
  readonly overwrite?: boolean;
  readonly secret?: string;
};
type Work = (run: JobRun<AbortSignal>) => Promise<readonly FileResult[]>;

const OWNER = { principal: 'arn:aws:iam::000000000000:user/cli', client: 'cli' } as const;

const done = (source: string): FileResult => ({
  ...{ source, output: `${source}.keyward`, status: 'done', outcome: 'done', bytes: 10 },
});
const failed = (source: string): FileResult => ({
  ...{ source, output: null, status: 'failed', outcome: 'failed', bytes: 0 },
  error: { code: 'SourceNotFound', message: 'It is gone.', details: {} },
});

/** A kind whose work is `work`; of its parameters the secret is not kept. */
const kindOf = (work: Work): JobKind<Parameters, AbortSignal> => ({
  name: 'encrypt',
  kept: ({ secret: _, ...rest }) => rest,
  resumed: (parameters) =>
    parameters.secret === undefined ? { ...parameters, overwrite: false } : undefined,
  run: (_, run) => work(run),
});

let now = Date.parse('2026-11-30T10:00:00Z');

const tables: JobTable[] = [];

/** A table over rows that stand in `store`, as after an unlock. */
function tableOn(store: Store, records: Records = opened(store)): { table: JobTable; rows: JobStore } {
  const rows = new JobStore({ records, key: testKey('job'), setKey: testKey('job-set') });
  const table = new JobTable({ store, rows, clock: { now: () => now } });
  tables.push(table);
  return { table, rows };
}

const known = new WeakMap<Store, Records>();

function opened(store: Store): Records {
  const records = known.get(store) ?? testRecords();
  known.set(store, records);
  return records;
}

function fresh() {
  const store = freshStore();
  store.write((tx) => opened(store).create(tx));
  return { store, ...tableOn(store) };
}

/** Work that goes on until it is stopped. */
const hangs: Work = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** Runs a job to its end. */
async function ran(table: JobTable, work: Work, sources = ['/a/x']): Promise<JobFacts> {
  now += 1_000;
  const { facts, ended } = table.start(kindOf(work), { sources }, { owner: OWNER });
  await ended;
  return table.facts(facts.id);
}

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const table of tables.splice(0)) {
    table.stop(new KeywardError('Cancelled', 'The test is over.'));
    await table.end();
  }
});

describe('a lock', () => {
  const locked = new KeywardError('Cancelled', 'The vault was locked.');

  it('holds up a job alone that can go on: it waits, and goes on in the name of who began it', async () => {
    const { store, table } = fresh();
    const gone: FileResult = { ...failed('/b'), status: 'cancelled', outcome: 'cancelled' };
    const untilLock: Work = async ({ signal, results }) => {
      await results([done('/a')]);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return [gone];
    };
    const begin = { owner: OWNER, alone: true } as const;
    const { id, startedAt } = table.start(kindOf(untilLock), { sources: ['/a', '/b'] }, begin).facts;
    await vi.waitFor(() => expect(table.facts(id).items).toBe(1));
    now += 60_000;
    table.lock(locked);
    await table.end();
    expect(table.facts(id)).toMatchObject({ state: 'waiting', reason: 'locked', endedAt: null });
    expect(table.facts(id).outcomes).toEqual([{ outcome: 'done', count: 1 }]);

    const next = tableOn(store).table;
    expect(next.facts(id)).toMatchObject({ state: 'waiting', reason: 'locked', items: 1 });
    const seen: unknown[] = [];
    const rest: JobKind<Parameters, AbortSignal> = {
      ...kindOf(async () => [done('/b')]),
      run: async (parameters, { owner }) => {
        seen.push(parameters, owner);
        return [done('/b')];
      },
    };
    next.register([rest]);
    next.resume();
    next.resume();
    await vi.waitFor(() => expect(next.facts(id).state).toBe('done'));
    expect(seen).toEqual([{ sources: ['/a', '/b'], overwrite: false }, OWNER]);
    expect(next.facts(id)).toMatchObject({ startedAt, owner: OWNER.principal });
  });

  it('lets a held-up job be cancelled where nobody goes on with it', async () => {
    const { store, table } = fresh();
    const { id } = table.start(kindOf(hangs), { sources: ['/a'] }, { owner: OWNER, alone: true }).facts;
    await Promise.resolve();
    table.lock(locked);
    await table.end();
    const next = tableOn(store).table;
    next.resume();
    expect(next.facts(id)).toMatchObject({ state: 'waiting', reason: 'locked' });
    expect(await next.cancel(id, 1)).toMatchObject({ state: 'cancelled' });
    expect(next.facts(id).reason).toBeUndefined();
    expect(next.parameters(id)).toBeUndefined();
    expect(tableOn(store).table.facts(id)).toMatchObject({ state: 'cancelled' });
  });

  it('cancels what somebody waits for, and what needs a secret that is not kept', async () => {
    const { table } = fresh();
    const called = table.start(kindOf(hangs), { sources: ['/a'] }, { owner: OWNER }).facts.id;
    const secret = { sources: ['/a'], secret: 'of a keyring' };
    const alone = table.start(kindOf(hangs), secret, { owner: OWNER, alone: true }).facts.id;
    await Promise.resolve();
    table.lock(locked);
    await table.end();
    expect([table.facts(called).state, table.facts(alone).state]).toEqual(['cancelled', 'cancelled']);
  });
});

describe('a job', () => {
  it('is queued, then running, then what became of its files', async () => {
    const { table } = fresh();
    const states: string[] = [];
    table.watch(({ state }) => states.push(state));
    const { facts } = table.start(
      kindOf(async () => [done('/a/x')]),
      { sources: ['/a/x'] },
      { owner: OWNER },
    );
    expect(facts).toMatchObject({ state: 'queued', title: '/a/x', sources: 1, endedAt: null });
    await table.cancel(facts.id, 1_000);
    expect(states.at(0)).toBe('running');
    expect((await ran(table, async () => [done('/a')])).state).toBe('done');
    expect((await ran(table, async () => [done('/a'), failed('/b')])).state).toBe('failed');
    const stopped: FileResult = { ...failed('/b'), status: 'cancelled', outcome: 'cancelled' };
    expect((await ran(table, async () => [done('/a'), stopped])).state).toBe('cancelled');
    const broken = async () => {
      throw new KeywardError('DisabledException', 'Its key is disabled.');
    };
    expect(await ran(table, broken)).toMatchObject({ state: 'failed', error: { code: 'DisabledException' } });
    expect(table.running).toBe(0);
  });

  it('gives its results to who takes them, and else when it is over', async () => {
    const { table } = fresh();
    const work: Work = async ({ results }) => {
      await results([done('/a')]);
      return [done('/b')];
    };
    const taken: string[] = [];
    const take = (page: readonly FileResult[]) => void taken.push(...page.map(({ source }) => source));
    const followed = table.start(kindOf(work), { sources: [] }, { owner: OWNER, results: take });
    expect((await followed.ended).results).toEqual([]);
    expect(taken).toEqual(['/a', '/b']);
    const left = await table.start(kindOf(work), { sources: [] }, { owner: OWNER }).ended;
    expect(left.results.map(({ source }) => source)).toEqual(['/a', '/b']);
    expect(table.list()).toMatchObject([{ items: 2 }, { items: 2 }]);
  });

  it('stops when it is cancelled, by whomever, and when the vault is locked', async () => {
    const { table } = fresh();
    const { id } = table.start(kindOf(hangs), { sources: ['/a'] }, { owner: OWNER }).facts;
    expect(await table.cancel(id, 1_000)).toMatchObject({ state: 'cancelled', error: { code: 'Cancelled' } });
    expect(await table.cancel(id, 1_000)).toMatchObject({ state: 'cancelled' });
    await expect(table.cancel('j-0', 1)).rejects.toMatchObject({ code: 'NotFoundException' });
    const other = table.start(kindOf(hangs), { sources: ['/a'] }, { owner: OWNER }).facts.id;
    await Promise.resolve();
    table.stop(new KeywardError('Cancelled', 'The vault was locked.'));
    await table.end();
    expect(table.facts(other)).toMatchObject({ state: 'cancelled', error: { message: /locked/ } });
  });

  it('alone waits for what is in its way, says for what, and goes on; with a caller it is given no wait', async () => {
    vi.useFakeTimers();
    const { table } = fresh();
    const states: string[] = [];
    table.watch(({ state, reason }) => states.push(reason === undefined ? state : `${state}: ${reason}`));
    let looks = 0;
    const work: Work = async ({ wait }) => {
      await wait?.('disk-full', async () => ++looks > 1, 0);
      await wait?.('drive-gone', async () => true, 1);
      return [done('/a')];
    };
    const { ended } = table.start(kindOf(work), { sources: ['/a'] }, { owner: OWNER, alone: true });
    await vi.advanceTimersByTimeAsync(1_999);
    expect([states.at(-1), looks]).toEqual(['waiting: disk-full', 0]);
    await vi.advanceTimersByTimeAsync(1);
    expect([states.at(-1), looks]).toEqual(['waiting: disk-full', 1]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect([states.at(-1), looks]).toEqual(['waiting: drive-gone', 2]);
    await vi.advanceTimersByTimeAsync(4_000);
    await ended;
    expect(states.filter((state, n) => state !== states[n - 1])).toEqual([
      ...['running', 'waiting: disk-full', 'running', 'waiting: drive-gone', 'running', 'done'],
    ]);
    let given: unknown = 'not asked';
    await ran(table, async ({ wait }) => {
      given = wait;
      return [];
    });
    expect(given).toBeUndefined();
  });

  it('is stopped while it waits', async () => {
    const { table } = fresh();
    const work: Work = async ({ wait }) => {
      await wait?.('drive-gone', async () => false, 0);
      return [];
    };
    const { id } = table.start(kindOf(work), { sources: ['/a'] }, { owner: OWNER, alone: true }).facts;
    await vi.waitFor(() => expect(table.facts(id).state).toBe('waiting'));
    expect(await table.cancel(id, 1_000)).toMatchObject({ state: 'cancelled' });
    expect(table.facts(id).reason).toBeUndefined();
  });

  it('is told of ten times a second at most, and of its end at once', async () => {
    vi.useFakeTimers();
    const { table } = fresh();
    const told: JobFacts[] = [];
    table.watch((facts) => told.push(facts));
    const work: Work = async ({ progress }) => {
      for (let n = 0; n < 1_000; n++) {
        progress({ done: n, total: 1_000, file: 0, files: 1, source: '/a' });
        await vi.advanceTimersByTimeAsync(1);
      }
      return [done('/a')];
    };
    await ran(table, work);
    expect(told.length).toBeGreaterThan(5);
    expect(told.length).toBeLessThanOrEqual(13);
    expect(told.at(-2)).toMatchObject({ state: 'running', progress: { total: 1_000 } });
    expect(told.at(-1)).toMatchObject({ state: 'done' });
  });
});

describe('what is kept of jobs', () => {
  it('is there after the next unlock: states, counts, and items page by page', async () => {
    const { store, table } = fresh();
    const work: Work = async ({ results }) => {
      for (let n = 0; n < 2_500; n += 100) {
        await results(
          Array.from({ length: 100 }, (_, m) => (n + m === 2_222 ? failed : done)(`/a/${n + m}`)),
        );
      }
      return [];
    };
    const { id } = await ran(table, work);
    await table.end();
    const { table: after } = tableOn(store);
    expect(after.facts(id)).toMatchObject({ state: 'failed', items: 2_500, omitted: 0 });
    const found: string[] = [];
    let next: number | undefined = 0;
    while (next !== undefined) {
      const page = after.items(id, next, 700);
      expect(page.isDamaged).toBe(false);
      found.push(...page.items.map(({ source }) => source));
      next = page.next;
    }
    expect(found).toEqual(Array.from({ length: 2_500 }, (_, n) => `/a/${n}`));
    const notable = (await after.notable(id, 3)).items.map(({ source }) => source);
    expect(notable).toEqual(['/a/2222', '/a/0', '/a/1']);
  });

  it('is written while a job runs, and a job whose process died is told as interrupted', async () => {
    vi.useFakeTimers();
    const { store, table } = fresh();
    const secret = 'a secret that is for nobody';
    const work: Work = async (run) => {
      await run.results([done('/a/0')]);
      return hangs(run);
    };
    const parameters = { sources: ['/a name for nobody'], overwrite: true, secret };
    const { id } = table.start(kindOf(work), parameters, { owner: OWNER }).facts;
    await vi.advanceTimersByTimeAsync(2_500);
    const { table: after, rows } = tableOn(store);
    expect(after.facts(id)).toMatchObject({ state: 'failed', reason: 'interrupted', items: 1 });
    expect(after.facts(id).endedAt).not.toBeNull();
    expect(after.items(id, 0, 10).items).toEqual([done('/a/0')]);
    expect(store.read((tx) => rows.parameters(tx, id))).toEqual({
      sources: ['/a name for nobody'],
      overwrite: true,
    });
    expect(after.parameters(id)).toEqual({ overwrite: true });
    const bytes = store.read((tx) => tx.all<{ sealed: Buffer }>('SELECT sealed FROM jobs'));
    for (const { sealed } of bytes) expect(sealed.includes('a name for nobody')).toBe(false);
  });

  it('stays in memory on a full disk, says so, and is written once there is room', async () => {
    vi.useFakeTimers();
    const { store, table } = fresh();
    const refuse = vi.spyOn(store, 'writeWithinRoom').mockImplementation(() => {
      throw new KeywardError('DiskFull', 'The disk is full.');
    });
    const { id } = await ran(table, async () => [done('/a')]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(table.facts(id)).toMatchObject({ state: 'done', unsaved: true });
    expect(table.items(id, 0, 10).items).toEqual([done('/a')]);
    expect(tableOn(store).table.list()).toEqual([]);
    refuse.mockRestore();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(table.facts(id).unsaved).toBeUndefined();
    expect(tableOn(store).table.facts(id)).toMatchObject({ state: 'done', items: 1 });
  });

  it('takes no room on a disk that has none to spare, which belongs to the log', async () => {
    const { store, table } = fresh();
    const tight = vi.spyOn(store, 'isTight', 'get').mockReturnValue(true);
    const { id } = await ran(table, async () => [done('/a')]);
    await table.end();
    expect(table.facts(id)).toMatchObject({ state: 'done', unsaved: true });
    expect(tableOn(store).table.list()).toEqual([]);
    tight.mockRestore();
  });

  it('is 200 jobs at most, the newest', async () => {
    const { store, table } = fresh();
    for (let n = 0; n < 205; n++) await ran(table, async () => [done(`/a/${n}`)], [`/a/${n}`]);
    await table.end();
    const titles = tableOn(store)
      .table.list()
      .map(({ title }) => title);
    expect(titles).toHaveLength(200);
    expect(titles[0]).toBe('/a/204');
    expect(store.read((tx) => tx.all('SELECT DISTINCT job FROM jobs'))).toHaveLength(200);
  });

  it('is forgotten when it is cleared, and what runs is not', async () => {
    const { store, table, rows } = fresh();
    await ran(table, async () => [done('/a')]);
    await table.end();
    const { table: after } = tableOn(store);
    await ran(after, async () => [done('/b')]);
    const { id } = after.start(kindOf(hangs), { sources: [] }, { owner: OWNER }).facts;
    after.clear(() => true);
    expect(after.list().map((facts) => facts.id)).toEqual([id]);
    expect(store.read((tx) => rows.heads(tx).jobs)).toEqual([]);
    expect(await rows.verify(store)).toBe(true);
  });
});

describe('rows of jobs that were changed from outside', () => {
  type Row = { job: Buffer; part: number; mark: Buffer; sealed: Buffer };
  const rowsOf = (store: Store) => store.read((tx) => tx.all<Row>('SELECT * FROM jobs ORDER BY part'));
  const put = (store: Store, { job, part, mark, sealed }: Row) =>
    tamper(store.path, 'INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?)', job, part, mark, sealed);

  async function two() {
    const { store, table } = fresh();
    const first = await ran(table, async () => [done('/a')]);
    const second = await ran(table, async () => [failed('/b')]);
    await table.end();
    return { store, first, second };
  }

  const changes: { [what: string]: (store: Store) => void } = {
    'an edited head': (store) => tamper(store.path, 'UPDATE jobs SET sealed = zeroblob(600) WHERE part = 0'),
    'a removed head': (store) =>
      tamper(store.path, 'DELETE FROM jobs WHERE job = (SELECT job FROM jobs LIMIT 1)'),
    'an edited mark': (store) => tamper(store.path, 'UPDATE jobs SET mark = zeroblob(48) WHERE part = 2'),
    'a row of nobody': (store) =>
      put(store, { job: Buffer.alloc(3), part: -7, mark: Buffer.alloc(48), sealed: Buffer.alloc(99) }),
    'a head under the name of another job': (store) => {
      const [a, b] = rowsOf(store);
      if (a !== undefined && b !== undefined) put(store, { ...a, job: b.job });
    },
  };

  it.each(Object.keys(changes))('%s is found, and then taken as it stands', async (what) => {
    const { store } = await two();
    const { rows } = tableOn(store);
    expect(await rows.verify(store)).toBe(true);
    changes[what]?.(store);
    expect(await tableOn(store).rows.verify(store)).toBe(false);
    const { table, rows: own } = tableOn(store);
    store.write((tx) => own.accept(tx, now));
    expect(await own.verify(store)).toBe(true);
    expect(table.list().length).toBeLessThanOrEqual(2);
    expect((await ran(table, async () => [done('/c')])).state).toBe('done');
    await table.end();
    expect(await own.verify(store)).toBe(true);
  });

  it('a head that was put back is found, and brings nothing to life', async () => {
    vi.useFakeTimers();
    const { store, table } = fresh();
    const { promise, resolve } = Promise.withResolvers<readonly FileResult[]>();
    let runs = 0;
    const work: Work = () => {
      runs++;
      return promise;
    };
    const { facts, ended } = table.start(kindOf(work), { sources: ['/a'] }, { owner: OWNER });
    await vi.advanceTimersByTimeAsync(2_500);
    const before = rowsOf(store);
    resolve([done('/a')]);
    await ended;
    await table.end();
    for (const row of before) put(store, row);
    const { table: after, rows } = tableOn(store);
    expect(await rows.verify(store)).toBe(false);
    expect(after.list().every(isOver)).toBe(true);
    expect(after.facts(facts.id)).toMatchObject({ state: 'failed', reason: 'interrupted' });
    expect(runs).toBe(1);
  });

  it('a job that a lock had held up, put back once it was done, does not go on again', async () => {
    const { store, table } = fresh();
    const alone = { owner: OWNER, alone: true } as const;
    const { id } = table.start(kindOf(hangs), { sources: ['/a'] }, alone).facts;
    await Promise.resolve();
    table.lock(new KeywardError('Cancelled', 'The vault was locked.'));
    await table.end();
    const before = rowsOf(store);
    let runs = 0;
    const counted = kindOf(async () => {
      runs += 1;
      return [done('/a')];
    });
    const { table: next } = tableOn(store);
    next.register([counted]);
    next.resume();
    await vi.waitFor(() => expect(next.facts(id).state).toBe('done'));
    await next.end();
    for (const row of before) put(store, row);
    for (const isFirst of [true, false]) {
      const { table: after, rows } = tableOn(store);
      expect(await rows.verify(store)).toBe(!isFirst);
      if (isFirst) store.write((tx) => rows.accept(tx, now));
      after.register([counted]);
      after.resume();
      await after.end();
      expect(after.facts(id)).toMatchObject({ state: 'failed', reason: 'interrupted' });
      expect(after.parameters(id)).toBeUndefined();
    }
    expect(runs).toBe(1);
  });

  it('a page of items that was edited is left out, and said to be', async () => {
    const { store, first } = await two();
    tamper(store.path, 'UPDATE jobs SET sealed = zeroblob(600) WHERE part = 2');
    const { table } = tableOn(store);
    expect(table.items(first.id, 0, 10)).toEqual({ items: [], isDamaged: true });
    expect(await table.notable(first.id, 10)).toEqual({ items: [], isDamaged: true });
    expect(table.facts(first.id)).toMatchObject({ state: 'done', items: 1 });
  });
});

it('memory stays bounded over 100,000 items', async () => {
  const { table } = fresh();
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const heap = () => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const work: Work = async ({ results }) => {
    const before = heap();
    for (let n = 0; n < 100_000; n += 250) {
      await results(Array.from({ length: 250 }, (_, m) => done(`/a/folder/of/some/length/${n + m}`)));
    }
    expect(heap() - before).toBeLessThan(8 * 1024 * 1024);
    return [];
  };
  const { id } = await (async () => {
    const { facts, ended } = table.start(
      kindOf(work),
      { sources: ['/a'] },
      { owner: OWNER, results: () => undefined },
    );
    expect((await ended).error).toBeUndefined();
    return facts;
  })();
  expect(table.facts(id)).toMatchObject({
    items: 100_000,
    omitted: 0,
    outcomes: [{ outcome: 'done', count: 100_000 }],
  });
  expect(table.items(id, 99_999, 10).items).toEqual([done('/a/folder/of/some/length/99999')]);
});
