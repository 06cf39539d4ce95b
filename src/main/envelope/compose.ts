import { checkUserContext, type EncryptionContext, encodeContext } from '../../shared/context.ts';
import { KeywardError } from '../../shared/errors.ts';
import { randomBytes } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { ByteWriter } from './bytes.ts';
import { areaMac, deriveKeys, type FileKeys } from './derive.ts';
import { type ContentKind, type Header, parseArea } from './header.ts';
import {
  CHECKSUM_FROM_END,
  COMMITMENT_BYTES,
  DATA_KEY_BYTES,
  DEFAULT_FRAME,
  FORMAT_VERSION,
  isAreaLength,
  LEAST_FRAME_BITS,
  MAC_FROM_END,
  MAGIC,
  MESSAGE_ID_BYTES,
  MOST_AREA,
  MOST_FRAME_BITS,
  PAGE,
  SUITE,
} from './layout.ts';
import { encodeMetadata, type FileMetadata, sealMetadata } from './metadata.ts';
import { type OpenHeader, openHeader } from './open.ts';
import { encodeSlots, type Slot } from './slots.ts';

/** A fresh message id: drawn before the data key, because the data key's context names it. */
export function newMessageId(): Buffer {
  return randomBytes(MESSAGE_ID_BYTES);
}

/** What a new file's header is made of. */
export type NewHeader = {
  /** 32 bytes of `newMessageId`, never used for another file. */
  readonly messageId: Buffer;
  /** 32 random bytes, fresh for this file. Stays the caller's to wipe. */
  readonly dataKey: Buffer;
  /** The user's pairs. */
  readonly context: EncryptionContext;
  readonly slots: readonly Slot[];
  readonly metadata?: FileMetadata;
  readonly contentKind?: ContentKind;
  /** A power of two, 4 KiB to 16 MiB; 1 MiB unless told. */
  readonly frameLength?: number;
  /** Bytes of one copy; unless told, the least number of pages with room for eight slots. */
  readonly areaLength?: number;
};

/** Room kept for slots when the area length is chosen: eight slots of a local key or of AWS KMS. */
const ROOM_FOR_SLOTS = 8 * 312;

/**
 * Makes the header of a new file (docs/format.md sections 3 to 6), generation 1. The answer is already open:
 * `header.area` is what both copies hold, `payloadKey` what the frames are encrypted under.
 * Throws `ValidationException` for input out of bounds and `HeaderTooLarge` when it does not fit.
 */
export function newHeader(input: NewHeader): OpenHeader {
  const { messageId, dataKey } = input;
  if (messageId.length !== MESSAGE_ID_BYTES || dataKey.length !== DATA_KEY_BYTES) {
    throw new RangeError('message id and data key are 32 bytes each');
  }
  checkUserContext(input.context);
  const context = encodeContext(input.context);
  const block = encodeMetadata(input.metadata ?? {});
  const slots = encodeSlots(input.slots);
  const sealedLength = block.length === 0 ? 0 : block.length + 16;
  const fixed = 56 + context.length + sealedLength + COMMITMENT_BYTES + 8 + MAC_FROM_END;
  const areaLength = input.areaLength ?? areaFor(fixed, 2 + ROOM_FOR_SLOTS, slots.length);

  const before = new ByteWriter()
    .raw(MAGIC)
    .u16(FORMAT_VERSION)
    .u16(SUITE)
    .u8(input.contentKind === 'package' ? 1 : 0)
    .u8(0)
    .u8(frameBits(input.frameLength ?? DEFAULT_FRAME))
    .u8(0)
    .u32(areaLength)
    .raw(messageId)
    .sized(context)
    .u16(sealedLength)
    .done();
  const sealed = block.length === 0 ? Buffer.alloc(0) : sealMetadata(dataKey, messageId, before, block);
  const immutable = Buffer.concat([before, sealed]);
  const keys = deriveKeys(dataKey, immutable);
  const header = parseArea(buildArea(areaLength, immutable, keys, 1, slots), 'The new file');
  return { header, payloadKey: keys.payload, metadata: input.metadata ?? {} };
}

/**
 * The same file's header with other slots, for a rewrap: verifies the old commitment and HMAC first and
 * refuses otherwise (`WrongKey`, `FileDamaged`). The generation is one more than the old one. Slots of unknown
 * kinds are kept by passing them on. Throws `HeaderTooLarge` when the slots outgrow the area: then the file
 * has to be copied under a new header.
 */
export function rebuildHeader(header: Header, dataKey: Buffer, slots: readonly Slot[], name: string): Header {
  openHeader(header, dataKey, name).payloadKey.fill(0);
  const keys = deriveKeys(dataKey, header.immutable);
  keys.payload.fill(0);
  const area = buildArea(
    header.areaLength,
    header.immutable,
    keys,
    header.generation + 1,
    encodeSlots(slots),
  );
  return parseArea(area, name);
}

function buildArea(
  areaLength: number,
  immutable: Buffer,
  keys: FileKeys,
  generation: number,
  slots: Buffer,
): Buffer {
  const content = new ByteWriter().raw(immutable).raw(keys.commitment).u64(generation).raw(slots).done();
  if (!isAreaLength(areaLength) || content.length > areaLength - MAC_FROM_END) {
    throw new KeywardError(
      'HeaderTooLarge',
      `The header needs ${content.length + MAC_FROM_END} bytes and has room for ${areaLength}. Use fewer keys or a shorter context, or encrypt the file anew.`,
      { needed: content.length + MAC_FROM_END, room: areaLength },
    );
  }
  const area = Buffer.alloc(areaLength);
  content.copy(area);
  areaMac(keys.header, area).copy(area, areaLength - MAC_FROM_END);
  const checksumAt = areaLength - CHECKSUM_FROM_END;
  sha256(area.subarray(0, checksumAt)).copy(area, checksumAt);
  keys.header.fill(0);
  return area;
}

function areaFor(fixed: number, room: number, slots: number): number {
  const pages = Math.ceil((fixed + Math.max(room, slots)) / PAGE);
  return Math.min(pages * PAGE, MOST_AREA);
}

function frameBits(frameLength: number): number {
  const bits = Math.log2(frameLength);
  if (!Number.isInteger(bits) || bits < LEAST_FRAME_BITS || bits > MOST_FRAME_BITS) {
    throw new KeywardError(
      'ValidationException',
      `A frame of ${frameLength} bytes is not possible. Choose a power of two between 4,096 and 16,777,216.`,
    );
  }
  return bits;
}
