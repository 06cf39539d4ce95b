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
  /** Limits the call to this role. */
  readonly as?: Role;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly results?: TakeResults;
  readonly streams?: { readonly input: AsyncIterable<Buffer>; readonly output: Writable };
};

/** The options of a call: how to stop it, follow its progress, and feed it bytes. */
export type CallOptions = Partial<Omit<CallContext, 'client'>>;

/** The context of a call by `client`; by default nothing stops it or follows its progress. */
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
  /** Resolves when the vault is locked, whoever locked it. */
  readonly locked: Promise<void>;
};
