import { sealText, unseal } from '../../crypto/aead.ts';
import { randomBytes, wipe } from '../../crypto/bytes.ts';
import { VERSION_ID_BYTES } from '../cipher/ciphertext-blob.ts';
import { damagedRow } from '../errors.ts';
import { isMaterial } from './key-material.ts';
import { printBy, printKeyOf } from './material-prints.ts';
import { type KeyRow, versionName } from './row-schemas.ts';

const INFO = 'keyward/1/key-version';

/** What a version's material is bound to besides the vault. */
type MaterialBinding = {
  readonly keyId: string;
  readonly versionId: string;
  readonly key: Pick<KeyRow, 'spec' | 'usage' | 'origin'>;
};

/** Wraps and unwraps the material of key versions under a key derived from the root key. */
export class Materials {
  readonly #wrapKey: Buffer;
  readonly #vaultId: string;

  /** `wrapKey`: 32 bytes. It stays the caller's, who wipes it at lock. */
  constructor(wrapKey: Buffer, vaultId: string) {
    this.#wrapKey = wrapKey;
    this.#vaultId = vaultId;
  }

  /** A new version's id: 32 random bytes in hex, so that versions made on two machines never collide. */
  newVersionId(): string {
    return randomBytes(VERSION_ID_BYTES).toString('hex');
  }

  /** A version's material, wrapped, in base64. The material stays the caller's to wipe. */
  wrap(binding: MaterialBinding, material: Uint8Array): string {
    return sealText(this.#wrapKey, INFO, this.#aad(binding), material);
  }

  /** The material of a version; the caller wipes it. Throws `VaultDamaged` naming the row if it does not open. */
  open(binding: MaterialBinding, wrapped: string): Buffer {
    const sealed = Buffer.from(wrapped, 'base64');
    const material = unseal(this.#wrapKey, INFO, this.#aad(binding), sealed);
    if (material === undefined || !isMaterial(binding.key.spec, material)) {
      if (material !== undefined) wipe(material);
      throw damagedRow(`key-versions/${versionName(binding.keyId, binding.versionId)}`);
    }
    return material;
  }

  /**
   * What tells imported material again after it was deleted: a MAC over it and the key's id, 64 hex digits. It is
   * keyed, so that nobody without the root key tries guesses of weak material against it.
   */
  printOf(keyId: string, material: Uint8Array): string {
    const key = printKeyOf(this.#wrapKey);
    try {
      return printBy(key, keyId, material);
    } finally {
      wipe(key);
    }
  }

  /** Wraps anew what these keys have wrapped, under those of another root key. Throws as `open`. */
  rewrap(binding: MaterialBinding, wrapped: string, next: Materials): string {
    const material = this.open(binding, wrapped);
    try {
      return next.wrap(binding, material);
    } finally {
      wipe(material);
    }
  }

  #aad({ keyId, versionId, key }: MaterialBinding): Buffer {
    const parts = [this.#vaultId, keyId, versionId, key.spec, key.usage, key.origin];
    return Buffer.concat(
      parts.flatMap((part) => {
        const bytes = Buffer.from(part);
        return [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes];
      }),
    );
  }
}
