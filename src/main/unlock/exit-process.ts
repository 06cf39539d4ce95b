import { isKeychainBusy } from './system-keychain.ts';

/**
 * Ends the process with this exit code, at once even while a keychain call hangs, or where `now` says so
 * whatever hangs. Node waits for its threads when it exits, and such a call may keep one for ever, the
 * root key with it; a process replaced by another has none. Output must have been written before. On Windows it is
 * `process.exit`.
 */
export function exitProcess(code: number, now = false): never {
  if ((now || isKeychainBusy()) && process.platform !== 'win32') {
    try {
      // Node does so itself when it exits.
      if (process.stdin.isTTY === true && process.stdin.isRaw) process.stdin.setRawMode(false);
      process.execve?.('/bin/sh', ['sh', '-c', `exit ${Math.trunc(code)}`], {});
    } catch {
      // No shell here: then it takes as long as it takes.
    }
  }
  process.exit(code);
}
