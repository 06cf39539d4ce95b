import { fail } from '../../shared/errors.ts';
import { gcmDecrypt, gcmEncrypt } from '../crypto/aead.ts';
import { wipe } from '../crypto/bytes.ts';
import { hkdf } from '../crypto/hash.ts';
import { ByteReader, ByteWriter, OutOfBytes } from './bytes.ts';
import { MAX_METADATA, METADATA_BLOCK } from './layout.ts';

/** What a file was before it was encrypted. Times in nanoseconds since 1970, mode as permission bits. */
export type FileMetadata = {
  readonly name?: string;
  readonly modified?: bigint;
  readonly born?: bigint;
  readonly mode?: number;
};

const NAME = 1;
const MODIFIED = 2;
const BORN = 3;
const MODE = 4;
const MAX_NAME = 1024;

/**
 * The content of the sealed block: items of type, length, value, then zeros up to a multiple of 256 bytes
 * (docs/format.md section 6). Nothing given: no bytes. Throws `ValidationException` for a name that is not
 * one path component of at most 1,024 UTF-8 bytes.
 */
export function encodeMetadata(metadata: FileMetadata): Buffer {
  const writer = new ByteWriter();
  if (metadata.name !== undefined) {
    const name = Buffer.from(metadata.name);
    if (!metadata.name.isWellFormed() || !isName(metadata.name, name.length)) {
      throw fail('original-name-not-a-name');
    }
    writer.u16(NAME).sized(name);
  }
  if (metadata.modified !== undefined) writer.u16(MODIFIED).sized(i64(metadata.modified));
  if (metadata.born !== undefined) writer.u16(BORN).sized(i64(metadata.born));
  if (metadata.mode !== undefined)
    writer
      .u16(MODE)
      .u16(4)
      .u32(metadata.mode & 0o7777);
  if (writer.length === 0) return Buffer.alloc(0);
  const padding = (METADATA_BLOCK - (writer.length % METADATA_BLOCK)) % METADATA_BLOCK;
  return writer.raw(Buffer.alloc(padding)).done();
}

/**
 * Reads what `encodeMetadata` wrote; types that this version does not know are skipped. `undefined` if it is
 * malformed.
 */
export function decodeMetadata(bytes: Buffer): FileMetadata | undefined {
  const found: { name?: string; modified?: bigint; born?: bigint; mode?: number } = {};
  const seen = new Set<number>();
  const reader = new ByteReader(bytes);
  try {
    while (reader.left > 0) {
      if (bytes.subarray(reader.at).every((byte) => byte === 0)) break;
      const type = reader.u16();
      const value = reader.sized();
      if (type === 0 || seen.has(type)) return undefined;
      seen.add(type);
      if (type === NAME) {
        found.name = utf8.decode(value);
        if (!isName(found.name, value.length)) return undefined;
      } else if (type === MODIFIED || type === BORN) {
        if (value.length !== 8) return undefined;
        found[type === MODIFIED ? 'modified' : 'born'] = value.readBigInt64BE();
      } else if (type === MODE) {
        if (value.length !== 4) return undefined;
        found.mode = value.readUInt32BE() & 0o7777;
      }
    }
    return found;
  } catch (error) {
    if (error instanceof OutOfBytes || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Seals a block under the file's metadata key; used once per data key, hence the zero IV. `before` is the
 * part of the header that stands before the block. */
export function sealMetadata(dataKey: Buffer, messageId: Buffer, before: Buffer, block: Buffer): Buffer {
  if (block.length > MAX_METADATA) {
    throw fail('original-name-too-long');
  }
  const key = metadataKey(dataKey, messageId);
  const sealed = gcmEncrypt(key, ZERO_IV, before, block);
  wipe(key);
  return sealed;
}

/** Opens a sealed block; `undefined` if it is not authentic or malformed. */
export function openMetadata(
  dataKey: Buffer,
  messageId: Buffer,
  before: Buffer,
  sealed: Buffer,
): FileMetadata | undefined {
  const key = metadataKey(dataKey, messageId);
  const block = gcmDecrypt(key, ZERO_IV, before, sealed);
  wipe(key);
  if (block === undefined) return undefined;
  const metadata = decodeMetadata(block);
  wipe(block);
  return metadata;
}

const ZERO_IV = new Uint8Array(12);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function metadataKey(dataKey: Buffer, messageId: Buffer): Buffer {
  return hkdf(dataKey, messageId, 'keyward/1/meta', 32);
}

function isName(name: string, bytes: number): boolean {
  return bytes >= 1 && bytes <= MAX_NAME && !/[/\0]/.test(name) && name !== '.' && name !== '..';
}

function i64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  return bytes;
}
