import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomBytes } from '../../../src/main/crypto/bytes.ts';
import { newHeader, rebuildHeader } from '../../../src/main/envelope/compose.ts';
import { parseArea } from '../../../src/main/envelope/header.ts';
import { openHeader } from '../../../src/main/envelope/open.ts';
import type { Slot } from '../../../src/main/envelope/slots.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { AREA, fixChecksum, headerInput, localSlot } from './support.ts';

const awsSlot: Slot = {
  kind: 'aws',
  keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  versionId: 'ab'.repeat(32),
  wrapped: Buffer.alloc(184, 5),
};
const unknownSlot: Slot = { kind: 'unknown', code: 3, body: Buffer.from('who knows') };

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof KeywardError) return error.code;
    throw error;
  }
  return 'none';
}

describe('header', () => {
  it('gives back what it was made of', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), {
          maxKeys: 8,
        }),
        fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
        fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
        fc.shuffledSubarray([localSlot(), localSlot(40), awsSlot, unknownSlot], { minLength: 1 }),
        fc.integer({ min: 12, max: 24 }),
        (context, name, modified, slots, bits) => {
          fc.pre(!/[/\0]/.test(name) && name !== '.' && name !== '..');
          fc.pre(!Object.keys(context).some((key) => /^(keyward:|aws-crypto-)/i.test(key)));
          const input = headerInput({ context, metadata: { name, modified }, slots, frameLength: 2 ** bits });
          const made = newHeader(input);
          const read = parseArea(Buffer.from(made.header.area), 'x');
          const open = openHeader(read, input.dataKey, 'x');
          expect(read.context).toEqual(context);
          expect(read.slots).toEqual(slots);
          expect(read.frameLength).toBe(2 ** bits);
          expect(read.generation).toBe(1);
          expect(open.metadata).toEqual({ name, modified });
          expect(open.payloadKey).toEqual(made.payloadKey);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps names and times out of sight', () => {
    const { header } = newHeader(headerInput({ metadata: { name: 'divorce-papers.pdf' } }));
    expect(header.area.includes('divorce')).toBe(false);
    expect(header.sealedMetadata.length).toBe(256 + 16);
  });

  it('has room for eight slots and 1 KiB of context in one page', () => {
    const slots = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? localSlot(i) : awsSlot));
    const { header } = newHeader(headerInput({ slots, context: { long: 'x'.repeat(1014) } }));
    expect(header.areaLength).toBe(AREA);
  });

  it('takes more pages for a long context and says when nothing helps', () => {
    const long = { long: 'x'.repeat(7_900) };
    expect(newHeader(headerInput({ context: long })).header.areaLength).toBe(3 * AREA);
    expect(codeOf(() => newHeader(headerInput({ context: long, areaLength: AREA })))).toBe('HeaderTooLarge');
  });

  it('refuses slots, contexts, names and frames out of bounds', () => {
    const attempts = [
      { slots: [] },
      { slots: Array.from({ length: 21 }, () => localSlot()) },
      { slots: [{ ...localSlot(), keyId: localSlot(9).keyId }] },
      { slots: [{ ...awsSlot, keyArn: 'arn:aws:kms:\u202Eevil' }] },
      { context: { 'keyward:message-id': 'mine' } },
      { context: { 'aws-crypto-x': 'y' } },
      { metadata: { name: '../up' } },
      { frameLength: 5000 },
      { frameLength: 2048 },
      { frameLength: 2 ** 25 },
    ];
    for (const over of attempts) {
      expect(
        codeOf(() => newHeader(headerInput(over))),
        JSON.stringify(Object.keys(over)),
      ).toBe('ValidationException');
    }
  });

  it('tells a wrong key from a changed header', () => {
    const input = headerInput();
    const { header } = newHeader(input);
    expect(codeOf(() => openHeader(header, randomBytes(32), 'x'))).toBe('WrongKey');
    const changed = Buffer.from(header.area);
    changed.writeUInt8(2, header.immutable.length + 32 + 7);
    const forged = parseArea(fixChecksum(changed), 'x');
    expect(forged.generation).toBe(2);
    expect(codeOf(() => openHeader(forged, input.dataKey, 'x'))).toBe('FileDamaged');
  });

  it('notices any change of any byte even when the checksum is made right again (pitfall 44)', () => {
    const input = headerInput({ slots: [localSlot(), awsSlot, unknownSlot] });
    const { header } = newHeader(input);
    for (let at = 0; at < AREA - 32; at++) {
      const bytes = Buffer.from(header.area);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      const code = codeOf(() => openHeader(parseArea(fixChecksum(bytes), 'x'), input.dataKey, 'x'));
      expect(['NotKeywardFile', 'NewerFormat', 'FileDamaged', 'WrongKey'], `byte ${at}`).toContain(code);
    }
  });

  it('answers hostile bytes with one typed error (pitfall 44)', () => {
    const { header } = newHeader(headerInput({ slots: [localSlot(), awsSlot, unknownSlot] }));
    const edit = fc.record({
      at: fc.integer({ min: 8, max: 900 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        const area = Buffer.from(header.area);
        for (const { at, bytes } of edits) area.set(bytes, at);
        const code = codeOf(() => parseArea(fixChecksum(area), 'x'));
        expect(['none', 'NewerFormat', 'FileDamaged']).toContain(code);
      }),
      { numRuns: 3000 },
    );
  });

  it('says "newer" only of a whole header', () => {
    const { header } = newHeader(headerInput());
    for (const [at, value] of [
      [9, 2],
      [11, 2],
      [12, 2],
      [13, 1],
      [15, 1],
    ] as const) {
      const area = Buffer.from(header.area);
      area[at] = value;
      expect(codeOf(() => parseArea(Buffer.from(area), 'x'))).toBe('FileDamaged');
      expect(codeOf(() => parseArea(fixChecksum(area), 'x'))).toBe('NewerFormat');
    }
  });

  it('refuses anything in the padding', () => {
    const area = Buffer.from(newHeader(headerInput()).header.area);
    area[AREA - 65] = 1;
    expect(codeOf(() => parseArea(fixChecksum(area), 'x'))).toBe('FileDamaged');
  });
});

describe('rebuildHeader', () => {
  it('changes slots and generation, and nothing else, keeping unknown slots', () => {
    const input = headerInput({ slots: [localSlot(), unknownSlot] });
    const { header, payloadKey } = newHeader(input);
    const next = rebuildHeader(header, input.dataKey, [localSlot(50), unknownSlot], 'x');
    expect(next.generation).toBe(2);
    expect(next.slots).toEqual([localSlot(50), unknownSlot]);
    expect(next.immutable).toEqual(header.immutable);
    expect(next.commitment).toEqual(header.commitment);
    expect(next.area.includes(localSlot().wrapped)).toBe(false);
    expect(openHeader(next, input.dataKey, 'x').payloadKey).toEqual(payloadKey);
  });

  it('refuses the wrong data key, a forged header, and slots that outgrow the area', () => {
    const input = headerInput();
    const { header } = newHeader(input);
    expect(codeOf(() => rebuildHeader(header, randomBytes(32), header.slots, 'x'))).toBe('WrongKey');
    const forged = Buffer.from(header.area);
    forged.writeUInt8(9, header.immutable.length + 32 + 7);
    const read = parseArea(fixChecksum(forged), 'x');
    expect(codeOf(() => rebuildHeader(read, input.dataKey, read.slots, 'x'))).toBe('FileDamaged');
    const many = Array.from({ length: 20 }, () => awsSlot);
    expect(codeOf(() => rebuildHeader(header, input.dataKey, many, 'x'))).toBe('HeaderTooLarge');
  });
});
