import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { randomBytes, wipe } from './bytes.ts';
import { hkdf } from './hash.ts';

type Bytes = Uint8Array;

/** Sees every encryption under AES-GCM, so that a test can fail on a (key, IV) pair used twice. */
type AeadWitness = (key: Bytes, iv: Bytes) => void;

let witness: AeadWitness | undefined;

/** Sets the witness of this process, for tests; `undefined` removes it. */
export function setAeadWitness(next: AeadWitness | undefined): void {
  witness = next;
}

/** Bytes of an AES-GCM tag as Keyward uses it. */
export const TAG_BYTES = 16;

// Node has no update into a given buffer. Pieces of this length stay in the processor's cache, and are small enough
// for the allocator to give the memory of one to the next.
const PIECE = 1 << 16;

/** Frees a piece at once: the collector would come late to it, and stop the work for a whole collection. */
function release(piece: Buffer<ArrayBuffer>): void {
  if (piece.buffer.byteLength === piece.length) piece.buffer.transfer(0);
}

/**
 * AES-GCM (NIST SP 800-38D): ciphertext and 16-byte tag into `output`, which is `plaintext.length + 16` long.
 * `key` 32 bytes, for old AWS messages 16 or 24, `iv` 12 bytes; the caller sees to it that the pair is never
 * used twice.
 */
export function gcmEncryptInto(output: Bytes, key: Bytes, iv: Bytes, aad: Bytes, plaintext: Bytes): void {
  witness?.(key, iv);
  const cipher = createCipheriv(cipherFor(key), createSecretKey(key), iv);
  cipher.setAAD(aad);
  for (let at = 0; at < plaintext.length; at += PIECE) {
    const piece = cipher.update(plaintext.subarray(at, at + PIECE));
    output.set(piece, at);
    release(piece);
  }
  cipher.final();
  output.set(cipher.getAuthTag(), plaintext.length);
}

function cipherFor(key: Bytes) {
  return key.length === 16 ? 'aes-128-gcm' : key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
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
  const plaintext = Buffer.allocUnsafe(sealed.length - TAG_BYTES);
  return gcmDecryptInto(plaintext, key, iv, aad, sealed) ? plaintext : undefined;
}

/**
 * Opens ciphertext ‖ tag into `output`, which is `sealed.length - 16` long. False if it is not authentic;
 * `output` is wiped then.
 */
export function gcmDecryptInto(output: Bytes, key: Bytes, iv: Bytes, aad: Bytes, sealed: Bytes): boolean {
  if (sealed.length < TAG_BYTES) return false;
  const split = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(cipherFor(key), createSecretKey(key), iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(split));
  for (let at = 0; at < split; at += PIECE) {
    const piece = decipher.update(sealed.subarray(at, Math.min(at + PIECE, split)));
    output.set(piece, at);
    wipe(piece);
    release(piece);
  }
  try {
    decipher.final();
    return true;
  } catch {
    wipe(output);
    return false;
  }
}

/** AES-GCM that opens piece by piece. What `update` gives stands for nothing until `isAuthentic` said true. */
export type GcmOpener = {
  /** The plaintext of the next piece of ciphertext. */
  update(ciphertext: Bytes): Buffer;
  /** Whether the tag verifies over all pieces; to be called once, after the last. */
  isAuthentic(tag: Bytes): boolean;
};

/** Begins to open a ciphertext too long for memory. `key` 16, 24 or 32 bytes, `iv` 12. */
export function gcmOpener(key: Bytes, iv: Bytes, aad: Bytes): GcmOpener {
  const decipher = createDecipheriv(cipherFor(key), createSecretKey(key), iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  return {
    update: (ciphertext) => decipher.update(ciphertext),
    isAuthentic(tag) {
      try {
        decipher.setAuthTag(tag);
        decipher.final();
        return true;
      } catch {
        return false;
      }
    },
  };
}

const SALT_BYTES = 32;

/** Bytes that `seal` adds to its plaintext: the salt and the tag. */
export const SEAL_BYTES = SALT_BYTES + TAG_BYTES;

/**
 * Seals under a key derived for this one call, so that a long-lived key never nears AES-GCM's limits:
 * (key, IV) = HKDF-SHA-512(key, random salt, info), then AES-256-GCM. Returns salt ‖ ciphertext ‖ tag.
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

/** As `seal`, in base64, for rows that are text. */
export function sealText(key: Bytes, info: string | Bytes, aad: Bytes, plaintext: Bytes): string {
  return seal(key, info, aad, plaintext).toString('base64');
}

/** Opens what `sealText` made; `undefined` if it is not authentic under this key, info and data. */
export function unsealText(key: Bytes, info: string | Bytes, aad: Bytes, sealed: string): Buffer | undefined {
  return unseal(key, info, aad, Buffer.from(sealed, 'base64'));
}
