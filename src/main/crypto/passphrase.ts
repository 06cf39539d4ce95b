import { type Algorithm, hashRaw, type Version } from '@node-rs/argon2';

// The library's own numbers (its enums exist for the compiler only).
const ARGON2ID = 2 as Algorithm;
const VERSION_13 = 1 as Version;

/** Cost of Argon2id (RFC 9106): memory in KiB, passes, lanes. */
export type Argon2Cost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };

/** What new passphrase protectors use: 64 MiB, 3 passes, 1 lane. */
export const ARGON2_DEFAULT: Argon2Cost = { memoryKiB: 65_536, passes: 3, lanes: 1 };

/** Whether stored parameters are neither weak nor able to exhaust the machine: 8 MiB–1 GiB, 1–16, 1–8. */
export function isSaneArgon2Cost(cost: Argon2Cost): boolean {
  const within = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  return within(cost.memoryKiB, 8_192, 1_048_576) && within(cost.passes, 1, 16) && within(cost.lanes, 1, 8);
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
