import { wipe } from '../crypto/bytes.ts';
import { hkdfExpand, hkdfExtract, hmacSha512, sha512 } from '../crypto/hash.ts';
import { MAC_FROM_END } from './layout.ts';

/** The keys of one file and its commitment, 32 bytes each. */
type FileKeys = { readonly payload: Buffer; readonly header: Buffer; readonly commitment: Buffer };

/**
 * Derives from a data key and the immutable part of a header (docs/format.md section 4): HKDF-SHA-512 with
 * salt SHA-512(immutable part), so that every byte of the immutable part changes every key.
 */
export function deriveKeys(dataKey: Buffer, immutable: Buffer): FileKeys {
  const prk = hkdfExtract(sha512(immutable), dataKey);
  const expand = (label: string) => hkdfExpand(prk, label, 32);
  const keys = {
    payload: expand('keyward/1/payload'),
    header: expand('keyward/1/header'),
    commitment: expand('keyward/1/commit'),
  };
  wipe(prk);
  return keys;
}

/** HMAC-SHA-512, first 32 bytes, over everything of an area before the place of the HMAC. */
export function areaMac(headerKey: Buffer, area: Buffer): Buffer {
  return hmacSha512(headerKey, area.subarray(0, area.length - MAC_FROM_END)).subarray(0, 32);
}
