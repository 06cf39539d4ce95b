import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type EcCurve,
  ecdh,
  ecPkcs8,
  ecPublicKey,
  ecSign,
  ecVerify,
  edPkcs8,
  edPublicKey,
  edSign,
  edVerify,
  newEcKey,
} from '../../../src/main/crypto/curves.ts';
import {
  decapsulate,
  encapsulate,
  type MlDsa,
  type MlKem,
  mlPkcs8,
  mlPublicKey,
  mlSign,
  mlVerify,
} from '../../../src/main/crypto/post-quantum.ts';
import {
  newRsaKey,
  oaepDecrypt,
  oaepEncrypt,
  rsaBits,
  rsaPublicKey,
  rsaSign,
  rsaVerify,
} from '../../../src/main/crypto/rsa-keys.ts';

const publicKeyOf = (spki: Buffer) => createPublicKey({ key: spki, format: 'der', type: 'spki' });
const privateKeyOf = (pkcs8: Buffer) => createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
const message = Buffer.from('the message');

function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other.writeUInt8(other.readUInt8(other.length >> 1) ^ 1, other.length >> 1);
  return other;
}

describe.each([
  ['P-256', 'sha256'],
  ['P-384', 'sha384'],
  ['P-521', 'sha512'],
  ['secp256k1', 'sha256'],
] as const)('%s', (curve: EcCurve, hash) => {
  const secret = newEcKey(curve);
  const digest = createHash(hash).update(message).digest();

  it('signs what OpenSSL verifies, and verifies what OpenSSL signs', () => {
    const signature = ecSign(curve, secret, digest);
    expect(verify(hash, message, publicKeyOf(ecPublicKey(curve, secret)), signature)).toBe(true);
    const theirs = sign(hash, message, privateKeyOf(ecPkcs8(curve, secret)));
    expect(ecVerify(curve, secret, digest, theirs)).toBe(true);
    expect(ecVerify(curve, secret, digest, flipped(theirs))).toBe(false);
    expect(ecVerify(curve, secret, flipped(digest), theirs)).toBe(false);
    expect(ecVerify(curve, newEcKey(curve), digest, theirs)).toBe(false);
    expect(ecVerify(curve, secret, digest, Buffer.alloc(0))).toBe(false);
  });

  it('agrees with OpenSSL on a shared secret, and refuses other keys', () => {
    const other = newEcKey(curve);
    const shared = ecdh(curve, secret, ecPublicKey(curve, other));
    const theirs = diffieHellman({
      privateKey: privateKeyOf(ecPkcs8(curve, secret)),
      publicKey: publicKeyOf(ecPublicKey(curve, other)),
    });
    expect(shared?.equals(theirs)).toBe(true);
    const foreign = curve === 'P-256' ? 'P-384' : 'P-256';
    expect(ecdh(curve, secret, ecPublicKey(foreign, newEcKey(foreign)))).toBeUndefined();
    expect(ecdh(curve, secret, flipped(ecPublicKey(curve, other)))).toBeUndefined();
    expect(ecdh(curve, secret, Buffer.from('none'))).toBeUndefined();
  });
});

describe('Ed25519', () => {
  const seed = randomBytes(32);

  it('agrees with OpenSSL', () => {
    const signature = edSign(seed, message, false);
    expect(sign(null, message, privateKeyOf(edPkcs8(seed))).equals(signature)).toBe(true);
    expect(verify(null, message, publicKeyOf(edPublicKey(seed)), signature)).toBe(true);
    expect(edVerify(seed, message, signature, false)).toBe(true);
    expect(edVerify(seed, message, flipped(signature), false)).toBe(false);
    expect(edVerify(seed, message, Buffer.alloc(3), false)).toBe(false);
  });

  it('signs digests as RFC 8032 section 7.3 has it', () => {
    const vector = {
      seed: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
      signature:
        '98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406',
    };
    const digest = createHash('sha512').update('abc').digest();
    const signature = edSign(Buffer.from(vector.seed, 'hex'), digest, true);
    expect(signature.toString('hex')).toBe(vector.signature);
    expect(edVerify(Buffer.from(vector.seed, 'hex'), digest, signature, true)).toBe(true);
    expect(edVerify(Buffer.from(vector.seed, 'hex'), digest, signature, false)).toBe(false);
  });
});

