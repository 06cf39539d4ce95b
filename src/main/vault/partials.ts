import { uptime } from 'node:os';
import { basename, dirname } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { discardFileAt } from '../disk/discard.ts';
import type { FileFacts } from '../disk/file.ts';
import { factsAt, syncFolder, unlinkFile } from '../disk/tree.ts';
import { isInMemory, volumeAt } from '../disk/volume.ts';
import type { Store } from '../store/database.ts';
import type { Partial, Partials } from '../store/partials.ts';
import { isPartialName } from './file-names.ts';

/** What became of the partials on record: the paths removed, what may still stand, the paths not believed. */
type Sweep = {
  readonly removed: readonly string[];
  readonly kept: readonly Partial[];
  readonly refused: readonly string[];
};

/**
 * Empties and removes the partials that a dead owner left, and only those: the row must be Keyward's own, and what
 * stands at the recorded path must be the recorded file. A record lives until its file is known to be gone: as long as
 * its folder is not there, or is another one than it was, as an empty mount point is, it stays on record. A row that
 * is not Keyward's is forgotten, and nothing is done for it (pitfall 55). The caller has just unlocked the vault, so
 * none of them is still in use.
 */
export async function sweepPartials(store: Store, partials: Partials, clock: Clock): Promise<Sweep> {
  const removed: string[] = [];
  const kept: Partial[] = [];
  const settled: number[] = [];
  const { ours, refused } = await partials.trusted(store, clock.now());
  for (const partial of ours) {
    // Not removable now: it stays on record, and the next unlock tries again.
    const state = await lookAfter(partial).catch(() => 'kept' as const);
    if (state === 'kept') kept.push(partial);
    else settled.push(partial.id);
    if (state === 'removed') removed.push(partial.path);
  }
  try {
    if (settled.length > 0) store.write((tx) => partials.remove(tx, settled));
  } catch (error) {
    // Their files are gone, which the next unlock finds too.
    if (!isKeywardError(error, 'DiskFull', 'DiskReadOnly', 'IoFailed')) throw error;
  }
  return { removed, kept, refused: refused.map(({ path }) => path) };
}

/** Empties and removes one if it is there; whether it was, is known to be gone, or may still stand. Throws the disk errors. */
export async function lookAfter(partial: Partial): Promise<'removed' | 'gone' | 'kept'> {
  const facts = await factsAt(partial.path, false);
  if (facts !== undefined && isThePartial(partial, facts)) {
    await removeClaim(partial.claims);
    return (await discardFileAt(partial.path, facts)) ? 'removed' : 'kept';
  }
  return (await isKnownGone(partial)) ? 'gone' : 'kept';
}

/**
 * One that was not identified yet was never given a byte. Where disks know no time of birth, or number their devices and
 * files anew each time they are mounted, its name tells, which no other file has.
 */
function isThePartial({ path, inode, born, device }: Partial, facts: FileFacts): boolean {
  if (facts.kind !== 'file') return false;
  const named = isPartialName(basename(path));
  if (inode === undefined) return facts.size === 0 && (named || facts.mode === 0o600);
  if (born !== 0n) return facts.inode === inode && facts.born === born;
  return named || (facts.inode === inode && facts.device === device);
}

/**
 * Whether a partial that is not at its place is nowhere else: its folder is the one that it was made in, by number
 * and time of birth, for the numbers of devices change. Where folders have no time of birth, the volume tells.
 */
async function isKnownGone({ path, folder, device, created }: Partial): Promise<boolean> {
  const now = await factsAt(dirname(path), true);
  if (folder === undefined) return now !== undefined && (device === undefined || now.device === device);
  if (isInMemory(folder.volume) && created < Date.now() - uptime() * 1000) return true;
  if (now === undefined) return false;
  if (folder.born !== 0n) return now.inode === folder.inode && now.born === folder.born;
  return now.born === 0n && (await volumeAt(dirname(path))) === folder.volume;
}

/**
 * The final name goes to the partial in one step with its own going away. So as long as the partial has its own, an
 * empty file of the final name is the one that held it.
 */
async function removeClaim(target: string | undefined): Promise<void> {
  if (target === undefined) return;
  const facts = await factsAt(target, false);
  if (facts?.kind !== 'file' || facts.size !== 0) return;
  await unlinkFile(target);
  await syncFolder(dirname(target));
}
