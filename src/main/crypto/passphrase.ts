import { type Algorithm, hashRaw, type Version } from '@node-rs/argon2';

// The library's own numbers (its enums exist for the compiler only).
const ARGON2ID = 2 as Algorithm;
const VERSION_13 = 1 as Version;

/** Cost of Argon2id (RFC 9106): memory in KiB, passes, lanes. */
export type Argon2Cost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };

/** No passphrase is ever set at less: 64 MiB, 3 passes, 1 lane (RFC 9106, section 4, its second choice but for the lanes). */
export const ARGON2_FLOOR: Argon2Cost = { memoryKiB: 65_536, passes: 3, lanes: 1 };

/** Whether stored parameters are neither weak nor able to exhaust the machine: 8 MiB–1 GiB, 1–16, 1–8. */
export function isSaneArgon2Cost(cost: Argon2Cost): boolean {
  const within = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  return within(cost.memoryKiB, 8_192, 1_048_576) && within(cost.passes, 1, 16) && within(cost.lanes, 1, 8);
}

let floor = ARGON2_FLOOR;

/** For tests, whose passphrases cost next to nothing: what counts as the least that is ever set. */
export function setArgon2Floor(cost: Argon2Cost): void {
  floor = cost;
}

/** Whether stored parameters ask for less than Keyward has ever set: then somebody lowered them. */
export function isLoweredArgon2Cost({ memoryKiB, passes }: Argon2Cost): boolean {
  return memoryKiB < floor.memoryKiB || passes < floor.passes;
}

/** Argon2id, version 0x13, 32 bytes; runs on a thread of its own. Throws RangeError on an insane cost. */
export async function passphraseKey(
  passphrase: Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<Buffer> {
  if (!isSaneArgon2Cost(cost)) throw new RangeError('Argon2 cost out of bounds');
  return Buffer.from(
    await hashRaw(passphrase, {
      algorithm: ARGON2ID,
      version: VERSION_13,
      memoryCost: cost.memoryKiB,
      timeCost: cost.passes,
      parallelism: cost.lanes,
      outputLen: 32,
      salt,
    }),
  );
}
