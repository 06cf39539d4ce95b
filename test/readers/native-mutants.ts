import { mutant } from '../unit/envelope/mutants.ts';
import { HEADER_CHANGES } from '../vectors/malformed.ts';
import {
  areaOf,
  blockOf,
  bodyOf,
  contextBytes,
  copyOf,
  type FramePart,
  framesOf,
  type Parts,
  type SlotPart,
  slotBody,
  slotContextOf,
  withChecksum,
} from '../vectors/native-builder.ts';

/** A number from 0 up to, not including, `most`. */
type Below = (most: number) => number;
type Draw = (parts: Parts, below: Below) => void;

const pick = <T>(below: Below, from: readonly T[]): T => from[below(from.length)] as T;
const noise = (below: Below, length: number) => Buffer.from(Array.from({ length }, () => below(256)));

const WORDS = [
  '',
  'a',
  'b',
  'ab',
  'aa',
  'Z',
  'keyward:',
  'KeyWard:x',
  '\u212Aeyward:y',
  'aws-crypto-',
  'aws-cryptO',
  '\u{1F600}',
  '\uFF5E',
  '\uFEFFx',
  '\0',
  '__proto__',
  '1',
  '10',
  'é',
  'e\u0301',
];

/** A context, canonical more often than not; what the slots are sealed under follows it, mostly. */
function drawContext(parts: Parts, below: Below): void {
  const names = [...new Set(Array.from({ length: below(4) }, () => pick(below, WORDS)))];
  const pairs = names.map((name) => [name, pick(below, WORDS)] as const);
  const sorted = pairs.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  parts.context = contextBytes(below(6) === 0 ? pairs : sorted);
  if (below(8) === 0)
    parts.context = mutant(Buffer.concat([parts.context, Buffer.alloc(16)]), below).subarray(0, below(40));
  if (below(10) > 0) parts.slotContext = slotContextOf(pairs, parts.messageId);
}

function drawItem(below: Below): readonly [number, Buffer] {
  const type = pick(below, [0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 15, 16, 0xffff]);
  if (type === 1) {
    const name = pick(below, [
      'a',
      '.',
      '..',
      '...',
      'a/b',
      'a\0b',
      '',
      '\uFEFF',
      'é',
      'x'.repeat(1024),
      'x'.repeat(1025),
      '\\',
      'CON',
    ]);
    return [type, below(8) === 0 ? noise(below, 3) : Buffer.from(name)];
  }
  return [type, noise(below, pick(below, [8, 8, 4, 4, 0, 7, 9]))];
}

function drawMetadata(parts: Parts, below: Below): void {
  delete parts.sealed;
  const items = Array.from({ length: below(5) }, () => drawItem(below));
  parts.block = below(9) === 0 ? undefined : blockOf(items, pick(below, [256, 256, 256, 256, 64, 512]));
  if (parts.block !== undefined && below(5) === 0)
    parts.block[parts.block.length - 1 - below(20)] = below(256);
  if (below(20) === 0) parts.sealed = noise(below, pick(below, [0, 16, 272, 271, 2064, 2320]));
}

function drawSlot(parts: Parts, below: Below): SlotPart {
  const local = parts.slots.find((slot) => 'version' in slot);
  const version = local !== undefined && 'version' in local ? local.version : undefined;
  if (version === undefined || below(3) === 0) {
    const arn = Buffer.from(pick(below, ['arn:a', 'arn:', 'arn:aws:kms:x', 'arn:a b', 'urn:a', 'arn:é']));
    const aws = slotBody(arn, noise(below, pick(below, [0, 32, 31])), noise(below, pick(below, [1, 0, 60])));
    return below(2) === 0
      ? { kind: 2, body: below(6) === 0 ? Buffer.concat([aws, Buffer.alloc(1)]) : aws }
      : { kind: pick(below, [0, 1, 2, 3, 9, 0xffff]), body: noise(below, below(30)) };
  }
  const nonce = noise(below, 32);
  switch (below(4)) {
    case 0:
      return { nonce, version, dataKey: noise(below, pick(below, [32, 32, 16, 33])) };
    case 1:
      return { nonce, version: { ...version, versionId: noise(below, 32) } };
    default:
      return { nonce, version };
  }
}

function drawSlots(parts: Parts, below: Below): void {
  const { slots } = parts;
  switch (below(5)) {
    case 0:
      slots.splice(below(slots.length + 1), 1 + below(3));
      break;
    case 1:
      slots.reverse();
      break;
    case 2:
      parts.slotCount = Math.max(0, slots.length + below(3) - 1);
      break;
    default:
      slots.splice(
        below(slots.length + 1),
        0,
        ...Array.from({ length: 1 + below(3) }, () => drawSlot(parts, below)),
      );
  }
  if (below(25) === 0) while (slots.length < 20 + below(2)) slots.push({ kind: 9, body: Buffer.alloc(0) });
}

