import { equalBytes } from '../../crypto/bytes.ts';
import { hmacSha256By, sha256 } from '../../crypto/hash.ts';

/** What a frame is about: a record, a protector, a record or protector that was removed, the end of a change. */
export const FRAME = { record: 1, protector: 2, removed: 3, mark: 4 } as const;

/** A frame of the keys file: `change` numbers the change of the vault that it belongs to. */
export type Frame = { readonly type: number; readonly change: number; readonly parts: readonly Buffer[] };

/** A frame as it stands in a file: its bytes under the MAC, the MAC, and where it begins and ends. */
export type ReadFrame = Frame & {
  readonly signed: Buffer;
  readonly mac: Buffer;
  readonly from: number;
  readonly to: number;
};

/** Bytes of a file that are no frame. */
type Gap = { readonly from: number; readonly to: number };

const MAGIC = Buffer.of(0x93, 0x4b, 0x57, 0x4b);
const HEAD = 4 + 4 + 1 + 8;
const MAC = 32;
const CHECKSUM = 32;
const MAX = 1 << 22;

/** The MAC over a frame's bytes. */
export type FrameMac = (bytes: Uint8Array) => Buffer;

/** The MAC under a key of 32 bytes. */
export function frameMac(key: Uint8Array): FrameMac {
  return hmacSha256By(key);
}

/**
 * A frame's bytes: magic 4 ‖ length of the payload u32 ‖ type u8 ‖ change u64 ‖ payload ‖ HMAC-SHA-256 over all before
 * ‖ SHA-256 over all before. The payload is its parts, each behind its length as u32.
 */
export function encodeFrame({ type, change, parts }: Frame, mac: FrameMac): Buffer {
  const payload = Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
  const head = Buffer.alloc(HEAD);
  MAGIC.copy(head);
  head.writeUInt32BE(payload.length, 4);
  head.writeUInt8(type, 8);
  head.writeBigUInt64BE(BigInt(change), 9);
  const signed = Buffer.concat([head, payload]);
  const whole = Buffer.concat([signed, mac(signed)]);
  return Buffer.concat([whole, sha256(whole)]);
}

/** Whether a frame carries this vault's MAC. */
export function isOwn(frame: ReadFrame, mac: FrameMac): boolean {
  return equalBytes(frame.mac, mac(frame.signed));
}

/**
 * The frames of a file whose checksums hold, in order, and what is between them. Damage costs the frame that it hit:
 * the next one is found by its magic and checksum. The work is bounded by a few times the length of the file.
 */
export function* readFrames(bytes: Buffer): Generator<ReadFrame | Gap> {
  let lost = 0;
  let budget = bytes.length * 4 + MAX;
  for (let at = 0; at < bytes.length; ) {
    const frame = frameAt(bytes, at);
    if (frame !== undefined && 'type' in frame) {
      if (lost < at) yield { from: lost, to: at };
      yield frame;
      at = frame.to;
      lost = at;
      continue;
    }
    budget -= frame?.tried ?? 0;
    const next = budget < 0 ? -1 : bytes.indexOf(MAGIC, at + 1);
    at = next < 0 ? bytes.length : next;
  }
  if (lost < bytes.length) yield { from: lost, to: bytes.length };
}

function frameAt(bytes: Buffer, from: number): ReadFrame | { readonly tried: number } | undefined {
  if (bytes.length - from < HEAD + MAC + CHECKSUM || !bytes.subarray(from, from + 4).equals(MAGIC))
    return undefined;
  const length = bytes.readUInt32BE(from + 4);
  const end = from + HEAD + length;
  const to = end + MAC + CHECKSUM;
  if (length > MAX || to > bytes.length) return undefined;
  if (!equalBytes(sha256(bytes.subarray(from, end + MAC)), bytes.subarray(end + MAC, to)))
    return { tried: to - from };
  const parts = partsOf(bytes.subarray(from + HEAD, end));
  const change = Number(bytes.readBigUInt64BE(from + 9));
  if (parts === undefined || !Number.isSafeInteger(change)) return { tried: to - from };
  const signed = bytes.subarray(from, end);
  return {
    type: bytes.readUInt8(from + 8),
    change,
    parts,
    signed,
    mac: bytes.subarray(end, end + MAC),
    from,
    to,
  };
}

function partsOf(payload: Buffer): Buffer[] | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at < payload.length; ) {
    if (payload.length - at < 4) return undefined;
    const end = at + 4 + payload.readUInt32BE(at);
    if (end > payload.length) return undefined;
    parts.push(payload.subarray(at + 4, end));
    at = end;
  }
  return parts;
}
