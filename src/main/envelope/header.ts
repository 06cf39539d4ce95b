import { checkUserContext, decodeContext, type EncryptionContext } from '../../shared/context.ts';
import { isKeywardError, type KeywardError } from '../../shared/errors.ts';
import type { DamageWhy } from '../../shared/reasons/envelope.ts';
import { TAG_BYTES } from '../crypto/aead.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { ByteReader, OutOfBytes } from './bytes.ts';
import { damaged, newer, notKeyward } from './errors.ts';
import {
  AT,
  CHECKSUM_FROM_END,
  COMMITMENT_BYTES,
  FORMAT_VERSION,
  isAreaLength,
  MAC_FROM_END,
  MAGIC,
  MAX_AREA,
  MAX_FRAME_BITS,
  MAX_METADATA,
  MESSAGE_ID_BYTES,
  METADATA_BLOCK,
  MIN_FRAME_BITS,
  SUITE,
} from './layout.ts';
import { decodeSlots, type Slot } from './slots.ts';

/** What the frames hold. Packages are reserved: they can be recognised, not yet opened as such. */
export type ContentKind = 'file' | 'package';

/**
 * A header as read from one area copy. Its checksum holds and its bounds are kept; nothing in it is
 * authentic before `openHeader` has verified it with the data key. The buffers are views of `area`.
 */
export type Header = {
  /** The whole copy, `areaLength` bytes. */
  readonly area: Buffer;
  /** Bytes of one copy; the body starts at twice that. */
  readonly areaLength: number;
  readonly contentKind: ContentKind;
  /** Bytes of plaintext in a regular frame. */
  readonly frameLength: number;
  /** 32 random bytes, the file's name in audit entries and the catalog. */
  readonly messageId: Buffer;
  /** The user's pairs, without `keyward:message-id`; see `withMessageId` in shared/context.ts. */
  readonly context: EncryptionContext;
  /** Ciphertext and tag of the metadata block; no bytes when the file has none. */
  readonly sealedMetadata: Buffer;
  /** Everything that never changes in the life of the file. */
  readonly immutable: Buffer;
  readonly commitment: Buffer;
  /** 1 in a new file, one more with every rewrap. */
  readonly generation: number;
  readonly slots: readonly Slot[];
  readonly mac: Buffer;
};

/**
 * Parses one area copy: `area` is exactly that long, `at` its place in the file for messages. Throws
 * `NotKeywardFile`, `NewerFormat` or `FileDamaged`; allocates nothing that grows with what the bytes say.
 */
export function parseArea(area: Buffer, name: string, at = 0): Header {
  const broken = (why: DamageWhy) => damaged(name, at, at + area.length, why);
  if (area.length < AT.context || !area.subarray(0, MAGIC.length).equals(MAGIC)) throw notKeyward(name);
  const areaLength = area.readUInt32BE(AT.areaLength);
  if (!isAreaLength(areaLength) || areaLength !== area.length) {
    throw broken('header-length');
  }
  // Magic, area length and checksum stay where they are in every version, so that damage is told from newness.
  const checksumAt = areaLength - CHECKSUM_FROM_END;
  if (!equalBytes(sha256(area.subarray(0, checksumAt)), area.subarray(checksumAt))) {
    throw broken('header-checksum');
  }
  const version = area.readUInt16BE(AT.version);
  if (version !== FORMAT_VERSION) throw newer(name, 'format', version);
  const suite = area.readUInt16BE(AT.suite);
  if (suite !== SUITE) throw newer(name, 'suite', suite);
  const kind = area.readUInt8(AT.contentKind);
  if (kind > 1) throw newer(name, 'content', kind);
  if (area.readUInt8(AT.flags) !== 0 || area.readUInt8(AT.reserved) !== 0) throw newer(name, 'options');
  const frameBits = area.readUInt8(AT.frameBits);
  if (frameBits < MIN_FRAME_BITS || frameBits > MAX_FRAME_BITS) {
    throw broken('frame-length');
  }
  try {
    const parts = readParts(area);
    if (parts === undefined) throw broken('header-against-format');
    return {
      area,
      areaLength,
      contentKind: kind === 0 ? 'file' : 'package',
      frameLength: 2 ** frameBits,
      messageId: area.subarray(AT.messageId, AT.messageId + MESSAGE_ID_BYTES),
      ...parts,
      mac: area.subarray(areaLength - MAC_FROM_END, checksumAt),
    };
  } catch (error) {
    if (error instanceof OutOfBytes) throw broken('header-against-format');
    throw error;
  }
}

const ZEROS = Buffer.alloc(MAX_AREA);

function readParts(area: Buffer) {
  const end = area.length - MAC_FROM_END;
  const reader = new ByteReader(area.subarray(0, end));
  reader.raw(AT.context);
  const context = decodeContext(reader.sized());
  const sealedMetadata = reader.sized();
  if (context === undefined || !isUserContext(context) || !isSealedLength(sealedMetadata.length))
    return undefined;
  const immutable = area.subarray(0, reader.at);
  const commitment = reader.raw(COMMITMENT_BYTES);
  const generation = reader.u64();
  const slots = decodeSlots(reader);
  if (generation === undefined || generation === 0 || slots === undefined) return undefined;
  const padding = reader.raw(reader.left);
  if (!padding.equals(ZEROS.subarray(0, padding.length))) return undefined;
  return { context, sealedMetadata, immutable, commitment, generation, slots };
}

function isSealedLength(length: number): boolean {
  const block = length - TAG_BYTES;
  return length === 0 || (block > 0 && block <= MAX_METADATA && block % METADATA_BLOCK === 0);
}

function isUserContext(context: EncryptionContext): boolean {
  try {
    checkUserContext(context);
    return true;
  } catch (error) {
    if (isKeywardError(error, 'ValidationException')) return false;
    throw error as KeywardError;
  }
}
