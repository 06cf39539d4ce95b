/** Where things stand in a native file, and the bounds of everything; docs/format.md sections 3 and 11. */

/** The first 8 bytes of every native file. */
export const MAGIC: Uint8Array = new TextEncoder().encode('KEYWARD\n');

export const FORMAT_VERSION = 1;

/** The one suite of version 1: HKDF-SHA-512 with commitment, HMAC-SHA-512/256, AES-256-GCM frames. */
export const SUITE = 1;

/** Offsets within an area copy up to the context, whose length is the first that varies. */
export const AT = {
  version: 8,
  suite: 10,
  contentKind: 12,
  flags: 13,
  frameBits: 14,
  reserved: 15,
  areaLength: 16,
  messageId: 20,
  context: 52,
} as const;

/** An area is 1 to 16 of these. */
export const PAGE = 4096;
export const MAX_AREA = 16 * PAGE;

/** Bytes of two header copies of the greatest length: nothing of a header lies beyond. */
export const MAX_HEADER = 2 * MAX_AREA;

export const MESSAGE_ID_BYTES = 32;
export const DATA_KEY_BYTES = 32;
export const COMMITMENT_BYTES = 32;

/** An area ends with the HMAC and the checksum, 32 bytes each. */
export const MAC_FROM_END = 64;
export const CHECKSUM_FROM_END = 32;

/** Frame lengths are powers of two between 4 KiB and 16 MiB. */
export const MIN_FRAME_BITS = 12;
export const MAX_FRAME_BITS = 24;
export const DEFAULT_FRAME = 1 << 20;

export const MAX_SLOTS = 20;

/** Frames are counted in 32 bits; FFFFFFFF as a regular number would look like the final frame's mark. */
export const MAX_FRAMES = 0xffff_ffff;

/** The longest metadata block before and after sealing. */
export const MAX_METADATA = 2048;
export const METADATA_BLOCK = 256;

/** Whether a stated area length is one that version 1 knows. */
export function isAreaLength(length: number): boolean {
  return length >= PAGE && length <= MAX_AREA && length % PAGE === 0;
}
