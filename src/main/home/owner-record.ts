import { join } from 'node:path';
import { lockHolder } from '../disk/lock-holder.ts';
import { readIfThere, replaceFile, unlinkFile } from '../disk/tree.ts';
import { LOCK_NAME, socketAddress } from './paths.ts';

const NAME = 'owner-socket';

/** Writes down where the owner of `home` listens; the caller has the claim. */
export async function recordSocket(home: string): Promise<void> {
  await replaceFile(join(home, 'run', NAME), socketAddress(home));
}

/** Forgets where an owner listened. */
export async function forgetSocket(home: string): Promise<void> {
  await unlinkFile(join(home, 'run', NAME)).catch(() => undefined);
}

/**
 * Where the owner of `home` listens, if there is one: as it wrote down itself, since for a home with a long path that
 * depends on its `TMPDIR` and on how it was given the path; else where one would be that is started here.
 */
export function ownerAddress(home: string): string {
  const said = process.platform === 'win32' ? undefined : readIfThere(join(home, 'run', NAME));
  return said?.startsWith('/') ? said : socketAddress(home);
}

/** The process that holds the claim on `home`, whether it can be reached or not; `undefined` where none is known. */
export function claimHolder(home: string): number | undefined {
  return lockHolder(join(home, 'run', LOCK_NAME));
}
