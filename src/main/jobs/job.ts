import { asKeywardError, type KeywardError } from '../../shared/errors.ts';
import { FILE_OUTCOMES, type FileOutcome } from '../../shared/file-outcome.ts';
import type { FileResult } from '../../shared/file-result.ts';
import {
  isOver,
  type JobFacts,
  type JobState,
  type JobWait,
  type Progress,
} from '../../shared/job-contract.ts';
import type { ItemPages } from './item-pages.ts';

/** Which states may follow a state. */
const NEXT: { readonly [S in JobState]: readonly JobState[] } = {
  queued: ['running', 'failed', 'cancelled'],
  running: ['paused', 'waiting', 'done', 'failed', 'cancelled'],
  paused: ['queued', 'running', 'waiting', 'failed', 'cancelled'],
  waiting: ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'],
  done: [],
  failed: [],
  cancelled: [],
};

/** What a job starts with. */
type JobStart = Pick<
  JobFacts,
  'id' | 'kind' | 'owner' | 'client' | 'title' | 'sources' | 'key' | 'startedAt'
>;

/** One job of this process: its state, how far it is, and what became of its files so far. */
export class Job {
  readonly items: ItemPages;
  readonly #start: JobStart;
  readonly #outcomes = new Map<FileOutcome, number>();
  #state: JobState = 'queued';
  #progress: Progress = { done: 0, total: null, file: 0, files: 0, source: '' };
  #bytes = 0;
  #endedAt: string | null = null;
  #reason: JobWait | undefined;
  #error: KeywardError | undefined;
  /** Whether there is something to write to the database, and whether writing it failed. */
  isUnsaved = true;
  isRefused = false;

  constructor(start: JobStart, items: ItemPages) {
    this.#start = start;
    this.items = items;
    this.#progress = { ...this.#progress, files: start.sources };
  }

  get id(): string {
    return this.#start.id;
  }

  /** The job as the faces see it. */
  get facts(): JobFacts {
    return {
      ...this.#start,
      state: this.#state,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      progress: this.#progress,
      endedAt: this.#endedAt,
      outcomes: FILE_OUTCOMES.flatMap((outcome) => {
        const count = this.#outcomes.get(outcome) ?? 0;
        return count > 0 ? [{ outcome, count }] : [];
      }),
      items: this.items.count,
      omitted: this.items.omitted,
      ...(this.#error === undefined ? {} : { error: this.#error.toBody() }),
      ...(this.isRefused ? { unsaved: true } : {}),
    };
  }

  /** Changes its state. Throws `RangeError` for a transition that is not allowed, which is a defect. */
  become(state: JobState): void {
    if (!NEXT[this.#state].includes(state)) throw new RangeError(`a ${this.#state} job can't be ${state}`);
    this.#state = state;
    this.#reason = undefined;
    this.isUnsaved = true;
  }

  /** Waits for this, or, with `undefined`, goes on. */
  wait(reason: JobWait | undefined): void {
    const state = reason === undefined ? 'running' : 'waiting';
    if (state !== this.#state) this.become(state);
    this.#reason = reason;
    this.isUnsaved = true;
  }

  /** Records its progress. */
  advance(progress: Progress): void {
    this.#progress = progress;
    this.isUnsaved = true;
  }

  /** Records the outcome of files. */
  settle(results: readonly FileResult[]): void {
    for (const result of results) {
      this.items.add(result);
      this.#outcomes.set(result.outcome, (this.#outcomes.get(result.outcome) ?? 0) + 1);
      this.#bytes += result.bytes;
    }
    this.isUnsaved = true;
  }

  /** Ends it: by the outcome of its files, or by the error that was thrown. `at`: ms since 1970. */
  end(at: number, thrown?: unknown): void {
    if (thrown !== undefined) this.#error = asKeywardError(thrown);
    const files = [...this.#outcomes.values()].reduce((sum, count) => sum + count, 0);
    if (files > 0) this.#progress = { ...this.#progress, done: this.#bytes, file: files, files };
    this.become(this.#ending());
    this.#endedAt = new Date(at).toISOString();
  }

  #ending(): JobState {
    if (this.#error !== undefined) return this.#error.code === 'Cancelled' ? 'cancelled' : 'failed';
    if (this.#outcomes.has('failed')) return 'failed';
    return this.#outcomes.has('cancelled') ? 'cancelled' : 'done';
  }
}

/**
 * A job that the process before this one left behind: it waits if it was locked, and was interrupted if it was not over.
 * `at`: ISO 8601, when last heard of.
 */
export function leftBehind(facts: JobFacts, at: string): JobFacts {
  const { unsaved: _, ...known } = facts;
  if (isOver(facts) || facts.reason === 'locked') return known;
  return { ...known, state: 'failed', reason: 'interrupted', endedAt: at };
}
