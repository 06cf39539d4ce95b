/**
 * Makes native.json: one value for everything that docs/format.md specifies, from fixed keys and ids.
 * Run with `node test/vectors/generate-native.ts`. After the format is frozen the output must never change;
 * a test compares it with what is kept.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gcmEncrypt } from '../../src/main/crypto/aead.ts';
import { uuidText } from '../../src/main/crypto/bytes.ts';
import { hkdf, hkdfExpand, hkdfExtract, sha256, sha512 } from '../../src/main/crypto/hash.ts';
import { newHeader, rebuildHeader } from '../../src/main/envelope/compose.ts';
import { encryptStream } from '../../src/main/envelope/encrypt.ts';
import { frameBytes, frameIv, sealFrame } from '../../src/main/envelope/frame.ts';
import type { ByteSource } from '../../src/main/envelope/io.ts';
import { encodeMetadata, type FileMetadata } from '../../src/main/envelope/metadata.ts';
import type { LocalSlot, Slot } from '../../src/main/envelope/slots.ts';
import { type EncryptionContext, encodeContext, withMessageId } from '../../src/shared/context.ts';
import { MALFORMED } from './malformed.ts';
import { framesOf, type Parts, type SlotPart, slotContextOf } from './native-builder.ts';

const FRAME = 4096;

/** 32 bytes that are the same in every run. */
function fixed(label: string): Buffer {
  return sha256(Buffer.from(`keyward native vectors: ${label}`));
}

/** The plaintext of every vector: byte i is (31·i + 7·⌊i / 256⌋) mod 256. */
export function vectorPlaintext(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => 31 * i + 7 * Math.floor(i / 256)));
}

const material = fixed('key material');
const keyId = fixed('key id').subarray(0, 16);
const versionId = fixed('version id');

/** A blob as format.md section 5.1 says, with a nonce that depends on its purpose only. */
function blobOf(purpose: string, dataKey: Buffer, context: EncryptionContext) {
  const nonce = fixed(`nonce of ${purpose}`);
  const header = Buffer.concat([Uint8Array.of(1), keyId, versionId, nonce]);
  const derived = hkdf(material, nonce, header, 44);
  const [key, iv] = [derived.subarray(0, 32), derived.subarray(32)];
  const aad = Buffer.concat([header, encodeContext(context)]);
  return { nonce, key, iv, aad, blob: Buffer.concat([header, gcmEncrypt(key, iv, aad, dataKey)]) };
}

type Made = {
  readonly name: string;
  readonly length: number;
  readonly context?: EncryptionContext;
  readonly metadata?: FileMetadata;
  readonly more?: readonly Slot[];
  readonly areaLength?: number;
  readonly rewrapped?: boolean;
};

const awsSlot: Slot = {
  kind: 'aws',
  keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  versionId: fixed('AWS key material id').toString('hex'),
  wrapped: Buffer.concat([fixed('AWS blob, first'), fixed('AWS blob, second')]),
};
const unknownSlot: Slot = { kind: 'unknown', code: 3, body: fixed('a slot of the future') };
const pairs = {
  purpose: 'tax',
  'Straße 😀': 'Zürich',
  '\uFF5E': 'after the emoji in UTF-16, before it in UTF-8',
};
const metadata = {
  name: 'Steuer 2025.pdf',
  modified: 1_767_225_599_123_456_789n,
  born: 1_735_689_600_000_000_000n,
  mode: 0o640,
};

const FILES: readonly Made[] = [
  { name: 'empty', length: 0 },
  { name: 'one byte', length: 1 },
  { name: 'one frame less one byte', length: FRAME - 1 },
  { name: 'one frame', length: FRAME },
  { name: 'one frame and one byte, metadata', length: FRAME + 1, metadata },
  { name: 'two frames, context, metadata', length: 2 * FRAME, context: pairs, metadata },
  { name: 'three kinds of slots', length: 10, more: [awsSlot, unknownSlot] },
  { name: 'area of two pages', length: 10, areaLength: 8192 },
  { name: 'rewrapped once', length: 10, rewrapped: true, more: [unknownSlot] },
];

