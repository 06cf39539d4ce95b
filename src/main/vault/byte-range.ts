/** Bytes of a plaintext, counted from 0, `last` included; without it up to the end (as in RFC 9110, 14.1.2). */
export type ByteRange = { readonly first: number; readonly last?: number | undefined };

/** The same, with the end not included. */
export function boundsOf({ first, last }: ByteRange): { readonly first: number; readonly end: number } {
  return { first, end: last === undefined ? Number.MAX_SAFE_INTEGER : last + 1 };
}
