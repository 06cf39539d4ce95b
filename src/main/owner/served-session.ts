import type { Answer, Method } from '../../shared/contract.ts';
import type { CallContext } from '../api/call-context.ts';

/** What an owner serves: the unlocked vault, as the api room makes it. `call` never throws. */
export type ServedSession = {
  /** Minutes without requests after which the vault locks; `null`: never. */
  readonly idleMinutes: number | null;
  call<M extends Method>(method: M, input: unknown, caller: CallContext): Promise<Answer<M>>;
  /** Resolves when the vault was locked. */
  readonly locked: Promise<void>;
};
