import { p384 } from '@noble/curves/nist.js';
import { describe, expect, it } from 'vitest';
import { ecdsaVerifier, newEcdsaSigner } from '../../../src/main/crypto/ecdsa.ts';
import { hkdfWith } from '../../../src/main/crypto/hash.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

describe('ECDSA', () => {
  // RFC 6979 appendix A.2.6, SHA-384, message "sample"; the public key's y is even.
  const publicKey = hex(
    '02ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13',
  );
  const r =
    '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46';
  const s =
    '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8';
  const signature = hex(`3066023100${r}023100${s}`);

  it('verifies a published signature, given in parts, and no other', () => {
    const verify = (text: string, given: Buffer) => {
      const verifier = ecdsaVerifier('P-384', publicKey);
      for (const part of text) verifier?.update(Buffer.from(part));
      return verifier?.verify(given);
    };
    expect(verify('sample', signature)).toBe(true);
    expect(verify('samples', signature)).toBe(false);
    expect(verify('sample', Buffer.alloc(0))).toBe(false);
    const changed = Buffer.from(signature);
    changed[50] = (changed[50] ?? 0) ^ 1;
    expect(verify('sample', changed)).toBe(false);
  });

  it.each(['P-256', 'P-384'] as const)('verifies what it signs, both parities of y: %s', (curve) => {
    const parities = new Set<number | undefined>();
    for (let i = 0; i < 100 && parities.size < 2; i++) {
      const signer = newEcdsaSigner(curve);
      parities.add(signer.publicKey[0]);
      signer.update(Buffer.from('to be '));
      signer.update(Buffer.from('signed'));
      const verifier = ecdsaVerifier(curve, signer.publicKey);
      verifier?.update(Buffer.from('to be signed'));
      expect(verifier?.verify(signer.sign())).toBe(true);
    }
    expect(parities).toEqual(new Set([2, 3]));
  });

  it('signs what another implementation verifies', () => {
    const signer = newEcdsaSigner('P-384');
    signer.update(Buffer.from('message'));
    const options = { format: 'der', lowS: false } as const;
    const verified = p384.verify(signer.sign(), Buffer.from('message'), signer.publicKey, options);
    expect(verified).toBe(true);
  });

  it('takes only points of the curve, compressed', () => {
    expect(ecdsaVerifier('P-256', publicKey)).toBeUndefined();
    expect(ecdsaVerifier('P-384', Buffer.concat([Uint8Array.of(4), publicKey.subarray(1)]))).toBeUndefined();
    expect(ecdsaVerifier('P-384', Buffer.alloc(49, 0xff))).toBeUndefined();
    expect(ecdsaVerifier('P-384', Buffer.concat([Uint8Array.of(2), Buffer.alloc(48, 0xff)]))).toBeUndefined();
    expect(ecdsaVerifier('P-384', Buffer.alloc(0))).toBeUndefined();
  });
});

describe('HKDF with SHA-256', () => {
  // RFC 5869 appendix A.3: no salt, no info.
  it('gives the published key', () => {
    const none = new Uint8Array(0);
    expect(hkdfWith('sha256', Buffer.alloc(22, 0x0b), none, none, 42).toString('hex')).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });
});
