import type { Writable } from 'node:stream';
import type { Answer, Method, Progress } from '../../shared/contract.ts';

/** What a caller gives along with a request: who calls, how to stop it, where progress and bytes go. */
export type CallContext = {
  readonly client: 'window' | 'cli';
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly streams?: { readonly input: AsyncIterable<Buffer>; readonly output: Writable };
};

/** What an owner serves: the unlocked vault, as the api room makes it. `call` never throws. */
export type ServedSession = {
  /** Minutes without requests after which the vault locks; `null`: never. */
  readonly idleMinutes: number | null;
  call<M extends Method>(method: M, input: unknown, caller: CallContext): Promise<Answer<M>>;
  /** Resolves when the vault was locked. */
  readonly locked: Promise<void>;
};
