import { pause } from '../disk/abortable.ts';
import { type Claim, claimHome } from './claim.ts';

/** How often a claim is tried, in milliseconds. */
const TRY_EVERY = 50;

/** How a claim is waited for. */
type ClaimWait<T> = {
  /** How long, in milliseconds. */
  readonly patience: number;
  readonly signal?: AbortSignal;
  /** Asked whenever another process has the home: what it gives, other than `undefined`, ends the wait. */
  readonly meanwhile?: () => Promise<T | undefined> | T | undefined;
};

/** The claim, or what `meanwhile` found; neither once the patience is over. */
type Waited<T> =
  | { readonly claim: Claim; readonly found?: undefined }
  | { readonly claim?: undefined; readonly found: T | undefined };

/**
 * Claims `home` once no other process has it, as one that only looks at it, ends, or just begins to serve it. Throws
 * what `claimHome` and `meanwhile` throw, and `Cancelled`.
 */
export async function waitForClaim<T>(home: string, wait: ClaimWait<T>): Promise<Waited<T>> {
  for (const deadline = performance.now() + wait.patience; ; ) {
    const claim = await claimHome(home);
    if (claim !== undefined) return { claim };
    const found = await wait.meanwhile?.();
    if (found !== undefined || performance.now() > deadline) return { found };
    await pause(TRY_EVERY, wait.signal);
  }
}
