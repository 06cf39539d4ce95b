/** The blocks of entries that are in the search index (search-index.ts): those from `from` on, before `upto`. */
export type Coverage = { readonly from: number; readonly upto: number };

/**
 * Where the chain ends: the last entry's number (0: none yet) and hash, and the number of the open segment. `uses`: the
 * sum over the index of last uses, see last-use.ts; missing until the first use.
 */
export type Head = {
  readonly seq: number;
  readonly hash: Buffer;
  readonly segment: number;
  readonly uses?: string;
  /** The blocks in the search index; missing in a vault that an older version wrote last. */
  readonly index?: Coverage;
};

/** The room of the log's own records: its head and its signing key. */
export const ROOM = 'audit';

/** A number as 8 bytes, big-endian. */
export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  // Signed, so that a row that somebody else numbered, below 0 too, is a wrong entry and no failure.
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
