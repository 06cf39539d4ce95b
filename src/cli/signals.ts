import { streamError } from '../main/disk/errors.ts';
import { exitProcess } from '../main/home/exit-process.ts';
import { KeywardError } from '../shared/errors.ts';
import type { Console } from './console.ts';

/** What is under way has this long to clean up, in milliseconds: a disk that hangs must not keep a command. */
const PATIENCE = 10_000;

/**
 * The first Ctrl-C (or a signal to end) cancels what is under way, so that it can clean up; the second, or ten seconds,
 * ends the process at once whatever it waits for. What is left then, the next unlock removes.
 */
export function cancelOnSignals(console: Console): void {
  let asked = false;
  const onSignal = () => {
    if (asked) exitProcess(1, true);
    asked = true;
    if (console.canAsk) console.note('Cancelling. Press Ctrl-C again to stop at once.');
    console.cancel();
    setTimeout(() => exitProcess(1, true), PATIENCE).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}

/** Ends the command when its output can't be written; see `outputTrouble`. */
export function watchOutput(console: Console): void {
  console.around.stdout.on('error', (error) => console.outputBroke(outputTrouble(error)));
  console.around.stderr.on('error', () => undefined);
}

/** A reader that closed its end of the pipe (`| head`) is no error to talk about; a full disk is. */
export function outputTrouble(error: NodeJS.ErrnoException): KeywardError | undefined {
  if (error instanceof KeywardError) return error;
  if (error.code === 'EPIPE') return undefined;
  return streamError(error, 'write', 'the output');
}
