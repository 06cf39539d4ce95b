import { join } from 'node:path';
import { exists } from '../disk/exists.ts';

/**
 * The passphrase of a vault that the tour or the demo made stands in this file of its home, so that one can look
 * around in it at once. Such a vault protects nothing and says so in `status`.
 */
export const THROW_AWAY_PASSPHRASE = 'throw-away-passphrase';

/** The passphrase file of a throw-away vault, if `home` has one. */
export function throwAwayPassphrase(home: string): string | undefined {
  const path = join(home, THROW_AWAY_PASSPHRASE);
  return exists(path) ? path : undefined;
}
