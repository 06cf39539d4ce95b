import type { Clock } from '../../shared/clock.ts';
import { isKeywardError } from '../../shared/errors.ts';
import type { Backups } from '../backup/backups.ts';

/** How often is looked for something to do, in milliseconds: short, for timers stand still while a machine sleeps. */
const TICK = 5_000;

/** At most one backup in so long, and a look at disks that were away, in milliseconds. */
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
 * When backups are made without being asked for: after a change, at most one a minute, and one at the lock. None of it
 * keeps the process alive, and what fails is told by the status and tried again.
 */
export class BackupPlan {
  readonly #options: PlanOptions;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #under: Promise<unknown> = Promise.resolve();
  #isUnder = false;
  #looked = 0;
  #made = 0;
  #head = -1;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  /** Looks from now on: once every record is known to hold. */
  begin(): void {
    this.#timer = setInterval(() => this.#look(), TICK).unref();
  }

  /** Looks no more. */
  end(): void {
    clearInterval(this.#timer);
  }

  /**
   * The backup at the lock: resolves when it is made, there is nothing to do, or `limit` milliseconds are over. What is
   * under way then is given up; the folder keeps the backups that it has.
   */
  async last(limit: number): Promise<void> {
    // Not begun: the vault was locked before its records were known to hold.
    if (this.#timer === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limit);
    this.#under.then(() => this.#run()).finally(resolve);
    await promise;
    clearTimeout(timer);
    this.#stop.abort();
  }

  #look(): void {
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
    this.#under = this.#run();
  }

  /** Never rejects but for what is no error of ours. */
  async #run(): Promise<void> {
    const { backups, clock, principal } = this.#options;
    this.#isUnder = true;
    try {
      if ((await backups.createDue(principal, this.#stop.signal)) > 0) this.#made = clock.now();
    } catch (error) {
      // Given up at the lock, or a vault that can't be read or written now: the next look tries again.
      if (!this.#stop.signal.aborted && !isKeywardError(error)) throw error;
    } finally {
      this.#isUnder = false;
    }
  }
}
