import type { Writable } from 'node:stream';
import type { Progress, TakeResults } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import type { Caller } from '../kms/types.ts';

/** Everything that one call comes with beside its input. */
export type Call = {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  /** Who takes the results of a job over files as they come; missing: the answer holds them. */
  readonly results?: TakeResults;
  readonly streams?: { readonly input: AsyncIterable<Buffer>; readonly output: Writable };
};

/** The bytes that a call moves. Throws `Usage` where there are none. */
export function streamsOf(call: Call): NonNullable<Call['streams']> {
  if (call.streams !== undefined) return call.streams;
  throw new KeywardError('Usage', 'This call moves bytes and needs a stream for them.');
}
