import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkUserContext,
  decodeContext,
  encodeContext,
  equalContexts,
  MAX_CONTEXT_BYTES,
  MESSAGE_ID_KEY,
  withMessageId,
} from '../../../src/shared/context.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isKeywardError(error) ? error.code : String(error);
  }
  return 'nothing thrown';
}

describe('encodeContext', () => {
  it('gives zero bytes for no pairs', () => {
    expect(encodeContext({})).toHaveLength(0);
  });

  it('writes count, lengths and UTF-8 text, big-endian', () => {
    expect(hex(encodeContext({ b: 'é', a: '' }))).toBe(
      ['0002', '0001', '61', '0000', '0001', '62', '0002', 'c3a9'].join(''),
    );
  });

  it('sorts by UTF-8 bytes, where UTF-16 order differs', () => {
    // U+FF61 is EF BD A1, U+10000 is F0 90 80 80: in UTF-16 the surrogate D800 would come first.
    const context = { '\u{10000}': '2', '\uff61': '1' };
    expect(Object.keys(context).sort()[0]).toBe('\u{10000}');
    expect(hex(encodeContext(context))).toBe('0002' + '0003efbda1' + '000131' + '0004f0908080' + '000132');
  });

  it('does not depend on the order of the pairs', () => {
    const one = encodeContext({ case: '17', client: 'Brandt', year: '2026' });
    expect(encodeContext({ year: '2026', case: '17', client: 'Brandt' })).toEqual(one);
  });

  it('agrees with the platform about UTF-8 and comes back equal, for any text', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 6 }), (context) => {
        const bytes = encodeContext(context);
        for (const key of Object.keys(context))
          expect(Buffer.from(bytes).includes(Buffer.from(key))).toBe(true);
        const back = decodeContext(bytes);
        expect(back).toBeDefined();
        expect(equalContexts(back ?? {}, context)).toBe(true);
      }),
    );
  });

  it('refuses lone surrogates, which would all become the same replacement character', () => {
    expect(codeOf(() => encodeContext({ a: '\ud800' }))).toBe('ValidationException');
    expect(codeOf(() => encodeContext({ '\udc00': 'a' }))).toBe('ValidationException');
  });

  it('refuses more than 8,192 bytes and takes exactly as many', () => {
    const room = MAX_CONTEXT_BYTES - 2 - 4 - 1;
    expect(encodeContext({ a: 'x'.repeat(room) })).toHaveLength(MAX_CONTEXT_BYTES);
    expect(codeOf(() => encodeContext({ a: 'x'.repeat(room + 1) }))).toBe('ValidationException');
    expect(codeOf(() => encodeContext({ a: 'x'.repeat(70_000) }))).toBe('ValidationException');
  });
});

describe('decodeContext', () => {
  const good = encodeContext({ a: '1', b: '2' });

  it('opens bytes in the middle of a larger buffer', () => {
    const buffer = Buffer.concat([Buffer.alloc(3), good, Buffer.alloc(3)]);
    expect(decodeContext(buffer.subarray(3, 3 + good.length))).toEqual({ a: '1', b: '2' });
  });

  it.each([
    ['one byte', '00'],
    ['a count of zero', '0000'],
    ['a pair missing', '0002' + '000161' + '000131'],
    ['bytes left over', '0001' + '000161' + '000131' + '00'],
    ['a length beyond the end', '0001' + '000161' + '00ff31'],
    ['unsorted pairs', '0002' + '000162' + '000132' + '000161' + '000131'],
    ['a doubled pair', '0002' + '000161' + '000131' + '000161' + '000131'],
    ['a lone continuation byte', '0001' + '000180' + '000131'],
    ['an overlong form', '0001' + '0002c081' + '000131'],
    ['an encoded surrogate', '0001' + '0003eda080' + '000131'],
    ['a code point beyond Unicode', '0001' + '0004f4908080' + '000131'],
  ])('refuses %s', (_what, bytes) => {
    expect(decodeContext(Buffer.from(bytes, 'hex'))).toBeUndefined();
  });

  it('refuses every truncation', () => {
    for (let length = 1; length < good.length; length++) {
      expect(decodeContext(good.subarray(0, length))).toBeUndefined();
    }
  });

  it('refuses more than 8,192 bytes without looking at them', () => {
    expect(decodeContext(new Uint8Array(MAX_CONTEXT_BYTES + 1))).toBeUndefined();
  });

  it('takes a pair named __proto__ as a mere name', () => {
    const context = Object.fromEntries([['__proto__', 'x']]);
    const back = decodeContext(encodeContext(context));
    expect(Object.keys(back ?? {})).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  it('gives canonical bytes for whatever it accepts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const context = decodeContext(bytes);
        if (context !== undefined) expect(encodeContext(context)).toEqual(Uint8Array.from(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('checkUserContext', () => {
  it('takes ordinary pairs, empty values and none at all', () => {
    expect(() => checkUserContext({ client: 'Brandt & Söhne', note: '' })).not.toThrow();
    expect(() => checkUserContext({})).not.toThrow();
  });

  it.each(['keyward:message-id', 'Keyward:x', 'aws-crypto-public-key', 'AWS-Crypto-x', ''])(
    'refuses %j',
    (key) => {
      expect(codeOf(() => checkUserContext({ [key]: 'x' }))).toBe('ValidationException');
    },
  );

  it('takes names that only contain a reserved word', () => {
    expect(() => checkUserContext({ 'my-keyward:x': '1', 'aws-cryptox': '2', keyward: '3' })).not.toThrow();
  });

  it('leaves room for the message id', () => {
    const context = { a: 'x'.repeat(8_000 - 7) };
    checkUserContext(context);
    expect(encodeContext(withMessageId(context, new Uint8Array(32))).length).toBeLessThanOrEqual(
      MAX_CONTEXT_BYTES,
    );
    expect(codeOf(() => checkUserContext({ a: 'x'.repeat(8_000 - 6) }))).toBe('ValidationException');
  });
});

describe('withMessageId and equalContexts', () => {
  it('adds the id as hex and leaves the given pairs alone', () => {
    const given = { a: '1' };
    expect(withMessageId(given, Uint8Array.of(0, 15, 255))).toEqual({ a: '1', [MESSAGE_ID_KEY]: '000fff' });
    expect(given).toEqual({ a: '1' });
  });

  it('compares pairs, not order; a missing, other or inherited pair differs', () => {
    expect(equalContexts({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true);
    expect(equalContexts({ a: '1' }, { a: '2' })).toBe(false);
    expect(equalContexts({ a: '1' }, {})).toBe(false);
    expect(equalContexts({ toString: '1' }, { x: '1' })).toBe(false);
  });
});
