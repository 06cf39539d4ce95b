import type { Progress } from '../../shared/contract.ts';
import type { Found, FoundFiles } from './walk.ts';

/** Progress of one file of a job; its bytes count from `begin` to `settle`. */
export interface FileProgress {
  /** Corrects the size of the file, once its plaintext's length is known. */
  resize(bytes: number): void;
  /** Bytes of the file that are done. */
  advance(done: number): void;
  /** Ends the file: what was left undone does not count as missing. */
  settle(): void;
}

/** Adds up the progress of a job over its files and reports it whenever it changes. */
export class JobProgress {
  readonly #tell: (progress: Progress) => void;
  readonly #files: number;
  #done = 0;
  #total: number;
  #index = 0;
  #source = '';

  constructor(files: Pick<FoundFiles, 'count' | 'bytes'>, tell: (progress: Progress) => void) {
    this.#tell = tell;
    this.#files = files.count;
    this.#total = files.bytes;
  }

  /** Begins another file; others may be under way. */
  begin(file: Found): FileProgress {
    let size = file.size;
    let done = 0;
    const resize = (bytes: number) => {
      this.#total += bytes - size;
      size = bytes;
    };
    this.#source = file.path;
    this.#index++;
    this.#report();
    return {
      resize,
      advance: (bytes) => {
        this.#done += bytes - done;
        done = bytes;
        this.#report();
      },
      settle: () => resize(done),
    };
  }

  /** Ends the job. */
  end(): void {
    if (this.#index > 0) this.#report();
  }

  #report(): void {
    this.#tell({
      done: this.#done,
      total: this.#total,
      file: this.#index,
      files: this.#files,
      source: this.#source,
    });
  }
}
