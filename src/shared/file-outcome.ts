import { z } from 'zod';

/**
 * What became of one file of a job, finer than done, failed, cancelled or skipped. Those that are skipped: it was
 * done before and is as it would be made now; what stands in its place was made of an older state of it, or in another
 * way; something else stands in its place; it is encrypted already; it is a link, or no regular file; it is the
 * vault's own folder; it is not wrapped under the version that was asked for.
 */
export const FILE_OUTCOMES = [
  'done',
  'up-to-date',
  'outdated',
  'exists',
  'encrypted',
  'link',
  'not-regular',
  'vault',
  'other-version',
  'failed',
  'cancelled',
] as const;

/** One of them. */
export type FileOutcome = (typeof FILE_OUTCOMES)[number];

/** Why a file was passed over. */
export type SkipOutcome = Exclude<FileOutcome, 'done' | 'failed' | 'cancelled'>;

/** As a part of results. */
export const fileOutcome = z.enum(FILE_OUTCOMES);

/** Each outcome that a file may have, with how often it occurred, in the order of `FILE_OUTCOMES`. */
export function countOutcomes(
  results: readonly { readonly outcome: FileOutcome }[],
): { outcome: FileOutcome; count: number }[] {
  return FILE_OUTCOMES.map((outcome) => ({
    outcome,
    count: results.filter((result) => result.outcome === outcome).length,
  })).filter(({ count }) => count > 0);
}
