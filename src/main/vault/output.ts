import { basename, dirname, join } from 'node:path';
import { isKeywardError } from '../../shared/errors.ts';
import { randomBytes } from '../crypto/bytes.ts';
import { discardFile } from '../disk/discard.ts';
import { type OpenFile, openFile } from '../disk/file.ts';
import { flushFolder } from '../disk/folder-flush.ts';
import { factsAt, renameFile, unlinkFile } from '../disk/tree.ts';
import { volumeAt } from '../disk/volume.ts';
import type { Tx } from '../store/database.ts';
import type { FolderId } from '../store/partials.ts';
import { alone, type Member } from './batch.ts';
import { identityOf, type OutputsMade } from './file-identity.ts';
import { partialName } from './file-names.ts';
import { checkTarget, moveIntoPlace } from './move-into-place.ts';
import type { PartialRecords } from './partial-records.ts';

/** What a target must not collide with, and whether it may replace what has its name. */
type OutputOptions = {
  readonly partials: PartialRecords;
  readonly overwrite: boolean;
  readonly messageId?: Buffer;
  /** What the job has made: none of that is replaced. */
  readonly made?: OutputsMade;
  /** Of the batch that it is written in. */
  readonly member?: Member;
};

/** What is done when a file stands under its name. */
type Placing = {
  /** Runs in the transaction that forgets the partial. */
  readonly record?: (tx: Tx) => void;
  /** Gives the file its permissions: not earlier, for a partial is nobody else's to read. */
  readonly finish?: (file: OpenFile) => Promise<void>;
};

/**
 * A file that appears under its final name only when it is whole (docs/format.md 12): written into a
 * recorded partial beside it, 0600, flushed, then linked or renamed into place. `abandon` leaves nothing behind.
 */
export class AtomicOutput {
  readonly target: string;
  readonly file: OpenFile;
  readonly #partial: string;
  readonly #id: number | undefined;
  #identity = '';
  readonly #options: OutputOptions;
  #placed = false;
  #abandoned: Promise<string | undefined> | undefined;

  private constructor(target: string, file: OpenFile, id: number | undefined, options: OutputOptions) {
    this.target = target;
    this.file = file;
    this.#partial = file.path;
    this.#id = id;
    this.#options = options;
  }

  /**
   * Makes the partial for `target`, recorded on the disk before and after it exists. Throws `TargetExists`
   * unless `overwrite` is set, and for what is no file even then, and the disk errors.
   */
  static async open(target: string, options: OutputOptions): Promise<AtomicOutput> {
    await checkTarget(target, options.overwrite);
    const { member = alone } = options;
    await member.meet();
    const output = await AtomicOutput.#make(target, options, false).catch((error: unknown) => {
      // The target's own name may fit where the longer one of its partial does not.
      if (isKeywardError(error, 'NameTooLong')) return AtomicOutput.#make(target, options, true);
      throw error;
    });
    try {
      const [facts, folder] = await Promise.all([output.file.stat(), folderId(dirname(target))]);
      output.#identity = identityOf(facts);
      await member.meet();
      await options.partials.identify(output.#id, facts, folder);
      return output;
    } catch (error) {
      await output.abandon();
      throw error;
    }
  }

  static async #make(target: string, options: OutputOptions, short: boolean): Promise<AtomicOutput> {
    const { partials, messageId } = options;
    const name = partialName(basename(target), randomBytes(16).toString('hex'), short);
    const path = join(dirname(target), name);
    const id = await partials.add(path, messageId);
    try {
      return new AtomicOutput(target, await openFile(path, 'create'), id, options);
    } catch (error) {
      await partials.forget(id);
      throw error;
    }
  }

  /**
   * Flushes and puts the file into place, at the same time as the others of its batch, and finishes it there. Throws
   * `TargetExists` if something took the name meanwhile. If it throws, nothing is left behind but what has replaced
   * an older file by then.
   */
  async place({ record, finish }: Placing = {}): Promise<void> {
    const { overwrite, partials, made, member = alone } = this.#options;
    const rename = () => renameFile(this.#partial, this.target);
    let gone = true;
    try {
      await member.meet();
      await this.file.sync();
      await member.meet();
      if (!overwrite) gone = await moveIntoPlace(this.#partial, this.target, () => this.#claim());
      else if (made === undefined) await rename();
      else await made.replacing(this.target, this.#identity, rename);
      made?.add(this.target, this.#identity);
      this.#placed = true;
    } catch (error) {
      await this.abandon();
      throw error;
    }
    try {
      // Looking for what permissions must mind costs a program of the system: one for all of the batch.
      if (finish !== undefined) await member.meet().catch(() => undefined);
      await finish?.(this.file);
      // All of it was flushed: an error now has lost nothing.
      await this.file.release();
      // It stands: no cancel counts any more.
      await member.meet().catch(() => undefined);
      await flushFolder(dirname(this.target));
      await partials.forget(gone ? this.#id : undefined, record);
    } catch (error) {
      await this.file.release();
      if (!overwrite) await this.#takeBack();
      throw error;
    }
  }

  /**
   * Empties, closes and removes the partial, also if its folder has another name by now; safe to call at any time.
   * Resolves to its path if that failed: the record stays, and the next unlock tries again.
   */
  abandon(): Promise<string | undefined> {
    if (this.#placed) return Promise.resolve(undefined);
    this.#abandoned ??= this.#discard();
    return this.#abandoned;
  }

  async #discard(): Promise<string | undefined> {
    if (!(await discardFile(this.file))) {
      return this.#partial;
    }
    await this.#options.partials.forget(this.#id).catch(() => undefined);
    return undefined;
  }

  async #claim(): Promise<void> {
    await this.#options.partials.claim(this.#id, this.target);
  }

  /** Removes what was placed where nothing stood before, unless it is another file by now. */
  async #takeBack(): Promise<void> {
    try {
      const there = await factsAt(this.target, false);
      if (there !== undefined && identityOf(there) === this.#identity) await unlinkFile(this.target);
    } catch {
      // It is whole, if superfluous.
    }
  }
}

async function folderId(path: string): Promise<FolderId | undefined> {
  const facts = await factsAt(path, true);
  return facts && { ...facts, volume: await volumeAt(path) };
}
