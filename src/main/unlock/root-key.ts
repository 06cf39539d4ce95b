import { fail } from '../../shared/errors.ts';
import { seal, unseal } from '../crypto/aead.ts';
import { equalBytes, randomBytes, wipe } from '../crypto/bytes.ts';
import { hkdf } from '../crypto/hash.ts';

const INFO = 'keyward/1/protector/root';

/**
 * The vault's root key: 256 random bits, in memory only while unlocked, never used directly and handed out
 * to backups and recovery protectors only. Purpose keys are derived from it by label.
 */
export class RootKey {
  readonly vaultId: string;
  readonly #bytes: Buffer;
  #live = true;

  private constructor(vaultId: string, bytes: Buffer) {
    this.vaultId = vaultId;
    this.#bytes = bytes;
  }

  /** The root key of a new vault. */
  static create(vaultId: string): RootKey {
    return new RootKey(vaultId, randomBytes(32));
  }

  /** Opens what `wrapped` gave; `undefined` if it is not authentic under this key and data. */
  static unwrap(vaultId: string, wrapKey: Buffer, aad: Buffer, wrapped: Buffer): RootKey | undefined {
    const bytes = unseal(wrapKey, INFO, aad, wrapped);
    if (bytes?.length !== 32) return undefined;
    return new RootKey(vaultId, bytes);
  }

  /** The root key that a backup or a recovery protector holds, 32 bytes, which stay the caller's to wipe. */
  static restored(vaultId: string, bytes: Uint8Array): RootKey {
    if (bytes.length !== 32) throw new RangeError('a root key has 32 bytes');
    return new RootKey(vaultId, Buffer.from(bytes));
  }

  /** A copy of the key itself, for a backup and nothing else. The caller wipes it. */
  forBackup(): Buffer {
    return Buffer.from(this.#alive());
  }

  /** The same, for the age file of a recovery protector. The caller wipes it. */
  forProtector(): Buffer {
    return Buffer.from(this.#alive());
  }

  /** A purpose key of 32 bytes: HKDF-SHA-512(root key, salt = vault id, 'keyward/1/' ‖ label). The caller wipes it. */
  purposeKey(label: string): Buffer {
    return hkdf(this.#alive(), Buffer.from(this.vaultId), `keyward/1/${label}`, 32);
  }

  /** Whether another root key is this one; in constant time. */
  equals(other: RootKey): boolean {
    return equalBytes(this.#alive(), other.#alive());
  }

  /** The root key sealed under a protector's key. */
  wrapped(wrapKey: Buffer, aad: Buffer): Buffer {
    return seal(wrapKey, INFO, aad, this.#alive());
  }

  /** Overwrites the key; everything after that is `VaultLocked`. Safe to call twice. */
  wipe(): void {
    this.#live = false;
    wipe(this.#bytes);
  }

  #alive(): Buffer {
    if (this.#live) return this.#bytes;
    throw fail('vault-locked');
  }
}
