/**
 * Messages of the AWS Encryption SDK made from their parts, right or wrong, with Node's functions: keys, tags and the
 * signature are made to fit, so that a message can break one rule and no other.
 */
import { createCipheriv, createSign, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import { mutant } from '../unit/envelope/mutants.ts';

type Below = (most: number) => number;

/** The wrapping keys that the readers have, and one that they don't have. */
export const AWS_KEYS = [
  { namespace: 'office', name: 'tax', key: Buffer.alloc(32, 1) },
  { namespace: 'office', name: 'täx', key: Buffer.alloc(16, 2) },
];
const STRANGER = { namespace: 'office', name: 'other', key: Buffer.alloc(32, 3) };
/** The pairs that the readers are given besides. */
export const GIVEN_CONTEXT = { zone: 'z' };

type Edk = { provider: Buffer; info: Buffer; ciphertext: Buffer };
type Frame = { number: number; final: boolean; content: Buffer; iv: Buffer; length: number };

type Parts = {
  version: number;
  type: number;
  suite: number;
  keyBytes: number;
  kdf: string | undefined;
  signed: 'P-256' | 'P-384' | undefined;
  messageId: Buffer;
  dataKey: Buffer;
  context: [string | Buffer, string | Buffer][];
  contextBytes?: Buffer;
  edks: Edk[];
  edkCount?: number;
  contentType: number;
  reserved: number;
  ivLength: number;
  frameLength: number;
  commitment?: Buffer;
  tag?: Buffer;
  headerIv: Buffer;
  plaintext: Buffer;
  frames: Frame[] | undefined;
  signature?: Buffer;
};

const SUITES = [
  { suite: 0x0014, version: 1, keyBytes: 16, kdf: undefined, signed: undefined },
  { suite: 0x0114, version: 1, keyBytes: 16, kdf: 'sha256', signed: undefined },
  { suite: 0x0178, version: 1, keyBytes: 32, kdf: 'sha256', signed: undefined },
  { suite: 0x0214, version: 1, keyBytes: 16, kdf: 'sha256', signed: 'P-256' },
  { suite: 0x0378, version: 1, keyBytes: 32, kdf: 'sha384', signed: 'P-384' },
  { suite: 0x0478, version: 2, keyBytes: 32, kdf: 'sha512', signed: undefined },
  { suite: 0x0578, version: 2, keyBytes: 32, kdf: 'sha512', signed: 'P-384' },
] as const;

const PAIRS = {
  'P-256': { ...pairOn('P-256'), hash: 'sha256' },
  'P-384': { ...pairOn('P-384'), hash: 'sha384' },
};

function pairOn(curve: string): { privateKey: KeyObject; point: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const odd = (Buffer.from(y, 'base64url').at(-1) ?? 0) & 1;
  const point = Buffer.concat([Uint8Array.of(2 + odd), Buffer.from(x, 'base64url')]);
  return { privateKey, point: point.toString('base64') };
}

const english = new Intl.Collator('en');
const uint = (value: number | bigint, size: number) =>
  Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(2 * size, '0')
      .slice(-2 * size),
    'hex',
  );
const sized = (bytes: Uint8Array) => Buffer.concat([uint(bytes.length, 2), bytes]);
const pick = <T>(below: Below, from: readonly T[]): T => from[below(from.length)] as T;
const noise = (below: Below, length: number) => Buffer.from(Array.from({ length }, () => below(256)));
const derive = (hash: string, key: Buffer, salt: Buffer, info: Buffer, length: number) =>
  Buffer.from(hkdfSync(hash, key, salt, info, length));

function seal(key: Buffer, iv: Buffer, aad: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv(`aes-${8 * key.length}-gcm` as 'aes-256-gcm', key, iv);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function contextOf(pairs: Parts['context']): Buffer {
  if (pairs.length === 0) return Buffer.alloc(0);
  return Buffer.concat([
    uint(pairs.length, 2),
    ...pairs.flat().map((text) => sized(Buffer.from(text as string))),
  ]);
}

const sorted = (pairs: Parts['context']) =>
  pairs.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a as string), Buffer.from(b as string)));

function wrap(key: (typeof AWS_KEYS)[number], dataKey: Buffer, context: Buffer, iv: Buffer): Edk {
  const info = Buffer.concat([Buffer.from(key.name), uint(128, 4), uint(12, 4), iv]);
  return { provider: Buffer.from(key.namespace), info, ciphertext: seal(key.key, iv, context, dataKey) };
}

function framesOf(plaintext: Buffer, length: number): Frame[] {
  const count = Math.max(1, Math.ceil(plaintext.length / length));
  return Array.from({ length: count }, (_, i) => {
    const content = plaintext.subarray(i * length, (i + 1) * length);
    return { number: i + 1, final: i + 1 === count, content, iv: uint(i + 1, 12), length: content.length };
  });
}

