import { rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { BUILT, type CommandHome } from '../command.ts';
import { type Random, seeded } from '../random.ts';
import { type Crash, randomCrash, stateAfter } from './crash.ts';
import { Recorder, type Recording } from './recording.ts';
import { putBack } from './replay.ts';
import { readTrace, traced } from './trace.ts';

const SEED = Number(process.env['KEYWARD_TEST_SEED'] ?? 1);

/** Memory, if there is a disk of it: thousands of states are written, and none of them has to last. */
export function workshop(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 256 << 20 ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Runs the command of a home to its end, and takes down what it does below `root`. */
export async function record(vault: CommandHome, words: readonly string[], root: string): Promise<Recording> {
  const recorder = new Recorder(root);
  const trace = join(vault.folder, '..', `${vault.folder.split('/').at(-1)}.trace`);
  try {
    const { code, out } = await traced(trace, [process.execPath, BUILT, ...words], vault.env);
    expect(code, out).toBe(0);
    return await recorder.take(readTrace(trace));
  } finally {
    rmSync(trace, { force: true });
  }
}

type Check = (crash: Crash) => Promise<void>;

/** Plays power losses back and runs `check` after each, naming the loss when something does not hold. */
export async function replay(
  name: string,
  recording: Recording,
  states: number,
  check: Check,
): Promise<void> {
  const random = randomOf(name);
  // The end, with nothing more saved than was flushed, belongs to every sample.
  const last = recording.operations.at(-1)?.at ?? 0;
  for (let i = 0; i < states; i++) {
    const crash: Crash = i === 0 ? { at: last, data: 'lost', names: 'lost' } : randomCrash(recording, random);
    await play(`${name}, state ${i}`, recording, crash, random, check);
  }
  const flushes = recording.operations.filter(({ kind }) => kind === 'flush').length;
  console.log(
    `${name}: ${recording.operations.length} operations, ${flushes} flushes, ${states} power losses`,
  );
}

/**
 * Has the run killed (kill -9) after so many of its steps and runs `check` after each: all that it had written is there,
 * flushed or not. The steps are chosen by the seed.
 */
export async function killAtSteps(
  name: string,
  recording: Recording,
  most: number,
  check: Check,
): Promise<void> {
  const random = randomOf(`kill ${name}`);
  const moments = [0, ...new Set(recording.operations.map(({ at }) => at))];
  const order = moments.map((at) => ({ at, place: random() })).sort((a, b) => a.place - b.place);
  const steps = order.slice(0, most).map(({ at }) => at);
  for (const at of steps) {
    const crash: Crash = { at, data: 'kept', names: 'kept' };
    await play(`${name}, killed`, recording, crash, random, check);
  }
  console.log(`${name}: killed at ${steps.length} of ${moments.length} steps`);
}

function randomOf(name: string): Random {
  return seeded(SEED + [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
}

async function play(
  name: string,
  recording: Recording,
  crash: Crash,
  random: Random,
  check: Check,
): Promise<void> {
  putBack(recording.root, stateAfter(recording, crash, random));
  try {
    await check(crash);
  } catch (error) {
    const last = recording.operations.at(-1)?.at ?? 0;
    const where = `${name}, of seed ${SEED}: the end came at ${crash.at} of ${last}, `;
    throw new Error(`${where}data ${crash.data}, names ${crash.names}`, { cause: error });
  }
}
