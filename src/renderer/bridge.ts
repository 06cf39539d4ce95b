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

/** For what holds a secret: whatever is copied or cut there goes to the clipboard by the main process, which takes it from there again. */
export const COPIED_AS_SECRET = { onCopy: copyAsSecret, onCut: copyAsSecret } as const;

function copyAsSecret(event: {
  preventDefault(): void;
  readonly type: string;
  readonly target: EventTarget;
}): void {
  event.preventDefault();
  const { target } = event;
  const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  copySecret(
    isField
      ? target.value.slice(target.selectionStart ?? 0, target.selectionEnd ?? undefined)
      : (document.getSelection()?.toString() ?? '').replaceAll(/\s+/g, ' ').trim(),
  );
  if (!isField || event.type !== 'cut') return;
  target.setRangeText('');
  target.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Puts a secret on the clipboard by the main process, which takes it from there again. */
export function copySecret(text: string): void {
  const secret = new TextEncoder().encode(text);
  ask('window.copySecret', { secret })
    .catch(() => undefined)
    .finally(() => secret.fill(0));
}
