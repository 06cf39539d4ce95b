import type { Clock } from '../../shared/clock.ts';
import { isKeywardError } from '../../shared/errors.ts';

/** How often each chore is looked at, in milliseconds: short, for timers stand still while a machine sleeps. */
const LOOK_EVERY = 5_000;

/** Periodic work that a vault does by itself. */
export type Chore = {
  /** Names it and its lease. */
  readonly name: string;
  /** How long one run may take, in milliseconds: then its signal is aborted, and it may begin anew. */
  readonly lease: number;
  /** When it is looked at first, in milliseconds; by default as often as later. */
  readonly first?: number;
  /**
   * Does what there is to do by now, which is mostly nothing, and gives after how many milliseconds there is more, if
   * there is. What is thrown of our errors waits for the next look.
   */
  readonly run: (signal: AbortSignal) => number | undefined | Promise<number | undefined>;
};

type Lease = { readonly until: number; readonly stop: AbortController };

/**
 * The one place where periodic work is started. Each chore runs under a lease of its name, so that a long one does not
 * meet itself. Leases stand in memory: whoever has the claim on the home is alone, and a full disk must not keep it from
 * making the log good. None of it keeps the process alive.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #chores: Chore[] = [];
  readonly #leases = new Map<string, Lease>();
  readonly #soon = new Map<string, NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** Nothing is done before `begin`. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a chore; chores are looked at in the order in which they were added. */
  add(chore: Chore): void {
    this.#chores.push(chore);
  }

  /** Starts the timers; does nothing once `end` was called. */
  begin(): void {
    if (this.#isOver) return;
    for (const chore of this.#chores) if (chore.first !== undefined) this.#later(chore, chore.first);
    this.#timer = setInterval(() => {
      for (const chore of this.#chores) if (!this.#soon.has(chore.name)) this.#run(chore);
    }, LOOK_EVERY).unref();
  }

  /** Whether it was begun. */
  get isBegun(): boolean {
    return this.#timer !== undefined;
  }

  /** Starts nothing any more; what is under way goes on. Safe to call twice. */
  end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    for (const timer of this.#soon.values()) clearTimeout(timer);
    this.#soon.clear();
  }

  #later(chore: Chore, milliseconds: number): void {
    if (this.#isOver) return;
    const timer = setTimeout(() => {
      this.#soon.delete(chore.name);
      this.#run(chore);
    }, milliseconds);
    this.#soon.set(chore.name, timer.unref());
  }

  #run(chore: Chore): void {
    const now = this.#clock.now();
    const held = this.#leases.get(chore.name);
    // A clock that was set back makes no lease longer.
    if (held !== undefined && now < held.until && held.until - now <= chore.lease) return;
    held?.stop.abort();
    const lease = { until: now + chore.lease, stop: new AbortController() };
    this.#leases.set(chore.name, lease);
    const over = (more: number | undefined) => {
      if (this.#leases.get(chore.name) !== lease) return;
      this.#leases.delete(chore.name);
      if (more !== undefined) this.#later(chore, more);
    };
    const failed = (error: unknown) => {
      over(undefined);
      if (!isKeywardError(error)) throw error;
    };
    try {
      const done = chore.run(lease.stop.signal);
      if (done instanceof Promise) done.then(over, failed);
      else over(done);
    } catch (error) {
      failed(error);
    }
  }
}
