import { createCipheriv, createDecipheriv } from 'node:crypto';
import { hkdf } from './hash.ts';
import { randomBytes, wipe } from './bytes.ts';

type Bytes = Uint8Array;

/** Sees every encryption under AES-GCM, so that a test can fail on a (key, IV) pair used twice. */
export type AeadWitness = (key: Bytes, iv: Bytes) => void;

let witness: AeadWitness | undefined;

/** Sets the witness of this process, for tests; `undefined` removes it. */
export function setAeadWitness(next: AeadWitness | undefined): void {
  witness = next;
}

/** Bytes of an AES-GCM tag as Keyward uses it. */
export const TAG_BYTES = 16;

/**
 * AES-256-GCM (NIST SP 800-38D): ciphertext and 16-byte tag into `output`, which is `plaintext.length + 16`
 * long. `key` 32 bytes, `iv` 12 bytes; the caller sees to it that the pair is never used twice.
 */
export function gcmEncryptInto(output: Bytes, key: Bytes, iv: Bytes, aad: Bytes, plaintext: Bytes): void {
  witness?.(key, iv);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(aad);
  output.set(cipher.update(plaintext), 0);
  cipher.final();
  output.set(cipher.getAuthTag(), plaintext.length);
}

/** As `gcmEncryptInto`, into a new buffer: ciphertext ‖ tag. */
export function gcmEncrypt(key: Bytes, iv: Bytes, aad: Bytes, plaintext: Bytes): Buffer {
  const output = Buffer.allocUnsafe(plaintext.length + TAG_BYTES);
  gcmEncryptInto(output, key, iv, aad, plaintext);
  return output;
}

/** Opens ciphertext ‖ tag; `undefined` if it is not authentic. */
export function gcmDecrypt(key: Bytes, iv: Bytes, aad: Bytes, sealed: Bytes): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const split = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(split));
  const plaintext = decipher.update(sealed.subarray(0, split));
  try {
    decipher.final();
    return plaintext;
  } catch {
    wipe(plaintext);
    return undefined;
  }
}

const SALT_BYTES = 32;

/** Bytes that `seal` adds to its plaintext: the salt and the tag. */
export const SEAL_BYTES = SALT_BYTES + TAG_BYTES;

/**
 * Seals under a key derived for this one call, so that a long-lived key never nears AES-GCM's limits:
 * (key, IV) = HKDF-SHA-512(key, random salt, info), then AES-256-GCM. Gives salt ‖ ciphertext ‖ tag.
 */
export function seal(key: Bytes, info: string | Bytes, aad: Bytes, plaintext: Bytes): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const derived = hkdf(key, salt, info, 44);
  const sealed = gcmEncrypt(derived.subarray(0, 32), derived.subarray(32), aad, plaintext);
  wipe(derived);
  return Buffer.concat([salt, sealed]);
}

/** Opens what `seal` made; `undefined` if it is not authentic under this key, info and data. */
export function unseal(key: Bytes, info: string | Bytes, aad: Bytes, sealed: Bytes): Buffer | undefined {
  if (sealed.length < SEAL_BYTES) return undefined;
  const derived = hkdf(key, sealed.subarray(0, SALT_BYTES), info, 44);
  const plaintext = gcmDecrypt(
    derived.subarray(0, 32),
    derived.subarray(32),
    aad,
    sealed.subarray(SALT_BYTES),
  );
  wipe(derived);
  return plaintext;
}
