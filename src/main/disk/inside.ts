import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { exists } from './exists.ts';
import type { FileFacts } from './file.ts';
import { factsAt, realPath } from './tree.ts';

/**
 * Whether a path is a folder or lies in it, by any name of it: a link, another spelling on a disk that folds names, a
 * place where it is mounted a second time. Neither need exist: then the names count, as far as nothing stands there.
 * Throws the disk errors.
 */
export async function isInside(path: string, folder: string): Promise<boolean> {
  const [real, realFolder] = [await realSoFar(path), await realSoFar(folder)];
  const way = relative(realFolder, real);
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return true;
  const there = await factsAt(realFolder, true);
  if (there === undefined) return false;
  for (let at = real; ; at = dirname(at)) {
    if (isSame(await factsAt(at, true), there)) return true;
    if (at === dirname(at)) return false;
  }
}

/** Whether two paths stand for one folder, as `isInside` tells. Throws the disk errors. */
export async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [a, b] = [await factsAt(one, true), await factsAt(other, true)];
  return isSame(a, b) || (await realSoFar(one)) === (await realSoFar(other));
}

function isSame(one: FileFacts | undefined, other: FileFacts | undefined): boolean {
  return one !== undefined && one.device === other?.device && one.inode === other.inode;
}

/** The real path of what exists of `path`, the rest as named. */
async function realSoFar(path: string): Promise<string> {
  if (exists(path)) return realPath(path);
  const above = dirname(path);
  return above === path ? path : join(await realSoFar(above), basename(path));
}
