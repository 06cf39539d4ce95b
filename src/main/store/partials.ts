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
  readonly messageId?: Buffer;
  readonly created: number;
};

type Row = {
  id: number;
  path: string;
  device: string | null;
  inode: string | null;
  born: string | null;
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
 * Records which file the partial is, once it has been made and before it has any content. The time of birth
 * belongs to it: disks give the inode of a removed file to the next one that is made.
 */
export function identifyPartial(
  tx: Tx,
  id: number,
  file: { readonly device: bigint; readonly inode: bigint; readonly born: bigint },
): void {
  tx.run(
    'UPDATE partials SET device = ?, inode = ?, born = ? WHERE id = ?',
    String(file.device),
    String(file.inode),
    String(file.born),
    id,
  );
}

/** Forgets partials that were renamed into place or removed. */
export function removePartials(tx: Tx, ids: readonly number[]): void {
  for (const id of ids) tx.run('DELETE FROM partials WHERE id = ?', id);
}

/** The partials on record, oldest first. */
export function listPartials(tx: ReadTx): Partial[] {
  return tx
    .all<Row>('SELECT id, path, device, inode, born, message_id, created FROM partials ORDER BY id')
    .map((row) => ({
      id: row.id,
      path: row.path,
      created: row.created,
      ...(row.device !== null && row.inode !== null && row.born !== null
        ? { device: BigInt(row.device), inode: BigInt(row.inode), born: BigInt(row.born) }
        : {}),
      ...(row.message_id !== null ? { messageId: row.message_id } : {}),
    }));
}
