import { aeskwp } from '@noble/ciphers/aes.js';

/**
 * Unwraps AES key wrap with padding (RFC 5649, NIST SP 800-38F KWP); `undefined` for what this key did not wrap.
 * From the library on every platform: Electron's own cryptography lacks it. `key`: 32 bytes.
 */
export function unwrapPadded(key: Uint8Array, wrapped: Uint8Array): Buffer | undefined {
  if (wrapped.length < 16 || wrapped.length % 8 !== 0) return undefined;
  try {
    return Buffer.from(aeskwp(key).decrypt(wrapped));
  } catch {
    return undefined;
  }
}
