import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/main/envelope/bytes.ts';
import { decodeMetadata, encodeMetadata } from '../../../src/main/envelope/metadata.ts';

const block = (...items: [number, Uint8Array][]) => {
  const writer = new ByteWriter();
  for (const [type, value] of items) writer.u16(type).sized(value);
  return Buffer.concat([writer.done(), Buffer.alloc(256)]).subarray(0, 256);
};

describe('metadata block', () => {
  it('is padded to 256 bytes, so that it hides the length of a name', () => {
    for (const length of [1, 60, 200]) expect(encodeMetadata({ name: 'n'.repeat(length) }).length).toBe(256);
    expect(encodeMetadata({ name: 'n'.repeat(255), modified: 1n, born: 2n, mode: 3 }).length).toBe(512);
    expect(encodeMetadata({}).length).toBe(0);
  });

  it('keeps names of 255 bytes, emoji, line feeds and times before 1970 (pitfall 21)', () => {
    for (const name of ['x'.repeat(255), '😀 \u202E', 'two\nlines', '-rf', ' ', 'e\u0301', 'é']) {
      const metadata = { name, modified: -1n, born: -(2n ** 63n), mode: 0o7777 };
      expect(decodeMetadata(encodeMetadata(metadata))).toEqual(metadata);
    }
  });

  it('skips types of the future and refuses what is malformed', () => {
    const name = Buffer.from('a');
    expect(decodeMetadata(block([9, Buffer.from('?')], [1, name]))).toEqual({ name: 'a' });
    const bad = [
      block([1, name], [1, name]),
      block([0, name]),
      block([1, Buffer.from('a/b')]),
      block([1, Buffer.from('..')]),
      block([1, Buffer.from('a\0')]),
      block([1, Buffer.of(0xff)]),
      block([1, Buffer.alloc(0)]),
      block([2, Buffer.alloc(7)]),
      block([4, Buffer.alloc(8)]),
      Buffer.from([0, 1, 0xff, 0xff, 65]),
    ];
    for (const bytes of bad) expect(decodeMetadata(bytes), bytes.toString('hex')).toBe(undefined);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        decodeMetadata(Buffer.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});
