import { fail, type KeywardError } from '../../shared/errors.ts';
import type { RowFault } from '../../shared/reasons/store.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { hmacSha256By } from '../crypto/hash.ts';
import { framed, type RecordRow, recordKey } from './record-row.ts';
import { type TreeRow, textOf } from './tree/row-key.ts';

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

  /**
   * Whether a row's MAC is right: it is one of this vault's, though maybe not the newest of its name. A broken head of a row
   * makes NULL of any of its values.
   */
  isOwn(row: RecordRow): boolean {
    if (!Buffer.isBuffer(row.body) || !Buffer.isBuffer(row.mac)) return false;
    return equalBytes(row.mac, this.macOf(row));
  }

  /** Throws `VaultDamaged` naming a row whose MAC is not right. */
  requireOwn(row: RecordRow): void {
    if (!this.isOwn(row)) throw damagedRow(row, 'changed');
  }

  /** Throws `VaultDamaged` naming a row that is not the newest one of its name. */
  require(row: RecordRow, digest: Buffer): void {
    this.requireOwn(row);
    if (!equalBytes(row.mac, digest)) throw damagedRow(row, 'old');
  }

  /** The rows, one by one, each checked. Throws `VaultDamaged` naming the first one that was edited, removed or added. */
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
  return damaged(textOf(key), 'removed');
}

/** The error for a row that should not be there. */
export function added(row: { readonly room: string; readonly id: string }): KeywardError {
  return damagedRow(row, 'put-in');
}

/** `VaultDamaged`, naming the row and saying what is wrong with it. */
export function damagedRow({ room, id }: { readonly room: string; readonly id: string }, what: RowFault) {
  return damaged(`${room}/${id}`, what);
}

function damaged(row: string, what: RowFault): KeywardError {
  return fail('row-damaged', { row, what }, { row });
}
