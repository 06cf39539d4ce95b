import { isWaiting } from '../disk/waits.ts';
import { leaveProcess as leave } from '../unlock/leave.ts';

/**
 * Ends the process with this exit code, at once even while a keychain call or a read that may never end hangs, or where
 * `now` says so whatever hangs. Output must have been written before.
 */
export function leaveProcess(code: number, now = false): never {
  leave(code, now || isWaiting());
}
