import { hasVault } from '../../main/home/paths.ts';
import type { KeywardError } from '../../shared/errors.ts';
import { pause, stillBusy } from './busy.ts';

/** Another process may have the home for a moment, just looking; this long it is waited for, in milliseconds. */
const PATIENCE = 3_000;

type Claim = NonNullable<Awaited<ReturnType<typeof import('../../main/api/index.ts')['claimHome']>>>;

/** Claims a home that a vault is to be made in. Throws `exists` where another process has made one meanwhile, and `OwnerBusy`. */
export async function claimNewHome(
  home: string,
  signal: AbortSignal,
  exists: (home: string) => KeywardError,
): Promise<Claim> {
  const { claimHome } = await import('../../main/api/index.ts');
  for (const deadline = performance.now() + PATIENCE; ; ) {
    const claim = await claimHome(home);
    if (claim !== undefined) return claim;
    if (hasVault(home)) throw exists(home);
    if (performance.now() > deadline) throw stillBusy(home);
    await pause(50, signal);
  }
}
