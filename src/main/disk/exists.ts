import { existsSync } from 'node:fs';

/** Whether anything stands at `path`, links not followed out of sight: a dangling link counts as nothing. */
export function exists(path: string): boolean {
  return existsSync(path);
}
