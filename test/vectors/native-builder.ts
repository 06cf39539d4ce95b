/**
 * Makes native files from their parts, right or wrong, with Node's functions and from docs/format.md alone: what a
 * part says is written as it is, and everything behind it (keys, tags, HMAC, checksum) is made to fit. So a file can
 * break one rule and no other.
 */
import { createCipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';

/** The key version that wraps data keys. */
export type Version = { readonly material: Buffer; readonly keyId: Buffer; readonly versionId: Buffer };

/** A slot: what stands there, or a local one whose blob is made, of `dataKey` unless it is told another. */
export type SlotPart =
  | { readonly kind: number; readonly body: Buffer }
  | { readonly nonce: Buffer; readonly version: Version; readonly dataKey?: Buffer };

/** A frame before it is sealed; `length` is what the final one states, if not that of its content. */
export type FramePart = {
  number: number;
  final: boolean;
  content: Buffer;
  iv?: Buffer;
  length?: number;
};

/** Everything that makes a file. Numbers are written as they are. */
export type Parts = {
  magic: Buffer;
  version: number;
  suite: number;
  contentKind: number;
  flags: number;
  frameBits: number;
  reserved: number;
  /** What the header states, and how long it is. */
  statedArea: number;
  area: number;
  messageId: Buffer;
  dataKey: Buffer;
  /** Canonical bytes, or not. */
  context: Buffer;
  /** What the blobs are sealed under: canonical, with `keyward:message-id`. */
  slotContext: Buffer;
  /** The block before it is sealed, or the sealed bytes themselves. */
  block: Buffer | undefined;
  sealed?: Buffer;
  commitment?: Buffer;
  generation: bigint;
  slotCount?: number;
  slots: SlotPart[];
  /** A byte of the padding, counted from its start, and what stands there. */
  padding?: readonly [number, number];
  mac?: Buffer;
  frames: FramePart[];
};

const ZERO_IV = Buffer.alloc(12);
const u16 = (value: number) => Buffer.of(value >> 8, value & 0xff);
const u32 = (value: number) => Buffer.concat([u16(Math.floor(value / 0x1_0000)), u16(value % 0x1_0000)]);
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};

/** `u16 |x| ‖ x`. */
export const sized = (bytes: Uint8Array) => Buffer.concat([u16(bytes.length), bytes]);

/** The bytes of pairs in the order given, which is for the caller to make canonical. */
export function contextBytes(pairs: readonly (readonly [string | Buffer, string | Buffer])[]): Buffer {
  if (pairs.length === 0) return Buffer.alloc(0);
  const parts = pairs.flat().map((text) => sized(Buffer.from(text as string)));
  return Buffer.concat([u16(pairs.length), ...parts]);
}

