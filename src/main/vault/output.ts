import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { isKeywardError, KeywardError } from '../../shared/errors.ts';
import { randomBytes } from '../crypto/bytes.ts';
import { isErrno } from '../disk/errors.ts';
import { type OpenFile, openFile } from '../disk/file.ts';
import { flushFolder } from '../disk/folder-flush.ts';
import { factsAt, linkFile, renameFile, unlinkFile } from '../disk/tree.ts';
import type { Store, Tx } from '../store/database.ts';
import { addPartial, identifyPartial, removePartials } from '../store/partials.ts';
import { alone, type Member } from './batch.ts';
import { identityOf, type OutputsMade } from './file-identity.ts';
import { partialName } from './names.ts';

/** What a target must not collide with, and whether it may replace what has its name. */
export type OutputOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly overwrite: boolean;
  readonly messageId?: Buffer;
  /** What the job has made: none of that is replaced. */
  readonly made?: OutputsMade;
  /** Of the batch that it is written in. */
  readonly member?: Member;
};

/**
 * A file that appears under its final name only when it is whole (docs/format.md 12): written into a
 * recorded partial beside it, flushed, then linked or renamed into place. `abandon` leaves nothing behind.
 */
export class AtomicOutput {
  readonly target: string;
  readonly file: OpenFile;
  readonly #partial: string;
  readonly #id: number;
  #identity = '';
  readonly #options: OutputOptions;
  #ended = false;

  private constructor(target: string, file: OpenFile, id: number, options: OutputOptions) {
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
    const { store, clock, member = alone } = options;
    for (let attempt = 0; ; attempt++) {
      const random = randomBytes(4).toString('hex');
      const path = join(dirname(target), partialName(basename(target), attempt, random));
      // Another try is still the same step.
      if (attempt === 0) await member.meet();
      const id = await store.group((tx) => addPartial(tx, clock, path, options.messageId));
      let file: OpenFile;
      try {
        file = await openFile(path, 'create');
      } catch (error) {
        await store.group((tx) => removePartials(tx, [id]));
        // Somebody else's file has the partial's name: it stays, and another name is tried.
        if (isKeywardError(error, 'TargetExists') && attempt < 8) continue;
        throw error;
      }
      const output = new AtomicOutput(target, file, id, options);
      try {
        const facts = await file.stat();
        output.#identity = identityOf(facts);
        await member.meet();
        await store.group((tx) => identifyPartial(tx, id, facts));
        return output;
      } catch (error) {
        await output.abandon();
        throw error;
      }
    }
  }

  /**
   * Flushes and puts the file into place, at the same time as the others of its batch, then runs `record` in the
   * transaction that forgets the partial. Throws `TargetExists` if something took the name meanwhile. If it
   * throws, nothing is left behind but what has replaced an older file by then.
   */
  async place(record: (tx: Tx) => void = () => undefined): Promise<void> {
    const { overwrite, store, made, member = alone } = this.#options;
    const rename = () => renameFile(this.#partial, this.target);
    let gone = true;
    try {
      await member.meet();
      await this.file.sync();
      await this.file.close();
      await member.meet();
      if (!overwrite) gone = await this.#linkIntoPlace();
      else if (made === undefined) await rename();
      else await made.replacing(this.target, this.#identity, rename);
      made?.add(this.#identity);
      this.#ended = true;
    } catch (error) {
      await this.abandon();
      throw error;
    }
    try {
      // It stands: no cancel counts any more.
      await member.meet().catch(() => undefined);
      await flushFolder(dirname(this.target));
      await store.group((tx) => {
        if (gone) removePartials(tx, [this.#id]);
        record(tx);
      });
    } catch (error) {
      if (!overwrite) await this.#takeBack();
      throw error;
    }
  }

  /** Closes and removes the partial; safe to call at any time. */
  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.file.close().catch(() => undefined);
    try {
      await unlinkFile(this.#partial);
      await flushFolder(dirname(this.#partial));
    } catch {
      // The row stays, and the next start removes the partial.
      return;
    }
    await this.#options.store.group((tx) => removePartials(tx, [this.#id])).catch(() => undefined);
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

  /**
   * link + unlink fails if the name is taken; disks without links fall back to a look and a rename. False if
   * the partial's name still stands beside the new one: its row stays, and the next start removes it.
   */
  async #linkIntoPlace(): Promise<boolean> {
    try {
      await linkFile(this.#partial, this.target);
    } catch (error) {
      const cause = error instanceof KeywardError ? error.cause : undefined;
      if (!isErrno(cause, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV')) {
        throw isKeywardError(error, 'TargetExists') ? targetExists(this.target) : error;
      }
      await checkTarget(this.target, false);
      await renameFile(this.#partial, this.target);
      return true;
    }
    return unlinkFile(this.#partial).then(
      () => true,
      () => false,
    );
  }
}

/** Throws unless a file may be made at `target`. */
export async function checkTarget(target: string, overwrite: boolean): Promise<void> {
  const there = await factsAt(target, false);
  if (there === undefined) return;
  if (there.kind === 'folder' || there.kind === 'other') {
    const what = there.kind === 'folder' ? 'a folder' : 'a device, a pipe or a socket';
    throw new KeywardError(
      'TargetExists',
      `Could not write ${target}: there is ${what} of that name. Choose another name with --out.`,
      { path: target },
    );
  }
  if (!overwrite) throw targetExists(target);
}

function targetExists(target: string): KeywardError {
  return new KeywardError(
    'TargetExists',
    `${target} exists already and was left as it is. Add --overwrite to replace it, or choose another name with --out.`,
    { path: target },
  );
}
