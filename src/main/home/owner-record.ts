import { join } from 'node:path';
import { lockHolder } from '../disk/lock-holder.ts';
import { readIfThere, replaceFile, unlinkFile } from '../disk/tree.ts';
import { LOCK_NAME, socketAddress } from './paths.ts';

const NAME = 'owner-record';

/** Writes down who the owner of `home` is and where it listens; the caller, which is this process, has the claim. */
export async function recordOwner(home: string): Promise<void> {
  await replaceFile(join(home, 'run', NAME), `${process.pid}\n${socketAddress(home)}`);
}

/** Forgets who the owner was. */
export async function forgetOwner(home: string): Promise<void> {
  await unlinkFile(join(home, 'run', NAME)).catch(() => undefined);
}

/**
 * Where the owner of `home` listens, if there is one: as it wrote down itself, since for a home with a long path that
 * depends on its `TMPDIR` and on how it was given the path; else where one would be that is started here.
 */
export function ownerAddress(home: string): string {
  const { address } = recorded(home);
  return process.platform !== 'win32' && address.startsWith('/') ? address : socketAddress(home);
}

/**
 * The process that holds the claim on `home`, whether it can be reached or not; `undefined` where none is known. By the
 * kernel's word; where that is silent, the process that wrote itself down when it had the claim, if it still runs: then
 * ask `isClaimed` too, unless the claim was tried for and refused.
 */
export function claimHolder(home: string): number | undefined {
  const holder = lockHolder(join(home, 'run', LOCK_NAME));
  if (holder === 'nobody') return undefined;
  if (holder !== 'untold') return holder;
  const { pid } = recorded(home);
  return pid !== undefined && isRunning(pid) ? pid : undefined;
}

/** Whether a process has the claim on `home`. It may take it for a moment to find out. Throws what SQLite says. */
export async function isClaimed(home: string): Promise<boolean> {
  const { takeFileLock } = await import('../store/file-lock.ts');
  const lock = takeFileLock(join(home, 'run', LOCK_NAME));
  lock?.release();
  return lock === undefined;
}

function recorded(home: string): { readonly pid: number | undefined; readonly address: string } {
  const [, pid, address = ''] = /^([1-9]\d*)\n(.*)$/s.exec(readIfThere(join(home, 'run', NAME)) ?? '') ?? [];
  return { pid: pid === undefined ? undefined : Number(pid), address };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
