import { describe, expect, it } from 'vitest';
import { gcmDecrypt, gcmEncrypt } from '../../../src/main/crypto/aead.ts';
import { hkdf } from '../../../src/main/crypto/hash.ts';
import { verifyBytes } from '../../../src/main/crypto/sign.ts';
import { vectorsFolder, wycheproofTests } from '../../support/vectors.ts';

describe('Wycheproof', () => {
  it('AES-GCM with 12-byte IVs and keys of every length: every test of the file that concerns it', ({
    skip,
  }) => {
    const folder = vectorsFolder('wycheproof', skip);
    const tests = wycheproofTests(folder, 'aes_gcm').filter(
      ({ group }) => group['ivSize'] === 96 && group['tagSize'] === 128,
    );
    for (const size of [128, 192, 256]) {
      expect(tests.filter(({ group }) => group['keySize'] === size).length).toBeGreaterThan(50);
    }
    expect(tests.some(({ result }) => result === 'invalid')).toBe(true);
    for (const test of tests) {
      const [key, iv, aad, msg] = ['key', 'iv', 'aad', 'msg'].map((field) => test.bytes(field)) as [
        Buffer,
        Buffer,
        Buffer,
        Buffer,
      ];
      const sealed = Buffer.concat([test.bytes('ct'), test.bytes('tag')]);
      const opened = gcmDecrypt(key, iv, aad, sealed);
      if (test.result === 'valid') {
        expect(gcmEncrypt(key, iv, aad, msg), `tcId ${test.tcId}`).toEqual(sealed);
        expect(opened, `tcId ${test.tcId}`).toEqual(msg);
      } else {
        expect(opened, `tcId ${test.tcId} ${test.comment}`).toBeUndefined();
      }
    }
  });

  it('HKDF-SHA-512: every test', ({ skip }) => {
    const folder = vectorsFolder('wycheproof', skip);
    const tests = wycheproofTests(folder, 'hkdf_sha512');
    expect(tests.length).toBeGreaterThan(80);
    for (const test of tests) {
      const derive = () =>
        hkdf(test.bytes('ikm'), test.bytes('salt'), test.bytes('info'), test.number('size'));
      if (test.result === 'valid') expect(derive(), `tcId ${test.tcId}`).toEqual(test.bytes('okm'));
      else expect(derive, `tcId ${test.tcId}`).toThrow(RangeError);
    }
  });

  it('Ed25519: every signature', ({ skip }) => {
    const folder = vectorsFolder('wycheproof', skip);
    const tests = wycheproofTests(folder, 'ed25519');
    expect(tests.length).toBeGreaterThan(100);
    expect(tests.some(({ result }) => result === 'invalid')).toBe(true);
    for (const test of tests) {
      const publicKey = Buffer.from((test.group['publicKey'] as { pk: string }).pk, 'hex');
      expect(
        verifyBytes(publicKey, test.bytes('msg'), test.bytes('sig')),
        `tcId ${test.tcId} ${test.comment}`,
      ).toBe(test.result === 'valid');
    }
  });
});
