import type { Clock } from '../../shared/clock.ts';
import { isKeywardError } from '../../shared/errors.ts';
import type { Store, Tx } from '../store/database.ts';
import type { FileId, FolderId, Partials } from '../store/partials.ts';

/** What the records of partials are kept with. */
type PartialRecordsOptions = {
  readonly store: Store;
  readonly partials: Partials;
  readonly clock: Clock;
  /** Whether files may be opened though nothing can be written down, as on a full disk. */
  readonly openWithoutRecord: () => boolean;
};

/**
 * Keeps the partials of jobs on record, each step durable when it resolves. Where the vault can't be written,
 * decryption must go on as it does without the log (docs/adr/0007): a partial has no record then, and no id. All
 * that makes something new has failed by that time, for want of its entry in the log.
 */
export class PartialRecords {
  readonly #options: PartialRecordsOptions;

  constructor(options: PartialRecordsOptions) {
    this.#options = options;
  }

  /** Records a partial that is about to be made; its id, or none. */
  add(path: string, messageId?: Buffer): Promise<number | undefined> {
    const { partials, clock } = this.#options;
    return this.#tolerant((tx) => partials.add(tx, clock, path, messageId));
  }

  /** Records which file it is, before it has any content. */
  async identify(id: number | undefined, file: FileId, folder: FolderId | undefined): Promise<void> {
    if (id === undefined) return;
    await this.#tolerant((tx) => this.#options.partials.identify(tx, id, file, folder));
  }

  /** Records that its final name is about to be taken by an empty file. */
  async claim(id: number | undefined, target: string): Promise<void> {
    if (id === undefined) return;
    await this.#tolerant((tx) => this.#options.partials.claim(tx, id, target));
  }

  /**
   * Forgets one that has its final name, or was removed, in the transaction of `record`. Without that, a record that
   * can't be removed stays, and the next unlock finds no file for it.
   */
  async forget(id: number | undefined, record?: (tx: Tx) => void): Promise<void> {
    const { store, partials } = this.#options;
    const act = (tx: Tx) => {
      if (id !== undefined) partials.remove(tx, [id]);
      record?.(tx);
    };
    if (record !== undefined) await store.group(act);
    else if (id !== undefined) await this.#tolerant(act);
  }

  async #tolerant<T>(act: (tx: Tx) => T): Promise<T | undefined> {
    try {
      return await this.#options.store.group(act);
    } catch (error) {
      if (!isKeywardError(error, 'DiskFull', 'DiskReadOnly', 'IoFailed')) throw error;
      if (!this.#options.openWithoutRecord()) throw error;
      return undefined;
    }
  }
}
