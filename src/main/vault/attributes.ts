import { KeywardError } from '../../shared/errors.ts';
import { type ExtendedMetadata, extendedMetadataOf } from '../disk/extended-metadata.ts';
import type { FileFacts, OpenFile } from '../disk/file.ts';
import type { FileMetadata } from '../envelope/metadata.ts';
import { givenPermissions, keptPermissions } from './permissions.ts';

/** Times that the format has room for, in nanoseconds since 1970: the years 1677 to 2262. */
const FIRST = -(2n ** 63n);
const LAST = 2n ** 63n - 1n;

/** The group that new files of this process have, but where their folder gives them its own. */
function ownGroup(): number {
  return process.getegid?.() ?? 0;
}

/** What of a file's name and attributes is sealed, and what is worth telling of the rest. */
export async function attributesToSeal(
  file: OpenFile,
  name: string,
  facts: FileFacts,
): Promise<{ metadata: FileMetadata; notes: string[] }> {
  const { mode, notes } = keptPermissions(
    facts.mode,
    await extendedMetadataOf(file),
    facts.group === ownGroup(),
  );
  const fits = (time: bigint) => time >= FIRST && time <= LAST;
  const late = fits(facts.modified)
    ? []
    : [`Its time of modification, ${timeText(facts.modified)}, is not kept: the format knows 1677 to 2262.`];
  const metadata = {
    name,
    mode,
    ...(fits(facts.modified) ? { modified: facts.modified } : {}),
    // Some disks don't know when a file was made, and say 1970.
    ...(facts.born !== 0n && fits(facts.born) ? { born: facts.born } : {}),
  };
  return { metadata, notes: [...notes, ...late] };
}

/** Gives a file that will be `target` its time of modification; what can't be is worth a note, not a failure. */
export function restoreTime(file: OpenFile, target: string, { modified }: FileMetadata): Promise<string[]> {
  return noting(`${target} is whole, but its time could not be restored.`, async () => {
    if (modified === undefined) return [];
    const now = await file.setModified(modified);
    if (now === modified) return [];
    return [
      `Its time of modification was ${timeText(modified)} and is ${timeText(now)}: this disk can't keep it exactly.`,
    ];
  });
}

/**
 * Gives a file its sealed permissions when it stands at `target`: until then it is nobody else's to read. `umask`: 0 for a
 * file that this vault has made itself.
 */
export function restoreMode(
  file: OpenFile,
  target: string,
  { mode }: FileMetadata,
  umask: number,
): Promise<string[]> {
  return noting(`${target} is whole, but its permissions could not be restored.`, async () => {
    if (mode === undefined) return [];
    const { group } = await file.stat();
    return give(file, mode, group === ownGroup(), umask);
  });
}

/** Gives a file that takes the place of another one its owner, if that may be, and its permissions. */
export function takeOver(
  file: OpenFile,
  target: string,
  before: FileFacts,
  extras: ExtendedMetadata,
): Promise<string[]> {
  return noting(`${target} is whole, but its permissions could not be restored.`, async () => {
    const made = await file.stat();
    if (made.owner !== before.owner || made.group !== before.group) {
      await file.setOwner(before.owner, before.group).catch(() => undefined);
    }
    const sameGroup = (await file.stat()).group === before.group;
    const { mode, notes } = keptPermissions(before.mode, extras, sameGroup);
    return [...notes, ...(await give(file, mode, true, 0))];
  });
}

/** Sets permissions and looks at what came of them. */
async function give(file: OpenFile, kept: number, sameGroup: boolean, umask: number): Promise<string[]> {
  // A list has no effect as long as the group, whose bits are its mask, may do nothing.
  const acl = (kept & 0o070) !== 0 && (await extendedMetadataOf(file)).acl !== false;
  const mode = givenPermissions(kept, { acl, sameGroup, umask });
  await file.setMode(mode);
  const now = (await file.stat()).mode & 0o777;
  return [
    ...(acl
      ? ["Its folder gives new files an access control list, so its group's permissions were left out."]
      : []),
    ...((now & ~mode & 0o077) === 0
      ? []
      : ['This disk keeps no permissions: whoever may use the disk can open the file.']),
  ];
}

async function noting(note: string, act: () => Promise<string[]>): Promise<string[]> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof KeywardError)) throw error;
    return [note];
  }
}

/** A time in nanoseconds since 1970 for people, to the nanosecond where it has any. */
export function timeText(nanoseconds: bigint): string {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = (nanoseconds - rest) / 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds} seconds after 1970`;
  const text = date.toISOString().slice(0, -5);
  return rest === 0n ? `${text}Z` : `${text}.${String(rest).padStart(9, '0')}Z`;
}
