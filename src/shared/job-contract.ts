import { z } from 'zod';
import { none } from './contract-basics.ts';
import type { Json } from './errors.ts';
import { fileOutcome } from './file-outcome.ts';
import { errorBody, fileResult } from './file-result.ts';

/*
 * The part of the contract that is about jobs: work that outlives a call. Dates are ISO 8601 in UTC, sizes bytes of
 * plaintext.
 */

/** What a job can be about; each has a kind (job-kind.ts) of this name. */
const JOB_KINDS = ['encrypt', 'decrypt', 'verify', 'rewrap', 'reencrypt'] as const;

/** `waiting` says for what, and `failed` may say why, in `reason`; the last three are for good. */
export const JOB_STATES = ['queued', 'running', 'paused', 'waiting', 'done', 'failed', 'cancelled'] as const;

/** What a job waits for: that the vault is unlocked, for room on a disk, for a disk that was taken away. */
export const JOB_WAITS = ['locked', 'disk-full', 'drive-gone'] as const;

/** The name of a kind. */
export const jobKindName = z.enum(JOB_KINDS);

/** Names a job, in every face alike. */
const jobId = z.string().regex(/^j-[0-9a-f]{32}$/, 'is not the id of a job');

/** How far a job is: plaintext bytes done of all (null: unknown), which file of how many, and its name. */
export const progress = z.object({
  done: z.number().nonnegative(),
  total: z.number().nonnegative().nullable(),
  file: z.number().int().nonnegative(),
  files: z.number().int().nonnegative(),
  source: z.string(),
});

/** What is told of a job. */
export const jobFacts = z.object({
  id: jobId,
  kind: jobKindName,
  state: z.enum(JOB_STATES),
  /** What it waits for; of a failed one `interrupted`: the process that ran it ended without a word. */
  reason: z.enum([...JOB_WAITS, 'interrupted']).optional(),
  /** The ARN in whose name it runs, and the face that it was begun by. */
  owner: z.string(),
  client: z.enum(['window', 'cli', 'sdk']),
  /** The first of its sources, and how many there are. */
  title: z.string(),
  sources: z.number().int().nonnegative(),
  /** The key that was named, if one was. */
  key: z.string().nullable(),
  progress,
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** Of the files that are settled. */
  outcomes: z.array(z.object({ outcome: fileOutcome, count: z.number().int().positive() })),
  /** Settled files that can be listed, and those of which nothing but the count was kept. */
  items: z.number().int().nonnegative(),
  omitted: z.number().int().nonnegative(),
  /** What ended the whole job, beside the errors of its files. */
  error: errorBody.optional(),
  /** What is told here stands in memory only, since the vault's disk takes no more. */
  unsaved: z.literal(true).optional(),
});

/** How many items of a job are returned at a time, at most. */
export const MAX_ITEMS = 1_000;

/** Methods on jobs. */
export const jobMethods = {
  /**
   * Begins a job and answers at once; it ends when it is done, is cancelled, or the vault is locked. `input` is that
   * of the method of the same name, as in `files.encrypt`.
   */
  'jobs.start': {
    needs: 'asks',
    input: z.strictObject({ kind: jobKindName, input: z.record(z.string(), z.unknown()) }),
    output: jobFacts,
  },
  /** The newest first. */
  'jobs.list': { needs: 'keyward:ReadJobs', input: none, output: z.object({ jobs: z.array(jobFacts) }) },
  /**
   * A job with the files that are settled, in the order in which they were, from `after` on; `next` is where they go on.
   * `notable`: instead the first `limit` by how much there is to do about them.
   */
  'jobs.show': {
    needs: 'keyward:ReadJobs',
    input: z.strictObject({
      job: jobId,
      after: z.number().int().nonnegative().optional(),
      limit: z.number().int().min(0).max(MAX_ITEMS).optional(),
      notable: z.boolean().optional(),
    }),
    output: z.object({
      job: jobFacts,
      /** What it was begun with, but for its sources and secrets; while it is not over, or was interrupted. */
      parameters: (
        z.record(z.string(), z.json()) as unknown as z.ZodType<{ [name: string]: Json }>
      ).optional(),
      items: z.array(fileResult),
      next: z.number().int().optional(),
      /** Some items are not as Keyward wrote them, and left out. */
      damaged: z.literal(true).optional(),
    }),
  },
  /** Stops a job, and waits a few seconds for its end; one that is over stays as it is. */
  'jobs.cancel': { needs: 'asks', input: z.strictObject({ job: jobId }), output: jobFacts },
  /** Forgets the jobs that are over, as far as the caller may; gives those that are left. */
  'jobs.clear': { needs: 'asks', input: none, output: z.object({ jobs: z.array(jobFacts) }) },
} as const;

export type JobKindName = z.output<typeof jobKindName>;
export type JobWait = (typeof JOB_WAITS)[number];
/** What stands in the way of a running job, and may go away by itself. */
export type JobObstacle = Exclude<JobWait, 'locked'>;
export type JobState = (typeof JOB_STATES)[number];
export type JobFacts = z.output<typeof jobFacts>;
/** How far a job is; see `jobFacts`. */
export type Progress = Readonly<z.output<typeof progress>>;

/** Whether a job has come to its end. */
export function isOver({ state }: Pick<JobFacts, 'state'>): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
