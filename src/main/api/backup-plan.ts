import type { Clock } from '../../shared/clock.ts';
import { isKeywardError } from '../../shared/errors.ts';
import type { Backups } from '../backup/backups.ts';

/** The least time between two backups, and between two looks for disks that were away, in milliseconds. */
const MINUTE = 60_000;

/** What the plan works with. */
type PlanOptions = {
  readonly backups: Pick<Backups, 'createDue'>;
  readonly clock: Clock;
  /** In whose name. */
  readonly principal: string;
  /** The number of the log's newest entry: it changes with everything that changes. */
  readonly head: () => number;
};

/**
 * When backups are made without being asked for: after a change, at most one a minute, and one at the lock. What fails is told by the status and tried again.
 */
export class BackupPlan {
  readonly #options: PlanOptions;
  readonly #stop = new AbortController();
  #under: Promise<unknown> = Promise.resolve();
  #isUnder = false;
  #looked = 0;
  #made = 0;
  #head = -1;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  /** Makes what is due by now; `signal` ends it. */
  async look(signal: AbortSignal): Promise<undefined> {
    const { clock, head } = this.#options;
    const now = clock.now();
    const isOver = (then: number) => Math.abs(now - then) >= MINUTE;
    if (this.#isUnder || !isOver(this.#made)) return;
    let at: number;
    try {
      at = head();
    } catch (error) {
      // A vault that another program has made unreadable: that is told by the checks behind it.
      if (!isKeywardError(error)) throw error;
      return;
    }
    if (at === this.#head && !isOver(this.#looked)) return;
    this.#head = at;
    this.#looked = now;
    this.#under = this.#run(signal);
    await this.#under;
  }

  /**
   * The backup at the lock: resolves when it is made, there is nothing to do, or `limit` milliseconds are over. What is
   * under way then is given up; the folder keeps the backups that it has.
   */
  async last(limit: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limit);
    this.#under.then(() => this.#run()).finally(resolve);
    await promise;
    clearTimeout(timer);
    this.#stop.abort();
  }

  /** Never rejects but for what is no error of ours. */
  async #run(signal?: AbortSignal): Promise<void> {
    const { backups, clock, principal } = this.#options;
    const stop = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
    this.#isUnder = true;
    try {
      if ((await backups.createDue(principal, stop)) > 0) this.#made = clock.now();
    } catch (error) {
      // Given up at the lock, or a vault that can't be read or written now: the next look tries again.
      if (!stop.aborted && !isKeywardError(error)) throw error;
    } finally {
      this.#isUnder = false;
    }
  }
}