async function makeFile(made: Made) {
  const messageId = fixed(`message id of ${made.name}`);
  const dataKey = fixed(`data key of ${made.name}`);
  const context = made.context ?? {};
  const slotContext = withMessageId(context, messageId);
  const slot = (purpose: string): LocalSlot => ({
    kind: 'local',
    keyId: uuidText(keyId),
    versionId: versionId.toString('hex'),
    wrapped: blobOf(purpose, dataKey, slotContext).blob,
  });
  const slots = [slot(made.name), ...(made.more ?? [])];
  const open = newHeader({
    messageId,
    dataKey,
    context,
    slots,
    frameLength: FRAME,
    ...(made.metadata === undefined ? {} : { metadata: made.metadata }),
    ...(made.areaLength === undefined ? {} : { areaLength: made.areaLength }),
  });
  const parts: Buffer[] = [];
  const sink = { write: async (bytes: Uint8Array) => void parts.push(Buffer.from(bytes)) };
  await encryptStream(open, sourceOf(vectorPlaintext(made.length)), sink);
  let file = Buffer.concat(parts);
  let header = open.header;
  if (made.rewrapped === true) {
    const moved = [slot(`${made.name}, second`), ...(made.more ?? [])];
    header = rebuildHeader(header, dataKey, moved, made.name);
    file = Buffer.concat([header.area, header.area, file.subarray(2 * header.areaLength)]);
  }
  const prk = hkdfExtract(sha512(header.immutable), dataKey);
  const block = encodeMetadata(made.metadata ?? {});
  return {
    name: made.name,
    plaintextLength: made.length,
    dataKey: dataKey.toString('hex'),
    messageId: messageId.toString('hex'),
    context,
    generation: header.generation,
    areaLength: header.areaLength,
    metadata:
      made.metadata === undefined
        ? null
        : { ...made.metadata, modified: String(metadata.modified), born: String(metadata.born) },
    metadataKey: block.length === 0 ? null : hkdf(dataKey, messageId, 'keyward/1/meta', 32).toString('hex'),
    metadataBlock: block.length === 0 ? null : block.toString('hex'),
    immutable: header.immutable.toString('hex'),
    salt: sha512(header.immutable).toString('hex'),
    prk: prk.toString('hex'),
    payloadKey: open.payloadKey.toString('hex'),
    headerKey: hkdfExpand(prk, 'keyward/1/header', 32).toString('hex'),
    commitment: header.commitment.toString('hex'),
    mac: header.mac.toString('hex'),
    checksum: header.area.subarray(-32).toString('hex'),
    file: file.toString('base64'),
  };
}

function sourceOf(bytes: Buffer): ByteSource {
  let at = 0;
  return {
    name: 'vector',
    length: bytes.length,
    async read(buffer) {
      const part = bytes.subarray(at, at + buffer.length);
      buffer.set(part);
      at += part.length;
      return part.length;
    },
  };
}

function makeFrame(sequence: number, final: boolean, length: number) {
  const key = fixed('frame key');
  const messageId = fixed('frame message id');
  const plaintext = vectorPlaintext(length);
  const frame = Buffer.alloc(frameBytes(length, final));
  sealFrame(frame, { key, messageId, sequence, final }, plaintext);
  const label = final ? 'AWSKMSEncryptionClient Final Frame' : 'AWSKMSEncryptionClient Frame';
  const numbers = Buffer.alloc(12);
  numbers.writeUInt32BE(sequence, 0);
  numbers.writeUInt32BE(length, 8);
  return {
    key: key.toString('hex'),
    messageId: messageId.toString('hex'),
    sequence,
    final,
    plaintextLength: length,
    iv: frameIv(sequence).toString('hex'),
    additionalData: Buffer.concat([messageId, Buffer.from(label), numbers]).toString('hex'),
    frame: frame.toString('hex'),
  };
}

/** How a reader must answer files that are not whole; each is an edit of a file above. */
const REFUSED = [
  {
    name: 'cut in the final frame',
    of: 'one frame and one byte, metadata',
    cutTo: 12_328,
    code: 'FileTruncated',
  },
  { name: 'cut between frames', of: 'two frames, context, metadata', cutTo: 12_320, code: 'FileTruncated' },
  { name: 'header only', of: 'one byte', cutTo: 8192, code: 'FileTruncated' },
  { name: 'half a header', of: 'one byte', cutTo: 5000, code: 'FileTruncated' },
  { name: 'a flipped bit in the body', of: 'one frame', flip: [9000], code: 'FileDamaged' },
  { name: 'a flipped bit in a tag', of: 'one byte', flip: [8232], code: 'FileDamaged' },
  { name: 'something appended', of: 'one byte', append: '00', code: 'FileDamaged' },
  { name: 'both header copies damaged', of: 'one byte', flip: [100, 4196], code: 'FileDamaged' },
  { name: 'one header copy damaged', of: 'one byte', flip: [100], code: null },
  { name: 'not ours', of: 'one byte', flip: [0, 4096], code: 'NotKeywardFile' },
] as const;

