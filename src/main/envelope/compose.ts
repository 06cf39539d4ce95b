import { checkUserContext, type EncryptionContext, encodeContext } from '../../shared/context.ts';
import { fail } from '../../shared/errors.ts';
import { randomBytes, wipe } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { ByteWriter } from './bytes.ts';
import { areaMac, deriveKeys } from './derive.ts';
import { type ContentKind, type Header, parseArea } from './header.ts';
import {
  CHECKSUM_FROM_END,
  COMMITMENT_BYTES,
  DATA_KEY_BYTES,
  DEFAULT_FRAME,
  FORMAT_VERSION,
  isAreaLength,
  MAC_FROM_END,
  MAGIC,
  MAX_AREA,
  MAX_FRAME_BITS,
  MESSAGE_ID_BYTES,
  MIN_FRAME_BITS,
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
  const { area, payloadKey } = buildArea(areaLength, immutable, dataKey, 1, slots);
  return { header: parseArea(area, 'The new file'), payloadKey, metadata: input.metadata ?? {} };
}

/**
 * The same file's header with other slots, for a rewrap: verifies the old commitment and HMAC first and
 * refuses otherwise (`WrongKey`, `FileDamaged`). The generation is one more than the old one. Slots of unknown
 * kinds are kept by passing them on. Throws `HeaderTooLarge` when the slots outgrow the area: then the file
 * has to be copied under a new header.
 */
export function rebuildHeader(header: Header, dataKey: Buffer, slots: readonly Slot[], name: string): Header {
  openHeader(header, dataKey, name).payloadKey.fill(0);
  const { areaLength, immutable, generation } = header;
  const made = buildArea(areaLength, immutable, dataKey, generation + 1, encodeSlots(slots));
  wipe(made.payloadKey);
  return parseArea(made.area, name);
}

/** Derives keys only for a header that fits; of these the payload key is the caller's to wipe. */
function buildArea(
  areaLength: number,
  immutable: Buffer,
  dataKey: Buffer,
  generation: number,
  slots: Buffer,
): { readonly area: Buffer; readonly payloadKey: Buffer } {
  const needed = immutable.length + COMMITMENT_BYTES + 8 + slots.length + MAC_FROM_END;
  if (!isAreaLength(areaLength) || needed > areaLength) {
    throw fail('header-too-small', { needed, room: areaLength });
  }
  const keys = deriveKeys(dataKey, immutable);
  const area = Buffer.alloc(areaLength);
  new ByteWriter().raw(immutable).raw(keys.commitment).u64(generation).raw(slots).done().copy(area);
  areaMac(keys.header, area).copy(area, areaLength - MAC_FROM_END);
  wipe(keys.header);
  const checksumAt = areaLength - CHECKSUM_FROM_END;
  sha256(area.subarray(0, checksumAt)).copy(area, checksumAt);
  return { area, payloadKey: keys.payload };
}

function areaFor(fixed: number, room: number, slots: number): number {
  const pages = Math.ceil((fixed + Math.max(room, slots)) / PAGE);
  return Math.min(pages * PAGE, MAX_AREA);
}

function frameBits(frameLength: number): number {
  const bits = Math.log2(frameLength);
  if (!Number.isInteger(bits) || bits < MIN_FRAME_BITS || bits > MAX_FRAME_BITS) {
    throw fail('frame-length-impossible', { frameLength });
  }
  return bits;
}
