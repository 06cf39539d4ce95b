/**
 * The classes of malformed files of docs/format.md section 10, each with files that belong to it. A file is made
 * from one of the whole vectors and breaks one rule; keys, tags, HMAC and checksums fit wherever the rule is not
 * about them.
 */
import {
  areaOf,
  blobOf,
  blockOf,
  bodyOf,
  contextBytes,
  copyOf,
  fileOf,
  framesOf,
  type Parts,
  slotBody,
  slotContextOf,
  type Version,
  withChecksum,
} from './native-builder.ts';

/** The files that are changed. */
export const SMALL = 'three kinds of slots';
const BIG_AREA = 'area of two pages';
const FRAMES = 'two frames, context, metadata';

/** One malformed file: its class in section 10, what is wrong, and the answer; `null` means that it opens. */
export type Malformed = {
  readonly class: string;
  readonly name: string;
  readonly of: string;
  readonly code: string | null;
  readonly make: (base: Parts) => Buffer;
};

const pair = (key: string | Buffer, value: string | Buffer) => [key, value] as const;
const i64 = Buffer.alloc(8, 1);

function changed(base: Parts, change: (parts: Parts) => void): Parts {
  const parts = copyOf(base);
  change(parts);
  return parts;
}

/** Changes parts in place. */
export type Change = (parts: Parts) => void;

/** Both copies and the body after a change. */
const both = (change: Change) => (base: Parts) => fileOf(changed(base, change));
/** The first copy after a change, the second one as it was. */
const firstOnly = (change: Change) => (base: Parts) =>
  Buffer.concat([areaOf(changed(base, change)), areaOf(base), bodyOf(base)]);
const secondOnly = (change: Change) => (base: Parts) =>
  Buffer.concat([areaOf(base), areaOf(changed(base, change)), bodyOf(base)]);
/** The file after a change of its bytes. */
const bytes = (change: (file: Buffer) => Buffer) => (base: Parts) => change(fileOf(base));

function context(pairs: readonly (readonly [string | Buffer, string | Buffer])[]): Change {
  return (parts) => {
    parts.context = contextBytes(pairs);
  };
}

function items(...given: readonly (readonly [number, Buffer])[]): Change {
  return (parts) => {
    parts.block = blockOf(given);
  };
}

const name = (text: string | Buffer) => items([1, Buffer.from(text as string)]);

/** A slot in the place of the local one. */
function slot(kind: number, body: (parts: Parts) => Buffer): Change {
  return (parts) => {
    parts.slots = [{ kind, body: body(parts) }, ...parts.slots.slice(1)];
  };
}

function versionOf(parts: Parts): Version {
  const local = parts.slots.find((one) => 'version' in one);
  if (local === undefined || !('version' in local)) throw new Error('the file has no local slot');
  return local.version;
}

/** The local slot's body, of other fields. */
function local(of: (version: Version, blob: Buffer) => Buffer): Change {
  return slot(1, (parts) => {
    const version = versionOf(parts);
    return of(version, blobOf(version, Buffer.alloc(32, 5), parts.slotContext, parts.dataKey));
  });
}

const ARN = Buffer.from('arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab');
const aws = (key: Buffer, version: Buffer, wrapped: Buffer) =>
  ((parts) => {
    parts.slots = [...parts.slots, { kind: 2, body: slotBody(key, version, wrapped) }];
  }) satisfies Change;

function flip(at: number, bit = 1) {
  return (file: Buffer): Buffer => {
    file[at] = (file[at] ?? 0) ^ bit;
    return file;
  };
}

/** One bit of both copies, under fresh checksums. */
const flipBoth = (at: (parts: Parts) => number) => (base: Parts) => {
  const file = fileOf(base);
  for (const copy of [0, base.area]) {
    flip(copy + at(base))(file);
    withChecksum(file.subarray(copy, copy + base.area));
  }
  return file;
};

