import { argon2id } from '@noble/hashes/argon2.js';
import { describe, expect, it } from 'vitest';
import { equalBytes, randomUuid, uuidBytes, uuidText, wipe } from '../../../src/main/crypto/bytes.ts';
import { hkdfExpand, hkdfExtract, hmacSha256, hmacSha512, sha256 } from '../../../src/main/crypto/hash.ts';
import { ARGON2_FLOOR, isSaneArgon2Cost, passphraseKey } from '../../../src/main/crypto/passphrase.ts';
import { entropyOf, phraseOf, unknownWords } from '../../../src/main/crypto/phrase.ts';
import { newSigningKey, signBytes, signingPublicKey, verifyBytes } from '../../../src/main/crypto/sign.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

describe('bytes', () => {
  it('compares contents and lengths', () => {
    expect(equalBytes(hex('0102'), hex('0102'))).toBe(true);
    expect(equalBytes(hex('0102'), hex('0103'))).toBe(false);
    expect(equalBytes(hex('0102'), hex('010200'))).toBe(false);
    expect(equalBytes(hex(''), hex(''))).toBe(true);
  });

  it('wipes what it is given and skips what is missing', () => {
    const secret = Buffer.from('secret');
    wipe(secret, undefined);
    expect(secret).toEqual(Buffer.alloc(6));
  });

  it('makes UUIDs of version 4 that differ and come back from their bytes', () => {
    const ids = Array.from({ length: 500 }, randomUuid);
    expect(new Set(ids).size).toBe(500);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(uuidText(uuidBytes(id) ?? Buffer.alloc(0))).toBe(id);
    }
  });

  it.each([
    '',
    'x',
    '134f2428cec14b25a1ae9048164dba47',
    '134F2428-CEC1-4B25-A1AE-9048164DBA47',
    '134f2428-cec1-4b25-a1ae-9048164dba47\n',
  ])('does not take %j for a UUID', (text) => expect(uuidBytes(text)).toBeUndefined());
});

describe('hashes', () => {
  it('RFC 4231 test case 6: a key longer than the block', () => {
    const key = Buffer.alloc(131, 0xaa);
    const data = Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First');
    expect(hmacSha256(key, data).toString('hex')).toBe(
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    );
    expect(hmacSha512(key, data).toString('hex')).toMatch(/^80b24263c7c1a3ebb71493c1dd7be8b4/);
  });

  it('takes parts as one message', () => {
    expect(sha256(Buffer.from('ab'), Buffer.from(''), Buffer.from('c'))).toEqual(sha256(Buffer.from('abc')));
  });

  it('expands to any length up to 255 blocks, each a prefix of the longer one', () => {
    const prk = hkdfExtract(Buffer.from('salt'), Buffer.from('ikm'));
    const longest = hkdfExpand(prk, 'info', 255 * 64);
    for (const length of [0, 1, 63, 64, 65, 128, 1_000]) {
      expect(hkdfExpand(prk, 'info', length)).toEqual(longest.subarray(0, length));
    }
    expect(() => hkdfExpand(prk, 'info', 255 * 64 + 1)).toThrow(RangeError);
  });
});

describe('Ed25519', () => {
  it('signs what only its own public key verifies', () => {
    const [mine, other] = [newSigningKey(), newSigningKey()];
    const message = Buffer.from('head of segment 3');
    const signature = signBytes(mine.seed, message);
    expect(signingPublicKey(mine.seed)).toEqual(mine.publicKey);
    expect(verifyBytes(mine.publicKey, message, signature)).toBe(true);
    expect(verifyBytes(other.publicKey, message, signature)).toBe(false);
    expect(verifyBytes(mine.publicKey, Buffer.from('head of segment 4'), signature)).toBe(false);
    for (let at = 0; at < signature.length; at++) {
      const forged = Buffer.from(signature);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(verifyBytes(mine.publicKey, message, forged)).toBe(false);
    }
  });
});

describe('Argon2id', () => {
  it('gives the published answer of the reference implementation (64 MiB, 2 passes, 1 lane)', async () => {
    const key = await passphraseKey(Buffer.from('password'), Buffer.from('somesalt'), {
      memoryKiB: 65_536,
      passes: 2,
      lanes: 1,
    });
    expect(key.toString('hex')).toBe('09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7');
  });

  it('agrees with @noble/hashes, several lanes included', async () => {
    const [passphrase, salt] = [Buffer.from('Straße 7'), Buffer.alloc(16, 3)];
    for (const lanes of [1, 4]) {
      const key = await passphraseKey(passphrase, salt, { memoryKiB: 8_192, passes: 2, lanes });
      expect(key).toEqual(Buffer.from(argon2id(passphrase, salt, { t: 2, m: 8_192, p: lanes, dkLen: 32 })));
    }
  });

  it('bounds its cost before running', async () => {
    expect(isSaneArgon2Cost(ARGON2_FLOOR)).toBe(true);
    const insane = [
      { memoryKiB: 8_191 },
      { memoryKiB: 1_048_577 },
      { memoryKiB: 65_536.5 },
      { passes: 0 },
      { passes: 17 },
      { lanes: 0 },
      { lanes: 9 },
      { lanes: Number.NaN },
    ];
    for (const change of insane) {
      const cost = { ...ARGON2_FLOOR, ...change };
      expect(isSaneArgon2Cost(cost)).toBe(false);
      await expect(passphraseKey(Buffer.from('x'), Buffer.alloc(16), cost)).rejects.toThrow(RangeError);
    }
  });
});

describe('recovery phrase', () => {
  const entropy = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));

  it('comes back from 24 words, however they are spaced and cased', () => {
    const phrase = phraseOf(entropy);
    expect(phrase.split(' ')).toHaveLength(24);
    expect(entropyOf(phrase)).toEqual(entropy);
    expect(entropyOf(`\n ${phrase.toUpperCase().replaceAll(' ', '\t\n ')} `)).toEqual(entropy);
  });

  it('comes back as people write it down: numbered, with commas, wide letters, a mark in front (pitfall 65)', () => {
    const phrase = phraseOf(entropy);
    const numbered = phrase.split(' ').map((word, i) => `${i + 1}. ${word}`);
    expect(entropyOf(numbered.join('\n'))).toEqual(entropy);
    expect(entropyOf(numbered.join('').replaceAll('. ', ')'))).toEqual(entropy);
    expect(entropyOf(`\ufeff${phrase.replaceAll(' ', ', ')}.`)).toEqual(entropy);
    expect(entropyOf(phrase.replaceAll(' ', '\u00a0'))).toEqual(entropy);
    const wide = phrase.replace(/[a-z]/g, (letter) =>
      String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0),
    );
    expect(entropyOf(wide)).toEqual(entropy);
  });

  it('refuses a wrong count, an unknown word and a broken checksum', () => {
    const words = phraseOf(entropy).split(' ');
    expect(entropyOf(words.slice(0, 23).join(' '))).toBeUndefined();
    expect(entropyOf(words.slice(0, 12).join(' '))).toBeUndefined();
    expect(entropyOf(['keyward', ...words.slice(1)].join(' '))).toBeUndefined();
    expect(entropyOf('')).toBeUndefined();
    const swapped = [words[1], words[0], ...words.slice(2)].join(' ');
    expect(entropyOf(swapped)).not.toEqual(entropy);
  });

  it('names the words that are not on the list', () => {
    expect(unknownWords('Abandon abilty  ZOO keyward')).toEqual(['abilty', 'keyward']);
    expect(unknownWords(phraseOf(entropy))).toEqual([]);
  });
});
