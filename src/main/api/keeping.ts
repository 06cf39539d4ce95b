import { uptime } from 'node:os';
import { isKeywardError } from '../../shared/errors.ts';
import type { Caller } from '../kms/types.ts';
import type { Rooms } from './rooms.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * How often is looked at the clock, and a log tried that can't be written, in milliseconds: short, for timers stand
 * still while a machine sleeps.
 */
const TICK = 5_000;

/** A clock that goes this much otherwise than the machine runs was set, in milliseconds. */
const SET = HOUR;

/** What an open vault keeps itself up with. */
export type KeepingOptions = {
  /** In whose name. */
  readonly caller: Caller;
  /** Fills the log's reserve of space up again. */
  readonly refill: () => Promise<unknown>;
  /** For how long the machine has been running, sleep included, in milliseconds. */
  readonly sinceBoot?: () => number;
};

/**
 * What an open vault does by itself, once at the unlock and every hour after that, however long it stays open: it
 * rotates and deletes what is due (`KeyService.upkeep`), and holds the log's reserve full. A log that can't be
 * written is tried every few seconds. None of it keeps the process alive or the vault awake.
 */
export class Keeping {
  readonly #rooms: Rooms;
  readonly #options: KeepingOptions;
  #timer: NodeJS.Timeout | undefined;
  /** When it was done last, by the machine's own time. */
  #done = 0;
  /** When the machine was started, by the clock; and from when on, by the machine's own time, the clock is trusted. */
  #boot: number;
  #trusted = 0;
  /** The latest time that was seen, in ms since 1970. */
  #latest = Number.NEGATIVE_INFINITY;

  constructor(rooms: Rooms, options: KeepingOptions) {
    this.#rooms = rooms;
    this.#options = options;
    this.#boot = rooms.clock.now() - this.#sinceBoot();
  }

  /** Does it once, and from now on. `newest`: the date of the newest entry before this unlock, in ms since 1970. */
  begin(newest: number | undefined): void {
    this.#upkeep(newest);
    this.#timer = setInterval(() => this.#tick(), TICK).unref();
  }

  /** Stops, at lock. Safe to call twice. */
  end(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const { audit } = this.#rooms;
    const { caller } = this.#options;
    const isTroubled = audit.trouble !== undefined;
    const isDue = this.#sinceBoot() - this.#done >= HOUR;
    if (isTroubled) waiting(() => audit.makeGood(caller.principal));
    if (isDue) waiting(() => this.#upkeep(newestEntry(this.#rooms)));
    if ((isTroubled || isDue) && audit.trouble === undefined) this.#refill();
  }

  // A log that can't be written is no reason to stay locked: what is due waits.
  #upkeep(newest: number | undefined): void {
    const { kms, clock } = this.#rooms;
    this.#done = this.#sinceBoot();
    const wasSet = this.#wasSet();
    const latest = Math.max(this.#latest, newest ?? Number.NEGATIVE_INFINITY);
    this.#latest = Math.max(latest, clock.now());
    try {
      kms.upkeep(this.#options.caller, wasSet ? Number.POSITIVE_INFINITY : latest);
    } catch (error) {
      if (!isKeywardError(error, 'AuditUnwritable', 'DiskFull', 'DiskReadOnly')) throw error;
    }
  }

  /**
   * Whether the clock was set while the vault was open: nothing is shredded by it for a day then, so
   * that a wrong one can be put right.
   */
  #wasSet(): boolean {
    const running = this.#sinceBoot();
    const boot = this.#rooms.clock.now() - running;
    if (Math.abs(boot - this.#boot) >= SET) {
      this.#boot = boot;
      this.#latest = Number.NEGATIVE_INFINITY;
      this.#trusted = running + DAY;
    }
    return running < this.#trusted;
  }

  #sinceBoot(): number {
    return this.#options.sinceBoot?.() ?? uptime() * 1_000;
  }

  #refill(): void {
    this.#options.refill().catch((error: unknown) => {
      if (!isKeywardError(error)) throw error;
    });
  }
}

/** The date of the newest entry of the log, in ms since 1970; `undefined`: there is none that can be read. */
export function newestEntry({ audit }: Rooms): number | undefined {
  const [newest] = audit.list({ limit: 1 });
  const date = newest === undefined ? Number.NaN : Date.parse(newest.eventTime);
  return Number.isNaN(date) ? undefined : date;
}

/** Does what may as well be done at the next look. */
function waiting(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isKeywardError(error)) throw error;
  }
}
