import { basename, dirname } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Handles } from '../../../src/main/ipc/handles.ts';
import { Jobs, type Order, type Work } from '../../../src/main/ipc/jobs.ts';
import { type Job, job as jobShape, MOST_RESULTS } from '../../../src/shared/bridge.ts';
import type { FileResult } from '../../../src/shared/contract.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

const order: Order = { kind: 'encrypt', paths: ['/a/x'], title: 'x', overwrite: false, several: false };
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

/** `work` gives the results of a job, which come in one page. */
function table(work: (order: Order, follow: Parameters<Work>[1]) => Promise<readonly FileResult[]>) {
  const told: Job[] = [];
  const handles = new Handles({
    facts: async () => ({ kind: 'file', bytes: 10 }),
    split: (path) => ({ folder: dirname(path), name: basename(path) }),
  });
  const jobs = new Jobs({
    work: async (order, follow) => follow.results(await work(order, follow)),
    handles,
    tell: (job) => told.push(job),
    clock: { now: () => 1_000 },
  });
  return { jobs, told, handles };
}

describe('a job', () => {
  it('begins at once and tells how it ended, with handles instead of paths', async () => {
    const { jobs, told, handles } = table(async () => [done('/a/x')]);
    const begun = jobs.start(order);
    expect(begun).toMatchObject({ state: 'running', title: 'x', sources: 1, results: [] });
    await jobs.whenQuiet();
    const last = told.at(-1);
    expect(jobShape.safeParse(last).success).toBe(true);
    expect(last).toMatchObject({ id: begun.id, state: 'done', counts: { done: 1, failed: 0 }, done: 10 });
    expect(handles.path(last?.results[0]?.output?.id ?? '')).toBe('/a/x.keyward');
  });

  it('tells its progress at most ten times a second', async () => {
    vi.useFakeTimers();
    try {
      const { jobs, told } = table(async (_order, { progress }) => {
        for (let n = 0; n < 1_000; n += 1) {
          progress({ done: n, total: 1_000, file: 0, files: 1, source: '/a/x' });
          await vi.advanceTimersByTimeAsync(1);
        }
        return [done('/a/x')];
      });
      jobs.start(order);
      await jobs.whenQuiet();
      expect(told.length).toBeGreaterThan(5);
      expect(told.length).toBeLessThanOrEqual(11);
      expect(told.at(-2)).toMatchObject({ state: 'running', total: 1_000 });
    } finally {
      vi.useRealTimers();
    }
  });

  it('shows failures first and counts what it leaves out', async () => {
    const many = Array.from({ length: 700 }, (_, n) => done(`/a/${n}`));
    const { jobs, told } = table(async () => [...many, failed('/a/last')]);
    jobs.start(order);
    await jobs.whenQuiet();
    const last = told.at(-1);
    expect(last).toMatchObject({
      state: 'failed',
      files: 701,
      counts: { done: 700, failed: 1 },
      outcomes: [
        { outcome: 'done', count: 700 },
        { outcome: 'failed', count: 1 },
      ],
      omitted: 201,
    });
    expect(last?.results).toHaveLength(MOST_RESULTS);
    expect(last?.results[0]).toMatchObject({ status: 'failed', output: null, source: { name: 'last' } });
  });

  it('gives each result its own output, also after ones without', async () => {
    const { jobs, told, handles } = table(async () => [failed('/a/0'), done('/a/1'), done('/a/2')]);
    jobs.start(order);
    await jobs.whenQuiet();
    const outputs = told.at(-1)?.results.map(({ output }) => output && handles.path(output.id));
    expect(outputs).toEqual([null, '/a/1.keyward', '/a/2.keyward']);
  });

  it('is cancelled through its signal and says so', async () => {
    const { jobs, told } = table(
      (_order, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new KeywardError('Cancelled', 'Stopped.')));
        }),
    );
    const { id } = jobs.start(order);
    expect(jobs.running).toBe(1);
    jobs.cancel(id);
    await jobs.whenQuiet();
    expect(told.at(-1)).toMatchObject({ state: 'cancelled', error: { code: 'Cancelled' } });
    expect(() => jobs.cancel('j-none')).toThrow(/no such job/);
  });

  it('is stopped and forgotten at lock, and tells nothing afterwards', async () => {
    let stopped = false;
    const { jobs, told } = table(async (_order, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopped = true;
      return [];
    });
    jobs.start(order);
    jobs.end();
    await vi.waitFor(() => expect(stopped).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(jobs.list()).toEqual([]);
    expect(told).toEqual([]);
  });

  it('stays in the list until it is cleared, if it is over', async () => {
    const ends: (() => void)[] = [];
    const { jobs } = table(async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return [];
    });
    const first = jobs.start(order);
    const second = jobs.start(order);
    ends[0]?.();
    await vi.waitFor(() => expect(jobs.running).toBe(1));
    expect(jobs.list().map(({ id }) => id)).toEqual([second.id, first.id]);
    jobs.clear();
    expect(jobs.list().map(({ id }) => id)).toEqual([second.id]);
  });
});
