import { readFileSync, statSync } from 'node:fs';

/**
 * The process that has a lock for writing on the file at `path`, by the kernel's own list (proc_locks(5));
 * `undefined` if none has, or where the system has no such list.
 */
export function lockHolder(path: string): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const { ino } = statSync(path, { bigint: true });
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      // A request that waits has an arrow in front of its kind.
      const [, pid, inode] = /^\d+: POSIX +\S+ +WRITE +(\d+) +[0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line) ?? [];
      if (inode === String(ino)) return Number(pid);
    }
  } catch {
    // No such file, or no such list.
  }
  return undefined;
}
