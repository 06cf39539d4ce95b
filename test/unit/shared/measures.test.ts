import { describe, expect, it } from 'vitest';
import { countText, durationText, isoTime, sizeText } from '../../../src/shared/measures.ts';

describe('measures for people', () => {
  it('give sizes in powers of 1,000', () => {
    const sizes = [
      0,
      1,
      999,
      1_000,
      1_250,
      4_200_000,
      99_949_999,
      99_950_000,
      999_499,
      999_500,
      3 * 2 ** 30,
      1.25e12,
    ];
    expect(sizes.map(sizeText)).toEqual([
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1 kB',
      '1.3 kB',
      '4.2 MB',
      '99.9 MB',
      '100 MB',
      '999 kB',
      '1 MB',
      '3.2 GB',
      '1.3 TB',
    ]);
    expect(sizeText(Number.MAX_SAFE_INTEGER)).toBe('9 PB');
  });

  it('give durations as exactly as one needs them', () => {
    expect([0.04, 0.4, 8, 9.94, 9.96, 59.6, 90, 150, 7_500].map(durationText)).toEqual([
      '0 s',
      '0.4 s',
      '8 s',
      '9.9 s',
      '10 s',
      '60 s',
      '90 s',
      '3 min',
      '2 h 5 min',
    ]);
  });

  it('count in the singular and the plural', () => {
    expect([countText(1, 'file'), countText(1_214, 'file'), countText(0, 'entry', 'entries')]).toEqual([
      '1 file',
      '1,214 files',
      '0 entries',
    ]);
  });
});

describe('a time from a file or database', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000Z'],
    [-1, '1969-12-31T23:59:59.999Z'],
    [8.64e15 + 1, '+275760-09-13T00:00:00.000Z'],
    [-(2 ** 63), '-271821-04-20T00:00:00.000Z'],
  ])('of %d ms is told, whatever it is', (ms, text) => {
    expect(isoTime(ms)).toBe(text);
  });
});
