import { dirname, join } from 'node:path';
import { fail, isKeywardError } from '../../shared/errors.ts';
import { randomBytes } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { openFile } from '../disk/file.ts';
import { listFolder, renameFile, syncFolder, unlinkFile } from '../disk/tree.ts';

/** What a backup's files are called while they are not whole. */
const UNFINISHED = /^(.+)\.(age|json)\.[0-9a-f]{16}\.unfinished$/;

/** The two files of a backup, as bytes. */
type BackupPair = { readonly age: Buffer; readonly manifest: Buffer };

/**
 * Writes a backup into `folder` under a name that nothing there has: both files under random names first, flushed, then
 * renamed, each with the folder flushed; the manifest last, so that a backup with a manifest is whole. Then both are read
 * back and compared. Whenever it ends before, the backups that were there are as they were. Throws the disk errors,
 * `IoFailed` if what is read back differs, and what `signal` was aborted with.
 */
export async function writeBackup(
  folder: string,
  name: string,
  { age, manifest }: BackupPair,
  signal: AbortSignal,
): Promise<void> {
  const target = join(folder, name);
  const [ageMaking, manifestMaking] = [unfinishedName(`${target}.age`), unfinishedName(`${target}.json`)];
  let isOutside = false;
  try {
    await putFile(ageMaking, age, signal);
    await putFile(manifestMaking, manifest, signal);
    await syncFolder(folder);
    signal.throwIfAborted();
    await renameFile(ageMaking, `${target}.age`);
    isOutside = true;
    await syncFolder(folder);
    await renameFile(manifestMaking, `${target}.json`);
    isOutside = false;
  } catch (error) {
    await unlinkFile(ageMaking).catch(() => undefined);
    // The manifest's file stays as long as the age file does: by it the next backup knows that this one is none.
    const isGone = !isOutside || (await unlinkFile(`${target}.age`).catch(() => undefined)) !== undefined;
    if (isGone) await unlinkFile(manifestMaking).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
  await requireSame(`${target}.age`, age);
  await requireSame(`${target}.json`, manifest);
}

/** Removes a backup, by the path of its age file: first it is none any more, then its files go. Throws the disk errors. */
export async function removeBackup(path: string): Promise<void> {
  const manifest = path.replace(/\.age$/, '.json');
  const going = unfinishedName(manifest);
  await renameFile(manifest, going);
  await syncFolder(dirname(path));
  await unlinkFile(path);
  await unlinkFile(going);
}

/**
 * Removes what a crash left unfinished of backups whose names begin with `prefix`, which nobody else has: files under
 * their random names, and an age file whose manifest has one. An age file without any manifest stays: it was a backup, and
 * may be all that is left of a key.
 */
export async function removeUnfinished(folder: string, prefix: string): Promise<void> {
  const own = (await listFolder(folder)).filter(
    ({ name, kind }) => kind === 'file' && name.startsWith(prefix),
  );
  const names = new Set(own.map(({ name }) => name));
  for (const name of names) {
    const [unfinished, stem = '', ending] = UNFINISHED.exec(name) ?? [];
    if (unfinished === undefined) continue;
    const isNone = ending === 'json' && !names.has(`${stem}.json`) && names.has(`${stem}.age`);
    if (isNone) await unlinkFile(join(folder, `${stem}.age`));
    await unlinkFile(join(folder, name));
  }
}

/** A whole file of at most `most` bytes. Throws `BackupDamaged` for a longer one, and the disk errors. */
export async function readBackupFile(path: string, most: number): Promise<Buffer> {
  const file = await openFile(path, 'read');
  try {
    const { size } = await file.stat();
    if (size > most) {
      throw fail('backup-part-too-long', { path });
    }
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.release();
  }
}

function unfinishedName(path: string): string {
  return `${path}.${randomBytes(8).toString('hex')}.unfinished`;
}

async function putFile(path: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const file = await openFile(path, 'create');
  try {
    await file.write(bytes, 0);
    await file.sync();
    await file.close();
  } catch (error) {
    await file.release();
    throw error;
  }
}

async function requireSame(path: string, bytes: Buffer): Promise<void> {
  let isSame = false;
  try {
    isSame = sha256(await readBackupFile(path, bytes.length)).equals(sha256(bytes));
  } catch (error) {
    if (!isKeywardError(error, 'BackupDamaged')) throw error;
  }
  if (isSame) return;
  throw fail('backup-reads-back-differently', { path });
}
