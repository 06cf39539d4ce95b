import { scrypt } from 'node:crypto';

/** Cost of scrypt (RFC 7914): it takes 128 · n · r bytes of memory. */
type ScryptCost = { readonly n: number; readonly r: number; readonly p: number };

/** What wrapped exports use: 128 MiB. */
export const SCRYPT_DEFAULT: ScryptCost = { n: 1 << 17, r: 8, p: 1 };

/**
 * scrypt, 32 bytes, on a thread of its own. Only for what must be read without Keyward: a plain Node has no
 * Argon2id. The caller wipes the key.
 */
export function scryptKey(
  passphrase: Uint8Array,
  salt: Uint8Array,
  { n, r, p }: ScryptCost,
): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 256 * n * r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
