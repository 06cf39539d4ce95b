import { type Job, type JobKind, type JobResult, MOST_RESULTS } from '../../shared/bridge.ts';
import type { Clock } from '../../shared/clock.ts';
import type { FileResult, Progress } from '../../shared/contract.ts';
import { asKeywardError, KeywardError } from '../../shared/errors.ts';
import { type FileOutcome, OutcomeCounts } from '../../shared/file-outcome.ts';
import { type Handles, newId } from './handles.ts';
import type { Follow } from './holder.ts';

/** What the page asked for; handles are already paths. */
export type Order = {
  readonly kind: JobKind;
  readonly paths: readonly string[];
  readonly title: string;
  readonly key?: string | undefined;
  readonly to?: string | undefined;
  readonly overwrite: boolean;
  /** It is about a folder or several files: what is there already is passed over, which is no failure. */
  readonly several: boolean;
};

/** Runs the files of an order; their results go where it is followed. */
export type Work = (order: Order, follow: Required<Omit<Follow, 'streams'>>) => Promise<unknown>;

/** What a table of jobs works with. */
type JobDeps = {
  readonly work: Work;
  readonly handles: Handles;
  readonly tell: (job: Job) => void;
  readonly clock: Clock;
};

/** Between two events of one job there are at least this many milliseconds. */
const TELL_EVERY = 100;

/** What the user may want to do something about comes first. */
const ORDER: readonly FileOutcome[] = [
  ...(['failed', 'cancelled', 'outdated', 'exists', 'vault', 'link', 'not-regular'] as const),
  ...(['done', 'other-version', 'up-to-date', 'encrypted'] as const),
];

/** Finished jobs that are remembered. */
const MOST_JOBS = 200;

/** What is told of the results of a job: counts, and the first of them in `ORDER`. The rest is not kept. */
class JobResults {
  readonly counts = { done: 0, failed: 0, cancelled: 0, skipped: 0 };
  readonly outcomes = new OutcomeCounts();
  bytes = 0;
  shown: readonly FileResult[] = [];

  add(page: readonly FileResult[]): void {
    for (const { status, outcome, bytes } of page) {
      this.counts[status] += 1;
      this.outcomes.add(outcome);
      this.bytes += bytes;
    }
    this.shown = [...this.shown, ...page]
      .sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome))
      .slice(0, MOST_RESULTS);
  }
}

type Running = { job: Job; readonly stop: AbortController; timer: NodeJS.Timeout | undefined };

/** The window's jobs: started, followed, stopped, remembered until the vault locks. */
export class Jobs {
  readonly #deps: JobDeps;
  readonly #jobs = new Map<string, Running>();
  #onQuiet: (() => void)[] = [];

  constructor(deps: JobDeps) {
    this.#deps = deps;
  }

  /** Jobs that are not over. */
  get running(): number {
    return [...this.#jobs.values()].filter(({ job }) => job.state === 'running').length;
  }

  /** All jobs, the newest first. */
  list(): Job[] {
    return [...this.#jobs.values()].map(({ job }) => job).reverse();
  }

  /** Begins a job and returns at once; what becomes of it is told in events. */
  start(order: Order): Job {
    const job: Job = {
      id: newId('job'),
      kind: order.kind,
      state: 'running',
      key: order.key ?? null,
      title: order.title,
      sources: order.paths.length,
      done: 0,
      total: null,
      file: 0,
      files: order.paths.length,
      current: '',
      startedAt: this.#deps.clock.now(),
      endedAt: null,
      counts: { done: 0, failed: 0, cancelled: 0, skipped: 0 },
      outcomes: [],
      results: [],
      omitted: 0,
    };
    const running: Running = { job, stop: new AbortController(), timer: undefined };
    this.#jobs.set(job.id, running);
    this.#forgetOld();
    this.#run(running, order);
    return job;
  }

  /** Stops a job; its event follows when it has stopped. Throws `NotFoundException`. */
  cancel(id: string): void {
    const running = this.#jobs.get(id);
    if (running === undefined) throw new KeywardError('NotFoundException', 'There is no such job any more.');
    running.stop.abort();
  }

  /** Forgets the jobs that are over. */
  clear(): void {
    for (const [id, { job }] of this.#jobs) if (job.state !== 'running') this.#jobs.delete(id);
  }

  /** Stops everything and forgets it; for the moment of locking. */
  end(): void {
    for (const running of this.#jobs.values()) {
      running.stop.abort();
      clearTimeout(running.timer);
    }
    this.#jobs.clear();
    this.#quiet();
  }

  /** Resolves when no job is running. */
  async whenQuiet(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.#onQuiet.push(resolve));
  }

  async #run(running: Running, order: Order): Promise<void> {
    const came = new JobResults();
    const follow = {
      signal: running.stop.signal,
      progress: (p: Progress) => this.#progress(running, p),
      results: (page: readonly FileResult[]) => came.add(page),
    };
    let end: Partial<Job>;
    try {
      await this.#deps.work(order, follow);
      end = await this.#ending(came);
    } catch (error) {
      const body = asKeywardError(error).toBody();
      end = { state: body.code === 'Cancelled' ? 'cancelled' : 'failed', error: body };
    }
    clearTimeout(running.timer);
    running.timer = undefined;
    running.job = { ...running.job, ...end, endedAt: this.#deps.clock.now() };
    if (this.#jobs.has(running.job.id)) this.#deps.tell(running.job);
    if (this.running === 0) this.#quiet();
  }

  async #ending({ counts, outcomes, bytes, shown }: JobResults): Promise<Partial<Job>> {
    const state = counts.failed > 0 ? 'failed' : counts.cancelled > 0 ? 'cancelled' : 'done';
    return {
      state,
      counts,
      done: bytes,
      files: outcomes.all,
      outcomes: outcomes.list(),
      results: await this.#shown(shown),
      omitted: outcomes.all - shown.length,
    };
  }

  async #shown(results: readonly FileResult[]): Promise<JobResult[]> {
    const sources = await this.#deps.handles.give(results.map(({ source }) => source));
    const outputs = await this.#deps.handles.give(
      results.flatMap(({ output }) => (output === null ? [] : [output])),
    );
    const written = outputs.values();
    return results.flatMap((result, n) => {
      const source = sources[n];
      if (source === undefined) return [];
      const output = result.output === null ? null : (written.next().value ?? null);
      const { status, outcome, bytes, notes = [], error } = result;
      return [{ source, output, status, outcome, bytes, notes, ...(error === undefined ? {} : { error }) }];
    });
  }

  #progress(running: Running, { done, total, file, files, source }: Progress): void {
    running.job = { ...running.job, done, total, file, files, current: source };
    running.timer ??= setTimeout(() => {
      running.timer = undefined;
      if (running.job.state === 'running') this.#deps.tell(running.job);
    }, TELL_EVERY);
  }

  #forgetOld(): void {
    for (const [id, { job }] of this.#jobs) {
      if (this.#jobs.size <= MOST_JOBS) return;
      if (job.state !== 'running') this.#jobs.delete(id);
    }
  }

  #quiet(): void {
    const waiting = this.#onQuiet;
    this.#onQuiet = [];
    for (const resolve of waiting) resolve();
  }
}
