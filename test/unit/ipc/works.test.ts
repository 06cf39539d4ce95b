import { describe, expect, it } from 'vitest';
import { Works } from '../../../src/main/ipc/works.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import type { WorkEvent } from '../../../src/shared/work-bridge.ts';

const at = (done: number, total: number) => ({ done, total, file: 0, files: 1, source: '/secret/path' });

describe('what takes a while', () => {
  it('tells how far it is, the first and the last at once, and no path', async () => {
    const told: WorkEvent[] = [];
    const works = new Works((event) => told.push(event));
    await works.run('root', async ({ progress }) => {
      for (let done = 0; done <= 100; done += 1) progress(at(done, 100));
    });
    expect(told.at(0)).toEqual({ type: 'work', work: 'root', done: 0, total: 100 });
    expect(told.at(-1)).toEqual({ type: 'work', work: 'root', done: 100, total: 100 });
    expect(told.length).toBeLessThan(100);
  });

  it('fails with Cancelled once it was stopped, whatever it then throws, and with its own error otherwise', async () => {
    const works = new Works(() => undefined);
    const stopped = works.run('restore', async ({ signal }) => {
      works.cancel('restore');
      signal.throwIfAborted();
    });
    await expect(stopped).rejects.toMatchObject({ code: 'Cancelled' });
    const failed = works.run('restore', async () => {
      throw new KeywardError('DiskFull', 'full');
    });
    await expect(failed).rejects.toMatchObject({ code: 'DiskFull' });
    works.cancel('restore');
  });
});
