import { readFileSync } from 'node:fs';

/**
 * How many files this process may have open at the same time, by Linux's word; `undefined` where it does not say.
 * Other systems have limits that Node lifts out of the way.
 */
export function openFileLimit(): number | undefined {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return most === undefined ? undefined : Number(most);
  } catch {
    return undefined;
  }
}
