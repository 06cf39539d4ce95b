import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EcCurve,
  ecKeyIn,
  ecPkcs8,
  ecPublicKey,
  edKeyIn,
  newEcKey,
} from '../../../src/main/crypto/curves.ts';
import { der, derElement, pkcs8, privateKeyIn } from '../../../src/main/crypto/der.ts';
import { unwrapPadded } from '../../../src/main/crypto/key-wrap.ts';
import { soundRsaKey } from '../../../src/main/crypto/rsa-keys.ts';

const P256 = Buffer.from('06072a8648ce3d020106082a8648ce3d030107', 'hex');
const VERSION = Uint8Array.of(2, 1, 1);

describe('private keys in PKCS #8', () => {
  it.each(['P-256', 'P-384', 'P-521', 'secp256k1'] as const)(
    'of %s come back as they were put in',
    (curve) => {
      const secret = newEcKey(curve);
      expect(ecKeyIn(curve, ecPkcs8(curve, secret))).toEqual(secret);
      for (const other of ['P-256', 'P-384', 'P-521', 'secp256k1'] satisfies EcCurve[]) {
        if (other !== curve) expect(ecKeyIn(other, ecPkcs8(curve, secret))).toBeUndefined();
      }
    },
  );

  it('need no public key, take a short scalar and a compressed point, and no other key’s point', () => {
    const secret = Buffer.concat([Buffer.alloc(2), newEcKey('P-256').subarray(2)]);
    const point = ecPublicKey('P-256', secret).subarray(-65);
    const short = Buffer.concat([Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1)), point.subarray(1, 33)]);
    const holding = (scalar: Uint8Array, ...rest: Uint8Array[]) =>
      pkcs8(P256, der(0x30, VERSION, der(0x04, scalar), ...rest));
    const publicKey = (bytes: Uint8Array) => der(0xa1, der(0x03, Uint8Array.of(0), bytes));
    const curve = der(0xa0, P256.subarray(9));
    expect(ecKeyIn('P-256', holding(secret))).toEqual(secret);
    expect(ecKeyIn('P-256', holding(secret.subarray(2)))).toEqual(secret);
    expect(ecKeyIn('P-256', holding(secret, curve, publicKey(point)))).toEqual(secret);
    expect(ecKeyIn('P-256', holding(secret, publicKey(short)))).toEqual(secret);
    const other = ecPublicKey('P-256', newEcKey('P-256')).subarray(-65);
    expect(ecKeyIn('P-256', holding(secret, publicKey(other)))).toBeUndefined();
    expect(ecKeyIn('P-256', holding(secret, curve, publicKey(other)))).toBeUndefined();
    expect(ecKeyIn('P-256', holding(Buffer.alloc(32)))).toBeUndefined();
    expect(ecKeyIn('P-256', holding(Buffer.alloc(33, 1)))).toBeUndefined();
  });

  it('are read in DER only, and without anything behind them', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const whole = privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(edKeyIn(whole)).toEqual(whole.subarray(-32));
    expect(edKeyIn(Buffer.concat([whole, Buffer.alloc(1)]))).toBeUndefined();
    for (let length = 0; length < whole.length; length++) {
      expect(edKeyIn(whole.subarray(0, length)), `cut at ${length}`).toBeUndefined();
    }
    expect(derElement(0x04, Buffer.from('048102aabb', 'hex'))).toBeUndefined();
    expect(derElement(0x04, Buffer.from('04820002aabb', 'hex'))).toBeUndefined();
    expect(derElement(0x04, Buffer.from('0480aabb0000', 'hex'))).toBeUndefined();
    expect(derElement(0x04, Buffer.from('0402aabbcc', 'hex'))).toEqual({
      contents: Buffer.from('aabb', 'hex'),
      rest: Buffer.from('cc', 'hex'),
    });
    const long = der(0x04, Buffer.alloc(300, 7));
    expect(derElement(0x04, long)?.contents).toEqual(Buffer.alloc(300, 7));
    expect(privateKeyIn(P256, pkcs8(P256, Buffer.from('x')))).toEqual(Buffer.from('x'));
    expect(privateKeyIn(Buffer.from('0500', 'hex'), pkcs8(P256, Buffer.from('x')))).toBeUndefined();
  });
});

describe('whatever bytes come', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const rsa = privateKey.export({ format: 'der', type: 'pkcs8' });
  const p256 = ecPkcs8('P-256', newEcKey('P-256'));

  it('they are taken or not, but nothing is thrown; what is taken is a key', () => {
    const edited = (whole: Buffer) =>
      fc
        .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
        .map((edits) => {
          const copy = Buffer.from(whole);
          for (const [at, byte] of edits) copy[at] = byte;
          return copy;
        });
    const any = fc.uint8Array({ maxLength: 300 });
    const runs = { numRuns: 300 };
    fc.assert(
      fc.property(fc.oneof(any, edited(p256)), (bytes) => {
        const secret = ecKeyIn('P-256', bytes);
        if (secret !== undefined) expect(ecKeyIn('P-256', ecPkcs8('P-256', secret))).toEqual(secret);
        edKeyIn(bytes);
        derElement(0x30, bytes);
      }),
      runs,
    );
    fc.assert(
      fc.property(fc.oneof(any, edited(rsa)), (bytes) => {
        const whole = soundRsaKey(bytes, 2_048);
        if (whole !== undefined) expect(soundRsaKey(whole, 2_048)).toEqual(whole);
      }),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(any, (bytes) => {
        expect(unwrapPadded(Buffer.alloc(32, 1), bytes)).toBeUndefined();
      }),
      runs,
    );
  });
});

describe('RSA keys from elsewhere', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });

  it('are taken with the size and exponent that keys have', () => {
    const whole = privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(soundRsaKey(whole, 2_048)).toEqual(whole);
    expect(soundRsaKey(whole, 3_072)).toBeUndefined();
    const small = generateKeyPairSync('rsa', { modulusLength: 2_048, publicExponent: 3 });
    expect(soundRsaKey(small.privateKey.export({ format: 'der', type: 'pkcs8' }), 2_048)).toBeUndefined();
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2_048 });
    expect(soundRsaKey(pss.privateKey.export({ format: 'der', type: 'pkcs8' }), 2_048)).toBeUndefined();
  });

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi'] as const)('are refused with another %s', (name) => {
    const jwk = privateKey.export({ format: 'jwk' });
    const bytes = Buffer.from(jwk[name] ?? '', 'base64url');
    bytes[20] = (bytes[20] ?? 0) ^ 0x10;
    const edited = createPrivateKey({ key: { ...jwk, [name]: bytes.toString('base64url') }, format: 'jwk' });
    expect(soundRsaKey(edited.export({ format: 'der', type: 'pkcs8' }), 2_048)).toBeUndefined();
  });
});
