import { describe, expect, it } from 'vitest';
import { runSelfTests, SELF_TESTS } from '../../../src/main/crypto/selftest.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { errorWords } from '../../support/error-words.ts';

describe('runSelfTests', () => {
  it('passes here and measures each test', async () => {
    const results = await runSelfTests();
    expect(results.map(({ name }) => name)).toEqual(SELF_TESTS.map(({ name }) => name));
    expect(results.every(({ ok, milliseconds }) => ok && milliseconds >= 0)).toBe(true);
  });

  it('names what failed, whether it answered wrongly or threw, and still runs the rest', async () => {
    const ran: string[] = [];
    const test = (name: string, run: () => boolean) => ({
      name,
      run: () => {
        ran.push(name);
        return run();
      },
    });
    const error = await runSelfTests([
      test('good', () => true),
      test('wrong', () => false),
      test('throwing', () => {
        throw new Error('no such cipher');
      }),
      test('last', () => true),
    ]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeywardError);
    expect(error).toMatchObject({ code: 'SelfTestFailed', details: { failed: ['wrong', 'throwing'] } });
    expect(errorWords(error)).toContain('wrong, throwing');
    expect(ran).toEqual(['good', 'wrong', 'throwing', 'last']);
  });
});
