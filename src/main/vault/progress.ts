import type { Progress } from '../../shared/contract.ts';
import type { Found } from './walk.ts';

const INTERVAL_MS = 100;

/** Adds up the progress of a job over its files and tells it, ten times a second at most. */
export class JobProgress {
  readonly #tell: (progress: Progress) => void;
  readonly #files: number;
  #finished = 0;
  #total: number;
  #index = 0;
  #current: Found | undefined;
  #size = 0;
  #done = 0;
  #told = 0;

  constructor(files: readonly Found[], tell: (progress: Progress) => void) {
    this.#tell = tell;
    this.#files = files.length;
    this.#total = files.reduce((sum, file) => sum + file.size, 0);
  }

  /** Begins the next file. */
  begin(file: Found): void {
    this.#settle();
    this.#current = file;
    this.#size = file.size;
    this.#done = 0;
    this.#index++;
    this.#report(true);
  }

  /** Corrects the size of the current file, once its plaintext's length is known. */
  resize(bytes: number): void {
    this.#total += bytes - this.#size;
    this.#size = bytes;
  }

  /** Bytes of the current file that are done. */
  advance(done: number): void {
    this.#done = done;
    this.#report(false);
  }

  /** Ends the job: whatever was left undone does not count as missing. */
  end(): void {
    if (this.#current !== undefined) this.#report(true);
  }

  #settle(): void {
    this.#finished += this.#done;
    this.#total += this.#done - this.#size;
    this.#size = 0;
    this.#done = 0;
  }

  #report(always: boolean): void {
    const now = performance.now();
    if (!always && now - this.#told < INTERVAL_MS) return;
    this.#told = now;
    this.#tell({
      done: this.#finished + this.#done,
      total: this.#total,
      file: this.#index,
      files: this.#files,
      source: this.#current?.path ?? '',
    });
  }
}
