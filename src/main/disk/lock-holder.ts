import { type BigIntStats, readdirSync, readFileSync, statSync } from 'node:fs';
import { isErrno } from './errors.ts';
import { exists } from './exists.ts';

/** A lock for writing in proc_locks(5): process, device and inode. One that is waited for has an arrow before its kind. */
const LINE = /^\d+: POSIX +\S+ +WRITE +(\d+) +([0-9a-f]+:[0-9a-f]+):(\d+) /;

/**
 * The process that has a lock for writing on the file at `path`, by the kernel's own list; `untold` where the system
 * has no such list, or shows none.
 */
export function lockHolder(path: string): number | 'nobody' | 'untold' {
  try {
    const list = process.platform === 'linux' ? readFileSync('/proc/locks', 'utf8') : '';
    if (list === '') return 'untold';
    const file = statSync(path, { bigint: true });
    for (const line of list.split('\n')) {
      const [, pid = '', device = '', inode] = LINE.exec(line) ?? [];
      if (inode === String(file.ino) && holds(Number(pid), device, file)) return Number(pid);
    }
    return 'nobody';
  } catch (error) {
    return isErrno(error, 'ENOENT') && !exists(path) ? 'nobody' : 'untold';
  }
}

/**
 * Whether a process with a lock on a file of this inode has it on this very file: files of other disks have the same
 * inodes, and some disks, as btrfs, are listed under another device than their files tell.
 */
function holds(pid: number, device: string, file: BigIntStats): boolean {
  // Zero stands for a process of another namespace.
  if (pid === 0) return false;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((name) => isSame(`/proc/${pid}/fd/${name}`, file));
  } catch (error) {
    // Another user's: then the device has to do.
    return isErrno(error, 'EACCES', 'EPERM') && device === deviceText(file.dev);
  }
}

function isSame(path: string, file: BigIntStats): boolean {
  const { dev, ino } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {};
  return dev === file.dev && ino === file.ino;
}

/** A device as the list has it: major and minor number of Linux's 64-bit dev_t, in hexadecimal. */
function deviceText(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return [major, minor].map((number) => number.toString(16).padStart(2, '0')).join(':');
}
