import { gcmDecrypt, gcmEncrypt, TAG_BYTES } from '../../crypto/aead.ts';
import { randomBytes, uuidBytes, uuidText, wipe } from '../../crypto/bytes.ts';
import { hkdf } from '../../crypto/hash.ts';
import { damagedRow } from '../errors.ts';

/*
 * The CiphertextBlob (docs/format.md 5.1):
 *
 *   version u8 = 1 ‖ key id 16 ‖ version id 32 ‖ nonce 32 ‖ ciphertext ‖ tag 16
 *
 * (key 32, IV 12) = HKDF-SHA-512(version material, salt = nonce, info = the 81 bytes before the ciphertext);
 * additional data = those 81 bytes ‖ canonical context. The random nonce gives every call its own key, so that
 * no version ever nears AES-GCM's limits.
 */

const VERSION = 1;
const NONCE_BYTES = 32;

/** Bytes of a version's random id. */
export const VERSION_ID_BYTES = 32;

/** Bytes that stand before the ciphertext. */
export const BLOB_HEADER_BYTES = 1 + 16 + VERSION_ID_BYTES + NONCE_BYTES;

/** A blob taken apart: the key's UUID, the version's id in hex, and all bytes. Nothing in it is authentic yet. */
type ParsedBlob = { readonly keyId: string; readonly versionId: string; readonly bytes: Uint8Array };

/** Takes a blob apart; `undefined` if it can't be one of ours. */
export function parseBlob(bytes: Uint8Array): ParsedBlob | undefined {
  if (bytes.length <= BLOB_HEADER_BYTES + TAG_BYTES || bytes[0] !== VERSION) return undefined;
  return {
    keyId: uuidText(bytes.subarray(1, 17)),
    versionId: Buffer.from(bytes.subarray(17, 17 + VERSION_ID_BYTES)).toString('hex'),
    bytes,
  };
}

/** Encrypts under a version's 32 bytes of material; `context` in canonical bytes. */
export function sealBlob(
  material: Uint8Array,
  version: { readonly keyId: string; readonly versionId: string },
  context: Uint8Array,
  plaintext: Uint8Array,
): Buffer {
  const keyId = uuidBytes(version.keyId);
  const versionId = Buffer.from(version.versionId, 'hex');
  if (keyId === undefined || versionId.length !== VERSION_ID_BYTES) throw damagedRow(`keys/${version.keyId}`);
  const nonce = randomBytes(NONCE_BYTES);
  const header = Buffer.concat([Uint8Array.of(VERSION), keyId, versionId, nonce]);
  const derived = hkdf(material, nonce, header, 44);
  const aad = Buffer.concat([header, context]);
  const sealed = gcmEncrypt(derived.subarray(0, 32), derived.subarray(32), aad, plaintext);
  wipe(derived);
  return Buffer.concat([header, sealed]);
}

/** Decrypts; `undefined` if blob and context are not what this material sealed. */
export function openBlob(material: Uint8Array, blob: ParsedBlob, context: Uint8Array): Buffer | undefined {
  const header = blob.bytes.subarray(0, BLOB_HEADER_BYTES);
  const derived = hkdf(material, header.subarray(BLOB_HEADER_BYTES - NONCE_BYTES), header, 44);
  const plaintext = gcmDecrypt(
    derived.subarray(0, 32),
    derived.subarray(32),
    Buffer.concat([header, context]),
    blob.bytes.subarray(BLOB_HEADER_BYTES),
  );
  wipe(derived);
  return plaintext;
}
