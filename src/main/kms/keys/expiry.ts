import type { Clock } from '../../../shared/clock.ts';
import type { KeyRow } from './row-schemas.ts';

/**
 * Imported material that expires (AWS, "Setting an expiration time"). From its date on a key reads as if the
 * material were gone, whatever the row says; the row follows once the operation that noticed is over.
 */
export class Expiry {
  readonly #clock: Clock;
  readonly #due = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The key as it is now. */
  seen(id: string, row: KeyRow): KeyRow {
    const now = this.#clock.now();
    if (!hasExpired(row, now)) return row;
    this.#due.add(id);
    const isGone = isPast(row.external?.expires, now) && row.state !== 'PendingDeletion';
    return isGone ? { ...row, state: 'PendingImport' } : row;
  }

  /** The ids of keys that were seen with expired material since the last time, which are due for `expireMaterial`. */
  take(): readonly string[] {
    const ids = [...this.#due];
    this.#due.clear();
    return ids;
  }
}

/** Whether some of a key's material has expired and was not deleted yet. */
export function hasExpired({ external }: KeyRow, now: number): boolean {
  return isPast(external?.expires, now) || isPast(external?.pending?.expires, now);
}

/** Whether a date (ms) has come. */
export function isPast(date: number | undefined, now: number): boolean {
  return date !== undefined && date <= now;
}
