import { z } from 'zod';
import { sealText, unsealText } from '../../crypto/aead.ts';
import { wipe } from '../../crypto/bytes.ts';
import { hkdf, hmacSha256 } from '../../crypto/hash.ts';
import type { Records } from '../../store/records.ts';
import type { ReadTx, Tx } from '../../store/transaction.ts';
import { damagedRow } from '../errors.ts';

const INFO = 'keyward/1/material-print';
const SEAL_INFO = 'keyward/1/material-print-key';
const ROOM = 'print-keys';
const kept = z.strictObject({ sealed: z.base64() });

/** The key of prints that derives from a wrapping key, 32 bytes; the caller wipes it. */
export function printKeyOf(wrapKey: Buffer): Buffer {
  return hkdf(wrapKey, Buffer.alloc(0), INFO, 32);
}

/** The print of material under a key of prints, 64 hex digits. */
export function printBy(key: Buffer, keyId: string, material: Uint8Array): string {
  return hmacSha256(key, Buffer.from(keyId), material).toString('hex');
}

/**
 * The keys of prints, also of former root keys: of material that is gone no print could be made anew, and it must be known
 * again when it is imported once more.
 */
export class MaterialPrints {
  readonly #records: Records;
  readonly #wrapKey: Buffer;

  /** `wrapKey`: 32 bytes derived from the root key; it stays the caller's to wipe. */
  constructor(records: Records, wrapKey: Buffer) {
    this.#records = records;
    this.#wrapKey = wrapKey;
  }

  /** All prints that the vault may have of a key's material. Throws `VaultDamaged`. */
  of(tx: ReadTx, keyId: string, material: Uint8Array): string[] {
    const keys = this.keys(tx);
    try {
      return keys.map((key) => printBy(key, keyId, material));
    } finally {
      wipe(...keys);
    }
  }

  /** The keys of now and of former times, for `carry` under another root key; the caller wipes them. */
  keys(tx: ReadTx): Buffer[] {
    const former = this.#records.list(tx, ROOM, kept).map(({ id, body }) => {
      const key = unsealText(this.#wrapKey, SEAL_INFO, Buffer.from(id), body.sealed);
      if (key === undefined) throw damagedRow(`${ROOM}/${id}`);
      return key;
    });
    return [printKeyOf(this.#wrapKey), ...former];
  }

  /** Keeps the keys of before. */
  carry(tx: Tx, keys: readonly Buffer[]): void {
    for (const [n, key] of keys.entries()) {
      const id = String(n).padStart(6, '0');
      this.#records.put(tx, ROOM, id, { sealed: sealText(this.#wrapKey, SEAL_INFO, Buffer.from(id), key) });
    }
  }
}
