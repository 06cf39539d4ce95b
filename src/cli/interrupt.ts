import { KeywardError } from '../shared/errors.ts';
import type { Console } from './console.ts';

/**
 * The first Ctrl-C (or a signal to end) cancels what is under way, so that it can clean up; the second ends
 * the process at once. What is left then, the next start removes.
 */
export function cancelOnSignals(console: Console): void {
  let asked = false;
  const onSignal = () => {
    if (asked) process.exit(1);
    asked = true;
    if (console.canAsk) console.note('Cancelling. Press Ctrl-C again to stop at once.');
    console.cancel();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}

/** A reader that closed its end of the pipe (`| head`) is no error to talk about; a full disk is. */
export function watchOutput(console: Console): void {
  console.around.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
      console.fail(
        new KeywardError(
          full ? 'DiskFull' : 'IoFailed',
          `Could not write the output: ${full ? 'the disk is full. Free some space and try again' : error.message}.`,
        ),
      );
    }
    console.hangUp();
  });
  console.around.stderr.on('error', () => undefined);
}
