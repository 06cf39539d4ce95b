import { describe, expect, it } from 'vitest';
import { passphraseCandidates, settledPassphrase } from '../../../src/main/unlock/passphrase.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { errorWords } from '../../support/error-words.ts';

const COMPOSED = 'caf\u00e9 \u00fc\u1e69';
const DECOMPOSED = COMPOSED.normalize('NFD');
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

/** Texts behind the forms that a passphrase is tried in. */
const tried = (bytes: Uint8Array) => passphraseCandidates(bytes).map((each) => each.toString());

function refusal(bytes: Uint8Array): string {
  try {
    settledPassphrase(bytes);
  } catch (error) {
    if (error instanceof KeywardError && error.code === 'Usage') return errorWords(error);
    throw error;
  }
  return 'none';
}

describe('a passphrase that is set (pitfall 65)', () => {
  it.each([
    ['typed in one piece', Buffer.from(COMPOSED)],
    ['typed letter and accent by themselves', Buffer.from(DECOMPOSED)],
    ['with a byte-order mark', Buffer.from(`\ufeff${DECOMPOSED}`)],
    ['with line ends behind', Buffer.from(`${COMPOSED}\r\n\n`)],
    ['in UTF-16', utf16(`${DECOMPOSED}\r\n`)],
    ['in UTF-16, the high byte first', utf16(COMPOSED).swap16()],
  ])('is the same %s', (_how, bytes) => {
    expect(settledPassphrase(bytes).toString()).toBe(COMPOSED);
  });

  it('keeps its blanks, and what only looks like another character', () => {
    expect(settledPassphrase(Buffer.from(' two  words ')).toString()).toBe(' two  words ');
    expect(settledPassphrase(Buffer.from('\ufb01x')).toString()).toBe('\ufb01x');
  });

  it.each([
    ['a NUL', 'a\0b', 'holds the control character U+0000'],
    ['a tab', 'a\tb', 'holds the control character U+0009'],
    ['an escape', 'a\u001b[A', 'holds the control character U+001B'],
    ['two lines', 'a\nb\n', 'has more than one line'],
    ['two lines of an old Mac', 'a\rb', 'has more than one line'],
    ['two lines by a separator', 'a\u2028b', 'has more than one line'],
    ['nothing but line ends', '\n\r\n', 'is empty'],
    ['nothing', '', 'is empty'],
  ])('is refused with %s', (_what, text, why) => {
    expect(refusal(Buffer.from(text))).toContain(`The passphrase ${why}`);
  });

  it('is refused where it is no text, with none of it in the answer', () => {
    const message = refusal(Buffer.from([0x70, 0xe9, 0x70]));
    expect(message).toBe(
      'The passphrase is not text in UTF-8 or UTF-16, so it could not be typed. Choose another one.',
    );
  });
});

describe('a passphrase that is given', () => {
  it('is tried as what it would be set as first, then as it is, then in the other normalisation', () => {
    expect(tried(Buffer.from(DECOMPOSED))).toEqual([COMPOSED, DECOMPOSED]);
    expect(tried(Buffer.from(COMPOSED))).toEqual([COMPOSED, DECOMPOSED]);
    expect(tried(Buffer.from(`\ufeff${COMPOSED}`))).toEqual([COMPOSED, `\ufeff${COMPOSED}`, DECOMPOSED]);
    const mixed = `${COMPOSED} ${DECOMPOSED}`;
    expect(tried(Buffer.from(mixed))).toEqual([mixed.normalize('NFC'), mixed, mixed.normalize('NFD')]);
  });

  it('is tried once where all of that is the same', () => {
    expect(tried(Buffer.from('correct horse'))).toEqual(['correct horse']);
    expect(tried(Buffer.from('\u6587\u4ef6'))).toEqual(['\u6587\u4ef6']);
  });

  it('is tried as the bytes that it is where older versions took what is no text, or more than a line', () => {
    const bytes = Buffer.from([0x70, 0xe9, 0x00, 0x70]);
    expect(passphraseCandidates(bytes)).toEqual([bytes]);
    expect(tried(Buffer.from('a\nb'))).toEqual(['a\nb']);
    expect(tried(Buffer.from('a\n'))).toEqual(['a', 'a\n']);
  });
});
