import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../../src/main/envelope/bytes.ts';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { frameBytes, sealFrame } from '../../../src/main/envelope/frame.ts';
import { parseArea } from '../../../src/main/envelope/header.ts';
import { AT } from '../../../src/main/envelope/layout.ts';
import { parseFrame } from '../../../src/main/envelope/sealed-frame.ts';
import { decodeSlots, encodeSlots, type Slot } from '../../../src/main/envelope/slots.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { AREA, headerInput, localSlot } from './support.ts';

/** Code and details of what a call throws. */
function refusal(act: () => unknown): { code: string; [detail: string]: unknown } {
  try {
    act();
  } catch (error) {
    if (isKeywardError(error)) return { code: error.code, ...error.details };
    throw error;
  }
  return { code: 'none' };
}

/** A good header area, changed and with a checksum that holds again. */
function area(change: (bytes: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.from(newHeader(headerInput({ areaLength: AREA })).header.area);
  change(bytes);
  return checked(bytes);
}

function checked(bytes: Buffer): Buffer {
  createHash('sha256')
    .update(bytes.subarray(0, -32))
    .digest()
    .copy(bytes, bytes.length - 32);
  return bytes;
}

const parse = (bytes: Buffer, at = 0) => refusal(() => parseArea(bytes, 'x', at)).code;

describe('a header area whose checksum holds', () => {
  it('is read, of a file or a folder, at both ends of the frame lengths', () => {
    expect(parseArea(area(), 'x')).toMatchObject({ contentKind: 'file', frameLength: 4096, generation: 1 });
    const folder = area((bytes) => bytes.writeUInt8(1, AT.contentKind));
    expect(parseArea(folder, 'x').contentKind).toBe('package');
    for (const bits of [12, 24]) {
      const framed = area((bytes) => bytes.writeUInt8(bits, AT.frameBits));
      expect(parseArea(framed, 'x').frameLength).toBe(2 ** bits);
    }
  });

  it.each([
    ['another magic', 'NotKeywardFile', (b: Buffer) => b.writeUInt8(0, 0)],
    ['another version', 'NewerFormat', (b: Buffer) => b.writeUInt16BE(2, AT.version)],
    ['version 0', 'NewerFormat', (b: Buffer) => b.writeUInt16BE(0, AT.version)],
    ['another suite', 'NewerFormat', (b: Buffer) => b.writeUInt16BE(2, AT.suite)],
    ['content of kind 2', 'NewerFormat', (b: Buffer) => b.writeUInt8(2, AT.contentKind)],
    ['a flag', 'NewerFormat', (b: Buffer) => b.writeUInt8(1, AT.flags)],
    ['a reserved byte', 'NewerFormat', (b: Buffer) => b.writeUInt8(1, AT.reserved)],
    ['frames of 2 KiB', 'FileDamaged', (b: Buffer) => b.writeUInt8(11, AT.frameBits)],
    ['frames of 32 MiB', 'FileDamaged', (b: Buffer) => b.writeUInt8(25, AT.frameBits)],
    ['an area of no length', 'FileDamaged', (b: Buffer) => b.writeUInt32BE(0, AT.areaLength)],
    ['an area of an odd length', 'FileDamaged', (b: Buffer) => b.writeUInt32BE(4097, AT.areaLength)],
    ['an area of another length', 'FileDamaged', (b: Buffer) => b.writeUInt32BE(8192, AT.areaLength)],
    ['a context beyond the area', 'FileDamaged', (b: Buffer) => b.writeUInt16BE(0xffff, AT.context)],
    ['padding that is not zero', 'FileDamaged', (b: Buffer) => b.writeUInt8(1, AREA - 65)],
  ])('is refused with %s', (_what, code, change) => {
    expect(parse(area(change))).toBe(code);
  });

  it('is refused where it is too short to have one, and tells its place', () => {
    for (const length of [0, 7, AT.context - 1])
      expect(parse(area().subarray(0, length))).toBe('NotKeywardFile');
    const damaged = area();
    damaged.writeUInt8(damaged.readUInt8(100) ^ 1, 100);
    expect(refusal(() => parseArea(damaged, 'x', AREA))).toMatchObject({
      code: 'FileDamaged',
      path: 'x',
      from: AREA,
      to: 2 * AREA,
    });
  });
});

/** An area made of its parts, whatever they are. */
function made(parts: { context?: Buffer; metadata?: Buffer; generation?: bigint; slots?: Buffer }): Buffer {
  const { context = Buffer.alloc(0), metadata = Buffer.alloc(0), generation = 1n, slots } = parts;
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(generation);
  const fixed = area().subarray(0, AT.context);
  const body = new ByteWriter()
    .raw(fixed)
    .sized(context)
    .sized(metadata)
    .raw(Buffer.alloc(32))
    .raw(counter)
    .raw(slots ?? encodeSlots([localSlot()]))
    .done();
  const bytes = Buffer.alloc(AREA);
  body.copy(bytes);
  return checked(bytes);
}

const pair = (name: string, value: string) =>
  new ByteWriter().sized(Buffer.from(name)).sized(Buffer.from(value)).done();
const contextOf = (...pairs: Buffer[]) => Buffer.concat([Buffer.from([0, pairs.length]), ...pairs]);

describe('the parts of a header', () => {
  it.each([
    ['no context, no metadata', {}],
    ['a context', { context: contextOf(pair('a', 'b'), pair('c', '')) }],
    ['one block of metadata', { metadata: Buffer.alloc(256 + 16) }],
    ['eight blocks', { metadata: Buffer.alloc(2048 + 16) }],
    ['the last generation', { generation: 2n ** 53n - 1n }],
  ])('may be %s', (_what, parts) => {
    expect(parse(made(parts))).toBe('none');
  });

  it.each([
    ['a context out of order', { context: contextOf(pair('c', ''), pair('a', 'b')) }],
    ['a context with a pair twice', { context: contextOf(pair('a', 'b'), pair('a', 'c')) }],
    ['a context with a name of ours', { context: contextOf(pair('keyward:message-id', 'x')) }],
    ['a context of no pairs', { context: Buffer.from([0, 0]) }],
    ['a tag of metadata without a block', { metadata: Buffer.alloc(16) }],
    ['metadata shorter than a tag', { metadata: Buffer.alloc(15) }],
    ['a block and a byte', { metadata: Buffer.alloc(256 + 17) }],
    ['nine blocks', { metadata: Buffer.alloc(2048 + 256 + 16) }],
    ['generation 0', { generation: 0n }],
    ['a generation that no number holds', { generation: 2n ** 53n }],
    ['slots that are not', { slots: Buffer.from([0, 21]) }],
    ['a slot that ends early', { slots: Buffer.from([0, 1, 0, 1, 0, 1, 0]) }],
  ])('may not be %s', (_what, parts) => {
    expect(parse(made(parts))).toBe('FileDamaged');
  });
});

const decode = (bytes: Buffer) => decodeSlots(new ByteReader(bytes));
const slotOf = (code: number, ...fields: Buffer[]) => {
  const body = fields.reduce((writer, field) => writer.sized(field), new ByteWriter()).done();
  return new ByteWriter().u16(1).u16(code).sized(body).done();
};
const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/x';
const awsSlot = (over: Partial<Extract<Slot, { kind: 'aws' }>> = {}): Slot => ({
  kind: 'aws',
  keyArn: ARN,
  versionId: undefined,
  wrapped: Buffer.from('w'),
  ...over,
});
const { wrapped: blob, versionId } = localSlot();
const [keyBytes, versionBytes] = [blob.subarray(1, 17), Buffer.from(versionId, 'hex')];

describe('slots', () => {
  it.each([
    ['one of ours', [localSlot()]],
    ['one of AWS', [awsSlot()]],
    [
      'one of AWS with a version and the longest texts',
      [awsSlot({ versionId, keyArn: `arn:${'x'.repeat(2044)}`, wrapped: Buffer.alloc(6144) })],
    ],
    ['twenty', Array.from({ length: 20 }, () => localSlot())],
    ['one of a kind that is not known', [{ kind: 'unknown', code: 99, body: Buffer.from('any') } as const]],
  ])('come back as written: %s', (_what, slots) => {
    expect(decode(encodeSlots(slots))).toEqual(slots);
  });

  it.each([
    ['none', []],
    ['too many', Array.from({ length: 21 }, () => localSlot())],
    ['a key that is no UUID', [{ ...localSlot(), keyId: 'x' }]],
    ['a version with more around it', [{ ...localSlot(), versionId: `${versionId}00` }]],
    ['a version with something before it', [{ ...localSlot(), versionId: `00${versionId}` }]],
    ['a blob of another key', [{ ...localSlot(), wrapped: localSlot(9).wrapped }]],
    ['an ARN that is none', [awsSlot({ keyArn: `x${ARN}` })]],
    ['an empty ARN', [awsSlot({ keyArn: '' })]],
    ['an ARN that is too long', [awsSlot({ keyArn: `arn:${'x'.repeat(2045)}` })]],
    ['an empty AWS blob', [awsSlot({ wrapped: Buffer.alloc(0) })]],
    ['an AWS blob that is too long', [awsSlot({ wrapped: Buffer.alloc(6145) })]],
  ])('are not written: %s', (_what, slots) => {
    expect(refusal(() => encodeSlots(slots)).code).toBe('ValidationException');
  });

  it.each([
    ['a blob of another length', slotOf(1, keyBytes, versionBytes, blob.subarray(1))],
    [
      'a blob of another version',
      slotOf(1, keyBytes, versionBytes, Buffer.concat([Buffer.of(2), blob.subarray(1)])),
    ],
    ['a blob of another key', slotOf(1, Buffer.alloc(16), versionBytes, blob)],
    ['a blob of another key version', slotOf(1, keyBytes, Buffer.alloc(32), blob)],
    ['a key of another length', slotOf(1, blob.subarray(1, 16), versionBytes, blob)],
    ['a version of another length', slotOf(1, keyBytes, versionBytes.subarray(1), blob)],
    ['more than three fields', slotOf(1, keyBytes, versionBytes, blob, Buffer.alloc(0))],
    ['fewer than three', slotOf(1, keyBytes, versionBytes)],
    ['an ARN that is none', slotOf(2, Buffer.from('x'), Buffer.alloc(0), Buffer.from('w'))],
    ['an ARN with a line break', slotOf(2, Buffer.from('arn:\nx'), Buffer.alloc(0), Buffer.from('w'))],
    ['an AWS version of 31 bytes', slotOf(2, Buffer.from(ARN), Buffer.alloc(31), Buffer.from('w'))],
    ['an empty AWS blob', slotOf(2, Buffer.from(ARN), Buffer.alloc(0), Buffer.alloc(0))],
  ])('are not read: %s', (_what, bytes) => {
    expect(decode(bytes)).toBeUndefined();
  });
});

describe('the shape of a frame', () => {
  const of = { key: Buffer.alloc(32), messageId: Buffer.alloc(32) };
  const [FRAME, at, name] = [16, 1000, 'x'];
  function sealed(sequence: number, length: number, final: boolean): Buffer {
    const bytes = Buffer.alloc(frameBytes(length, final));
    sealFrame(bytes, { ...of, sequence, final }, Buffer.alloc(length, 5));
    return bytes;
  }
  const shaped = (bytes: Buffer, sequence = 2, shape: 'native' | 'aws' = 'native') =>
    refusal(() => parseFrame(bytes, { sequence, at, name, body: { frameLength: FRAME, shape } }));

  it('is that of a regular or a final one', () => {
    const body = { frameLength: FRAME, shape: 'native' } as const;
    const regular = parseFrame(sealed(2, FRAME, false), { sequence: 2, at, name, body });
    expect(regular).toMatchObject({ sequence: 2, final: false, from: at, to: at + FRAME + 32 });
    expect(regular.sealed).toHaveLength(FRAME + 16);
    const final = parseFrame(sealed(2, 5, true), { sequence: 2, at, name, body });
    expect(final).toMatchObject({ final: true, to: at + 5 + 40 });
    expect(final.sealed).toHaveLength(5 + 16);
    expect(shaped(sealed(2, FRAME, true)).code).toBe('none');
    expect(shaped(sealed(1, 0, true), 1).code).toBe('none');
    expect(shaped(sealed(2, 0, true), 2, 'aws').code).toBe('none');
  });

  it('is refused where bytes are missing, with the place where they end', () => {
    for (const whole of [sealed(2, FRAME, false), sealed(2, 5, true)]) {
      for (const length of [0, 3, 4, 15, 16, 23, 24, whole.length - 1]) {
        const cut = shaped(whole.subarray(0, length));
        expect(cut, `${length}`).toMatchObject({ code: 'FileTruncated', path: name, length: at + length });
      }
    }
  });

  it('is refused where bytes follow: a final frame’s are surplus, a regular one’s are a missing end', () => {
    const final = sealed(2, 5, true);
    const more = shaped(Buffer.concat([final, Buffer.alloc(3)]));
    expect(more).toMatchObject({ code: 'FileDamaged', from: at + final.length, to: at + final.length + 3 });
    const regular = sealed(2, FRAME, false);
    const longer = Buffer.concat([regular, Buffer.alloc(3)]);
    expect(shaped(longer)).toMatchObject({ code: 'FileTruncated', length: at + longer.length });
  });

  it('is refused with the number, IV or length of another', () => {
    const damaged = { code: 'FileDamaged', from: at, frame: 2 };
    const regular = sealed(2, FRAME, false);
    expect(shaped(sealed(3, FRAME, false))).toMatchObject({ ...damaged, to: at + regular.length });
    expect(shaped(sealed(1, 5, true))).toMatchObject(damaged);
    // In AWS messages the IV says nothing of the number, so the number alone has to tell.
    expect(shaped(sealed(3, FRAME, false), 2, 'aws')).toMatchObject(damaged);
    expect(shaped(sealed(1, 5, true), 2, 'aws')).toMatchObject(damaged);
    const iv = Buffer.from(regular);
    iv.writeUInt8(1, 4);
    expect(shaped(iv)).toMatchObject(damaged);
    expect(shaped(iv, 2, 'aws').code).toBe('none');
    expect(shaped(sealed(2, 0, true))).toMatchObject(damaged);
    expect(shaped(sealed(2, FRAME + 1, true))).toMatchObject(damaged);
    expect(shaped(sealed(2, FRAME + 1, true), 2, 'aws')).toMatchObject(damaged);
  });
});
