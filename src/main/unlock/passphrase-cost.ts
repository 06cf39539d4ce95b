import { calibratedCost } from '../crypto/argon2-calibration.ts';
import { ARGON2_FLOOR, type Argon2Cost } from '../crypto/passphrase.ts';

/**
 * What a new passphrase is to cost: what this machine can bear; a vault to throw away is not worth the wait. `given`: for
 * tests, instead of that.
 */
export async function newPassphraseCost(throwAway: boolean, given?: Argon2Cost): Promise<Argon2Cost> {
  if (given !== undefined) return given;
  return throwAway ? ARGON2_FLOOR : calibratedCost();
}
