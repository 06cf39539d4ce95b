import { describe, expect, it } from 'vitest';
import { ecdsaVerifier } from '../../../src/main/crypto/ecdsa.ts';
import { hkdfWith } from '../../../src/main/crypto/hash.ts';
import { rsaDecrypt, rsaPrivateKey } from '../../../src/main/crypto/rsa.ts';
import { vectorsFolder, wycheproofTests } from '../../support/vectors.ts';

/** A point without compression, compressed. */
function compressed(point: Buffer): Buffer {
  return Buffer.concat([Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1)), point.subarray(1, 33)]);
}

describe('Wycheproof, for AWS messages', () => {
  it('ECDSA on P-256 with SHA-256: every test of the file', ({ skip }) => {
    const tests = wycheproofTests(vectorsFolder('wycheproof', skip), 'ecdsa_secp256r1_sha256');
    expect(tests.length).toBeGreaterThan(400);
    for (const test of tests) {
      const { uncompressed } = test.group['publicKey'] as { uncompressed: string };
      const verifier = ecdsaVerifier('P-256', compressed(Buffer.from(uncompressed, 'hex')));
      verifier?.update(test.bytes('msg'));
      expect(verifier?.verify(test.bytes('sig')), `tcId ${test.tcId} ${test.comment}`).toBe(
        test.result === 'valid',
      );
    }
  });

  it('HKDF-SHA-256: every test of the file', ({ skip }) => {
    const tests = wycheproofTests(vectorsFolder('wycheproof', skip), 'hkdf_sha256');
    expect(tests.length).toBeGreaterThan(50);
    for (const test of tests) {
      const derive = () =>
        hkdfWith('sha256', test.bytes('ikm'), test.bytes('salt'), test.bytes('info'), test.number('size'));
      if (test.result === 'invalid') expect(derive, `tcId ${test.tcId}`).toThrow();
      else expect(derive(), `tcId ${test.tcId}`).toEqual(test.bytes('okm'));
    }
  });

  it('RSA-OAEP with SHA-256: every test of the file without a label', ({ skip }) => {
    const tests = wycheproofTests(vectorsFolder('wycheproof', skip), 'rsa_oaep_2048_sha256_mgf1sha256');
    const unlabelled = tests.filter((test) => test.bytes('label').length === 0);
    expect(unlabelled.length).toBeGreaterThan(10);
    for (const test of unlabelled) {
      const key = rsaPrivateKey(String(test.group['privateKeyPem']));
      if (key === undefined) throw new Error('the key of the file was not read');
      const opened = rsaDecrypt(key, 'oaep-sha256', test.bytes('ct'));
      expect(opened, `tcId ${test.tcId} ${test.comment}`).toEqual(
        test.result === 'invalid' ? undefined : test.bytes('msg'),
      );
    }
  });
});
