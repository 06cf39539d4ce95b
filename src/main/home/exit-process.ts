import { isWaiting } from '../disk/abortable.ts';
import { exitProcess as leave } from '../unlock/exit-process.ts';

/**
 * Ends the process with this exit code, at once even while a keychain call or a read that may never end hangs, or where
 * `now` says so whatever hangs. Output must have been written before.
 */
export function exitProcess(code: number, now = false): never {
  leave(code, now || isWaiting());
}
