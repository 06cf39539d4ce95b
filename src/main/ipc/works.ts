import { fail, type KeywardError } from '../../shared/errors.ts';
import type { Work, WorkEvent } from '../../shared/work-bridge.ts';
import type { CallContext } from '../api/call-context.ts';

/** How a work is followed and stopped. */
type How = Pick<CallContext, 'signal' | 'progress'>;

/** Less often than this nothing is told, in milliseconds, but the first and the last. */
const TELL_EVERY = 100;

/** What takes a while and is no job over files: the page hears how far it is, and can stop it. */
export class Works {
  readonly #tell: (event: WorkEvent) => void;
  readonly #running = new Map<Work, AbortController>();

  constructor(tell: (event: WorkEvent) => void) {
    this.#tell = tell;
  }

  /** Does one. What fails after it was stopped fails with `Cancelled`. */
  async run<T>(work: Work, act: (how: How) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    this.#running.get(work)?.abort();
    this.#running.set(work, stop);
    let told = 0;
    const progress: How['progress'] = ({ done, total }) => {
      const now = performance.now();
      if (told > 0 && now - told < TELL_EVERY && done !== total) return;
      told = now;
      this.#tell({ type: 'work', work, done, total });
    };
    try {
      return await act({ signal: stop.signal, progress });
    } catch (error) {
      throw stop.signal.aborted ? cancelled(error) : error;
    } finally {
      if (this.#running.get(work) === stop) this.#running.delete(work);
    }
  }

  /** Stops one, if it runs. */
  cancel(work: Work): void {
    this.#running.get(work)?.abort();
  }
}

function cancelled(cause: unknown): KeywardError {
  return fail('cancelled-before-change', {}, {}, cause);
}
