import type { WindowStatus } from '../../shared/bridge.ts';
import { asKeywardError, type KeywardError } from '../../shared/errors.ts';
import { ask } from '../bridge.ts';
import { cell } from './cell.ts';

type Known = { readonly value?: WindowStatus; readonly error?: KeywardError };

const status = cell<Known>({});

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

/** Takes a state that an answer brought along. */
export function setStatus(value: WindowStatus): void {
  status.set({ value });
}
