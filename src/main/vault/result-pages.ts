import type { FileResult, TakeResults } from '../../shared/contract.ts';

/** How many results make a page. */
const PAGE = 256;

/** Hands the results of a job on in pages, or keeps them where nobody takes them. */
export class ResultPages {
  readonly #take: TakeResults | undefined;
  readonly #stopped: Promise<void>;
  #page: FileResult[] = [];

  /** `take` missing: all are kept for `end`. Once `signal` is aborted, a slow taker is waited for no longer. */
  constructor(take: TakeResults | undefined, signal: AbortSignal) {
    this.#take = take;
    this.#stopped = new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Adds results, in their order. Throws what the taker throws. */
  async add(...results: readonly FileResult[]): Promise<void> {
    this.#page.push(...results);
    if (this.#take !== undefined && this.#page.length >= PAGE) await this.#hand(this.#take);
  }

  /** Hands on what is left; returns what nobody took. Throws what the taker throws. */
  async end(): Promise<FileResult[]> {
    if (this.#take === undefined) return this.#page;
    if (this.#page.length > 0) await this.#hand(this.#take);
    return [];
  }

  async #hand(take: TakeResults): Promise<void> {
    const page = this.#page;
    this.#page = [];
    await Promise.race([take(page), this.#stopped]);
  }
}
