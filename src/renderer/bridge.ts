import type { Bridge, BridgeInput, BridgeMethod, BridgeOutput, Outcome } from '../shared/bridge.ts';
import { fromErrorBody } from '../shared/errors.ts';

declare global {
  interface Window {
    readonly keyward: Bridge;
  }
}

/** Asks the main process. Throws the error of its answer as a `KeywardError`. */
export async function ask<M extends BridgeMethod>(
  method: M,
  input: BridgeInput<M>,
): Promise<BridgeOutput<M>> {
  const call = window.keyward[method] as (input: BridgeInput<M>) => Promise<Outcome<BridgeOutput<M>>>;
  const outcome = await call(input);
  if (outcome.ok) return outcome.value;
  throw fromErrorBody(outcome.error as Parameters<typeof fromErrorBody>[0]);
}

/** The bytes of a secret's field, which is emptied: no secret goes anywhere else on the page. */
export function takeSecret(field: HTMLInputElement | HTMLTextAreaElement): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(field.value);
  field.value = '';
  return bytes;
}
