import type { Tx } from '../store/transaction.ts';

/** The room of what the records say of each protector. */
export const PROTECTORS_ROOM = 'protectors';

/** Takes a protector away, one too that only the records, or only the table, know. */
export function removeProtector(
  tx: Tx,
  records: { remove(tx: Tx, room: string, id: string): boolean },
  id: string,
): void {
  tx.run('DELETE FROM protectors WHERE id = ?', id);
  records.remove(tx, PROTECTORS_ROOM, id);
}
