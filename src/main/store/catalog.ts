import type { z } from 'zod';
import type { Json } from '../../shared/errors.ts';
import { seal, unseal } from '../crypto/aead.ts';
import type { ReadTx, Store, Tx } from './database.ts';
import { MultisetHash, type SetRow } from './multiset-hash.ts';
import type { Records } from './records.ts';

type Row = { message_id: Buffer; sealed: Buffer };

const INFO = 'keyward/1/catalog';
const BLOCK = 128;

/** What a catalog is opened with. Keys: 32 bytes each, derived from the root key; they stay the caller's to wipe. */
export type CatalogOptions<Entry> = {
  readonly records: Records;
  /** Seals the rows. */
  readonly key: Buffer;
  /** Makes the set of all rows. */
  readonly setKey: Buffer;
  /** Reads what `pack` made of an entry. */
  readonly schema: z.ZodType<Entry>;
  /** The short form in which an entry is stored. */
  readonly pack: (entry: Entry) => Json;
};

/** What is known of a file; `isDamaged`: there is a row, but not as we wrote it. */
type Known<Entry> = { readonly entry?: Entry; readonly isDamaged: boolean };

/**
 * What is known of each file, by message id (32 bytes), sealed because it holds names:
 * AES-256-GCM under the catalog key with the message id as additional data, padded so that lengths tell little. Nothing
 * depends on it but what is said of a file: damage is told, and never an error. The rows are a set of their own.
 */
export class Catalog<Entry> {
  readonly #options: CatalogOptions<Entry>;
  readonly #set: MultisetHash;

  /** Nothing is read yet. */
  constructor(options: CatalogOptions<Entry>) {
    this.#options = options;
    const { records, setKey: key } = options;
    this.#set = new MultisetHash({ records, name: 'catalog', key, page });
  }

  /** Writes the entry of a file, new or in place of the old one. */
  put(tx: Tx, messageId: Uint8Array, entry: Entry): void {
    const bytes = Buffer.from(JSON.stringify(this.#options.pack(entry)));
    // Spaces after a JSON document are part of its grammar, so the padding needs no length.
    const padded = Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK, ' ');
    bytes.copy(padded);
    const before = rowOf(tx, messageId);
    const sealed = seal(this.#options.key, INFO, messageId, padded);
    tx.run(
      'INSERT INTO catalog (message_id, sealed) VALUES (?, ?) ' +
        'ON CONFLICT (message_id) DO UPDATE SET sealed = excluded.sealed',
      messageId,
      sealed,
    );
    this.#set.put(tx, { id: Buffer.from(messageId), bytes: sealed }, before && elementOf(before));
  }

  /** What is known of a file. */
  look(tx: ReadTx, messageId: Uint8Array): Known<Entry> {
    const row = rowOf(tx, messageId);
    const entry = row === undefined ? undefined : this.#open(row);
    return entry === undefined ? { isDamaged: row !== undefined } : { entry, isDamaged: false };
  }

  /** The entry of a file; `undefined` if there is none, or none that can be believed. */
  get(tx: ReadTx, messageId: Uint8Array): Entry | undefined {
    return this.look(tx, messageId).entry;
  }

  /**
   * All entries one by one, in no order that means anything, without damaged ones. Nothing may be written before the
   * last was taken.
   */
  *each(tx: ReadTx): Generator<{ messageId: Buffer; entry: Entry }> {
    for (const row of tx.each<Row>('SELECT message_id, sealed FROM catalog')) {
      const entry = this.#open(row);
      if (entry !== undefined) yield { messageId: row.message_id, entry };
    }
  }

  /** As `each`, with each entry in the form in which it is stored, for `putPacked` of a copy of this vault. */
  *eachPacked(tx: ReadTx): Generator<{ messageId: Buffer; packed: Json }> {
    for (const row of tx.each<Row>('SELECT message_id, sealed FROM catalog ORDER BY message_id')) {
      if (this.#open(row) === undefined) continue;
      const bytes = unseal(this.#options.key, INFO, row.message_id, row.sealed);
      if (bytes !== undefined)
        yield { messageId: row.message_id, packed: JSON.parse(bytes.toString()) as Json };
    }
  }

  /** Enters what `eachPacked` gave; false for what is no entry. */
  putPacked(tx: Tx, messageId: Uint8Array, packed: Json): boolean {
    const entry = this.#options.schema.safeParse(packed).data;
    if (entry === undefined) return false;
    this.put(tx, messageId, entry);
    return true;
  }

  /** Forgets a file; false if it was not known. */
  remove(tx: Tx, messageId: Uint8Array): boolean {
    const before = rowOf(tx, messageId);
    if (before === undefined) return false;
    tx.run('DELETE FROM catalog WHERE message_id = ?', messageId);
    this.#set.remove(tx, elementOf(before));
    return true;
  }

  /** How many files are known. */
  count(tx: ReadTx): number {
    return tx.get<{ n: number }>('SELECT count(*) AS n FROM catalog')?.n ?? 0;
  }

  /**
   * Walks all rows; false if one was edited, removed, added or put back from outside. Other work gets its turn
   * meanwhile. `undefined` if `signal` was aborted before the end.
   */
  verify(store: Store, signal?: AbortSignal): Promise<boolean | undefined> {
    return this.#set.verify(store, signal);
  }

  /** When it was last found changed from outside, in ms since 1970; what is older than that may lack rows. */
  brokenAt(tx: ReadTx): number | undefined {
    return this.#set.brokenAt(tx);
  }

  /** Takes the rows as they stand, once the finding has been told. `at`: ms since 1970. */
  accept(tx: Tx, at: number): void {
    this.#set.accept(tx, at);
  }

  /**
   * Seals anew what another root key had sealed; rows that did not open stay as they are.
   */
  follow(tx: Tx, before: Catalog<Entry>): void {
    for (const { message_id: id, sealed } of tx.all<Row>('SELECT message_id, sealed FROM catalog')) {
      const bytes = unseal(before.#options.key, INFO, id, sealed);
      if (bytes === undefined) continue;
      const anew = seal(this.#options.key, INFO, id, bytes);
      tx.run('UPDATE catalog SET sealed = ? WHERE message_id = ?', anew, id);
    }
    this.#set.beginAnew(tx, this.#set.brokenAt(tx));
  }

  #open(row: Row): Entry | undefined {
    const { key, schema } = this.#options;
    const bytes = unseal(key, INFO, row.message_id, row.sealed);
    return bytes === undefined ? undefined : schema.safeParse(JSON.parse(bytes.toString())).data;
  }
}

function rowOf(tx: ReadTx, messageId: Uint8Array): Row | undefined {
  return tx.get<Row>('SELECT message_id, sealed FROM catalog WHERE message_id = ?', messageId);
}

function elementOf({ message_id: id, sealed: bytes }: Row): SetRow {
  return { id, bytes };
}

function page(tx: ReadTx, after: Buffer | undefined, limit: number): SetRow[] {
  const sql = 'SELECT message_id, sealed FROM catalog WHERE message_id > ? ORDER BY message_id LIMIT ?';
  return tx.all<Row>(sql, after ?? Buffer.alloc(0), limit).map(elementOf);
}
