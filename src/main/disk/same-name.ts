import { basename, dirname, resolve, sep } from 'node:path';
import { FolderEntries } from './folder-entries.ts';

/** What some disks leave out of account: default ignorable code points (Unicode 15.0, 5.21). */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * A path, made absolute, as the disks that fold most see it: without case, normalisation, ignorable characters, dots and spaces at
 * the end of a name. Two names that a disk takes for one have the same; that they have does not mean that a disk
 * takes them for one.
 */
export function foldedPath(path: string): string {
  return resolve(path)
    .split(sep)
    .map((name) => fold(name).replace(/[. ]+$/, ''))
    .join(sep);
}

function fold(name: string): string {
  const once = name.normalize('NFKC').replace(IGNORED, '').toUpperCase().toLowerCase();
  return once.normalize('NFKC').toUpperCase().toLowerCase();
}

/**
 * Whether two paths of things that exist are two spellings of one, on a disk that folds names: such a disk finds it
 * by either and lists it under one. It asks the disk only if the paths differ and fold to the same. Inodes don't
 * tell: exFAT by FUSE has one for each spelling. Throws the disk errors.
 */
export async function isSameName(a: string, b: string): Promise<boolean> {
  const [one, other] = [resolve(a), resolve(b)];
  if (one === other) return true;
  if (foldedPath(one) !== foldedPath(other)) return false;
  const [left, right] = [one.split(sep), other.split(sep)];
  if (left.length !== right.length) return false;
  for (let at = 1; at < left.length; at++) {
    const [x = '', y = ''] = [left[at], right[at]];
    if (x === y) continue;
    const folder = left.slice(0, at).join(sep) || sep;
    if ((await listedOf(folder, [x, y])).size === 2) return false;
  }
  return true;
}

/** Whether the disk lists what it finds at `path` under that very name. Throws the disk errors. */
export async function isListed(path: string): Promise<boolean> {
  return (await listedOf(dirname(path), [basename(path)])).size === 1;
}

/** Which of these names a folder lists. */
async function listedOf(folder: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const listed = new Set<string>();
  for (const { name } of await FolderEntries.of(folder)) if (names.includes(name)) listed.add(name);
  return listed;
}
