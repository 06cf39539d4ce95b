import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Chore, Scheduler } from '../../../src/main/jobs/scheduler.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

const LOOK = 5_000;

let schedulers: Scheduler[] = [];

function begun(...chores: readonly Partial<Chore>[]): Scheduler {
  const scheduler = new Scheduler({ now: () => Date.now() });
  for (const chore of chores) {
    scheduler.add({ name: 'a chore', lease: 60_000, run: () => undefined, ...chore });
  }
  schedulers.push(scheduler);
  scheduler.begin();
  return scheduler;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const scheduler of schedulers) scheduler.end();
  schedulers = [];
  vi.useRealTimers();
});

describe('the scheduler', () => {
  it('looks at each chore in order, again and again, until it is ended', async () => {
    const seen: string[] = [];
    const scheduler = begun(
      { name: 'a', run: () => void seen.push('a') },
      { name: 'b', run: () => void seen.push('b') },
    );
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(2 * LOOK);
    expect(seen).toEqual(['a', 'b', 'a', 'b']);
    scheduler.end();
    await vi.advanceTimersByTimeAsync(2 * LOOK);
    expect(seen).toHaveLength(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begins nothing once it was ended before it began', async () => {
    const run = vi.fn(() => undefined);
    const scheduler = new Scheduler({ now: () => Date.now() });
    scheduler.add({ name: 'a', lease: 1, first: 10, run });
    scheduler.end();
    scheduler.begin();
    await vi.advanceTimersByTimeAsync(2 * LOOK);
    expect(run).not.toHaveBeenCalled();
  });

  it('goes on soon with a chore that says so', async () => {
    let left = 3;
    const run = vi.fn(() => (--left > 0 ? 50 : undefined));
    begun({ first: 2_000, run });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(run).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(run).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(LOOK - 2_200);
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('lets no chore meet itself, until its lease is over', async () => {
    const signals: AbortSignal[] = [];
    begun({
      lease: 12_000,
      run: (signal) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });
    await vi.advanceTimersByTimeAsync(LOOK + 11_999);
    expect(signals).toHaveLength(1);
    expect(signals[0]?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(LOOK);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('makes no lease longer when the clock is set back', async () => {
    const run = vi.fn(() => new Promise<undefined>(() => undefined));
    begun({ lease: 12_000, run });
    await vi.advanceTimersByTimeAsync(LOOK);
    vi.setSystemTime(Date.now() - 86_400_000);
    await vi.advanceTimersByTimeAsync(LOOK);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('tries again at the next look what failed, and the others go on', async () => {
    const failing = vi.fn((): undefined => {
      throw new KeywardError('DiskFull', 'The disk is full.');
    });
    const later = vi.fn(() => Promise.reject(new KeywardError('DiskFull', 'The disk is full.')));
    const other = vi.fn(() => undefined);
    begun({ name: 'a', run: failing }, { name: 'b', run: later }, { name: 'c', run: other });
    await vi.advanceTimersByTimeAsync(2 * LOOK);
    expect([failing, later, other].map(({ mock }) => mock.calls.length)).toEqual([2, 2, 2]);
  });
});