/** A metadata block of these items, filled up with zeros. */
export function blockOf(items: readonly (readonly [number, Buffer])[], multiple = 256): Buffer {
  const bytes = Buffer.concat(items.flatMap(([type, value]) => [u16(type), sized(value)]));
  const length = Math.max(multiple, Math.ceil(bytes.length / multiple) * multiple);
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

function derive(ikm: Buffer, salt: Buffer, info: string | Buffer, length = 32): Buffer {
  return Buffer.from(hkdfSync('sha512', ikm, salt, info, length));
}

function seal(key: Buffer, iv: Buffer, aad: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The blob of a local slot (section 5.1). */
export function blobOf(version: Version, nonce: Buffer, context: Buffer, dataKey: Buffer): Buffer {
  const head = Buffer.concat([Buffer.of(1), version.keyId, version.versionId, nonce]);
  const derived = derive(version.material, nonce, head, 44);
  const [key, iv] = [derived.subarray(0, 32), derived.subarray(32)];
  return Buffer.concat([head, seal(key, iv, Buffer.concat([head, context]), dataKey)]);
}

/** The body of a slot of kinds 1 and 2. */
export function slotBody(key: Buffer, version: Buffer, wrapped: Buffer): Buffer {
  return Buffer.concat([sized(key), sized(version), sized(wrapped)]);
}

function slotBytes(slot: SlotPart, parts: Parts): Buffer {
  if ('body' in slot) return Buffer.concat([u16(slot.kind), sized(slot.body)]);
  const { version, nonce, dataKey = parts.dataKey } = slot;
  const blob = blobOf(version, nonce, parts.slotContext, dataKey);
  return Buffer.concat([u16(1), sized(slotBody(version.keyId, version.versionId, blob))]);
}

/** One header copy. */
export function areaOf(parts: Parts): Buffer {
  const { immutable, prk } = start(parts);
  const slots = Buffer.concat(parts.slots.map((slot) => slotBytes(slot, parts)));
  const written = Buffer.concat([
    immutable,
    parts.commitment ?? prk('commit'),
    u64(parts.generation),
    u16(parts.slotCount ?? parts.slots.length),
    slots,
  ]);
  const area = Buffer.alloc(parts.area);
  written.copy(area, 0, 0, parts.area - 64);
  if (parts.padding !== undefined) area[written.length + parts.padding[0]] = parts.padding[1];
  const mac = createHmac('sha512', prk('header')).update(area.subarray(0, -64)).digest();
  (parts.mac ?? mac.subarray(0, 32)).copy(area, parts.area - 64);
  return withChecksum(area);
}

/** The checksum of a copy made right again, in place. */
export function withChecksum(area: Buffer): Buffer {
  createHash('sha256')
    .update(area.subarray(0, -32))
    .digest()
    .copy(area, area.length - 32);
  return area;
}

function start(parts: Parts): { immutable: Buffer; prk: (label: string) => Buffer } {
  const { dataKey, messageId, block } = parts;
  const sealedLength = parts.sealed?.length ?? (block === undefined ? 0 : block.length + 16);
  const before = Buffer.concat([
    parts.magic,
    u16(parts.version),
    u16(parts.suite),
    Buffer.of(parts.contentKind, parts.flags, parts.frameBits, parts.reserved),
    u32(parts.statedArea),
    messageId,
    sized(parts.context),
    u16(sealedLength),
  ]);
  const key = derive(dataKey, messageId, 'keyward/1/meta');
  const sealed = parts.sealed ?? (block === undefined ? Buffer.alloc(0) : seal(key, ZERO_IV, before, block));
  const immutable = Buffer.concat([before, sealed]);
  const salt = createHash('sha512').update(immutable).digest();
  return { immutable, prk: (label) => derive(dataKey, salt, `keyward/1/${label}`) };
}

/** The frames, sealed. */
export function bodyOf(parts: Parts): Buffer {
  const key = start(parts).prk('payload');
  return Buffer.concat(parts.frames.map((frame) => frameOf(key, parts.messageId, frame)));
}

function frameOf(key: Buffer, messageId: Buffer, { number, final, content, iv, length }: FramePart): Buffer {
  const ownIv = iv ?? Buffer.concat([Buffer.alloc(8), u32(number)]);
  const label = Buffer.from(`AWSKMSEncryptionClient ${final ? 'Final ' : ''}Frame`);
  const aad = Buffer.concat([messageId, label, u32(number), u64(BigInt(content.length))]);
  const head = final
    ? [u32(0xffff_ffff), u32(number), ownIv, u32(length ?? content.length)]
    : [u32(number), ownIv];
  return Buffer.concat([...head, seal(key, ownIv, aad, content)]);
}

/** The whole file: both copies and the body; `second` makes the other copy of other parts. */
export function fileOf(parts: Parts, second: Parts = parts): Buffer {
  return Buffer.concat([areaOf(parts), areaOf(second), bodyOf(parts)]);
}

/** The frames of a plaintext, as the format cuts it. */
export function framesOf(plaintext: Buffer, frameLength: number): FramePart[] {
  const count = Math.max(1, Math.ceil(plaintext.length / frameLength));
  return Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    final: i + 1 === count,
    content: plaintext.subarray(i * frameLength, (i + 1) * frameLength),
  }));
}

/** The canonical bytes of pairs with the one that names the file. */
export function slotContextOf(pairs: readonly (readonly [string, string])[], messageId: Buffer): Buffer {
  const all = [...pairs, ['keyward:message-id', messageId.toString('hex')] as const];
  return contextBytes(all.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}

/** Copies of parts that can be changed. */
export function copyOf(parts: Parts): Parts {
  return { ...parts, slots: [...parts.slots], frames: parts.frames.map((frame) => ({ ...frame })) };
}
