import { lstat, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fail, type KeywardError } from '../../shared/errors.ts';
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
  const details = { path, ...(character === undefined ? {} : { character }) };
  return character === undefined
    ? fail('name-not-allowed', { path }, details, error)
    : fail('character-not-allowed', { path, character: JSON.stringify(character) }, details, error);
}
