import { namedAfter } from '../../disk/exists.ts';

/** Behind the name of a keys file that was ahead of its database; the time follows, in ms since 1970. */
const NEWER = '.newer-';

/** The name under which the keys file at `path`, which is ahead of the database, is kept from now on. */
export function newNameOfNewer(path: string): string {
  return `${path}${NEWER}${Date.now()}`;
}

/** The files that were kept so beside the keys file at `path`, oldest first. */
export function newerKeysFiles(path: string): string[] {
  return namedAfter(`${path}${NEWER}`);
}
