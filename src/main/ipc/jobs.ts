import { type Job, type JobKind, type JobResult, MAX_RESULTS } from '../../shared/bridge.ts';
import type { FileResult, Input, Method, Output } from '../../shared/contract.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { isOver, type JobFacts } from '../../shared/job-contract.ts';
import type { Handles } from './handles.ts';

/** What the page asked for; handles are already paths. */
export type Order = {
  readonly kind: JobKind;
  readonly paths: readonly string[];
  readonly key?: string | undefined;
  readonly to?: string | undefined;
  readonly overwrite: boolean;
  /** It is about a folder or several files: what is there already is passed over, which is no failure. */
  readonly several: boolean;
};

/** What a view of the jobs works with: the open vault, the page's handles, the page. */
type JobsDeps = {
  readonly call: <M extends Method>(method: M, input: Input<M>) => Promise<Output<M>>;
  readonly handles: Handles;
  readonly tell: (job: Job) => void;
};

/** The vault's jobs as the page sees them, whoever began them: with handles for paths. */
export class Jobs {
  readonly #deps: JobsDeps;
  readonly #jobs = new Map<string, Job>();
  #onQuiet: (() => void)[] = [];

  constructor(deps: JobsDeps) {
    this.#deps = deps;
  }

  /** Jobs at work, or whose results are not there yet; one that waits goes on after a lock as well. */
  get running(): number {
    return [...this.#jobs.values()].filter(({ endedAt, state }) => endedAt === null && state !== 'waiting')
      .length;
  }

  /** All jobs, the newest first; of those of an earlier time what was done, without their files. */
  async list(): Promise<Job[]> {
    const { jobs } = await this.#deps.call('jobs.list', {});
    return jobs.map((facts) => this.#jobs.get(facts.id) ?? this.#jobOf(facts));
  }

  /** Begins a job and returns at once; what becomes of it is told in events. Throws what the vault throws. */
  async start(order: Order): Promise<Job> {
    const facts = await this.#deps.call('jobs.start', { kind: order.kind, input: inputOf(order) });
    this.note(facts);
    return this.#jobs.get(facts.id) ?? this.#jobOf(facts);
  }

  /** Stops a job; its event follows when it has stopped. Throws `NotFoundException`. */
  async cancel(id: string): Promise<void> {
    await this.#deps.call('jobs.cancel', { job: id });
  }

  /** Forgets the jobs that are over, and returns the others. */
  async clear(): Promise<Job[]> {
    await this.#deps.call('jobs.clear', {});
    const left = await this.list();
    for (const id of this.#jobs.keys()) if (!left.some((job) => job.id === id)) this.#jobs.delete(id);
    return left;
  }

  /** Takes note of how a job stands, and tells the page. */
  note(facts: JobFacts): void {
    const known = this.#jobs.get(facts.id);
    if (known !== undefined && known.endedAt !== null) return;
    const job = this.#jobOf(facts);
    if (!isOver(facts)) {
      this.#show(job);
      if (this.running === 0) this.#quiet();
    } else {
      // It is over for the page once its files can be shown.
      this.#jobs.set(job.id, { ...(known ?? job), endedAt: null });
      void this.#finish(job);
    }
  }

  /** Forgets everything; for the moment of locking. */
  end(): void {
    this.#jobs.clear();
    this.#quiet();
  }

  /** Resolves when no job is running. */
  async whenQuiet(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.#onQuiet.push(resolve));
  }

  async #finish(job: Job): Promise<void> {
    let [results, omitted]: [readonly JobResult[], number] = [[], 0];
    try {
      const shown = await this.#deps.call('jobs.show', { job: job.id, notable: true, limit: MAX_RESULTS });
      results = await this.#shown(shown.items);
      omitted = shown.job.items + shown.job.omitted - results.length;
    } catch (error) {
      // A vault that was locked meanwhile shows nothing of it.
      if (!isKeywardError(error)) throw error;
    }
    if (this.#jobs.has(job.id)) this.#show({ ...job, results: [...results], omitted });
    if (this.running === 0) this.#quiet();
  }

  #show(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#deps.tell(job);
  }

  #jobOf(facts: JobFacts): Job {
    const { id, kind, state, key, title, sources, progress, startedAt, endedAt, outcomes, error } = facts;
    const counts = { done: 0, failed: 0, cancelled: 0, skipped: 0 };
    for (const { outcome, count } of outcomes) {
      counts[outcome === 'done' || outcome === 'failed' || outcome === 'cancelled' ? outcome : 'skipped'] +=
        count;
    }
    const { source: current, ...far } = progress;
    return {
      ...{ id, kind, state, key, sources, ...far, current, counts, outcomes },
      title: this.#deps.handles.nameOf(title),
      interrupted: facts.reason === 'interrupted',
      ...(facts.reason === undefined || facts.reason === 'interrupted' ? {} : { waitsFor: facts.reason }),
      startedAt: Date.parse(startedAt),
      endedAt: endedAt === null ? null : Date.parse(endedAt),
      results: [],
      omitted: 0,
      ...(error === undefined ? {} : { error }),
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

  #quiet(): void {
    const waiting = this.#onQuiet;
    this.#onQuiet = [];
    for (const resolve of waiting) resolve();
  }
}

/** The input of the method that does what the page asked for. */
function inputOf({ kind, paths, key, to: out, overwrite, several }: Order): Record<string, unknown> {
  const keyed = key === undefined ? {} : { key };
  const common = { sources: [...paths], each: true };
  if (kind === 'verify') return common;
  if (kind === 'rewrap' || kind === 'reencrypt') return { ...common, ...keyed };
  const placed = out === undefined ? {} : { out };
  const passing = several ? { skipExisting: true } : {};
  return { ...common, overwrite, ...(kind === 'encrypt' ? keyed : {}), ...placed, ...passing };
}
