import type { BackupFolder } from '../../shared/backup-contract.ts';
import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import type { DeviceFacts } from '../backup/device.ts';
import { findBackups } from '../backup/list.ts';
import { newestHeadsAfter, newestOwnHeads } from '../backup/own-heads.ts';
import { factsAt } from '../disk/tree.ts';

const DAY = 86_400_000;
/** After how many days a backup is old. */
const MAX_DAYS = 30;

/** What the vault knows of its copies: its id and device, its log, and where backups are; `at` in ISO 8601. */
type CopiesFacts = {
  readonly home: string;
  readonly vault: string;
  readonly device: DeviceFacts | undefined;
  readonly folders: readonly BackupFolder[];
  readonly last: { readonly at: string; readonly path: string } | undefined;
  readonly now: number;
  /** The hash of an entry of the log, hex; `undefined`: there is none of this number. */
  readonly hashAt: (seq: number) => string | undefined;
};

/** Backups that are old, that are gone, that lie on the vault's own disk, and that know of a later log than the vault. */
export async function copies(facts: CopiesFacts): Promise<Finding[]> {
  const { last, now } = facts;
  const there = facts.folders.filter(({ state }) => state === 'there');
  const found: Finding[] = [];
  if (last !== undefined && now - Date.parse(last.at) > MAX_DAYS * DAY) {
    found.push({
      kind: 'BackupOld',
      ...say('backup-old', { day: last.at.slice(0, 10) }),
    });
  }
  const own = (await factsAt(facts.home, true))?.device;
  const devices = await Promise.all(there.map(async ({ path }) => (await factsAt(path, true))?.device));
  if (
    there.length > 0 &&
    there.length === facts.folders.length &&
    devices.every((device) => device === own)
  ) {
    found.push({
      kind: 'BackupOnSameDisk',
      ...say('backups-on-same-disk'),
    });
  }
  if (await areGone(facts)) {
    found.push({
      kind: 'NoSecondCopy',
      ...say('no-copy-left'),
    });
  }
  for (const { path } of there) if (await knowsMore(path, facts)) found.push(putBack(path));
  return found;
}

/** Whether backups were made, and every place of them can be looked into and has none. */
async function areGone({ last, folders, device }: CopiesFacts): Promise<boolean> {
  if (last === undefined || folders.some(({ state }) => state === 'away')) return false;
  const places = new Set([...folders.map(({ path }) => path), last.path]);
  for (const path of places) {
    // A place that can't be read may be a stick that is away, with its backups.
    const found = await findBackups(path).catch(() => undefined);
    if (found === undefined) return false;
    if (found.some(({ manifest, trouble }) => trouble === undefined && manifest?.device.id === device?.id))
      return false;
  }
  return true;
}

/** Whether the newest backup there of this device, or of one that came after it, is of a log that this one does not go on from. */
async function knowsMore(folder: string, { vault, device, hashAt }: CopiesFacts): Promise<boolean> {
  if (device === undefined) return false;
  const places = { vault, device, folders: [folder] };
  const heads = [...(await newestOwnHeads(places)), ...(await newestHeadsAfter(places))];
  return heads.some(({ head }) => head.seq > 0 && hashAt(head.seq) !== head.hash);
}

function putBack(folder: string): Finding {
  return {
    kind: 'VaultPutBack',
    ...say('newest-backup-of-another-log', { folder }),
  };
}
