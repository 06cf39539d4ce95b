import { dirname, join } from 'node:path';
import { fail, isKeywardError } from '../../shared/errors.ts';
import { randomBytes } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { openFile } from '../disk/file.ts';
import { listFolder, renameFile, syncFolder, unlinkFile } from '../disk/tree.ts';

/** What a backup's files are called while they are not whole. */
const UNFINISHED = /\.(?:age|json)\.[0-9a-f]{16}\.unfinished$/;

/** The two files of a backup, as bytes. */
type BackupPair = { readonly age: Buffer; readonly manifest: Buffer };

/**
 * Writes a backup into `folder` under a name that nothing there has: each file under a random name first, flushed,
 * renamed, the folder flushed; the manifest last, so that a backup with a manifest is whole. Then both are read back and
 * compared. Whenever it ends before, the backups that were there are as they were. Throws the disk errors, `IoFailed` if
 * what is read back differs, and what `signal` was aborted with.
 */
export async function writeBackup(
  folder: string,
  name: string,
  { age, manifest }: BackupPair,
  signal: AbortSignal,
): Promise<void> {
  const target = join(folder, name);
  await putFile(`${target}.age`, age, signal);
  await putFile(`${target}.json`, manifest, signal);
  await requireSame(`${target}.age`, age);
  await requireSame(`${target}.json`, manifest);
}

/**
 * Removes what a crash left unfinished of backups whose names begin with `prefix`, which nobody else has: files under
 * their random names, and an age file whose manifest was not written any more.
 */
export async function removeUnfinished(folder: string, prefix: string): Promise<void> {
  const own = (await listFolder(folder)).filter(
    ({ name, kind }) => kind === 'file' && name.startsWith(prefix),
  );
  const names = new Set(own.map(({ name }) => name));
  for (const name of names) {
    const isAlone = name.endsWith('.age') && !names.has(name.replace(/\.age$/, '.json'));
    if (isAlone || UNFINISHED.test(name)) await unlinkFile(join(folder, name));
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

async function putFile(path: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const making = `${path}.${randomBytes(8).toString('hex')}.unfinished`;
  const file = await openFile(making, 'create');
  try {
    await file.write(bytes, 0);
    await file.sync();
    await file.close();
    signal.throwIfAborted();
    await renameFile(making, path);
  } catch (error) {
    await file.release();
    await unlinkFile(making).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
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
