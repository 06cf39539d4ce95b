import { fail } from '../../shared/errors.ts';
import type { Caller } from '../kms/types.ts';
import type { CallContext } from './call-context.ts';

/** Everything that a call comes with besides its input. */
export type Call = Omit<CallContext, 'client' | 'as'> & { readonly caller: Caller };

/** The byte streams of a call. Throws `Usage` where it has none. */
export function streamsOf(call: Call): NonNullable<Call['streams']> {
  if (call.streams !== undefined) return call.streams;
  throw fail('stream-needed');
}
