import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { coalesced } from '../../../src/main/disk/coalesce.ts';
import { type OpenFile, openFile } from '../../../src/main/disk/file.ts';
import { byPerl, byTouch, secondsText } from '../../../src/main/disk/modification-time.ts';

let folder: string;
let file: OpenFile;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-times-'));
  file = await openFile(join(folder, 'a'), 'create');
});
afterAll(async () => {
  await file.close();
  rmSync(folder, { recursive: true });
});

/** The children of this process that are a perl and have not ended. */
function perls(): number[] {
  return readdirSync('/proc/self/task')
    .flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' '))
    .map(Number)
    .filter((pid) => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('perl'));
}

const SECOND = 1_000_000_000n;

describe('pitfall 68: a time of modification', () => {
  const times: { readonly [what: string]: bigint } = {
    'of 1970': 0n,
    'a nanosecond before 1970': -1n,
    'of 1969, to the nanosecond': -86_400n * SECOND + 123_456_789n,
    'of 1902': -2_145_916_800n * SECOND - 1n,
    'of today, to the nanosecond': 1_796_052_061n * SECOND + 987_654_321n,
    'of today, to the microsecond': 1_796_052_061n * SECOND + 987_654_000n,
    'after 32 bits of seconds': 2n ** 31n * SECOND + 5n,
    'of 2200, to the nanosecond': 7_258_118_400n * SECOND + 1n,
  };
  for (const [what, time] of Object.entries(times)) {
    it.skipIf(process.platform !== 'linux')(`${what} is set exactly`, async () => {
      expect(await file.setModified(time)).toBe(time);
      expect((await file.stat()).modified).toBe(time);
    });
  }

  for (const [tool, by] of Object.entries({ perl: byPerl, touch: byTouch })) {
    it(`is set exactly by ${tool}, many at a time`, async (context) => {
      const wishes = [];
      for (const [index, nanoseconds] of Object.values(times).entries()) {
        const one = await openFile(join(folder, `${tool}${index}`), 'create');
        wishes.push({ one, descriptor: one.descriptor, nanoseconds });
      }
      try {
        if (!(await by(wishes))) context.skip(`needs ${tool}`);
        for (const { one, nanoseconds } of wishes) expect((await one.stat()).modified).toBe(nanoseconds);
      } finally {
        for (const { one } of wishes) await one.close();
      }
    });
  }

  it.skipIf(process.platform !== 'linux')(
    'is set by one perl, by another one once that is gone, and leaves none behind',
    async (context) => {
      const again = async (nanoseconds: bigint) => {
        expect(await file.setModified(nanoseconds)).toBe(nanoseconds);
        return perls();
      };
      const first = await again(1n);
      if (first.length === 0) context.skip('needs perl');
      expect(first).toHaveLength(1);
      expect(await again(2n)).toEqual(first);
      process.kill(first[0] ?? 0, 'SIGKILL');
      const second = await again(3n);
      expect(second).toHaveLength(1);
      expect(second).not.toEqual(first);
      await vi.waitFor(() => expect(perls()).toEqual([]), { timeout: 20_000, interval: 100 });
    },
  );

  it('is told as it came to be, where the disk has no room for it', async () => {
    const now = await file.setModified(10n ** 20n);
    expect((await file.stat()).modified).toBe(now);
  });

  it('is written for programs with its sign and nine decimals', () => {
    expect(secondsText(-1n)).toBe('-0.000000001');
    expect(secondsText(-86_400_500_000_000n)).toBe('-86400.500000000');
    expect(secondsText(1n)).toBe('0.000000001');
  });
});

describe('questions that come together', () => {
  it('share runs of bounded length, in their order, and get their own answers', async () => {
    const runs: number[][] = [];
    const double = coalesced(3, async (questions: readonly number[]) => {
      runs.push([...questions]);
      return questions.map((one) => one * 2);
    });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(double));
    expect(answers).toEqual([2, 4, 6, 8, 10]);
    expect(runs).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(await double(6)).toBe(12);
  });

  it('fail together, and those after them do not', async () => {
    let fails = true;
    const ask = coalesced(2, async (questions: readonly number[]) => {
      if (fails) throw new Error('no');
      return questions;
    });
    expect((await Promise.allSettled([ask(1), ask(2)])).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ]);
    fails = false;
    expect(await ask(3)).toBe(3);
  });
});
