import { readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isKeywardError } from '../../shared/errors.ts';
import { type FileFacts, type OpenFile, openFile } from './file.ts';
import { factsAt, syncFolder, unlinkFile } from './tree.ts';

/** Whether facts of two looks are of one file, as long as it exists: its device and inode. */
function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.device === b.device && a.inode === b.inode;
}

/**
 * Throws away a file that is open for writing: it is emptied through its descriptor, whatever its folder is called by
 * now, then closed, and its name is removed. A file with a second name keeps its content: that name is somebody's.
 * True if nothing of it is left; false if the name, or more, may still stand.
 */
export async function discardFile(file: OpenFile): Promise<boolean> {
  try {
    const facts = await file.stat();
    if (facts.links > 1) return await removeName(file.path, facts);
    // A disk that copies on write may be too full to shorten a file, and yet remove it.
    await file.truncate(0).catch((error: unknown) => {
      if (!isKeywardError(error, 'DiskFull')) throw error;
    });
    const path = await currentPath(file);
    await file.release();
    if (await removeName(path, facts)) return true;
    return facts.links === 0;
  } catch {
    return false;
  } finally {
    await file.release();
  }
}

/** The same for a file that is closed: what stands at `path` is thrown away if it is the file of `facts`. */
export async function discardFileAt(path: string, facts: FileFacts): Promise<boolean> {
  const file = await openFile(path, 'update');
  try {
    if (isSameFile(await file.stat(), facts)) return await discardFile(file);
    return false;
  } finally {
    await file.release();
  }
}

async function removeName(path: string, facts: FileFacts): Promise<boolean> {
  const there = await factsAt(path, false);
  if (there === undefined || !isSameFile(there, facts)) return false;
  await unlinkFile(path);
  await syncFolder(dirname(path));
  return true;
}

/** Where an open file stands by now, by Linux's word; elsewhere where it was opened. */
async function currentPath(file: OpenFile): Promise<string> {
  if (process.platform !== 'linux') return file.path;
  return readlink(`/proc/self/fd/${file.descriptor}`).catch(() => file.path);
}
