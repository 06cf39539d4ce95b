import type { JobObstacle } from '../../shared/job-contract.ts';

/** How long after a wait began to check whether it is over, then less and less often, in milliseconds. */
const FIRST_LOOK = 2_000;
const RAREST_LOOK = 60_000;

/** What the parts of one job wait for. */
export class JobWaits {
  readonly #tell: (reason: JobObstacle | undefined) => void;
  readonly #reasons: JobObstacle[] = [];

  /** `tell`: what the job waits for by now, the first of several; `undefined`: it goes on. */
  constructor(tell: (reason: JobObstacle | undefined) => void) {
    this.#tell = tell;
  }

  /**
   * Resolves when `isOver` says so. `attempt`: how often the same was waited for already, so that what fails again and
   * again is not tried all the time. Rejects with its reason once `signal` is aborted.
   */
  async until(
    reason: JobObstacle,
    isOver: () => Promise<boolean>,
    attempt: number,
    signal: AbortSignal,
  ): Promise<void> {
    this.#reasons.push(reason);
    this.#tell(this.#reasons[0]);
    try {
      for (let look = attempt; ; look++) {
        await passed(Math.min(FIRST_LOOK * 2 ** Math.min(look, 10), RAREST_LOOK), signal);
        if (await isOver()) return;
      }
    } finally {
      this.#reasons.splice(this.#reasons.indexOf(reason), 1);
      this.#tell(this.#reasons[0]);
    }
  }
}

function passed(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds).unref();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
