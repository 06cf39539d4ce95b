import { createHash, createHmac, createSecretKey, hkdfSync } from 'node:crypto';

type Bytes = Uint8Array;

// Keys go in as key objects everywhere in this room: raw bytes take Node 24 ten times as long to accept.

/** SHA-256 (FIPS 180-4) over the parts in order; 32 bytes. */
export function sha256(...parts: readonly Bytes[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-512 (FIPS 180-4) over the parts in order; 64 bytes. */
export function sha512(...parts: readonly Bytes[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HMAC-SHA-256 (RFC 2104) over the parts in order; 32 bytes. */
export function hmacSha256(key: Bytes, ...parts: readonly Bytes[]): Buffer {
  return hmacSha256By(key)(...parts);
}

/** `hmacSha256` for very many messages: the key is made ready once, and stays so as long as the function is there. */
export function hmacSha256By(key: Bytes): (...parts: readonly Bytes[]) => Buffer {
  const ready = createSecretKey(key);
  return (...parts) => {
    const mac = createHmac('sha256', ready);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
}

/** HMAC-SHA-512 (RFC 2104) over the parts in order; 64 bytes. */
export function hmacSha512(key: Bytes, ...parts: readonly Bytes[]): Buffer {
  const mac = createHmac('sha512', createSecretKey(key));
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** HKDF-Extract with SHA-512 (RFC 5869 section 2.2); 64 bytes. */
export function hkdfExtract(salt: Bytes, ikm: Bytes): Buffer {
  return hmacSha512(salt, ikm);
}

/** HKDF-Expand with SHA-512 (RFC 5869 section 2.3); `length` at most 255 × 64 bytes. */
export function hkdfExpand(prk: Bytes, info: string | Bytes, length: number): Buffer {
  const label = typeof info === 'string' ? Buffer.from(info) : info;
  if (length > 255 * 64) throw new RangeError('HKDF-Expand gives at most 16,320 bytes');
  const blocks: Buffer[] = [];
  let last: Buffer = Buffer.alloc(0);
  for (let count = 1; (count - 1) * 64 < length; count++) {
    last = hmacSha512(prk, last, label, Uint8Array.of(count));
    blocks.push(last);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** HKDF with SHA-512 (RFC 5869): extract, then expand to `length` bytes. */
export function hkdf(ikm: Bytes, salt: Bytes, info: string | Bytes, length: number): Buffer {
  return hkdfExpand(hkdfExtract(salt, ikm), info, length);
}

/** HKDF (RFC 5869) with SHA-256 or SHA-384, for AWS messages of the older suites. An empty salt is all zeros. */
export function hkdfWith(
  hash: 'sha256' | 'sha384',
  ikm: Bytes,
  salt: Bytes,
  info: Bytes,
  length: number,
): Buffer {
  return Buffer.from(hkdfSync(hash, createSecretKey(ikm), salt, info, length));
}

/** A hash of SHA-2 (FIPS 180-4) by its name in Node. */
type Sha2 = 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** The digest of a message. */
export function digestWith(hash: Sha2, message: Bytes): Buffer {
  return createHash(hash).update(message).digest();
}

/** HMAC (RFC 2104) of a message. */
export function hmacWith(hash: Sha2, key: Bytes, message: Bytes): Buffer {
  return createHmac(hash, createSecretKey(key)).update(message).digest();
}
