import { basename, dirname } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Handles } from '../../../src/main/ipc/handles.ts';
import { Jobs, type Order } from '../../../src/main/ipc/jobs.ts';
import { type Job, job as jobShape } from '../../../src/shared/bridge.ts';
import type { FileResult } from '../../../src/shared/contract.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import type { JobFacts } from '../../../src/shared/job-contract.ts';

const order: Order = { kind: 'encrypt', paths: ['/a/x'], overwrite: false, several: false };
const done = (source: string): FileResult => ({
  source,
  output: `${source}.keyward`,
  status: 'done',
  outcome: 'done',
  bytes: 10,
});
const failed = (source: string): FileResult => ({
  source,
  output: null,
  status: 'failed',
  outcome: 'failed',
  bytes: 0,
  error: { code: 'TargetExists', message: 'It is there.', details: {} },
});

const facts = (n: number, more: Partial<JobFacts> = {}): JobFacts => ({
  id: `j-${String(n).padStart(32, '0')}`,
  kind: 'encrypt',
  state: 'running',
  owner: 'arn:aws:iam::000000000000:user/owner',
  client: 'window',
  title: '/a/x',
  sources: 1,
  key: null,
  progress: { done: 0, total: 10, file: 0, files: 1, source: '/a/x' },
  startedAt: new Date(1_000 + n).toISOString(),
  endedAt: null,
  outcomes: [],
  items: 0,
  omitted: 0,
  ...more,
});
const over = (n: number, more: Partial<JobFacts> = {}): JobFacts =>
  facts(n, {
    ...{ state: 'done', endedAt: new Date(2_000).toISOString(), items: 1 },
    outcomes: [{ outcome: 'done', count: 1 }],
    ...more,
  });

/** A view of the jobs of a vault that answers as it is told to. */
function view(answers: { [method: string]: (input: never) => unknown } = {}) {
  const told: Job[] = [];
  const asked: { method: string; input: unknown }[] = [];
  const handles = new Handles({
    facts: async () => ({ kind: 'file', bytes: 10 }),
    split: (path) => ({ folder: dirname(path), name: basename(path) }),
  });
  const call = async (method: string, input: unknown) => {
    asked.push({ method, input });
    const answer = answers[method];
    if (answer === undefined) throw new KeywardError('VaultLocked', 'It is locked.');
    return answer(input as never) as never;
  };
  return { jobs: new Jobs({ call, handles, tell: (job) => told.push(job) }), told, asked, handles };
}

describe('what the page asks for', () => {
  const inputOf = async (more: Partial<Order>) => {
    const { jobs, asked } = view({ 'jobs.start': () => facts(1) });
    await jobs.start({ ...order, ...more });
    const [first] = asked as { input: { input: object } }[];
    return first?.input.input;
  };

  it.each(['encrypt', 'decrypt'] as const)(
    'to %s a folder or several files passes over what is there (pitfall 72)',
    async (kind) => {
      expect(await inputOf({ kind, several: true })).toMatchObject({ skipExisting: true });
      expect(await inputOf({ kind, several: false })).not.toHaveProperty('skipExisting');
    },
  );

  it('carries a key and a place only where the work takes them', async () => {
    const all = { key: 'k', to: '/out', several: true };
    const files = { sources: ['/a/x'], each: true };
    expect(await inputOf({ ...all, kind: 'verify' })).toEqual(files);
    expect(await inputOf({ ...all, kind: 'rewrap' })).toEqual({ ...files, key: 'k' });
    expect(await inputOf({ ...all, kind: 'decrypt' })).toEqual({
      ...files,
      ...{ overwrite: false, out: '/out', skipExisting: true },
    });
  });
});

describe('a job', () => {
  it('begins at once and tells how it ended, with handles instead of paths', async () => {
    const { jobs, told, handles } = view({
      'jobs.start': () => facts(1),
      'jobs.show': () => ({ job: over(1), items: [done('/a/x')] }),
    });
    const begun = await jobs.start(order);
    expect(begun).toMatchObject({ state: 'running', title: 'x', sources: 1, results: [] });
    jobs.note(over(1, { progress: { done: 10, total: 10, file: 1, files: 1, source: '/a/x' } }));
    await jobs.whenQuiet();
    const last = told.at(-1);
    expect(jobShape.safeParse(last).success).toBe(true);
    expect(last).toMatchObject({ id: begun.id, state: 'done', counts: { done: 1, failed: 0 }, done: 10 });
    expect(handles.path(last?.results[0]?.output?.id ?? '')).toBe('/a/x.keyward');
  });

  it('of another face is told too, with failures first and what is left out', async () => {
    const items = [failed('/a/last'), ...Array.from({ length: 499 }, (_, n) => done(`/a/${n}`))];
    const { jobs, told, asked } = view({ 'jobs.show': () => ({ job: over(2, { items: 701 }), items }) });
    const outcomes = [
      { outcome: 'done' as const, count: 700 },
      { outcome: 'failed' as const, count: 1 },
    ];
    jobs.note(facts(2, { client: 'cli' }));
    jobs.note(over(2, { client: 'cli', state: 'failed', outcomes, items: 701 }));
    await jobs.whenQuiet();
    expect(asked.at(-1)?.input).toMatchObject({ notable: true, limit: 500 });
    const last = told.at(-1);
    expect(last).toMatchObject({ state: 'failed', counts: { done: 700, failed: 1 }, outcomes, omitted: 201 });
    expect(last?.results[0]).toMatchObject({ status: 'failed', output: null, source: { name: 'last' } });
  });

  it('gives each result its own output, also after ones without', async () => {
    const items = [failed('/a/0'), done('/a/1'), done('/a/2')];
    const { jobs, told, handles } = view({ 'jobs.show': () => ({ job: over(1, { items: 3 }), items }) });
    jobs.note(over(1, { items: 3 }));
    await jobs.whenQuiet();
    const outputs = told.at(-1)?.results.map(({ output }) => output && handles.path(output.id));
    expect(outputs).toEqual([null, '/a/1.keyward', '/a/2.keyward']);
  });

  it('is over for the page only once its results are there, and stays over', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { jobs, told } = view({
      'jobs.show': () => promise.then(() => ({ job: over(1), items: [done('/a/x')] })),
    });
    jobs.note(facts(1));
    jobs.note(over(1));
    jobs.note(facts(1));
    expect(jobs.running).toBe(1);
    resolve();
    await jobs.whenQuiet();
    jobs.note(facts(1));
    expect(jobs.running).toBe(0);
    expect(told.at(-1)).toMatchObject({ state: 'done' });
  });

  it('is forgotten at lock, and tells nothing afterwards', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { jobs, told } = view({
      'jobs.show': () => promise.then(() => ({ job: over(1), items: [done('/a/x')] })),
    });
    jobs.note(facts(1));
    jobs.note(over(1));
    jobs.end();
    const before = told.length;
    resolve();
    await vi.waitFor(() => expect(jobs.running).toBe(0));
    await new Promise((settled) => setTimeout(settled, 5));
    expect(told).toHaveLength(before);
  });

  it('of an earlier time is listed with what was done, and as interrupted where it was', async () => {
    const before = [over(1), over(2, { state: 'failed', reason: 'interrupted', outcomes: [] })];
    const { jobs } = view({ 'jobs.list': () => ({ jobs: before }) });
    expect(await jobs.list()).toMatchObject([
      { state: 'done', interrupted: false, counts: { done: 1 }, results: [] },
      { state: 'failed', interrupted: true },
    ]);
  });
});
