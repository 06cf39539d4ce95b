import { expect } from 'vitest';
import type { CommandHome } from './command.ts';

/** How long a run of the command takes to its end, which must be good, in milliseconds. */
export async function timeOf(home: CommandHome, words: readonly string[]): Promise<number> {
  const began = performance.now();
  const { code, out } = await home.run(words);
  expect(code, out).toBe(0);
  return performance.now() - began;
}

/**
 * As `timeOf`, the shortest of three runs, each after `prepare`: moments within it lie within any other run too, unless the
 * machine has become faster.
 */
export async function shortestOf(
  home: CommandHome,
  words: readonly string[],
  prepare: () => void = () => undefined,
): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 3; n++) {
    prepare();
    shortest = Math.min(shortest, await timeOf(home, words));
  }
  return shortest;
}

/** Kills a run of the command (kill -9) after so long; whether it was still under way. */
export async function killAfter(
  home: CommandHome,
  words: readonly string[],
  milliseconds: number,
): Promise<boolean> {
  const child = home.start(words);
  const ended = new Promise<NodeJS.Signals | null>((done) => {
    child.once('exit', (_code, signal) => done(signal));
  });
  await Promise.race([ended, new Promise((done) => setTimeout(done, milliseconds))]);
  child.kill('SIGKILL');
  return (await ended) === 'SIGKILL';
}
