import type { Claim } from '../../main/home/claim.ts';
import { waitForClaim } from '../../main/home/claim-wait.ts';
import { hasVault } from '../../main/home/paths.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { stillBusy } from './busy.ts';

/** Another process may have the home for a moment, just looking; this long it is waited for, in milliseconds. */
const PATIENCE = 3_000;

/** Claims a home that a vault is to be made in. Throws `exists` where another process has made one meanwhile, and `OwnerBusy`. */
export async function claimNewHome(
  home: string,
  signal: AbortSignal,
  exists: (home: string) => KeywardError,
): Promise<Claim> {
  const meanwhile = () => {
    if (hasVault(home)) throw exists(home);
    return undefined;
  };
  const { claim } = await waitForClaim(home, { patience: PATIENCE, signal, meanwhile });
  if (claim === undefined) throw stillBusy(home);
  return claim;
}

/** Claims a home whose vault is to be repaired. Throws `OwnerBusy` where another process has it open. */
export async function claimHomeForRepair(home: string, signal: AbortSignal): Promise<Claim> {
  const { claim } = await waitForClaim(home, { patience: PATIENCE, signal, meanwhile: () => undefined });
  if (claim !== undefined) return claim;
  throw fail('repair-needs-vault-alone', {}, { home });
}
