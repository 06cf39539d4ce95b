import { basename, dirname, join } from 'node:path';
import type { BackupFacts } from '../../shared/backup-contract.ts';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import type { BackupTrouble } from '../../shared/reasons/backup.ts';
import { sha256 } from '../crypto/hash.ts';
import { factsAt, listFolder } from '../disk/tree.ts';
import { MAX_BACKUP_BYTES } from './document.ts';
import { backupName, MAX_MANIFEST_BYTES, type Manifest, parseBackupName, readManifest } from './manifest.ts';
import { readBackupFile } from './write.ts';

/** A backup that was found: its manifest, or what is wrong with it. `path`: of the age file. */
export type FoundBackup =
  | { readonly path: string; readonly manifest: Manifest; readonly trouble?: BackupTrouble }
  | { readonly path: string; readonly manifest?: undefined; readonly trouble: BackupTrouble };

/**
 * The backups in a folder by their manifests, the newest first, then what is no whole backup. Of one device the newest is
 * that of the highest number, whatever its clock said. Nothing is known of what opens. Throws the disk errors of the folder.
 */
export async function findBackups(folder: string): Promise<FoundBackup[]> {
  const names = (await listFolder(folder)).filter(({ kind }) => kind === 'file').map(({ name }) => name);
  const found: FoundBackup[] = [];
  for (const name of names) {
    if (name.endsWith('.json') && parseBackupName(name) !== undefined) {
      const path = join(folder, `${name.slice(0, -5)}.age`);
      found.push(await backupAt(path).catch((error: unknown) => ({ path, trouble: troubleOf(error) })));
    } else if (isAge(name) && !names.includes(`${name.slice(0, -4)}.json`)) {
      found.push({ path: join(folder, name), trouble: NO_MANIFEST });
    }
  }
  return newestFirst(found);
}

/** One backup, by the path of either of its files. */
export async function backupAt(given: string): Promise<FoundBackup> {
  const stem = given.replace(/\.(age|json)$/, '');
  const path = `${stem}.age`;
  let bytes: Buffer;
  try {
    bytes = await readBackupFile(`${stem}.json`, MAX_MANIFEST_BYTES);
  } catch (error) {
    if (isKeywardError(error, 'SourceNotFound')) {
      if ((await factsAt(path, true)) === undefined) throw noBackup(given);
      return { path, trouble: NO_MANIFEST };
    }
    if (isKeywardError(error, 'BackupDamaged')) return { path, trouble: BROKEN_MANIFEST };
    throw error;
  }
  const manifest = readManifest(bytes);
  if (manifest === undefined) return { path, trouble: BROKEN_MANIFEST };
  const named = parseBackupName(`${basename(stem)}.json`);
  // A copy may have any name; one that has a backup's name has its own.
  if (named !== undefined && backupName(manifest) !== basename(stem)) {
    return { path, trouble: 'manifest-of-another' };
  }
  const facts = await factsAt(path, true);
  if (facts === undefined) return { path, manifest, trouble: 'age-missing' };
  if (facts.size === manifest.bytes) return { path, manifest };
  return { path, manifest, trouble: facts.size < manifest.bytes ? 'age-cut' : 'age-longer' };
}

/** Reads the age file of a backup and compares it with the manifest: its bytes, or what is wrong. Throws the disk errors. */
export async function readAge(
  found: FoundBackup,
): Promise<{ readonly bytes: Buffer } | { readonly trouble: BackupTrouble }> {
  if (found.manifest === undefined || found.trouble !== undefined)
    return { trouble: found.trouble ?? BROKEN_MANIFEST };
  const bytes = await readBackupFile(found.path, MAX_BACKUP_BYTES);
  if (sha256(bytes).toString('hex') === found.manifest.sha256) return { bytes };
  return { trouble: 'age-of-another' };
}

/** As `readAge`; one file that the disk does not give back keeps nobody from the others. */
export async function readAgeOrTrouble(found: FoundBackup): ReturnType<typeof readAge> {
  return readAge(found).catch((error: unknown) => ({ trouble: troubleOf(error) }));
}

/** What is told of a backup that was found. */
export function factsOf({ path, manifest, trouble }: FoundBackup): BackupFacts {
  if (manifest === undefined) return { path, state: 'damaged', why: trouble ?? BROKEN_MANIFEST };
  const { vault, device, sequence, created, kind, bytes, keys, head } = manifest;
  return {
    path,
    state: trouble === undefined ? 'whole' : 'damaged',
    ...(trouble === undefined ? {} : { why: trouble }),
    vault,
    device: device.id,
    sequence,
    created,
    kind,
    bytes,
    keys: keys.length,
    auditHead: head,
  };
}

/** The error for a path where there is no backup. */
export function noBackup(path: string): KeywardError {
  return fail('no-backup-there', { path });
}

/** Whether a path names a folder. Throws `BackupNotFound` where there is nothing. */
export async function isFolderOf(path: string): Promise<boolean> {
  const facts = await factsAt(path, true);
  if (facts?.kind === 'folder') return true;
  if (facts !== undefined || (await factsAt(dirname(path), true)) !== undefined) return false;
  throw noBackup(path);
}

const NO_MANIFEST = 'manifest-missing';
const BROKEN_MANIFEST = 'manifest-broken';

function isAge(name: string): boolean {
  return name.endsWith('.age') && parseBackupName(`${name.slice(0, -4)}.json`) !== undefined;
}

/** Throws what is no error of the disk's. */
function troubleOf(error: unknown): BackupTrouble {
  if (!isKeywardError(error)) throw error;
  return 'unreadable';
}

/** Backups of one folder or several, as `findBackups` sorts them. */
export function newestFirst(found: readonly FoundBackup[]): FoundBackup[] {
  const ages = agesOf(found);
  const aged = found.map((one) => ({
    one,
    age: [ages.get(one) ?? '', deviceOf(one), one.manifest?.sequence ?? 0, one.path] as const,
  }));
  return aged.sort(({ age: a }, { age: b }) => order(a, b)).map(({ one }) => one);
}

/** When backups were made, in ISO 8601: none before one that its device had made already, though a clock was set back since. */
function agesOf(found: readonly FoundBackup[]): ReadonlyMap<FoundBackup, string> {
  const rising = [...found].sort((a, b) => (a.manifest?.sequence ?? 0) - (b.manifest?.sequence ?? 0));
  const latest = new Map<string, string>();
  const ages = new Map<FoundBackup, string>();
  for (const one of rising) {
    const [device, created] = [deviceOf(one), one.manifest?.created ?? ''];
    const before = latest.get(device);
    const age = before === undefined || before < created ? created : before;
    latest.set(device, age);
    ages.set(one, age);
  }
  return ages;
}

/** By its key too: what somebody else wrote under its name moves none of its own. */
function deviceOf({ manifest }: FoundBackup): string {
  return manifest === undefined ? '' : `${manifest.vault} ${manifest.device.id} ${manifest.device.publicKey}`;
}

/** The later first, by the first member that differs. */
function order<T extends readonly (string | number)[]>(a: T, b: T): number {
  const at = a.findIndex((one, index) => one !== b[index]);
  return at === -1 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? 1 : -1;
}