describe('RSA', () => {
  it('signs and verifies as OpenSSL does, and decrypts what was encrypted', async () => {
    const key = await newRsaKey(2048);
    expect(rsaBits(key)).toBe(2048);
    const publicKey = publicKeyOf(rsaPublicKey(key));
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      const digest = createHash(hash).update(message).digest();
      for (const scheme of ['pss', 'pkcs1'] as const) {
        const padding = scheme === 'pss' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
        const how = {
          padding,
          ...(scheme === 'pss' ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}),
        };
        const ours = rsaSign(key, scheme, hash, digest);
        expect(verify(hash, message, { key: publicKey, ...how }, ours)).toBe(true);
        const theirs = sign(hash, message, { key: privateKeyOf(key), ...how });
        expect(rsaVerify(key, scheme, hash, digest, theirs)).toBe(true);
        expect(rsaVerify(key, scheme, hash, digest, flipped(theirs))).toBe(false);
        expect(rsaVerify(key, scheme, hash, flipped(digest), theirs)).toBe(false);
        expect(rsaVerify(key, scheme === 'pss' ? 'pkcs1' : 'pss', hash, digest, theirs)).toBe(false);
      }
    }
    for (const hash of ['sha1', 'sha256'] as const) {
      const sealed = oaepEncrypt(key, hash, message);
      expect(oaepDecrypt(key, hash, sealed)?.equals(message)).toBe(true);
      expect(oaepDecrypt(key, hash === 'sha1' ? 'sha256' : 'sha1', sealed)).toBeUndefined();
    }
    expect(rsaBits(randomBytes(50))).toBeUndefined();
  });
});

// Node's own ML-DSA and ML-KEM are a second opinion; Electron's build of Node lacks them.
describe('post-quantum keys', () => {
  it.each(['ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87'] as const)('%s agree with OpenSSL', (set: MlDsa) => {
    const seed = randomBytes(32);
    const publicKey = publicKeyOf(mlPublicKey(set, seed));
    const signature = mlSign(set, seed, message, false);
    expect(verify(null, message, publicKey, signature)).toBe(true);
    const theirs = sign(null, message, privateKeyOf(mlPkcs8(set, seed)));
    expect(mlVerify(set, seed, message, theirs, false)).toBe(true);
    expect(mlVerify(set, seed, message, flipped(theirs), false)).toBe(false);
  });

  it('sign a mu as its message', () => {
    const seed = randomBytes(32);
    const raw = publicKeyOf(mlPublicKey('ML_DSA_44', seed))
      .export({ format: 'der', type: 'spki' })
      .subarray(-1312);
    // FIPS 204 algorithm 7: mu = H(H(pk, 64) || 0 || 0 || M, 64), H being SHAKE256.
    const shake = (...parts: Buffer[]) => {
      const hash = createHash('shake256', { outputLength: 64 });
      for (const part of parts) hash.update(part);
      return hash.digest();
    };
    const mu = shake(shake(raw), Buffer.from([0, 0]), message);
    const signature = mlSign('ML_DSA_44', seed, mu, true);
    expect(mlVerify('ML_DSA_44', seed, message, signature, false)).toBe(true);
    expect(mlVerify('ML_DSA_44', seed, mu, mlSign('ML_DSA_44', seed, message, false), true)).toBe(true);
    expect(mlVerify('ML_DSA_44', seed, mu, flipped(signature), true)).toBe(false);
  });

  it.each(['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'] as const)(
    '%s give both sides a secret',
    (set: MlKem) => {
      const seed = randomBytes(64);
      expect(publicKeyOf(mlPublicKey(set, seed)).asymmetricKeyType).toBe(
        set.toLowerCase().replaceAll('_', '-'),
      );
      expect(privateKeyOf(mlPkcs8(set, seed)).asymmetricKeyType).toBe(set.toLowerCase().replaceAll('_', '-'));
      const { ciphertext, secret } = encapsulate(set, seed);
      expect(decapsulate(set, seed, ciphertext)?.equals(secret)).toBe(true);
      expect(decapsulate(set, seed, flipped(ciphertext))?.equals(secret)).toBe(false);
      expect(decapsulate(set, seed, ciphertext.subarray(1))).toBeUndefined();
    },
  );
});