const set =
  (change: Partial<Parts>): Change =>
  (parts) =>
    void Object.assign(parts, change);

/** Changes of a header that make a copy not good. */
const NOT_GOOD: readonly (readonly [string, string, Change])[] = [
  ['header-bounds', 'frames of 2 KiB', set({ frameBits: 11 })],
  ['header-bounds', 'frames of 32 MiB', set({ frameBits: 25 })],
  ['header-bounds', 'an area length of 0', set({ statedArea: 0 })],
  ['header-bounds', 'an area length that is no multiple of 4,096', set({ statedArea: 4097 })],
  ['header-bounds', 'an area length of 68 KiB', set({ statedArea: 69_632 })],
  ['header-bounds', 'generation 0', set({ generation: 0n })],
  ['header-bounds', 'generation 2^53', set({ generation: 2n ** 53n })],
  ['context', 'pairs out of order', context([pair('b', ''), pair('a', '')])],
  ['context', 'a pair twice', context([pair('a', '1'), pair('a', '2')])],
  ['context', 'an order of UTF-16 units', context([pair('\u{1F600}', ''), pair('\uFF5E', '')])],
  ['context', 'a count of zero', set({ context: Buffer.from('0000', 'hex') })],
  ['context', 'bytes left over', set({ context: Buffer.from('000100016100016200', 'hex') })],
  ['context', 'a pair cut', set({ context: Buffer.from('00010001610002', 'hex') })],
  ['context', 'a name that is not UTF-8', context([pair(Buffer.of(0xc3, 0x28), '')])],
  ['context', 'a value that is a lone surrogate', context([pair('a', Buffer.of(0xed, 0xa0, 0x80))])],
  ['context', 'an empty name', context([pair('', 'a')])],
  ['context', 'the name of our own pair', context([pair('keyward:message-id', 'a')])],
  ['context', 'a reserved name in capitals', context([pair('AWS-Crypto-public-key', 'a')])],
  ['context', 'a reserved name with a Kelvin sign', context([pair('\u212Aeyward:x', 'a')])],
  ['metadata-length', 'a block of 255 bytes', set({ sealed: Buffer.alloc(271) })],
  ['metadata-length', 'a tag without a block', set({ sealed: Buffer.alloc(16) })],
  ['metadata-length', 'a block of 2,304 bytes', set({ sealed: Buffer.alloc(2320) })],
  [
    'slot-count',
    'a slot that runs beyond the room for slots',
    (parts) => {
      parts.slots.push({ kind: 9, body: Buffer.alloc(3600) });
    },
  ],
  [
    'slot-count',
    'a slot fewer than there is',
    (parts) => {
      parts.slotCount = parts.slots.length - 1;
    },
  ],
  [
    'slot-count',
    '21 slots',
    (parts) => {
      parts.slots = [
        ...parts.slots,
        ...Array.from({ length: 18 }, () => ({ kind: 9, body: Buffer.alloc(0) })),
      ];
    },
  ],
  [
    'slot-shape',
    'a local slot of another version than its blob',
    local(({ keyId }, blob) => slotBody(keyId, Buffer.alloc(32), blob)),
  ],
  [
    'slot-shape',
    'a local slot of another key than its blob',
    local(({ versionId }, blob) => slotBody(Buffer.alloc(16), versionId, blob)),
  ],
  [
    'slot-shape',
    'a blob of version 2',
    local(({ keyId, versionId }, blob) => slotBody(keyId, versionId, flip(0, 3)(blob))),
  ],
  [
    'slot-shape',
    'a blob that is cut',
    local(({ keyId, versionId }, blob) => slotBody(keyId, versionId, blob.subarray(0, -1))),
  ],
  [
    'slot-shape',
    'a local slot with a byte more',
    local(({ keyId, versionId }, blob) => Buffer.concat([slotBody(keyId, versionId, blob), Buffer.alloc(1)])),
  ],
  [
    'slot-shape',
    'an AWS slot whose key is no ARN',
    aws(Buffer.from('urn:a'), Buffer.alloc(0), Buffer.alloc(1)),
  ],
  ['slot-shape', 'an ARN of nothing', aws(Buffer.from('arn:'), Buffer.alloc(0), Buffer.alloc(1))],
  ['slot-shape', 'an ARN with a line feed', aws(Buffer.from('arn:a\n'), Buffer.alloc(0), Buffer.alloc(1))],
  [
    'slot-shape',
    'an ARN of 2,049 bytes',
    aws(Buffer.concat([Buffer.from('arn:'), Buffer.alloc(2045, 97)]), Buffer.alloc(0), Buffer.alloc(1)),
  ],
  ['slot-shape', 'an AWS version of 16 bytes', aws(ARN, Buffer.alloc(16), Buffer.alloc(1))],
  ['slot-shape', 'an AWS slot without a wrapped key', aws(ARN, Buffer.alloc(0), Buffer.alloc(0))],
  ['padding', 'the first byte of the padding', set({ padding: [0, 1] })],
  ['padding', 'a late byte of the padding', set({ padding: [2000, 0x80] })],
];