/** The parts of a whole vector, from which `fileOf` makes the same bytes. */
export function partsOf(made: {
  readonly file: string;
  readonly dataKey: string;
  readonly messageId: string;
  readonly context: EncryptionContext;
  readonly metadataBlock: string | null;
  readonly plaintextLength: number;
}): Parts {
  const area = Buffer.from(made.file, 'base64');
  const areaLength = area.readUInt32BE(16);
  const contextEnd = 54 + area.readUInt16BE(52);
  const after = contextEnd + 2 + area.readUInt16BE(contextEnd) + 32;
  const messageId = Buffer.from(made.messageId, 'hex');
  let at = after + 10;
  const slots = Array.from({ length: area.readUInt16BE(after + 8) }, (): SlotPart => {
    const kind = area.readUInt16BE(at);
    const body = area.subarray(at + 4, at + 4 + area.readUInt16BE(at + 2));
    at += 4 + body.length;
    const version = { material, keyId, versionId };
    // The nonce of a local slot's blob; the rest of it is made anew.
    return kind === 1 ? { nonce: body.subarray(-80, -48), version } : { kind, body };
  });
  return {
    magic: Buffer.from('KEYWARD\n'),
    version: 1,
    suite: 1,
    contentKind: 0,
    flags: 0,
    frameBits: 12,
    reserved: 0,
    statedArea: areaLength,
    area: areaLength,
    messageId,
    dataKey: Buffer.from(made.dataKey, 'hex'),
    context: area.subarray(54, contextEnd),
    slotContext: slotContextOf(Object.entries(made.context), messageId),
    block: made.metadataBlock === null ? undefined : Buffer.from(made.metadataBlock, 'hex'),
    generation: area.readBigUInt64BE(after),
    slots,
    frames: framesOf(vectorPlaintext(made.plaintextLength), FRAME),
  };
}

/** What turns one file into another: a length to cut it to, bytes to append, and bytes that stand elsewhere. */
function editOf(from: Buffer, to: Buffer) {
  const set: [number, string][] = [];
  const shared = Math.min(from.length, to.length);
  for (let at = 0; at < shared; at++) {
    if (from[at] === to[at]) continue;
    let end = at + 1;
    // Runs that are close together are one.
    for (let next = end; next < Math.min(shared, end + 8); next++)
      if (from[next] !== to[next]) end = next + 1;
    set.push([at, to.toString('hex', at, end)]);
    at = end;
  }
  return {
    ...(to.length < from.length ? { cutTo: to.length } : {}),
    ...(to.length > from.length ? { append: to.toString('hex', from.length) } : {}),
    ...(set.length > 0 ? { set } : {}),
  };
}

/** One row of `malformed` in native.json. */
export type MalformedRow = {
  readonly class: string;
  readonly name: string;
  readonly of: string;
  readonly code: string | null;
  readonly cutTo?: number;
  readonly append?: string;
  readonly set?: readonly (readonly [number, string])[];
};

/** The file that a row of `malformed` stands for, out of the whole one it names. */
export function malformedFile(row: MalformedRow, whole: Buffer): Buffer {
  const cut = whole.subarray(0, row.cutTo ?? whole.length);
  const file = Buffer.concat([cut, Buffer.from(row.append ?? '', 'hex')]);
  for (const [at, bytes] of row.set ?? []) Buffer.from(bytes, 'hex').copy(file, at);
  return file;
}

function malformedRows(files: readonly Awaited<ReturnType<typeof makeFile>>[]): MalformedRow[] {
  return MALFORMED.map(({ class: kind, name, of, code, make }) => {
    const vector = files.find((file) => file.name === of);
    if (vector === undefined) throw new Error(`there is no vector "${of}"`);
    const whole = Buffer.from(vector.file, 'base64');
    return { class: kind, name, of, code, ...editOf(whole, make(partsOf(vector))) };
  });
}

/** All vectors, the same in every run. */
export async function nativeVectors() {
  const files = await Promise.all(FILES.map(makeFile));
  const blob = blobOf('a data key', fixed('a data key'), pairs);
  return {
    about: 'Vectors for docs/format.md, version 1. Hex unless a name says otherwise; "file" is base64.',
    contexts: [{}, { a: '' }, pairs].map((context) => ({
      context,
      bytes: Buffer.from(encodeContext(context)).toString('hex'),
    })),
    wrapping: {
      material: material.toString('hex'),
      keyId: uuidText(keyId),
      versionId: versionId.toString('hex'),
      context: pairs,
      dataKey: fixed('a data key').toString('hex'),
      nonce: blob.nonce.toString('hex'),
      key: blob.key.toString('hex'),
      iv: blob.iv.toString('hex'),
      additionalData: blob.aad.toString('hex'),
      blob: blob.blob.toString('hex'),
    },
    frames: [
      makeFrame(1, false, FRAME),
      makeFrame(1, true, 0),
      makeFrame(2, true, 5),
      makeFrame(0xffff_fffe, false, FRAME),
      makeFrame(0xffff_ffff, true, 1),
    ],
    files,
    edited: REFUSED,
    malformed: malformedRows(files),
  };
}

if (process.argv[1] === import.meta.filename) {
  const path = join(import.meta.dirname, 'native.json');
  writeFileSync(path, `${JSON.stringify(await nativeVectors(), null, 1)}\n`);
}
