import { lstat, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { KeywardError } from '../../shared/errors.ts';
import { isErrno } from './errors.ts';

/** What Windows and the file systems that it shares with others allow in no name. */
const RESERVED = /[\\:*?"<>|\p{Cc}]/u;

/**
 * The error for a name that could not be made, if the disk can't have it: in a folder that is there, the system then
 * says that there is no such file, or that the name is not valid. `undefined` for every other cause.
 */
export async function refusedName(error: unknown, path: string): Promise<KeywardError | undefined> {
  if (!isErrno(error, 'ENOENT', 'EINVAL', 'EILSEQ')) return undefined;
  const folder = await stat(dirname(path)).catch(() => undefined);
  const there = await lstat(path).catch(() => undefined);
  if (folder?.isDirectory() !== true || there !== undefined) return undefined;
  const [character] = RESERVED.exec(basename(path)) ?? [];
  const what = character === undefined ? 'such a name' : `a name with ${JSON.stringify(character)}`;
  return new KeywardError(
    'NameNotAllowed',
    `Could not make ${path}: this disk can't have ${what}. Choose another name or disk with --out.`,
    { path, ...(character === undefined ? {} : { character }) },
    error,
  );
}
