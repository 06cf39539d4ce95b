import { KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import type { DryRunInput } from './types.ts';

/** Ends an operation that was only tried, once it is known that it would succeed. */
export function endDryRun({ DryRun }: DryRunInput): void {
  if (DryRun !== true) return;
  throw new KeywardError(
    'DryRunOperationException',
    'The request would have succeeded, but the DryRun option is set.',
  );
}

/** As `endDryRun`, where the answer is known already: it is wiped. */
export function endDryRunAfter(input: DryRunInput, secret: Uint8Array): void {
  if (input.DryRun === true) wipe(secret);
  endDryRun(input);
}