const MALFORMED_METADATA: readonly (readonly [string, Change])[] = [
  ['a name twice', items([1, Buffer.from('a')], [1, Buffer.from('a')])],
  ['an unknown type twice', items([9, i64], [9, i64])],
  ['an item of type 0', items([0, i64])],
  [
    'an item that is cut',
    (parts) => {
      parts.block = Buffer.concat([Buffer.alloc(253, 0), Buffer.of(1, 0, 2)]);
    },
  ],
  ['no name', name('')],
  ['the name .', name('.')],
  ['the name ..', name('..')],
  ['a name with a slash', name('a/b')],
  ['a name with a zero', name('a\0b')],
  ['a name of 1,025 bytes', name('a'.repeat(1025))],
  ['a name that is not UTF-8', name(Buffer.of(0xff, 0x61))],
  ['a time of 7 bytes', items([2, Buffer.alloc(7, 1)])],
  ['a time of birth of 9 bytes', items([3, Buffer.alloc(9, 1)])],
  ['a mode of 2 bytes', items([4, Buffer.alloc(2, 1)])],
  ['something behind the items', set({ block: flip(255)(blockOf([[1, Buffer.from('a')]])) })],
];

const other = (label: number) => Buffer.alloc(32, label);

/** A frame as it must not be; the plaintext's frames are 4,096 bytes. */
function frames(change: (all: Parts['frames']) => void): (base: Parts) => Buffer {
  return both((parts) => change(parts.frames));
}

const bodyAt = (base: Parts) => 2 * base.area;
const STRIDE = 4096 + 32;

/** The changes that need nothing but a header. */
export const HEADER_CHANGES: readonly Change[] = [
  ...NOT_GOOD.map(([, , change]) => change),
  ...MALFORMED_METADATA.map(([, change]) => change),
];

