import { setImmediate as nextTurn } from 'node:timers/promises';
import { asKeywardError, fail, type KeywardError } from '../../shared/errors.ts';
import type { Store } from '../store/database.ts';
import type { Records } from '../store/records.ts';

/** How many rows are checked in one go: some 20 ms, and all that a vault of a hundred keys has. */
const FIRST_ROWS = 2_000;
/** How many rows are checked before other work gets its turn: some 2 ms. */
const SLICE_ROWS = 200;

/** The damage that was found: what the vault is closed with. */
export type Damage = KeywardError;

/**
 * The check of every record behind an open vault (docs/adr/0014): an unlock checks the root, a read its path, and this
 * all the rest, in slices between which other work gets its turn.
 */
export class RecordCheck {
  readonly #store: Store;
  readonly #records: Records;
  /** Where to go on; `undefined`: every row was seen. */
  #from: string | undefined = '';

  constructor(store: Store, records: Records) {
    this.#store = store;
    this.#records = records;
  }

  /** Whether every row holds. */
  get isDone(): boolean {
    return this.#from === undefined;
  }

  /** Checks the first rows at once: all of a vault of usual size. Throws `VaultDamaged` naming the row. */
  begin(): void {
    this.#step(FIRST_ROWS);
  }

  /**
   * Checks what is left. Returns the error of the first row that does not hold; `undefined` where all do, or `signal` was
   * aborted before the end (see `isDone`).
   */
  async finish(signal?: AbortSignal): Promise<Damage | undefined> {
    try {
      while (!this.isDone) {
        await nextTurn();
        if (signal?.aborted) return undefined;
        this.#step(SLICE_ROWS);
      }
      return undefined;
    } catch (error) {
      // A disk that can't be read is no better than a row that does not hold.
      return asKeywardError(error);
    }
  }

  #step(rows: number): void {
    const from = this.#from;
    if (from !== undefined) this.#from = this.#store.read((tx) => this.#records.verifySome(tx, from, rows));
  }
}

/** Checks every record once more, in slices. Throws `VaultDamaged` naming the row, `Cancelled`. */
export async function checkRecords(store: Store, records: Records, signal: AbortSignal): Promise<void> {
  const check = new RecordCheck(store, records);
  const damage = await check.finish(signal);
  if (damage !== undefined) throw damage;
  if (!check.isDone) throw fail('record-check-cancelled');
}
