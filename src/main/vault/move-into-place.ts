import { fail, isKeywardError, KeywardError } from '../../shared/errors.ts';
import { discardFile } from '../disk/discard.ts';
import { isErrno } from '../disk/errors.ts';
import { openFile } from '../disk/file.ts';
import { factsAt, linkFile, renameFile, unlinkFile } from '../disk/tree.ts';

/** What disks answer that have no hard links, or sandboxes that allow none. */
const NO_LINKS = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EMLINK', 'EXDEV'];

/**
 * Gives the file at `partial` the name `target` if nobody has it, by any spelling that the disk takes for the same:
 * the disk decides, at the moment the name is made. By `link` and `unlink`; where there are no links the name is
 * taken by an empty file, which `rename` replaces, and `claiming` is run before that stands. False if the
 * partial's name still stands beside the new one. Throws `TargetExists` and the disk errors.
 */
export async function moveIntoPlace(
  partial: string,
  target: string,
  claiming: () => Promise<void>,
): Promise<boolean> {
  try {
    await linkFile(partial, target);
  } catch (error) {
    const cause = error instanceof KeywardError ? error.cause : undefined;
    if (isErrno(cause, ...NO_LINKS)) {
      await claimAndRename(partial, target, claiming);
      return true;
    }
    throw isKeywardError(error, 'TargetExists') ? targetExists(target) : error;
  }
  return unlinkFile(partial).then(
    () => true,
    () => false,
  );
}

async function claimAndRename(partial: string, target: string, claiming: () => Promise<void>): Promise<void> {
  await claiming();
  const claim = await openFile(target, 'create').catch((error: unknown) => {
    throw isKeywardError(error, 'TargetExists') ? targetExists(target) : error;
  });
  try {
    await renameFile(partial, target);
  } catch (error) {
    await discardFile(claim);
    throw error;
  } finally {
    await claim.release();
  }
}

/** Throws unless a file may be made at `target`. */
export async function checkTarget(target: string, overwrite: boolean): Promise<void> {
  const there = await factsAt(target, false);
  if (there === undefined) return;
  if (there.kind === 'folder' || there.kind === 'other') {
    throw fail(there.kind === 'folder' ? 'target-is-folder' : 'target-is-no-file', { path: target });
  }
  if (!overwrite) throw targetExists(target);
}

function targetExists(target: string): KeywardError {
  return fail('target-exists', { path: target });
}
