import { fail } from '../../shared/errors.ts';

let pending = 0;

/**
 * As `step`, a step that may never be done, such as opening a pipe that nobody writes to; rejects with `Cancelled`
 * once `signal` is aborted. The step itself can't be called back: a thread of the process stays in it.
 */
export async function abortable<T>(step: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  pending++;
  const done = () => {
    pending--;
  };
  step.then(done, done);
  if (signal === undefined) return step;
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(fail('cancelled'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    step.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Whether a step of `abortable` is still under way, so that Node would wait for its thread when it exits. */
export function isWaiting(): boolean {
  return pending > 0;
}

/** Resolves when `signal` is aborted, at once if it was. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resolves after this many milliseconds. Rejects with `Cancelled` once `signal` is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(fail('cancelled-while-waiting'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
