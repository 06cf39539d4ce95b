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

/** The same, those first that somebody may want to do something about. */
export const OUTCOMES_BY_WEIGHT: readonly FileOutcome[] = [
  ...(['failed', 'cancelled', 'outdated', 'exists', 'vault', 'link', 'not-regular'] as const),
  ...(['done', 'other-version', 'up-to-date', 'encrypted'] as const),
];

/** As a part of results. */
export const fileOutcome = z.enum(FILE_OUTCOMES);

/** How often each outcome occurred. */
export class OutcomeCounts {
  readonly #counts = new Map<FileOutcome, number>();
  #all = 0;

  /** Results counted. */
  get all(): number {
    return this.#all;
  }

  /** Counts one more. */
  add(outcome: FileOutcome): void {
    this.#counts.set(outcome, this.of(outcome) + 1);
    this.#all++;
  }

  /** How often one occurred. */
  of(outcome: FileOutcome): number {
    return this.#counts.get(outcome) ?? 0;
  }

  /** Those that occurred, with how often, in the order of `FILE_OUTCOMES`. */
  list(): { outcome: FileOutcome; count: number }[] {
    return FILE_OUTCOMES.map((outcome) => ({ outcome, count: this.of(outcome) })).filter(
      ({ count }) => count > 0,
    );
  }
}
