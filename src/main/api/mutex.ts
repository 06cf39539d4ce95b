import { fail } from '../../shared/errors.ts';

/** Runs tasks one after the other, in the order in which they were asked for. */
export class Mutex {
  #last: Promise<void> = Promise.resolve();

  /** Runs `act` when all before it are done. Throws `Cancelled` where `signal` was aborted before its turn came. */
  async take<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      if (signal.aborted) throw fail('cancelled-before-its-turn');
      return await act();
    } finally {
      resolve();
    }
  }
}