function drawParts(below: Below): Parts {
  const suite = pick(below, SUITES);
  const { keyBytes, signed, version } = suite;
  const dataKey = noise(below, keyBytes);
  const pairs: Parts['context'] = Array.from({ length: below(3) }, (_, i) => [
    pick(below, ['a', 'Purpose', 'zöne', 'ä', '\u{1F600}', '\uFF5E', '1', '10', '__proto__'].slice(i)),
    pick(below, ['', 'b', 'é']),
  ]);
  if (below(3) === 0) pairs.push(['zone', 'z']);
  if (signed !== undefined) pairs.push(['aws-crypto-public-key', PAIRS[signed].point]);
  const context = sorted([...new Map(pairs).entries()]);
  const frameLength = pick(below, [0, 1, 64, 1024, 1024, 1024]);
  const plaintext = noise(
    below,
    pick(below, frameLength === 1 ? [0, 1, 5] : [0, 1, 63, 64, 1024, 2048, 2500]),
  );
  // A pair that the readers give and the header does not have is bound all the same.
  const whole = context.some(([name]) => name === 'zone') ? context : sorted([...context, ['zone', 'z']]);
  // The client for JavaScript orders the pairs as an English dictionary does, unless it is told otherwise.
  const ordered = below(3) === 0 ? whole.toSorted(([x], [y]) => english.compare(`${x}`, `${y}`)) : whole;
  const edks = Array.from({ length: 1 + below(3) }, () =>
    wrap(pick(below, [...AWS_KEYS, STRANGER]), dataKey, contextOf(ordered), noise(below, 12)),
  );
  return {
    ...suite,
    type: 0x80,
    messageId: noise(below, version === 1 ? 16 : 32),
    dataKey,
    context,
    edks,
    contentType: frameLength > 0 ? 2 : 1,
    reserved: 0,
    ivLength: 12,
    frameLength,
    headerIv: version === 1 ? noise(below, 12) : Buffer.alloc(12),
    plaintext,
    frames: frameLength > 0 ? framesOf(plaintext, frameLength) : undefined,
  };
}

function bytesOf(parts: Parts): Buffer {
  const { version, suite, messageId, dataKey, kdf, keyBytes, context } = parts;
  const id = uint(suite, 2);
  const salt = version === 2 ? messageId : Buffer.alloc(0);
  const info = Buffer.concat([id, version === 2 ? Buffer.from('DERIVEKEY') : messageId]);
  const key = kdf === undefined ? dataKey : derive(kdf, dataKey, salt, info, keyBytes);
  const commitment = parts.commitment ?? derive('sha512', dataKey, messageId, Buffer.from('COMMITKEY'), 32);
  const fields = [
    version === 1 ? Buffer.of(1, parts.type) : Buffer.of(2),
    id,
    messageId,
    sized(parts.contextBytes ?? contextOf(context)),
    uint(parts.edkCount ?? parts.edks.length, 2),
    ...parts.edks.flatMap(({ provider, info: of, ciphertext }) => [provider, of, ciphertext].map(sized)),
    Buffer.of(parts.contentType),
    version === 1 ? Buffer.concat([uint(parts.reserved, 4), Buffer.of(parts.ivLength)]) : Buffer.alloc(0),
    uint(parts.frameLength, 4),
    version === 2 ? commitment : Buffer.alloc(0),
  ];
  const authenticated = Buffer.concat(fields);
  const required = context.some(([name]) => name === 'zone') ? [] : Object.entries(GIVEN_CONTEXT);
  const tag =
    parts.tag ??
    seal(key, parts.headerIv, Buffer.concat([authenticated, contextOf(required)]), Buffer.alloc(0));
  const header = [authenticated, version === 1 ? parts.headerIv : Buffer.alloc(0), tag];
  const message = Buffer.concat([...header, bodyOf(parts, key)]);
  if (parts.signed === undefined) return message;
  const { privateKey, hash } = PAIRS[parts.signed];
  return Buffer.concat([
    message,
    sized(parts.signature ?? createSign(hash).update(message).sign(privateKey)),
  ]);
}

function bodyOf({ frames, messageId, plaintext }: Parts, key: Buffer): Buffer {
  const aad = (label: string, number: number, length: number) =>
    Buffer.concat([
      messageId,
      Buffer.from(`AWSKMSEncryptionClient ${label}`),
      uint(number, 4),
      uint(length, 8),
    ]);
  if (frames === undefined) {
    const iv = uint(1, 12);
    return Buffer.concat([
      iv,
      uint(plaintext.length, 8),
      seal(key, iv, aad('Single Block', 1, plaintext.length), plaintext),
    ]);
  }
  return Buffer.concat(
    frames.flatMap(({ number, final, content, iv, length }) => [
      final
        ? Buffer.concat([uint(0xffff_ffff, 4), uint(number, 4), iv, uint(length, 4)])
        : Buffer.concat([uint(number, 4), iv]),
      seal(key, iv, aad(final ? 'Final Frame' : 'Frame', number, content.length), content),
    ]),
  );
}

