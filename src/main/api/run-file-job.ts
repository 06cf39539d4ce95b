import type { Input, Output } from '../../shared/contract.ts';
import type { JobKindName } from '../../shared/job-contract.ts';
import type { JobTable } from '../jobs/job-table.ts';
import type { Call } from './call.ts';

/** Runs a job over files for the time of one call. Throws what ended it, beside the errors of its files. */
export async function runFileJob<K extends JobKindName>(
  jobs: JobTable,
  kind: K,
  input: Input<`files.${K}`>,
  { caller, signal, progress, results: taker }: Call,
): Promise<Output<'files.verify'>> {
  const followed = { signal, progress, ...(taker === undefined ? {} : { results: taker }) };
  const { ended } = jobs.start(jobs.kind(kind), input, {
    owner: ownerOf(caller),
    ...followed,
  });
  const { results, error } = await ended;
  if (error !== undefined) throw error;
  return { results: [...results] };
}

/** Whose job it is: the caller, by principal and face. */
export function ownerOf({ principal, client }: Call['caller']) {
  return { principal, client };
}
