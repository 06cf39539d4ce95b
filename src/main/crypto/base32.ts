import { base32crockford } from '@scure/base';

/** Bytes in Crockford's base 32: capitals and digits without I, L, O and U. */
export function toBase32(bytes: Uint8Array): string {
  return base32crockford.encode(bytes);
}

/** The bytes behind such a text, O read as 0, I and L as 1; `undefined` for any other text. */
export function fromBase32(text: string): Buffer | undefined {
  try {
    return Buffer.from(base32crockford.decode(text));
  } catch {
    return undefined;
  }
}
