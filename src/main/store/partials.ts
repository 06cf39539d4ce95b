import type { Clock } from '../../shared/clock.ts';
import type { ReadTx, Tx } from './database.ts';

/**
 * One unfinished output that stands on the disk: where, which file exactly (as soon as it has been made), for
 * which message id, recorded when (ms since 1970).
 */
export type Partial = {
  readonly id: number;
  readonly path: string;
  readonly device?: bigint;
  readonly inode?: bigint;
  /** When the file was made, in ns since 1970; 0 where the disk does not know. */
  readonly born?: bigint;
  /** The folder that it was made in, and on which volume: how large it is, of which type. */
  readonly folder?: FolderId;
  /** The final name that is being taken by an empty file, on a disk without hard links. */
  readonly claims?: string;
  readonly messageId?: Buffer;
  readonly created: number;
};

/** Which file or folder: its device and inode, and when it was made, in ns since 1970, 0 where the disk does not know. */
export type FileId = { readonly device: bigint; readonly inode: bigint; readonly born: bigint };

/** Which folder, with what can be said of its volume as text to be compared. */
export type FolderId = FileId & { readonly volume: string };

type Row = {
  id: number;
  path: string;
  device: string | null;
  inode: string | null;
  born: string | null;
  folder: string | null;
  claims: string | null;
  message_id: Buffer | null;
  created: number;
};

/**
 * Records a partial before its first byte (docs/format.md 12); gives its id. In clear on purpose: the next start
 * of any face removes it without unlocking, and the name stands on the disk anyway.
 */
export function addPartial(tx: Tx, clock: Clock, path: string, messageId?: Uint8Array): number {
  return tx.run(
    'INSERT INTO partials (path, message_id, created) VALUES (?, ?, ?)',
    path,
    messageId ?? null,
    clock.now(),
  ).lastId;
}

/**
 * Records which file the partial is, and in which folder, once it has been made and before it has any content. The
 * time of birth belongs to it: disks give the inode of a removed file to the next one that is made. The folder's
 * identity tells later whether the disk that stands there is the same one.
 */
export function identifyPartial(tx: Tx, id: number, file: FileId, folder?: FolderId): void {
  tx.run(
    'UPDATE partials SET device = ?, inode = ?, born = ?, folder = ? WHERE id = ?',
    String(file.device),
    String(file.inode),
    String(file.born),
    folder === undefined ? null : [folder.device, folder.inode, folder.born, folder.volume].join(':'),
    id,
  );
}

/** Records that the final name of a partial is about to be taken by an empty file. */
export function claimForPartial(tx: Tx, id: number, target: string): void {
  tx.run('UPDATE partials SET claims = ? WHERE id = ?', target, id);
}

/** Forgets partials that were renamed into place or removed. */
export function removePartials(tx: Tx, ids: readonly number[]): void {
  for (const id of ids) tx.run('DELETE FROM partials WHERE id = ?', id);
}

/** The partials on record, oldest first. */
export function listPartials(tx: ReadTx): Partial[] {
  return tx
    .all<Row>(
      'SELECT id, path, device, inode, born, folder, claims, message_id, created FROM partials ORDER BY id',
    )
    .map((row) => ({
      id: row.id,
      path: row.path,
      created: row.created,
      ...(row.device !== null && row.inode !== null && row.born !== null
        ? { device: BigInt(row.device), inode: BigInt(row.inode), born: BigInt(row.born) }
        : {}),
      ...(row.folder !== null ? { folder: folderOf(row.folder) } : {}),
      ...(row.claims !== null ? { claims: row.claims } : {}),
      ...(row.message_id !== null ? { messageId: row.message_id } : {}),
    }));
}

function folderOf(text: string): FolderId {
  const [device = '', inode = '', born = '', volume = ''] = text.split(':');
  return { device: BigInt(device), inode: BigInt(inode), born: BigInt(born), volume };
}
