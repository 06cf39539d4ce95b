import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyLengthOf, planBody } from '../../../src/main/envelope/body-plan.ts';
import { isAreaLength } from '../../../src/main/envelope/layout.ts';

const FRAMES = { frameLength: 4096, shape: 'native' } as const;

describe('frame plan', () => {
  it('finds the plaintext length again', () => {
    const length = fc.oneof(
      fc.integer({ min: 0, max: 50_000 }),
      fc.integer({ min: 0, max: (2 ** 32 - 1) * 4096 }),
    );
    fc.assert(
      fc.property(length, fc.integer({ min: 12, max: 24 }), (plaintextLength, bits) => {
        const body = bodyLengthOf(plaintextLength, 2 ** bits);
        const plan = planBody(body, { frameLength: 2 ** bits, shape: 'native' });
        expect(plan?.plaintextLength).toBe(plaintextLength);
        expect(plan?.frames).toBe(Math.max(1, Math.ceil(plaintextLength / 2 ** bits)));
        expect(plan === undefined ? -1 : plan.finalOffset + 40 + plan.finalLength).toBe(body);
      }),
    );
  });

  it('gives each body length to one plaintext length at most', () => {
    const lengths = new Set<number>();
    for (let body = 0; body < 3 * 4096; body++) {
      const plan = planBody(body, FRAMES);
      if (plan === undefined) continue;
      expect(bodyLengthOf(plan.plaintextLength, 4096)).toBe(body);
      lengths.add(plan.plaintextLength);
    }
    expect([...lengths]).toEqual(Array.from({ length: lengths.size }, (_, i) => i));
  });

  it('counts to 2^32-1 frames and no further (pitfall 13)', () => {
    const most = (2 ** 32 - 1) * 4096;
    expect(planBody(bodyLengthOf(most, 4096), FRAMES)?.frames).toBe(2 ** 32 - 1);
    expect(() => bodyLengthOf(most + 1, 4096)).toThrow(RangeError);
    expect(planBody(bodyLengthOf(most, 4096) + 33, FRAMES)).toBe(undefined);
  });
});

describe('the length of a header copy', () => {
  it('is one to sixteen pages', () => {
    const page = 4096;
    for (const length of [1, 2, 15, 16].map((pages) => pages * page)) expect(isAreaLength(length)).toBe(true);
    for (const length of [-page, 0, 1, page - 1, page + 1, 16 * page - 1, 16 * page + 1, 17 * page]) {
      expect(isAreaLength(length), `${length}`).toBe(false);
    }
  });
});