/** What is changed, one thing at a time. */
const CHANGES: readonly ((parts: Parts, below: Below) => void)[] = [
  (parts, below) => {
    const many = contextOf([
      ['a', ''],
      ['a', ''],
    ]);
    const choices = [
      many,
      Buffer.from('0000', 'hex'),
      Buffer.from('0001', 'hex'),
      contextOf([[Buffer.of(0xff), '']]),
      contextOf([['a', Buffer.of(0xc3)]]),
      contextOf(parts.context.toReversed()),
      Buffer.concat([contextOf(parts.context), Buffer.alloc(1)]),
    ];
    parts.contextBytes = pick(below, choices);
  },
  (parts, below) => {
    const edk = pick(below, parts.edks);
    const field = pick(below, ['provider', 'info', 'ciphertext'] as const);
    edk[field] = pick(below, [
      Buffer.alloc(0),
      noise(below, 5),
      edk[field].subarray(0, -1),
      Buffer.concat([edk[field], Buffer.alloc(1)]),
      Buffer.concat([Buffer.of(0xff), edk[field]]),
    ]);
  },
  (parts, below) =>
    void parts.edks.unshift(
      wrap(
        pick(below, AWS_KEYS),
        noise(below, pick(below, [16, 32, 24])),
        contextOf(parts.context),
        noise(below, 12),
      ),
    ),
  (parts, below) => Object.assign(parts, { edkCount: pick(below, [0, 1, 2, 20, 21, 0xffff]) }),
  (parts, below) =>
    Object.assign(
      parts,
      pick(below, [
        { contentType: 0 },
        { contentType: 1 },
        { contentType: 2 },
        { reserved: 1 },
        { ivLength: 11 },
        { type: 0 },
      ]),
    ),
  (parts, below) =>
    Object.assign(parts, { frameLength: pick(below, [0, 1, 63, 65, 1023, 1025, 0xffff_ffff]) }),
  (parts, below) =>
    Object.assign(
      parts,
      pick(below, [
        { commitment: noise(below, 32) },
        { tag: noise(below, 16) },
        { suite: 0x0478 },
        { suite: 0x0100 },
      ]),
    ),
  (parts) => {
    parts.context = parts.context.filter(([name]) => name !== 'aws-crypto-public-key');
  },
  (parts, below) => {
    parts.context = parts.context.map(([name, value]) => [
      name,
      name === 'aws-crypto-public-key'
        ? pick(below, ['', 'AAAA', String(value).replace('A', '!'), `${String(value)}AA`])
        : value,
    ]);
  },
  (parts) => void parts.context.push(['zone', 'another']),
  (parts, below) => Object.assign(parts, { signature: noise(below, pick(below, [0, 1, 70, 104, 510])) }),
  changeFrames,
  changeFrames,
  changeFrames,
];

function changeFrames(parts: Parts, below: Below): void {
  const { frames } = parts;
  if (frames === undefined) return;
  const at = below(frames.length);
  const frame = frames[at];
  if (frame === undefined) return;
  const to = (change: Partial<Frame>) => void frames.splice(at, 1, { ...frame, ...change });
  pick(below, [
    () => void frames.splice(at, 1),
    () => void frames.reverse(),
    () => void frames.splice(at, 0, frame),
    () => to({ number: pick(below, [0, 1, frame.number + 1, 0xffff_ffff]) }),
    () => to({ final: !frame.final }),
    () => to({ iv: noise(below, 12) }),
    () => to({ length: pick(below, [0, 1, frame.length + 1, 0xffff_ffff]) }),
    () => to({ content: frame.content.subarray(0, below(frame.content.length + 1)) }),
    () =>
      void frames.push({
        number: frames.length + 1,
        final: true,
        content: Buffer.alloc(0),
        iv: uint(frames.length + 1, 12),
        length: 0,
      }),
  ])();
}

/** A message that may be right, with up to two things changed; or changed byte by byte, cut, or added to. */
export function awsMutant(below: Below): Buffer {
  const parts = drawParts(below);
  for (let left = below(3); left > 0; left--) pick(below, CHANGES)(parts, below);
  const bytes = bytesOf(parts);
  switch (below(10)) {
    case 0:
      return mutant(bytes, below);
    case 1:
      return bytes.subarray(
        0,
        pick(below, [bytes.length - 1, bytes.length - 17, below(bytes.length), bytes.length - 1024]),
      );
    case 2:
      return Buffer.concat([bytes, noise(below, pick(below, [1, 40, 1056]))]);
    default:
      return bytes;
  }
}
