import type { Session } from '../../main/api/session.ts';
import type { FileResult, Input, Method, Output } from '../../shared/contract.ts';
import { fail, fromErrorBody } from '../../shared/errors.ts';

/** Calls methods of a session and throws their errors, for sample data that this process makes itself. */
export type Calls = <M extends Method>(method: M, input: Input<M>) => Promise<Output<M>>;

/** The calls of a session, on behalf of the command or as if from the window. */
export function callsOf(session: Session, signal: AbortSignal, client: 'cli' | 'window' = 'cli'): Calls {
  return async (method, input) => {
    const answer = await session.call(method, input, { client, signal, progress: () => undefined });
    if (!answer.ok) throw fromErrorBody(answer.error);
    return answer.value;
  };
}

/** The results, if every one of them is done; else throws the first failure. */
export function allDone(results: readonly FileResult[]): readonly FileResult[] {
  for (const { status, error, source } of results) {
    if (status === 'done') continue;
    throw error === undefined
      ? fail('sample-not-done', { source, status }, { path: source })
      : fromErrorBody(error);
  }
  return results;
}
