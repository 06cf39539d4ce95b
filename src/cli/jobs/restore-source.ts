import { join } from 'node:path';
import { factsAt, listFolder } from '../../main/disk/tree.ts';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { countText } from '../../shared/measures.ts';
import type { Console } from '../console.ts';
import { momentText } from '../text/columns.ts';
import { keysOf } from './keys-of-file.ts';
import type { BackupRestoreOptions, RestoreSource } from './options.ts';

/** How many encrypted files of a folder are looked at. */
const MAX_FILES = 200;

/**
 * Finds out what a restore is made from. Given encrypted files in place of a backup, it is the backup in the folders of
 * `--in` that opens most of them. Throws `Usage` where no such folder is named, `BackupNotFound` where none opens any.
 */
export async function restoreSource(
  console: Console,
  given: string,
  options: Pick<BackupRestoreOptions, 'keyOf' | 'in'>,
): Promise<RestoreSource> {
  const from = console.absolute(given);
  const also = (options.in ?? []).map((folder) => console.absolute(folder));
  if (options.keyOf !== undefined) return { from, keys: await keysOf(console, options.keyOf), also };
  const keys = await keysOfFiles(console, given);
  if (keys.length === 0) return { from, also };
  if (also.length === 0) throw foldersMissing(from);
  const { backupHolding } = await import('../../main/api/without-session.ts');
  const best = await backupHolding(keys, also);
  if (best === undefined) throw noneHolds(from);
  const share = keys.length === 1 ? '' : `, and ${best.keys.length} of the ${countText(keys.length, 'key')}`;
  console.note(
    `${console.path(from)} opens with the backup ${console.path(best.path)} of ${momentText(best.created)}${share}.`,
  );
  return { from: best.path, also };
}

/** The keys of an encrypted file, or of those in a folder without backups; none for what is a backup. */
async function keysOfFiles(console: Console, given: string): Promise<string[]> {
  const path = console.absolute(given);
  if (/\.(age|json)$/.test(path)) return [];
  const facts = await factsAt(path, true);
  if (facts?.kind === 'file') return keysAt(console, path);
  if (facts?.kind !== 'folder') return [];
  const { listBackups } = await import('../../main/api/without-session.ts');
  if ((await listBackups(path)).length > 0) return [];
  const files = (await listFolder(path)).filter(
    ({ name, kind }) => kind === 'file' && name.endsWith('.keyward'),
  );
  const keys = new Set<string>();
  for (const { name } of files.slice(0, MAX_FILES)) {
    for (const key of await keysAt(console, join(path, name))) keys.add(key);
  }
  return [...keys];
}

async function keysAt(console: Console, path: string): Promise<string[]> {
  try {
    return await keysOf(console, path);
  } catch (error) {
    // What is no encrypted file of a vault's is not what this is about.
    if (isKeywardError(error, 'NotKeywardFile', 'UnsupportedSlot', 'FileTruncated', 'FileDamaged')) return [];
    throw error;
  }
}

function foldersMissing(path: string): KeywardError {
  return fail('restore-of-encrypted-file', { path });
}

function noneHolds(path: string): KeywardError {
  return fail('no-backup-holds-key', { path });
}
