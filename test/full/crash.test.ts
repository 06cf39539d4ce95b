import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandHome, okDocument, sameBytes, writeLarge } from '../support/command.ts';

/*
 * kill -9 at moments spread evenly over the measured run of a real command. The file is as large as it takes
 * for most of the run to be spent with a partial on the disk.
 */

const long = process.env['KEYWARD_TEST_LEVEL'] === 'long';
const MOMENTS = long ? 200 : 15;
const MIN_WITH_PARTIAL = 0.6;
const MIB = 1 << 20;

let vault: CommandHome;
/** A copy that no command ever sees. */
let original: string;
beforeAll(async () => {
  vault = await CommandHome.make();
  original = join(vault.folder, 'original');
});
afterAll(() => vault.end());

const partials = () =>
  (existsSync(vault.files) ? readdirSync(vault.files) : []).filter((name) => name.endsWith('.partial'));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Run = { readonly milliseconds: number; readonly withPartial: number };

/** Runs a command to its end; measures it, and for how much of it a partial stood on the disk. */
async function measure(words: readonly string[], output: string): Promise<Run> {
  rmSync(output, { force: true });
  const began = performance.now();
  const child = vault.start(words);
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  let running = true;
  let first: number | undefined;
  let last = began;
  const watching = (async () => {
    while (running) {
      if (partials().length > 0) {
        last = performance.now();
        first ??= last;
      }
      await pause(2);
    }
  })();
  expect(await ended).toBe(0);
  const milliseconds = performance.now() - began;
  running = false;
  await watching;
  rmSync(output);
  return { milliseconds, withPartial: first === undefined ? 0 : (last - first) / milliseconds };
}

/**
 * Kills a run of `words` after `milliseconds`; says whether it still ran, for how long it ran, and whether it
 * left a partial.
 */
async function killAfter(words: readonly string[], milliseconds: number) {
  const began = performance.now();
  const child: ChildProcess = vault.start(words);
  const ended = new Promise<NodeJS.Signals | null>((done) => {
    child.once('exit', (_code, signal) => done(signal));
  });
  await Promise.race([ended, pause(milliseconds)]);
  child.kill('SIGKILL');
  const killed = (await ended) === 'SIGKILL';
  return { killed, partial: partials().length > 0, ran: performance.now() - began };
}

/** What must hold after any kill: nothing false under the final name, no partial after an unlock, an intact vault. */
async function check(output: string, whole: () => Promise<boolean>, at: string): Promise<void> {
  const finished = existsSync(output);
  const before = partials();
  const status = await vault.run(['status']);
  expect(status.code, `${at}: ${status.out}`).toBe(0);
  expect(partials(), `${at}: while it is locked nothing is removed`).toEqual(before);
  const unlocked = await vault.run(['keys', 'list', ...vault.unlocking]);
  expect(unlocked.code, `${at}: ${unlocked.out}`).toBe(0);
  expect(partials(), at).toEqual([]);
  expect(existsSync(output), `${at}: a start removes partials and nothing else`).toBe(finished);
  if (finished) expect(await whole(), `${at}: what stands under the final name is whole`).toBe(true);
  const chain = await vault.run(['audit', 'verify', ...vault.unlocking]);
  expect(chain.code, `${at}: ${chain.out}`).toBe(0);
  expect(okDocument.safeParse(JSON.parse(chain.out)).success).toBe(true);
}

async function killMany(
  name: string,
  job: { words: readonly string[]; source: string; output: string; whole: () => Promise<boolean> },
): Promise<void> {
  const { words, source, output, whole } = job;
  const runs = [];
  for (let i = 0; i < 3; i++) runs.push((await measure(words, output)).milliseconds);
  let milliseconds = runs.sort((a, b) => a - b)[1] ?? 0;
  const before = statSync(source, { bigint: true });
  const counts = { killed: 0, partial: 0, finished: 0 };
  for (let i = 0; i < MOMENTS; i++) {
    let moment = ((i + 0.5) / MOMENTS) * milliseconds;
    let { killed, partial, ran } = await killAfter(words, moment);
    for (let again = 0; !killed && again < 2; again++) {
      // The machine has become faster than it was when it was measured: the moment moves along.
      rmSync(output, { force: true });
      milliseconds = ran;
      moment = ((i + 0.5) / MOMENTS) * milliseconds;
      ({ killed, partial, ran } = await killAfter(words, moment));
    }
    if (killed) counts.killed++;
    if (partial) counts.partial++;
    if (existsSync(output)) counts.finished++;
    const after = statSync(source, { bigint: true });
    // The time of change moves with any write, truncation, rename or link, and nobody can set it back.
    expect([after.ino, after.size, after.mtimeNs, after.ctimeNs]).toEqual([
      before.ino,
      before.size,
      before.mtimeNs,
      before.ctimeNs,
    ]);
    await check(output, whole, `${name} killed after ${Math.round(moment)} ms`);
    rmSync(output, { force: true });
  }
  console.log(
    `${name} of ${Math.round(Number(before.size) / MIB)} MiB in ${Math.round(milliseconds)} ms: ` +
      `${MOMENTS} moments, ${counts.killed} killed, ${counts.partial} with a partial on the disk, ` +
      `${counts.finished} with the output finished`,
  );
  expect(counts.partial / MOMENTS, 'moments with a partial on the disk').toBeGreaterThanOrEqual(
    MIN_WITH_PARTIAL,
  );
  // And after all that, the same command works.
  await vault.run(words);
  expect(await whole()).toBe(true);
}

describe(`kill -9 at ${MOMENTS} moments`, () => {
  const source = () => join(vault.files, 'file');
  const encrypted = () => join(vault.files, 'file.keyward');

  it('of an encryption: no wrong file, the source untouched, the vault and its chain whole', async () => {
    const words = ['encrypt', source(), ...vault.unlocking];
    for (let size = (long ? 400 : 128) * MIB; ; size *= 2) {
      rmSync(source(), { force: true });
      writeLarge(source(), size);
      const { withPartial } = await measure(words, encrypted());
      if (withPartial > MIN_WITH_PARTIAL + 0.12 || size >= 2_048 * MIB) break;
    }
    const whole = async () => (await vault.run(['verify', encrypted(), ...vault.unlocking])).code === 0;
    await killMany('encrypt', { words, source: source(), output: encrypted(), whole });
    renameSync(source(), original);
  });

  it('of a decryption: no wrong file, the source untouched, the vault and its chain whole', async () => {
    const words = ['decrypt', encrypted(), ...vault.unlocking];
    const whole = async () => sameBytes(source(), original);
    await killMany('decrypt', { words, source: encrypted(), output: source(), whole });
  });
});
