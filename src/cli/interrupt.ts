import { KeywardError } from '../shared/errors.ts';
import type { Face } from './face.ts';

/**
 * The first Ctrl-C (or a signal to end) cancels what is under way, so that it can clean up; the second ends
 * the process at once. What is left then, the next start removes.
 */
export function cancelOnSignals(face: Face): void {
  let asked = false;
  const onSignal = () => {
    if (asked) process.exit(1);
    asked = true;
    if (face.canAsk) face.note('Cancelling. Press Ctrl-C again to stop at once.');
    face.cancel();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}

/** A reader that closed its end of the pipe (`| head`) is no error to talk about; a full disk is. */
export function watchOutput(face: Face): void {
  face.around.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
      face.fail(
        new KeywardError(
          full ? 'DiskFull' : 'IoFailed',
          `Could not write the output: ${full ? 'the disk is full. Free some space and try again' : error.message}.`,
        ),
      );
    }
    face.hangUp();
  });
  face.around.stderr.on('error', () => undefined);
}
