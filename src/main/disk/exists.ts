import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Whether anything stands at `path`, links not followed out of sight: a dangling link counts as nothing. */
export function exists(path: string): boolean {
  return existsSync(path);
}

/** What stands beside `path` under a name that begins with its own, sorted; none where that can't be listed. */
export function namedAfter(path: string): string[] {
  const [folder, name] = [dirname(path), basename(path)];
  try {
    return readdirSync(folder)
      .filter((each) => each.startsWith(name))
      .sort()
      .map((each) => join(folder, each));
  } catch {
    return [];
  }
}
