import { isKeywardError } from '../../shared/errors.ts';
import type { Chore, Scheduler } from '../jobs/scheduler.ts';
import type { Caller } from '../kms/types.ts';
import { BackupPlan } from './backup-plan.ts';
import type { Services } from './services.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * The search index of a log that an older version wrote is built in slices: the first so long after the unlock that a
 * short command is spared it, each after a pause that leaves the time to others, in milliseconds.
 */
const INDEX_FIRST = 2_000;
const INDEX_PAUSE = 50;

/** How long a lock waits for its backup, of a command and of others, in milliseconds. */
const COMMAND_WAITS = 5_000;
const LOCK_WAITS = 400;

/** With more keys than this a backup takes longer than a lock may; the next unlock makes it. */
const MOST_KEYS_AT_LOCK = 2_000;

/** What periodic maintenance works with. */
type MaintenanceOptions = {
  readonly scheduler: Scheduler;
  /** In whose name. */
  readonly caller: Caller;
  /** Refills the log's reserve of disk space. */
  readonly refill: () => Promise<unknown>;
};

/**
 * The maintenance of an open vault, as chores of its scheduler: at the unlock it rotates and shreds what is due
 * (`KeyService.runUnlockMaintenance`); every hour after that, however long it stays open, it rotates
 * (`KeyService.runPeriodicMaintenance`) and holds the log's reserve full. A log that can't be written is tried every few
 * seconds. Backups are made as `BackupPlan` says. None of it keeps the vault awake.
 */
export class Maintenance {
  readonly #services: Services;
  readonly #options: MaintenanceOptions;
  /** When it was done last, in ms since 1970. */
  #done = 0;
  #ended = false;
  readonly #plan: BackupPlan;

  constructor(services: Services, options: MaintenanceOptions) {
    this.#services = services;
    this.#options = options;
    const { backups, clock, audit } = services;
    const { principal } = options.caller;
    this.#plan = new BackupPlan({ backups, clock, principal, head: () => audit.head().seq });
    for (const chore of this.#chores()) options.scheduler.add(chore);
  }

  /** Runs once and then periodically, when every record is known to hold. `newest`: the date of the newest entry before this unlock, in ms since 1970. */
  begin(newest: number | undefined): void {
    if (this.#ended) return;
    const { kms, clock } = this.#services;
    this.#done = clock.now();
    try {
      kms.runUnlockMaintenance(this.#options.caller, newest);
    } catch (error) {
      // A log that can't be written is no reason to stay locked: what is due waits.
      if (!isKeywardError(error, 'AuditUnwritable', 'DiskFull', 'DiskReadOnly')) throw error;
    }
    this.#options.scheduler.begin();
  }

  /** Stops, at lock. Safe to call twice. */
  end(): void {
    this.#ended = true;
    this.#options.scheduler.end();
  }

  /**
   * The backup at the lock. Nobody waits for a command's own lock; that of others is given little time, and none where
   * collecting the keys alone would take longer.
   */
  async backUp(isOfCommand: boolean): Promise<void> {
    const { store, records } = this.#services;
    try {
      // Not begun: the vault was locked before its records were known to hold.
      if (!this.#options.scheduler.isBegun) return;
      if (!isOfCommand && store.read((tx) => records.count(tx, 'keys')) > MOST_KEYS_AT_LOCK) return;
      await this.#plan.last(isOfCommand ? COMMAND_WAITS : LOCK_WAITS);
    } catch (error) {
      // What can't be read is no reason to stay open.
      if (!isKeywardError(error)) throw error;
    }
  }

  #chores(): readonly Chore[] {
    return [
      { name: 'keys', lease: MINUTE, run: () => this.#maintain() },
      { name: 'search index', lease: MINUTE, first: INDEX_FIRST, run: () => this.#index() },
      // A large vault, or a slow disk, takes its time.
      { name: 'backups', lease: HOUR, run: (signal) => this.#plan.look(signal) },
    ];
  }

  /** A slice of the search index. */
  #index(): number | undefined {
    const { audit } = this.#services;
    return audit.trouble === undefined && audit.isUnindexed && audit.indexMore() ? INDEX_PAUSE : undefined;
  }

  #maintain(): undefined {
    const { audit, kms, clock } = this.#services;
    const { caller } = this.#options;
    const wasTroubled = audit.trouble !== undefined;
    if (wasTroubled) audit.makeGood(caller.principal);
    if (audit.trouble !== undefined) return;
    // What was due while nothing could be written has waited long enough. A clock that was set back must not delay it further.
    if (!wasTroubled && Math.abs(clock.now() - this.#done) < HOUR) return;
    this.#done = clock.now();
    this.#refill();
    kms.runPeriodicMaintenance(caller);
  }

  #refill(): void {
    this.#options.refill().catch((error: unknown) => {
      if (!isKeywardError(error)) throw error;
    });
  }
}

/**
 * The date of the newest entry of the log that is as Keyward wrote it, in ms since 1970; `undefined`: there is none
 * among the last ones. One that was changed from outside can't make the clock look right.
 */
export function newestEntry({ audit }: Pick<Services, 'audit'>): number | undefined {
  const newest = audit.list({ limit: 100 }).find(({ intact }) => intact);
  return newest === undefined ? undefined : Date.parse(newest.eventTime);
}
