import { KeywardError } from '../../shared/errors.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { hmacSha256By } from '../crypto/hash.ts';
import type { ReadTx } from './transaction.ts';
import { type TreeRow, textOf, treeKey } from './tree/row-key.ts';

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

/** Compares records with what the tree has of them. */
export class RowCheck {
  readonly #mac: (...parts: readonly Uint8Array[]) => Buffer;

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    this.#mac = hmacSha256By(key);
  }

  /** HMAC(row key, 'row' ‖ room ‖ id ‖ body): the row's MAC, and its digest in the tree. */
  macOf({ room, id, body }: Omit<RecordRow, 'mac'>): Buffer {
    return this.#mac(framed('row', room, id), body);
  }

  /** Whether a row's MAC is right: it is one of this vault's, though maybe not the newest of its name. */
  isOwn(row: RecordRow): boolean {
    return equalBytes(row.mac, this.macOf(row));
  }

  /** Throws `VaultDamaged` naming a row whose MAC is not right. */
  requireOwn(row: RecordRow): void {
    if (!this.isOwn(row)) throw damagedRow(row, 'is not as Keyward wrote it');
  }

  /** Throws `VaultDamaged` naming a row that is not the newest one of its name. */
  require(row: RecordRow, digest: Buffer): void {
    this.requireOwn(row);
    if (!equalBytes(row.mac, digest)) throw damagedRow(row, 'is an old one put back');
  }

  /** The rows, one by one, each checked. Throws `VaultDamaged` naming the first that is edited, missing or too much. */
  *matched(expected: readonly TreeRow[], rows: Iterable<RecordRow>, isKnown: (row: TreeRow) => boolean) {
    let at = 0;
    for (const row of rows) {
      const key = recordKey(row.room, row.id);
      const next = expected[at];
      if (next === undefined || key < next.key) throw added(row);
      if (key !== next.key) throw missing(next.key);
      if (!isKnown(next)) this.require(row, next.digest);
      yield row;
      at += 1;
    }
    const next = expected[at];
    if (next !== undefined) throw missing(next.key);
  }
}

/** The error for a row that should be there. */
export function missing(key: string): KeywardError {
  return damaged(textOf(key), 'was removed');
}

/** The error for a row that should not be there. */
export function added(row: { readonly room: string; readonly id: string }): KeywardError {
  return damagedRow(row, 'was put in from outside: it is not as Keyward wrote it');
}

/** `VaultDamaged`, naming the row and saying what is wrong with it. */
export function damagedRow({ room, id }: { readonly room: string; readonly id: string }, what: string) {
  return damaged(`${room}/${id}`, what);
}

function damaged(row: string, what: string): KeywardError {
  return new KeywardError(
    'VaultDamaged',
    `The vault is damaged: its row ${row} ${what}. Restore the vault from a backup.`,
    { row },
  );
}
