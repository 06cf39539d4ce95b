import { fail } from '../../shared/errors.ts';
import { uuidBytes, uuidText } from '../crypto/bytes.ts';
import { ByteReader, ByteWriter, OutOfBytes } from './bytes.ts';
import { MAX_SLOTS } from './layout.ts';

/** A data key wrapped by a key of this vault: the `CiphertextBlob` that `GenerateDataKey` gave. */
export type LocalSlot = {
  readonly kind: 'local';
  /** The key's UUID, as text. */
  readonly keyId: string;
  /** The version's random id: 64 hex digits, AWS's `KeyMaterialId`. */
  readonly versionId: string;
  readonly wrapped: Buffer;
};

/** A data key wrapped by AWS KMS. */
type AwsSlot = {
  readonly kind: 'aws';
  readonly keyArn: string;
  /** AWS's `KeyMaterialId`, 64 hex digits, where AWS told it. */
  readonly versionId: string | undefined;
  readonly wrapped: Buffer;
};

/** A kind that this version can't open: kept byte for byte, never interpreted. */
type UnknownSlot = { readonly kind: 'unknown'; readonly code: number; readonly body: Buffer };

/** One wrapped data key in a header; docs/format.md section 5. */
export type Slot = LocalSlot | AwsSlot | UnknownSlot;

const LOCAL = 1;
const AWS = 2;
const BLOB_VERSION = 1;
const BLOB_BYTES = 129;
const MAX_ARN = 2048;
const MAX_AWS_BLOB = 6144;
const VERSION_ID = /^[0-9a-f]{64}$/;

/**
 * Slot count and slots as they stand in a header. Throws `ValidationException` when there are none or more
 * than 20, or when one is not within the bounds of section 5.
 */
export function encodeSlots(slots: readonly Slot[]): Buffer {
  if (slots.length === 0) throw fail('key-needed');
  if (slots.length > MAX_SLOTS) {
    throw fail('too-many-keys', { most: MAX_SLOTS, count: slots.length });
  }
  const writer = new ByteWriter().u16(slots.length);
  for (const slot of slots) {
    const [code, body] = encodeSlot(slot);
    writer.u16(code).sized(body);
  }
  return writer.done();
}

function encodeSlot(slot: Slot): readonly [number, Buffer] {
  if (slot.kind === 'unknown') return [slot.code, slot.body];
  if (slot.kind === 'local') {
    const key = uuidBytes(slot.keyId);
    if (key === undefined) throw fail('not-a-key-id', { id: slot.keyId });
    const version = versionBytes(slot.versionId);
    if (!isBlobOf(slot.wrapped, key, version)) throw fail('wrapped-key-of-another-key');
    return [LOCAL, new ByteWriter().sized(key).sized(version).sized(slot.wrapped).done()];
  }
  const arn = Buffer.from(slot.keyArn);
  if (!isArn(arn) || !isAwsBlob(slot.wrapped)) throw fail('slot-out-of-bounds', { key: slot.keyArn });
  const version = slot.versionId === undefined ? Buffer.alloc(0) : versionBytes(slot.versionId);
  return [AWS, new ByteWriter().sized(arn).sized(version).sized(slot.wrapped).done()];
}

/**
 * Reads slot count and slots; `undefined` when they break a bound. Nothing of it is authentic before the
 * header's commitment and HMAC are verified.
 */
export function decodeSlots(reader: ByteReader): Slot[] | undefined {
  const count = reader.u16();
  if (count > MAX_SLOTS) return undefined;
  const slots: Slot[] = [];
  for (let i = 0; i < count; i++) {
    const code = reader.u16();
    const slot = decodeSlot(code, reader.sized());
    if (slot === undefined) return undefined;
    slots.push(slot);
  }
  return slots;
}

function decodeSlot(code: number, body: Buffer): Slot | undefined {
  if (code !== LOCAL && code !== AWS) return { kind: 'unknown', code, body };
  const reader = new ByteReader(body);
  try {
    const key = reader.sized();
    const version = reader.sized();
    const wrapped = reader.sized();
    if (reader.left !== 0) return undefined;
    if (code === LOCAL) {
      if (key.length !== 16 || version.length !== 32 || !isBlobOf(wrapped, key, version)) return undefined;
      return { kind: 'local', keyId: uuidText(key), versionId: version.toString('hex'), wrapped };
    }
    if (!isArn(key) || !isAwsBlob(wrapped) || (version.length !== 0 && version.length !== 32))
      return undefined;
    const versionId = version.length === 0 ? undefined : version.toString('hex');
    return { kind: 'aws', keyArn: key.toString('latin1'), versionId, wrapped };
  } catch (error) {
    if (error instanceof OutOfBytes) return undefined;
    throw error;
  }
}

/** Section 5.1: key and version of a local slot are those inside its blob. */
function isBlobOf(blob: Buffer, key: Buffer, version: Buffer): boolean {
  return (
    blob.length === BLOB_BYTES &&
    blob[0] === BLOB_VERSION &&
    blob.subarray(1, 17).equals(key) &&
    blob.subarray(17, 49).equals(version)
  );
}

// Printable ASCII only: an ARN from a stranger's file is shown to people.
function isArn(bytes: Buffer): boolean {
  return bytes.length >= 1 && bytes.length <= MAX_ARN && /^arn:[!-~]+$/.test(bytes.toString('latin1'));
}

function isAwsBlob(blob: Buffer): boolean {
  return blob.length >= 1 && blob.length <= MAX_AWS_BLOB;
}

function versionBytes(id: string): Buffer {
  if (!VERSION_ID.test(id)) throw fail('not-a-version-id', { id });
  return Buffer.from(id, 'hex');
}
