import type { Writable } from 'node:stream';
import type { Progress, TakeResults } from '../../shared/contract.ts';
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
