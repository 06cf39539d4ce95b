import { randomInt } from 'node:crypto';

/** What decides the samples of a run: `KEYWARD_TEST_SEED`, or another number each time. */
export const SEED = Number(process.env['KEYWARD_TEST_SEED'] ?? randomInt(2 ** 31));

/** Numbers in [0, 1) that a seed decides. */
export type Random = () => number;

/** Mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whole numbers from 0 on below one that is given, which a seed decides. */
export function numbers(seed: number): (below: number) => number {
  const random = seeded(seed);
  return (below) => Math.floor(random() * below);
}

/** So many of them, or all there are, in an order that the seed decides. */
export function sampled<T>(all: readonly T[], most: number, seed = SEED): T[] {
  const random = seeded(seed);
  const order = all.map((one) => ({ one, at: random() })).sort((a, b) => a.at - b.at);
  return order.slice(0, Math.min(all.length, most)).map(({ one }) => one);
}
