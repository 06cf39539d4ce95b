import type { ReadTx } from './transaction.ts';
import { treeKey } from './tree/row-key.ts';

/** A row of `records` as it is stored. */
export type RecordRow = { room: string; id: string; body: Buffer; mac: Buffer };

/** Strings with their lengths (u32) before them, so that no two lists give the same bytes. */
export function framed(...parts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) {
    const length = bytes.write(part, at + 4);
    bytes.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return bytes;
}

/** The key of a record within the tree. */
export function recordKey(room: string, id: string): string {
  return treeKey(room, id);
}

/** All records with `from <= key < to` as they are stored, sorted by key. Nothing is checked. */
export function rowsBetween(tx: ReadTx, from: string, to: string | undefined): Iterable<RecordRow> {
  const sql = 'SELECT room, id, body, mac FROM records WHERE (room, id) >= (?, ?)';
  return to === undefined
    ? tx.each<RecordRow>(`${sql} ORDER BY room, id`, ...namesOf(from))
    : tx.each<RecordRow>(
        `${sql} AND (room, id) < (?, ?) ORDER BY room, id`,
        ...namesOf(from),
        ...namesOf(to),
      );
}

/** Room and id behind a key of the tree. */
export function namesOf(key: string): [room: string, id: string] {
  const text = Buffer.from(key, 'latin1').toString();
  const end = text.indexOf('\0');
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
}
