import type { z } from 'zod';
import { type Json, KeywardError } from '../../shared/errors.ts';
import { seal, unseal } from '../crypto/aead.ts';
import type { ReadTx, Tx } from './database.ts';

type Row = { message_id: Buffer; sealed: Buffer };

const INFO = 'keyward/1/catalog';
const BLOCK = 256;

/**
 * What is known of each file, by message id (32 bytes), sealed because it holds names:
 * AES-256-GCM under the catalog key with the message id as additional data, padded so that lengths tell little.
 */
export class Catalog<Entry extends Json> {
  readonly #key: Buffer;
  readonly #schema: z.ZodType<Entry>;

  /** `key`: 32 bytes derived from the root key. */
  constructor(key: Buffer, schema: z.ZodType<Entry>) {
    this.#key = key;
    this.#schema = schema;
  }

  /** Writes the entry of a file, new or in place of the old one. */
  put(tx: Tx, messageId: Uint8Array, entry: Entry): void {
    const bytes = Buffer.from(JSON.stringify(entry));
    // Spaces after a JSON document are part of its grammar, so the padding needs no length.
    const padded = Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK, ' ');
    bytes.copy(padded);
    tx.run(
      'INSERT INTO catalog (message_id, sealed) VALUES (?, ?) ' +
        'ON CONFLICT (message_id) DO UPDATE SET sealed = excluded.sealed',
      messageId,
      seal(this.#key, INFO, messageId, padded),
    );
  }

  /** The entry of a file, or `undefined`. Throws `VaultDamaged` if it is not as we wrote it. */
  get(tx: ReadTx, messageId: Uint8Array): Entry | undefined {
    const row = tx.get<Row>('SELECT message_id, sealed FROM catalog WHERE message_id = ?', messageId);
    return row === undefined ? undefined : this.#open(row);
  }

  /** All entries one by one, in no order that means anything. Nothing may be written before the last was taken. */
  *each(tx: ReadTx): Generator<{ messageId: Buffer; entry: Entry }> {
    for (const row of tx.each<Row>('SELECT message_id, sealed FROM catalog')) {
      yield { messageId: row.message_id, entry: this.#open(row) };
    }
  }

  /** Forgets a file; false if it was not known. */
  remove(tx: Tx, messageId: Uint8Array): boolean {
    return tx.run('DELETE FROM catalog WHERE message_id = ?', messageId).changes === 1;
  }

  #open(row: Row): Entry {
    const bytes = unseal(this.#key, INFO, row.message_id, row.sealed);
    const entry = bytes === undefined ? undefined : this.#schema.safeParse(JSON.parse(bytes.toString()));
    if (entry?.success === true) return entry.data;
    const name = `catalog/${row.message_id.toString('hex')}`;
    throw new KeywardError(
      'VaultDamaged',
      `The vault is damaged: its row ${name} is not as Keyward wrote it. The file itself is not affected.`,
      { row: name },
    );
  }
}