export const MALFORMED: readonly Malformed[] = [
  ...(
    [
      ['no-magic', 'no bytes at all', 'NotKeywardFile', bytes(() => Buffer.alloc(0))],
      ['no-magic', 'another first byte, nothing else', 'NotKeywardFile', bytes(() => Buffer.from('k'))],
      [
        'no-magic',
        'another first byte in both copies',
        'NotKeywardFile',
        both(set({ magic: Buffer.from('keyward\n') })),
      ],
      ['header-cut', 'the magic alone', 'FileTruncated', bytes((file) => file.subarray(0, 8))],
      ['header-cut', 'half of the magic', 'FileTruncated', bytes((file) => file.subarray(0, 4))],
      [
        'header-cut',
        'a byte less than the first copy',
        'FileTruncated',
        bytes((file) => file.subarray(0, 4095)),
      ],
      [
        'header-cut',
        'a byte less than both copies',
        'FileTruncated',
        bytes((file) => file.subarray(0, 8191)),
      ],
      ['header-cut', 'an area length of a longer header', 'FileTruncated', both(set({ statedArea: 8192 }))],
      [
        'header-cut',
        'an area length of a longer header, in the first copy alone',
        null,
        firstOnly(set({ statedArea: 8192 })),
      ],
      ['newer', 'version 2', 'NewerFormat', both(set({ version: 2 }))],
      ['newer', 'version 0', 'NewerFormat', both(set({ version: 0 }))],
      ['newer', 'suite 2', 'NewerFormat', both(set({ suite: 2 }))],
      ['newer', 'content of kind 2', 'NewerFormat', both(set({ contentKind: 2 }))],
      ['newer', 'a flag', 'NewerFormat', both(set({ flags: 1 }))],
      ['newer', 'a reserved byte', 'NewerFormat', both(set({ reserved: 1 }))],
      ['newer', 'a flag, in the first copy alone', 'NewerFormat', firstOnly(set({ flags: 1 }))],
      [
        'newer',
        'a flag, in a second copy beside a first one that is not good',
        'NewerFormat',
        (base: Parts) => flip(100)(secondOnly(set({ flags: 1 }))(base)),
      ],
      ['newer', 'a flag, in the second copy alone', null, secondOnly(set({ flags: 1 }))],
      ['checksum', 'in both copies', 'FileDamaged', bytes((file) => flip(4095)(flip(8191)(file)))],
      ['checksum', 'in the first copy', null, bytes(flip(4095))],
      ['checksum', 'in the second copy', null, bytes(flip(8191))],
      ['checksum', 'a first copy with another magic', null, bytes(flip(0))],
      ['copies', 'the second one is a generation older', null, firstOnly(set({ generation: 2n }))],
      ['copies', 'the second one is a generation newer', null, secondOnly(set({ generation: 2n }))],
      [
        'copies',
        'the second one is newer and its HMAC is wrong',
        'FileDamaged',
        secondOnly(set({ generation: 2n, mac: other(1) })),
      ],
      [
        'copies',
        'the first one has a wrong HMAC and the same generation',
        'FileDamaged',
        firstOnly(set({ mac: other(1) })),
      ],
      [
        'copies',
        'the second one has a wrong HMAC and the same generation',
        null,
        secondOnly(set({ mac: other(1) })),
      ],
    ] as const
  ).map(([of, what, code, make]) => ({ class: of, name: what, of: SMALL, code, make })),

  ...NOT_GOOD.flatMap(([of, what, change]) => [
    { class: of, name: what, of: SMALL, code: 'FileDamaged', make: both(change) },
    { class: of, name: `${what}, in the first copy alone`, of: SMALL, code: null, make: firstOnly(change) },
  ]),
  {
    class: 'context',
    name: '8,001 bytes',
    of: BIG_AREA,
    code: 'FileDamaged',
    make: (base) =>
      fileOf(
        changed(base, (parts) => {
          parts.context = contextBytes([pair('a', Buffer.alloc(7994, 97))]);
          parts.area = parts.statedArea = 12_288;
        }),
      ),
  },
  {
    class: 'header-bounds',
    name: 'a second copy that states another length than its place',
    of: BIG_AREA,
    code: 'FileDamaged',
    make: (base) => flip(100)(secondOnly(set({ statedArea: 4096 }))(base)),
  },

  ...(
    [
      ['slots-allowed', 'an empty slot of kind 0', null, both(set({ slotCount: 4 }))],
      [
        'slots-allowed',
        '20 slots',
        null,
        both((parts) => {
          parts.slots.push(...Array.from({ length: 17 }, () => ({ kind: 0xffff, body: Buffer.alloc(1) })));
        }),
      ],
      ['slots-allowed', 'an AWS slot with its version', null, both(aws(ARN, other(1), Buffer.alloc(1)))],
      ['no-slot', 'no slot', 'UnsupportedSlot', both(set({ slots: [] }))],
      [
        'no-slot',
        'only slots of AWS and of unknown kinds',
        'UnsupportedSlot',
        both((parts) => {
          parts.slots = parts.slots.slice(1);
        }),
      ],
      [
        'no-key',
        'a slot of a key that is not at hand',
        'WrongKey',
        both((parts) => {
          const version = { ...versionOf(parts), keyId: Buffer.alloc(16, 7) };
          parts.slots = [{ nonce: other(3), version }, ...parts.slots.slice(1)];
        }),
      ],
      [
        'blob',
        'a tag',
        'FileDamaged',
        both(local(({ keyId, versionId }, blob) => slotBody(keyId, versionId, flip(128)(blob)))),
      ],
      [
        'blob',
        'a blob of another context',
        'FileDamaged',
        both((parts) => {
          parts.slotContext = slotContextOf([['a', 'b']], parts.messageId);
        }),
      ],
      [
        'blob',
        'a tag, and another slot that opens',
        null,
        both((parts) => {
          const good = parts.slots[0];
          local(({ keyId, versionId }, blob) => slotBody(keyId, versionId, flip(128)(blob)))(parts);
          if (good !== undefined) parts.slots.push(good);
        }),
      ],
      [
        'blob',
        'a tag, and another slot of another file’s data key',
        'FileDamaged',
        both((parts) => {
          const version = versionOf(parts);
          local(({ keyId, versionId }, blob) => slotBody(keyId, versionId, flip(128)(blob)))(parts);
          parts.slots.push({ nonce: other(4), version, dataKey: other(9) });
        }),
      ],
      [
        'commitment',
        'a wrapped key of another file',
        'WrongKey',
        both((parts) => {
          parts.slots = [
            { nonce: other(3), version: versionOf(parts), dataKey: other(9) },
            ...parts.slots.slice(1),
          ];
        }),
      ],
      [
        'commitment',
        'a wrapped key of another file, and another slot that opens',
        null,
        both((parts) => {
          parts.slots = [{ nonce: other(3), version: versionOf(parts), dataKey: other(9) }, ...parts.slots];
        }),
      ],
      ['commitment', 'another commitment', 'WrongKey', both(set({ commitment: other(1) }))],
      ['hmac', 'a flipped bit', 'FileDamaged', flipBoth((base) => base.area - 64)],
      [
        'hmac',
        'a generation that someone changed',
        'FileDamaged',
        flipBoth(
          (base) => 56 + base.context.length + 39 + (base.block === undefined ? 0 : base.block.length + 16),
        ),
      ],
      ['package', 'content of kind 1', 'NewerFormat', both(set({ contentKind: 1 }))],
      ['metadata', 'a tag that does not fit', 'FileDamaged', both(set({ sealed: Buffer.alloc(272, 1) }))],
      [
        'metadata-allowed',
        'items in another order',
        null,
        both(items([4, Buffer.alloc(4)], [2, i64], [1, Buffer.from('a')])),
      ],
      [
        'metadata-allowed',
        'a mode with bits above the twelfth',
        null,
        both(items([4, Buffer.alloc(4, 0xff)])),
      ],
      [
        'metadata-allowed',
        'unknown types',
        null,
        both(items([0xffff, Buffer.alloc(100)], [5, Buffer.alloc(0)])),
      ],
      ['metadata-allowed', 'no item at all', null, both(set({ block: Buffer.alloc(256) }))],
      ['metadata-allowed', 'items up to the last byte', null, both(items([9, Buffer.alloc(252, 1)]))],
    ] as const
  ).map(([of, what, code, make]) => ({ class: of, name: what, of: SMALL, code, make })),
  ...MALFORMED_METADATA.map(([what, change]) => ({
    class: 'metadata',
    name: what,
    of: SMALL,
    code: 'FileDamaged',
    make: both(change),
  })),

  ...(
    [
      ['body-length', 'no body', 'FileTruncated', (base: Parts) => fileOf(base).subarray(0, bodyAt(base))],
      [
        'body-length',
        '39 bytes',
        'FileTruncated',
        (base: Parts) => fileOf(base).subarray(0, bodyAt(base) + STRIDE + 39),
      ],
      [
        'body-length',
        'a frame and 8 bytes',
        'FileTruncated',
        (base: Parts) => fileOf(base).subarray(0, bodyAt(base) + STRIDE + 8),
      ],
      ['body-length', 'a byte less', 'FileTruncated', (base: Parts) => fileOf(base).subarray(0, -1)],
      [
        'body-length',
        'bytes behind a full final frame, of a length that no body has',
        'FileDamaged',
        (base: Parts) => Buffer.concat([fileOf(base), Buffer.alloc(5)]),
      ],
      ['end', 'the final frame is missing', 'FileTruncated', frames((all) => void all.pop())],
      [
        'end',
        'a regular frame in the place of the final one',
        'FileTruncated',
        frames((all) => {
          all[1] = { number: 2, final: false, content: Buffer.alloc(4096) };
        }),
      ],
      [
        'end',
        'the final frame states a byte more',
        'FileTruncated',
        frames((all) => {
          all[1] = { number: 2, final: true, content: Buffer.alloc(100), length: 101 };
        }),
      ],
      [
        'end',
        'the final frame states a byte less',
        'FileDamaged',
        frames((all) => {
          all[1] = { number: 2, final: true, content: Buffer.alloc(100), length: 99 };
        }),
      ],
      [
        'end',
        'the final frame states more than a frame',
        'FileDamaged',
        frames((all) => {
          all[1] = { number: 2, final: true, content: Buffer.alloc(100), length: 4097 };
        }),
      ],
      [
        'end',
        'another number in the final frame',
        'FileDamaged',
        frames((all) => {
          all[1] = { number: 3, final: true, content: Buffer.alloc(100) };
        }),
      ],
      [
        'body-length',
        'an empty final frame behind a full one',
        'FileTruncated',
        frames((all) => {
          all[1] = { number: 2, final: false, content: Buffer.alloc(4096) };
          all.push({ number: 3, final: true, content: Buffer.alloc(0) });
        }),
      ],
      [
        'end',
        'bytes behind the final frame',
        'FileDamaged',
        (base: Parts) =>
          Buffer.concat([
            fileOf(
              changed(base, (parts) => {
                parts.frames = framesOf(Buffer.alloc(5000), 4096);
              }),
            ),
            Buffer.alloc(100),
          ]),
      ],
      [
        'frame',
        'another IV',
        'FileDamaged',
        frames((all) => {
          all[0] = { number: 1, final: false, content: Buffer.alloc(4096), iv: Buffer.alloc(12, 1) };
        }),
      ],
      [
        'frame',
        'another IV in the final frame',
        'FileDamaged',
        frames((all) => {
          all[1] = { number: 2, final: true, content: Buffer.alloc(10), iv: Buffer.alloc(12, 1) };
        }),
      ],
      [
        'frame',
        'another number',
        'FileDamaged',
        frames((all) => {
          all[0] = { number: 2, final: false, content: Buffer.alloc(4096) };
        }),
      ],
      [
        'frame',
        'a final frame in the middle that fills a regular one’s place',
        'FileDamaged',
        frames((all) => {
          all[0] = { number: 1, final: true, content: Buffer.alloc(4088) };
        }),
      ],
      [
        'frame',
        'a final frame in the middle that goes beyond its place',
        'FileDamaged',
        frames((all) => {
          all[0] = { number: 1, final: true, content: Buffer.alloc(4088), length: 4096 };
        }),
      ],
      ['frame', 'a tag', 'FileDamaged', (base: Parts) => flip(bodyAt(base) + STRIDE - 1)(fileOf(base))],
    ] as const
  ).map(([of, what, code, make]) => ({ class: of, name: what, of: FRAMES, code, make })),
];
