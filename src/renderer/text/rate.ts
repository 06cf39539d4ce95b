/** Bytes done at a moment (ms). */
export type Sample = { readonly at: number; readonly done: number };

/** Speed is taken over this window, in milliseconds: long enough to be calm, short enough to be true. */
const WINDOW = 4_000;

/** Adds a sample and forgets those that are too old to matter. */
export function withSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && last.done === next.done) return samples;
  return [...samples, next].filter(({ at }, n, all) => at >= next.at - WINDOW || n >= all.length - 2);
}

/** Bytes a second, or undefined while that can't be said. */
export function speed(samples: readonly Sample[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < 200) return undefined;
  return ((last.done - first.done) * 1_000) / (last.at - first.at);
}

/** Milliseconds left, or undefined while that can't be said. */
export function timeLeft(samples: readonly Sample[], total: number | null): number | undefined {
  const rate = speed(samples);
  const last = samples.at(-1);
  if (rate === undefined || rate <= 0 || last === undefined || total === null) return undefined;
  return (Math.max(0, total - last.done) / rate) * 1_000;
}
