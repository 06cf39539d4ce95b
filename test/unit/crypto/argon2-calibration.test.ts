import { describe, expect, it } from 'vitest';
import { calibratedCost } from '../../../src/main/crypto/argon2-calibration.ts';
import { ARGON2_FLOOR, isLoweredArgon2Cost, isSaneArgon2Cost } from '../../../src/main/crypto/passphrase.ts';

const GIB = 2 ** 30;

/** A machine on which a probe takes these times, in milliseconds, again and again. */
function machine(...times: number[]): () => Promise<number> {
  let asked = 0;
  return async () => times[asked++ % times.length] ?? 0;
}

/** What a cost takes on a machine whose probe, 64 MiB in one pass, takes `probe`. */
const takes = (cost: { memoryKiB: number; passes: number }, probe: number) =>
  (cost.memoryKiB / 65_536) * cost.passes * probe;

describe('the cost of a new passphrase', () => {
  it.each([8, 12, 19, 29, 50, 100, 115])('takes 250 to 500 ms where a probe takes %i ms', async (probe) => {
    const cost = await calibratedCost(machine(probe), 16 * GIB);
    expect(isSaneArgon2Cost(cost) && !isLoweredArgon2Cost(cost)).toBe(true);
    expect(takes(cost, probe)).toBeGreaterThanOrEqual(250);
    expect(takes(cost, probe)).toBeLessThanOrEqual(500);
  });

  it('never is less than the floor, on however slow or busy a machine', async () => {
    for (const probe of [200, 5_000])
      expect(await calibratedCost(machine(probe), 16 * GIB)).toEqual(ARGON2_FLOOR);
  });

  it('is bounded on a machine of any speed, also one whose clock does not tell', async () => {
    for (const probe of [0, 0.001, 1]) {
      const cost = await calibratedCost(machine(probe), 1_024 * GIB);
      expect(isSaneArgon2Cost(cost)).toBe(true);
      expect(cost).toEqual({ memoryKiB: 131_072, passes: 16, lanes: 1 });
    }
  });

  it('does not follow probes that were disturbed, nor a single odd one', async () => {
    const quiet = await calibratedCost(machine(20), 16 * GIB);
    expect(await calibratedCost(machine(400, 20, 90, 20, 60), 16 * GIB)).toEqual(quiet);
    expect(await calibratedCost(machine(20, 0.01, 21, 20, 20), 16 * GIB)).toEqual(quiet);
  });

  it('takes no more than a sixteenth of the memory, down to the floor’s', async () => {
    expect((await calibratedCost(machine(10), 16 * GIB)).memoryKiB).toBe(131_072);
    expect((await calibratedCost(machine(10), 2 * GIB)).memoryKiB).toBe(131_072);
    expect((await calibratedCost(machine(10), GIB / 2)).memoryKiB).toBe(65_536);
  });

  it('is measured on this machine in bounded time', async () => {
    const cost = await calibratedCost();
    expect(isSaneArgon2Cost(cost) && !isLoweredArgon2Cost(cost)).toBe(true);
  });
});
