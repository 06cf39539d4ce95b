import type { BridgeInput } from '../../shared/bridge.ts';

/*
 * What has just unlocked the vault, while the page offers what takes it once more. It stands here alone: React never gets
 * to hold it.
 */

type Shown = BridgeInput<'vault.stepUp'>;

let kept: Shown | undefined;

/** Keeps it until it is forgotten. */
export function keepCredential(shown: Shown): void {
  forgetCredential();
  kept = shown;
}

/** A copy of it, for one call; undefined: nothing is kept. The caller wipes it. */
export function keptCredential(): Shown | undefined {
  return kept === undefined ? undefined : { ...kept, secret: new Uint8Array(kept.secret) };
}

/** Wipes it. */
export function forgetCredential(): void {
  kept?.secret.fill(0);
  kept = undefined;
}
