import { totalmem } from 'node:os';
import { ARGON2_FLOOR, type Argon2Cost, passphraseKey } from './passphrase.ts';

/** What opening a new passphrase is to take on this machine, in milliseconds of one core: between 250 and 500. */
const TARGET = 350;

/** One probe: 64 MiB, 1 pass. */
const PROBE: Argon2Cost = { memoryKiB: 65_536, passes: 1, lanes: 1 };
const PROBES = 5;

/** No more than this is spent on probes, in milliseconds, after the first three. */
const LIMIT = 1_500;

/**
 * No passphrase asks for more memory than this, in units of a probe's, so that no command that unlocks takes more than
 * 250 MiB; nor for more than a sixteenth of the machine's.
 */
const MAX_UNITS = 2;
const UNIT_BYTES = PROBE.memoryKiB * 1_024;
const MAX_PASSES = 16;

/** How long a probe took, in milliseconds of one core. */
type Probe = () => Promise<number>;

/**
 * The cost of Argon2id for a new passphrase on this machine: as much memory as is reasonable, and passes until one
 * guess takes about 350 ms of one core; never less than `ARGON2_FLOOR`. Measured by a few short probes, in the
 * processor's time where the system tells it finely enough, of which the second best counts: what else the machine does
 * only ever adds to one, so a busy machine gets no weaker passphrase, and one odd reading decides nothing.
 */
export async function calibratedCost(probe: Probe = probed, memory = totalmem()): Promise<Argon2Cost> {
  const times: number[] = [];
  const began = performance.now();
  while (times.length < 3 || (times.length < PROBES && performance.now() - began < LIMIT)) {
    times.push(await probe());
  }
  const [, second = TARGET] = times.sort((a, b) => a - b);
  const wanted = TARGET / Math.max(second, 1);
  const units = clamp(
    Math.floor(wanted / ARGON2_FLOOR.passes),
    1,
    Math.min(MAX_UNITS, Math.floor(memory / 16 / UNIT_BYTES)),
  );
  const passes = clamp(Math.round(wanted / units), ARGON2_FLOOR.passes, MAX_PASSES);
  return { memoryKiB: units * PROBE.memoryKiB, passes, lanes: 1 };
}

async function probed(): Promise<number> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  await passphraseKey(Buffer.alloc(16), Buffer.alloc(32), PROBE);
  const { user, system } = process.cpuUsage(used);
  const passed = performance.now() - began;
  // Windows counts a process's time in ticks of 16 ms. Other threads' work counts too, so the lesser one is nearer.
  return process.platform === 'win32' ? passed : Math.min(passed, (user + system) / 1_000);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
