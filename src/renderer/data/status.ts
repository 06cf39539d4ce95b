import type { WindowStatus } from '../../shared/bridge.ts';
import { asKeywardError, type KeywardError } from '../../shared/errors.ts';
import { ask } from '../bridge.ts';
import { atom } from './atom.ts';

type Known = { readonly value?: WindowStatus; readonly error?: KeywardError };

const status = atom<Known>({});

/** The vault's state as last heard. */
export const useStatus = status.use;

/** Asks for the vault's state. */
export async function loadStatus(): Promise<void> {
  try {
    status.set({ value: await ask('vault.status', {}) });
  } catch (error) {
    status.set({ error: asKeywardError(error) });
  }
}

/**
 * Asks again at this interval in milliseconds, until the function that it returns is called. A failure changes nothing, nor
 * does an answer that something newer has overtaken.
 */
export function watchStatus(every: number): () => void {
  const timer = setInterval(async () => {
    const before = status.get();
    try {
      const value = await ask('vault.status', {});
      if (status.get() !== before) return;
      if (JSON.stringify(value) !== JSON.stringify(before.value)) status.set({ value });
    } catch {
      // What is shown stays; whatever is done next tells what is wrong.
    }
  }, every);
  return () => clearInterval(timer);
}

/** Takes a state that an answer brought along. */
export function setStatus(value: WindowStatus): void {
  status.set({ value });
}
