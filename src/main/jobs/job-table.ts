import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { fail, isKeywardError, type Json, type KeywardError } from '../../shared/errors.ts';
import { type FileOutcome, OUTCOMES_BY_WEIGHT } from '../../shared/file-outcome.ts';
import type { FileResult } from '../../shared/file-result.ts';
import { isOver, type JobFacts, type JobKindName } from '../../shared/job-contract.ts';
import type { JobKind, JobOwner, JobParameters, JobRun } from '../../shared/job-kind.ts';
import { randomBytes } from '../crypto/bytes.ts';
import type { Store } from '../store/database.ts';
import { ItemPages, PAGE_ITEMS } from './item-pages.ts';
import { Job } from './job.ts';
import { JobHistory } from './job-history.ts';
import type { JobStore } from './job-store.ts';
import { JobWaits } from './job-waits.ts';
import { throttled } from './throttle.ts';

/** What the table works with. */
type JobTableDeps = { readonly store: Store; readonly rows: JobStore; readonly clock: Clock };

/**
 * How a job is begun: in whose name, and who follows it, if anybody does. Without `results` they are given when it is
 * over. Of one that runs `alone` nobody waits for the end: it waits for what is in its way, and goes on after a lock.
 */
type JobBegin = { readonly owner: JobOwner; readonly alone?: true } & Partial<
  Pick<JobRun<AbortSignal>, 'signal' | 'progress' | 'results'>
>;

/** A job that was begun: `ended` resolves when it is over, with what nobody took of its results and what ended it. */
type BegunJob = {
  readonly facts: JobFacts;
  readonly ended: Promise<{ readonly results: readonly FileResult[]; readonly error?: unknown }>;
};

/** A page of a job's items. */
type JobItems = {
  readonly items: readonly FileResult[];
  readonly next?: number;
  readonly isDamaged: boolean;
};

type Work = (run: JobRun<AbortSignal>) => Promise<readonly FileResult[]>;

/** A kind of job, whatever its parameters. */
type AnyKind = JobKind<JobParameters, AbortSignal>;

type Running = {
  readonly job: Job;
  readonly parameters: JobParameters;
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
};

/** How long a job's progress may wait to be written, in milliseconds; a lock writes it at once. */
const SAVE_AFTER = 2_000;
/** How long after a failed write the disk is tried again, in milliseconds. */
const RETRY_AFTER = 15_000;

/**
 * The jobs of an open vault, whoever began them: runs them, tells of them, stops them, and keeps what became of them.
 * What is not over when it is locked is cancelled, or goes on after the next unlock; what a process left behind that died
 * is listed as interrupted.
 */
export class JobTable {
  readonly #deps: JobTableDeps;
  readonly #history: JobHistory;
  /** Jobs of this process that are not over, or not in the database as they are. */
  readonly #jobs = new Map<string, Running>();
  readonly #watchers = new Set<(facts: JobFacts) => void>();
  #saving: NodeJS.Timeout | undefined;
  #ending: KeywardError | undefined;
  #isLocking = false;
  #kinds: ReadonlyMap<JobKindName, AnyKind> = new Map();

  /** Nothing is read yet. */
  constructor(deps: JobTableDeps) {
    this.#deps = deps;
    this.#history = new JobHistory(deps.store, deps.rows);
  }