function drawNumber(parts: Parts, below: Below): void {
  const one = (...values: number[]) => pick(below, values);
  const changes: readonly (() => Partial<Parts>)[] = [
    () => ({ version: one(0, 1, 2, 0xffff) }),
    () => ({ suite: one(0, 1, 2) }),
    () => ({ contentKind: one(0, 1, 2, 255) }),
    () => ({ flags: one(0, 1, 128) }),
    () => ({ reserved: one(0, 1) }),
    () => ({ frameBits: one(0, 11, 12, 13, 24, 25, 255) }),
    () => ({ statedArea: one(0, 4095, 4096, 8192, 12_288, 65_536, 69_632, 0xffff_f000) }),
    () => {
      const area = one(4096, 8192, 12_288, 65_536);
      return { area, statedArea: area };
    },
    () => ({ generation: pick(below, [0n, 1n, 2n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n]) }),
    () => ({ padding: [below(300), below(256)] }),
    () => ({ commitment: noise(below, 32) }),
    () => ({ mac: noise(below, 32) }),
    () => ({ magic: Buffer.from(pick(below, ['KEYWARD\n', 'KEYWARD\r', 'keyward\n'])) }),
  ];
  Object.assign(parts, pick(below, changes)());
}

function drawFrame({ number, final, content }: FramePart, below: Below): FramePart {
  switch (below(6)) {
    case 0:
      return { number: pick(below, [0, 1, 2, number + 1, 0xffff_ffff]), final, content };
    case 1:
      return { number, final: !final, content };
    case 2:
      return { number, final, content, iv: noise(below, 12) };
    case 3:
      return {
        number,
        final,
        content,
        length: pick(below, [0, 1, content.length + 1, content.length - 1, 4096, 4097, 0xffff_ffff]) >>> 0,
      };
    case 4:
      return { number, final, content: content.subarray(0, below(content.length + 1)) };
    default:
      return {
        number,
        final,
        content: Buffer.alloc(pick(below, [0, 1, 4056, 4087, 4088, 4089, 4095, 4096])),
      };
  }
}

function drawBody(parts: Parts, below: Below): void {
  const { frames } = parts;
  const at = below(frames.length);
  const frame = frames[at];
  switch (below(6)) {
    case 0:
      parts.frames = framesOf(
        Buffer.alloc(pick(below, [0, 1, 4095, 4096, 4097, 8192, 8193, 12_288]), below(256)),
        2 ** Math.min(13, Math.max(12, parts.frameBits)),
      );
      break;
    case 1:
      if (frames.length > 1) frames.splice(at, 1);
      break;
    case 2:
      frames.reverse();
      break;
    case 3:
      if (frame !== undefined) frames.splice(at, 0, frame);
      break;
    default:
      if (frame !== undefined) frames[at] = drawFrame(frame, below);
  }
}

const DRAWS: readonly Draw[] = [
  drawContext,
  drawMetadata,
  drawSlots,
  drawNumber,
  drawBody,
  drawBody,
  (parts, below) => {
    // Some of them change the local slot.
    if (parts.slots.some((slot) => 'version' in slot)) pick(below, HEADER_CHANGES)(parts);
  },
];

function draw(base: Parts, below: Below, most: number): Parts {
  const parts = copyOf(base);
  for (let left = below(most + 1); left > 0; left--) pick(below, DRAWS)(parts, below);
  return parts;
}

/** Bits of a copy, under a checksum that is right again. */
function tampered(area: Buffer, below: Below): Buffer {
  const changed = Buffer.from(area);
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(3) === 0 ? below(area.length) : below(Math.min(area.length, 700));
    changed[at] = (changed[at] ?? 0) ^ (1 << below(8));
  }
  return withChecksum(changed);
}

/** A file at the ends of whose parts something is missing or was added. */
function trimmed(file: Buffer, bodyAt: number, below: Below): Buffer {
  const stride = 4128;
  const places = [
    0,
    4,
    8,
    20,
    4096,
    bodyAt - 1,
    bodyAt,
    bodyAt + 39,
    bodyAt + stride,
    bodyAt + stride + 8,
    bodyAt + stride + 40,
    file.length - 1,
    file.length - 16,
  ];
  if (below(2) === 0) return file.subarray(0, Math.max(0, pick(below, places) + below(3) - 1));
  return Buffer.concat([file, noise(below, pick(below, [1, 8, 16, 32, 33, 40, 41, 4088, 4127, 4128, 4129]))]);
}

/**
 * A file made of `base` and changed at random, by its structure: parts that are wrong under keys, tags, an HMAC and a
 * checksum that fit; copies that differ; frames that were sealed anew in the wrong place. One in eight is changed
 * byte by byte.
 */
export function nativeMutant(base: Parts, below: Below): Buffer {
  const first = draw(base, below, 2);
  const second = below(4) === 0 ? draw(first, below, 1) : first;
  let areas = [areaOf(first), areaOf(second)];
  if (below(10) === 0) areas = areas.toReversed();
  const at = below(2);
  if (below(10) === 0) areas[at] = tampered(areas[at] ?? Buffer.alloc(0), below);
  if (below(12) === 0) areas = areas.map((area) => tampered(area, () => 3));
  let file = Buffer.concat([...areas, bodyOf(below(12) === 0 ? second : first)]);
  if (below(12) === 0) {
    const flip = below(Math.min(file.length, 9000));
    file[flip] = (file[flip] ?? 0) ^ (1 << below(8));
  }
  if (below(8) === 0) file = Buffer.from(trimmed(file, areas[0]?.length ?? 0, below));
  return below(8) === 0 && file.length > 64 ? mutant(file, below) : file;
}
