import type { FileResult } from './file-result.ts';
import type { JobKindName, JobObstacle, Progress } from './job-contract.ts';

/** On whose behalf a job runs: the principal's ARN, and the face it came through. */
export type JobOwner = { readonly principal: string; readonly client: 'window' | 'cli' | 'sdk' };

/**
 * What a running job is told: in whose name, when to stop (an `AbortSignal`, which this room has no type for), whom to
 * tell how far it is, who takes its results.
 */
export type JobRun<Signal> = {
  readonly owner: JobOwner;
  readonly signal: Signal;
  readonly progress: (progress: Progress) => void;
  /** Takes results as they come, some at a time; the job goes on once what it gives has resolved. */
  readonly results: (page: readonly FileResult[]) => void | Promise<void>;
  /**
   * Has the job wait, and say for what, until `isOver`; `attempt` counts the waits of one file. Rejects when the job is
   * stopped. Missing where somebody waits for the job's end: then what is in the way is its failure.
   */
  readonly wait?: (reason: JobObstacle, isOver: () => Promise<boolean>, attempt: number) => Promise<void>;
};

/**
 * A kind of work that outlives a call. It lives in the room of its work; `api` hands it to the table of jobs, which
 * knows nothing of files or keys.
 */
export type JobKind<Parameters extends JobParameters, Signal> = {
  readonly name: JobKindName;
  /** What is kept of the parameters while the job is not over: no secrets. */
  readonly kept: (parameters: Parameters) => JobParameters;
  /**
   * What it goes on with after a lock, so that what is done by then is passed over; `undefined`: it can't go on, for want
   * of a secret that is not kept or of a way to tell what is done.
   */
  readonly resumed: (parameters: Parameters) => JobParameters | undefined;
  /**
   * Does the work. Returns the results that `results` was not told of. Throws what keeps the whole of it from being
   * done; the error of one file is a result.
   */
  readonly run: (parameters: Parameters, run: JobRun<Signal>) => Promise<readonly FileResult[]>;
};

/** What every kind's parameters have: the paths that it is about, and the key that was named, if one was. */
export type JobParameters = { readonly sources: readonly string[]; readonly key?: string | undefined };