  /** Registers kinds, so that jobs of them can be started by name. */
  register(kinds: readonly JobKind<never, AbortSignal>[]): void {
    // Whoever looks one up by its name has parameters of that name's schema.
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind as unknown as AnyKind]));
  }

  /** A kind by its name. Throws `Internal` where it was not registered. */
  kind(name: JobKindName): AnyKind {
    const kind = this.#kinds.get(name);
    if (kind === undefined) throw fail('internal', { what: `There is no kind of jobs called ${name} here.` });
    return kind;
  }

  /** Resumes the jobs that a lock interrupted, each in the name of whoever started it. */
  resume(): void {
    for (const facts of this.#history.list()) {
      if (facts.state !== 'waiting' || this.#jobs.has(facts.id)) continue;
      const kind = this.#kinds.get(facts.kind);
      const kept = this.#history.parameters(facts.id) as JobParameters | undefined;
      const parameters = kept && kind?.resumed(kept);
      if (kind === undefined || parameters === undefined) continue;
      const owner = { principal: facts.owner, client: facts.client };
      this.#begin(kind, parameters, { owner, alone: true, results: () => undefined }, facts);
    }
  }

  /** Jobs that are not over. */
  get running(): number {
    return this.#live().length;
  }

  /** All jobs, the newest first. */
  list(): JobFacts[] {
    const own = [...this.#jobs.values()].map(({ job }) => job.facts).reverse();
    const before = this.#history.list().filter(({ id }) => !this.#jobs.has(id));
    return [...own, ...before].sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  }

  /** A job. Throws `NotFoundException`. */
  facts(id: string): JobFacts {
    const facts = this.#jobs.get(id)?.job.facts ?? this.#history.facts(id);
    if (facts !== undefined) return facts;
    throw fail('no-such-job');
  }

  /**
   * What a job was begun with, but for its sources, of which there may be very many; `undefined` once it is over, unless
   * it was interrupted.
   */
  parameters(id: string): { readonly [name: string]: Json } | undefined {
    const running = this.#jobs.get(id);
    if (running !== undefined && isOver(running.job.facts)) return undefined;
    const own = running?.parameters as { readonly [name: string]: Json } | undefined;
    const { sources: _, ...rest } = own ?? this.#history.parameters(id) ?? {};
    return Object.keys(rest).length === 0 ? undefined : JSON.parse(JSON.stringify(rest));
  }

  /** Begins a job; it runs on its own. */
  start<P extends JobParameters>(kind: JobKind<P, AbortSignal>, parameters: P, begin: JobBegin): BegunJob {
    return this.#begin(kind, parameters, begin);
  }

  #begin<P extends JobParameters>(
    kind: JobKind<P, AbortSignal>,
    parameters: P,
    begin: JobBegin,
    was?: JobFacts,
  ): BegunJob {
    const { owner, signal } = begin;
    const id = was?.id ?? `j-${randomBytes(16).toString('hex')}`;
    const items = new ItemPages({
      seal: (page, results) => this.#deps.rows.sealPage(id, page, results),
      open: (page, sealed) => this.#deps.rows.openPage(id, page, sealed),
    });
    const job = new Job(
      {
        ...{ id, kind: kind.name, owner: owner.principal, client: owner.client },
        ...{ title: parameters.sources[0] ?? '', sources: parameters.sources.length },
        key: parameters.key ?? null,
        startedAt: was?.startedAt ?? new Date(this.#deps.clock.now()).toISOString(),
      },
      items,
    );
    const stop = new AbortController();
    if (this.#ending !== undefined) stop.abort(this.#ending);
    const any = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const work: Work = (run) => {
      // Stopped before it began.
      stop.signal.throwIfAborted();
      return kind.run(parameters, run);
    };
    const resumes = begin.alone === true && kind.resumed(parameters) !== undefined;
    const ended = this.#run(job, work, { ...begin, signal: any, resumes });
    this.#jobs.set(id, { job, parameters: kind.kept(parameters), stop, ended });
    this.#changed();
    return { facts: job.facts, ended };
  }

  /** Stops a job; resolves when it is over, or after `patience` milliseconds. Throws `NotFoundException`. */
  async cancel(id: string, patience: number): Promise<JobFacts> {
    const running = this.#jobs.get(id);
    const facts = this.facts(id);
    if (running === undefined && !isOver(facts)) {
      const { reason: _, ...rest } = facts;
      const endedAt = new Date(this.#deps.clock.now()).toISOString();
      this.#history.settle({ ...rest, state: 'cancelled', endedAt });
    } else if (running !== undefined && !isOver(running.job.facts)) {
      running.stop.abort(fail('job-cancelled'));
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, patience);
      await Promise.race([running.ended, promise]);
      clearTimeout(timer);
    }
    return this.facts(id);
  }

  /** Forgets the jobs that are over, if `may` says so; what a disk does not let go of is gone at the next unlock. */
  clear(may: (facts: JobFacts) => boolean): void {
    const ids = this.list()
      .filter((facts) => isOver(facts) && may(facts))
      .map(({ id }) => id);
    this.#history.forget(ids);
    for (const id of ids) this.#jobs.delete(id);
  }

  /** The settled items of a job from number `after` on, at most `limit`. Throws `NotFoundException`. */
  items(id: string, after: number, limit: number): JobItems {
    const { items: count } = this.facts(id);
    const found: FileResult[] = [];
    let isDamaged = false;
    let at = after;
    while (at < count && found.length < limit) {
      const page = Math.floor(at / PAGE_ITEMS);
      const items = this.#page(id, page);
      if (items === undefined) isDamaged = true;
      const from = at - page * PAGE_ITEMS;
      const some = items?.slice(from, from + limit - found.length);
      found.push(...(some ?? []));
      at =
        some === undefined || from + some.length >= PAGE_ITEMS ? (page + 1) * PAGE_ITEMS : at + some.length;
      // The head of a job that was interrupted may speak of more items than were written.
      if (some?.length === 0) break;
    }
    return { items: found, isDamaged, ...(at < count ? { next: at } : {}) };
  }

  /** The first `limit` items of a job, those first that there is something to do about. Throws `NotFoundException`. */
  async notable(id: string, limit: number): Promise<JobItems> {
    const { items: count } = this.facts(id);
    const found = new Map<FileOutcome, FileResult[]>();
    let isDamaged = false;
    for (let page = 0; page * PAGE_ITEMS < count; page++) {
      const items = this.#page(id, page);
      if (items === undefined) isDamaged = true;
      for (const item of items ?? []) {
        const same = found.get(item.outcome) ?? [];
        if (same.length < limit) found.set(item.outcome, [...same, item]);
      }
      await nextTurn();
    }
    const items = OUTCOMES_BY_WEIGHT.flatMap((outcome) => found.get(outcome) ?? []).slice(0, limit);
    return { items, isDamaged };
  }

  /** Calls `watcher` for every job, ten times a second at most while it runs, and at its end; returns what stops that. */
  watch(watcher: (facts: JobFacts) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** As `stop`, for a lock: what can go on after it waits for that. */
  lock(error: KeywardError): void {
    this.#isLocking = true;
    this.stop(error);
  }

  /** Stops all jobs with this error, and those that are still begun. */
  stop(error: KeywardError): void {
    this.#ending ??= error;
    for (const { stop } of this.#jobs.values()) stop.abort(error);
  }

  /** Writes now what is not in the database yet. Throws what the store throws, and `DiskFull`; it is tried again then. */
  flush(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const error = this.#save();
    if (error !== undefined) throw error;
  }

  /** Resolves when all jobs are over and written, as far as the disk takes them; for a lock, after `stop`. */
  async end(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map(({ ended }) => ended));
    clearTimeout(this.#saving);
    this.#save();
    clearTimeout(this.#saving);
    this.#watchers.clear();
  }

  #live(): Job[] {
    return [...this.#jobs.values()].map(({ job }) => job).filter(({ facts }) => !isOver(facts));
  }

  async #run(
    job: Job,
    work: Work,
    begin: JobBegin & { readonly signal: AbortSignal; readonly resumes: boolean },
  ): BegunJob['ended'] {
    const { owner, signal, progress, results: taker } = begin;
    // Whoever started it gets its id before it does anything.
    await Promise.resolve();
    const shown = throttled<void>(() => this.#tell(job));
    const untaken: FileResult[] = [];
    let isHeldUp = false;
    const results = async (given: readonly FileResult[]) => {
      const isLocked = this.#isLocking && begin.resumes;
      const page = isLocked ? given.filter(({ outcome }) => outcome !== 'cancelled') : given;
      isHeldUp ||= page.length < given.length;
      job.settle(page);
      this.#changed();
      if (taker !== undefined) await taker(page);
      else untaken.push(...page);
    };
    const waits = new JobWaits((reason) => {
      job.wait(reason);
      this.#changed();
      this.#tell(job);
    });
    const wait: JobRun<AbortSignal>['wait'] = (reason, isOver, attempt) =>
      waits.until(reason, isOver, attempt, signal);
    let error: unknown;
    try {
      job.become('running');
      this.#tell(job);
      const rest = await work({
        ...{ owner, signal, results },
        ...(begin.alone === true ? { wait } : {}),
        progress: (now) => {
          job.advance(now);
          this.#changed();
          shown.tell();
          progress?.(now);
        },
      });
      if (rest.length > 0) await results(rest);
    } catch (thrown) {
      error = thrown ?? fail('internal', { what: 'A job ended for no reason that it told.' });
    }
    shown.drop();
    isHeldUp ||= this.#isLocking && begin.resumes && isKeywardError(error, 'Cancelled');
    if (isHeldUp) job.wait('locked');
    else job.end(this.#deps.clock.now(), error);
    this.#changed();
    this.#tell(job);
    return { results: untaken, ...(error === undefined ? {} : { error }) };
  }

  #page(id: string, page: number): readonly FileResult[] | undefined {
    return this.#jobs.get(id)?.job.items.held(page) ?? this.#history.page(id, page);
  }

  #tell(job: Job): void {
    const { facts } = job;
    for (const watcher of this.#watchers) watcher(facts);
  }

  #changed(after = SAVE_AFTER): void {
    this.#saving ??= setTimeout(() => {
      this.#saving = undefined;
      this.#save();
    }, after).unref();
  }

  /**
   * Writes what is not in the database yet; on a disk that takes nothing it stays in memory, and is tried again: gives
   * why then.
   */
  #save(): KeywardError | undefined {
    const unsaved = [...this.#jobs.values()].filter(({ job }) => job.isUnsaved);
    if (unsaved.length === 0) return undefined;
    const now = new Date(this.#deps.clock.now()).toISOString();
    try {
      // The space that is left belongs to the log.
      if (this.#deps.store.isTight) throw fail('no-room-to-spare');
      this.#history.write(unsaved, now);
    } catch (error) {
      if (!isKeywardError(error)) throw error;
      for (const { job } of unsaved) job.isRefused = true;
      this.#changed(RETRY_AFTER);
      return error;
    }
    for (const { job } of unsaved) {
      job.isUnsaved = false;
      job.isRefused = false;
      job.items.saved();
      if (isOver(job.facts)) this.#jobs.delete(job.id);
    }
    return undefined;
  }
}
