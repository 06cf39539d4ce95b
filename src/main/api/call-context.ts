import type { Writable } from 'node:stream';
import type { Answer, Method, Progress, TakeResults } from '../../shared/contract.ts';
import type { JobFacts } from '../../shared/job-contract.ts';
import type { Role } from '../../shared/roles.ts';

/**
 * Who calls, how to stop the call, whom to tell of its progress, who takes its results (see `TakeResults`), and the bytes
 * that it moves, if any.
 */
export type CallContext = {
  readonly client: 'window' | 'cli';
  /** As no more than this role. */
  readonly as?: Role;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly results?: TakeResults;
  readonly streams?: { readonly input: AsyncIterable<Buffer>; readonly output: Writable };
};

/** How a call is made, as far as its caller says: to be stopped, followed, fed with bytes. */
export type CallOptions = Partial<Omit<CallContext, 'client'>>;

/** The context of a call by `client`; by default nobody stops or follows it. */
export function contextOf(client: CallContext['client'], options: CallOptions): CallContext {
  const { signal = new AbortController().signal, progress = () => undefined, ...rest } = options;
  return { client, signal, progress, ...rest };
}

/** The unlocked vault as the faces have it. */
export type OpenVault = {
  /** Minutes without requests after which the owner locks; `null`: never. */
  readonly idleMinutes: number | null;
  /** Runs one method; never throws. */
  call<M extends Method>(method: M, input: unknown, caller: CallContext): Promise<Answer<M>>;
  /** Calls `watcher` for every job, whoever began it, until the function that it returns is called. */
  watchJobs(watcher: (facts: JobFacts) => void): () => void;
  /** Resolves when the vault is locked, by whomever. */
  readonly locked: Promise<void>;
};
