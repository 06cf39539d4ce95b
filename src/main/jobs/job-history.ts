import { isKeywardError, type Json } from '../../shared/errors.ts';
import type { FileResult } from '../../shared/file-result.ts';
import { isOver, type JobFacts } from '../../shared/job-contract.ts';
import type { JobParameters } from '../../shared/job-kind.ts';
import type { Store } from '../store/database.ts';
import { type Job, leftBehind } from './job.ts';
import type { JobStore } from './job-store.ts';

/** How many jobs are kept, and how many pages of items in all, newest first. */
const MAX_JOBS = 200;
const MAX_KEPT_PAGES = 256;

type Known = { readonly facts: JobFacts; readonly pages: number };

/** The jobs in the database: heads in memory once they are asked for, items page by page. */
export class JobHistory {
  readonly #store: Store;
  readonly #rows: JobStore;
  #known: Map<string, Known> | undefined;

  /** Nothing is read yet. */
  constructor(store: Store, rows: JobStore) {
    this.#store = store;
    this.#rows = rows;
  }

  /** All jobs, in no order. */
  list(): JobFacts[] {
    return [...this.#read().values()].map(({ facts }) => facts);
  }

  /** A job; `undefined` if there is none. */
  facts(id: string): JobFacts | undefined {
    return this.#read().get(id)?.facts;
  }

  /** A page of a job's items; `undefined` if it is not there as it was written. */
  page(id: string, page: number): FileResult[] | undefined {
    return this.#store.read((tx) => this.#rows.page(tx, id, page));
  }

  /** What a job was begun with; `undefined` once it is over. */
  parameters(id: string): { readonly [name: string]: Json } | undefined {
    return this.#store.read((tx) => this.#rows.parameters(tx, id));
  }

  /**
   * Writes jobs as they are, and forgets the oldest of too many. `now`: ISO 8601. Throws what the store throws where the
   * disk takes nothing; nothing of the log's reserve is used up for it.
   */
  write(jobs: readonly { readonly job: Job; readonly parameters: JobParameters }[], now: string): void {
    const before = this.#read();
    const known = new Map(before);
    for (const { job } of jobs) {
      const { unsaved: _, ...facts } = job.facts;
      known.set(job.id, { facts, pages: job.items.pages });
    }
    const old = tooMany(known);
    for (const id of old) known.delete(id);
    this.#store.writeWithinRoom((tx) => {
      for (const { job, parameters } of jobs) {
        const next = known.get(job.id);
        if (next === undefined) continue;
        this.#rows.putHead(tx, next.facts, next.pages, now);
        if (isOver(next.facts)) this.#rows.putParameters(tx, job.id, undefined);
        else if (!before.has(job.id)) this.#rows.putParameters(tx, job.id, parameters);
        for (const { page, sealed } of job.items.unsaved()) this.#rows.putPage(tx, job.id, page, sealed);
      }
      for (const id of old) this.#rows.remove(tx, id);
    });
    this.#known = known;
  }

  /** Marks a job of an earlier process as over. Throws what the store throws where the disk takes nothing. */
  settle(facts: JobFacts): void {
    const known = this.#read().get(facts.id);
    if (known === undefined) return;
    this.#store.write((tx) => {
      this.#rows.putHead(tx, facts, known.pages, facts.endedAt ?? facts.startedAt);
      this.#rows.putParameters(tx, facts.id, undefined);
    });
    this.#read().set(facts.id, { ...known, facts });
  }

  /** Forgets jobs; what the disk does not let go of is there again at the next unlock. */
  forget(ids: readonly string[]): void {
    const known = this.#read();
    const there = ids.filter((id) => known.has(id));
    for (const id of there) known.delete(id);
    if (there.length === 0) return;
    try {
      this.#store.write((tx) => {
        for (const id of there) this.#rows.remove(tx, id);
      });
    } catch (error) {
      if (!isKeywardError(error)) throw error;
    }
  }

  /** What is in the database at the first look is of a process before this one. */
  #read(): Map<string, Known> {
    this.#known ??= new Map(
      this.#store
        .read((tx) => this.#rows.heads(tx).jobs)
        .map(({ facts, pages, touched }) => [facts.id, { facts: leftBehind(facts, touched), pages }]),
    );
    return this.#known;
  }
}

/** The oldest jobs that are over, as far as there are too many jobs or pages. */
function tooMany(known: ReadonlyMap<string, Known>): string[] {
  let [jobs, pages] = [0, 0];
  const newest = [...known.values()].sort((a, b) => (a.facts.startedAt < b.facts.startedAt ? 1 : -1));
  return newest.flatMap(({ facts, pages: own }) => {
    jobs += 1;
    pages += own;
    return isOver(facts) && (jobs > MAX_JOBS || pages > MAX_KEPT_PAGES) ? [facts.id] : [];
  });
}
