import { eddsa } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { der, derElement, pkcs8, privateKeyIn, publicKeyIn, spki } from './der.ts';

/** A curve for ECDSA and ECDH (SP 800-186, SEC 2). */
export type EcCurve = 'P-256' | 'P-384' | 'P-521' | 'secp256k1';

// From the library on every platform: Electron's own cryptography lacks secp256k1.
const CURVES = {
  'P-256': { on: p256, bytes: 32, oid: '06072a8648ce3d020106082a8648ce3d030107' },
  'P-384': { on: p384, bytes: 48, oid: '06072a8648ce3d020106052b81040022' },
  'P-521': { on: p521, bytes: 66, oid: '06072a8648ce3d020106052b81040023' },
  secp256k1: { on: secp256k1, bytes: 32, oid: '06072a8648ce3d020106052b8104000a' },
} as const;

const ED25519 = Buffer.from('06032b6570', 'hex');

/** Ed25519ph (RFC 8032 section 5.1) where the message's SHA-512 is given, not the message. */
const ed25519OfDigest = eddsa(ed25519.Point, sha512, {
  adjustScalarBytes(bytes: Uint8Array) {
    bytes[0] = (bytes[0] ?? 0) & 0xf8;
    bytes[31] = ((bytes[31] ?? 0) & 0x7f) | 0x40;
    return bytes;
  },
  domain: (data: Uint8Array, context: Uint8Array, flag: boolean) =>
    Buffer.concat([
      Buffer.from('SigEd25519 no Ed25519 collisions'),
      Uint8Array.of(flag ? 1 : 0, context.length),
      context,
      data,
    ]),
  prehash: (digest: Uint8Array) => digest,
});

const oidOf = (curve: EcCurve) => Buffer.from(CURVES[curve].oid, 'hex');

/** A new private scalar, big-endian, as long as the curve's order. */
export function newEcKey(curve: EcCurve): Buffer {
  return Buffer.from(CURVES[curve].on.utils.randomSecretKey());
}

/** Whether bytes are a private scalar of the curve. */
export function isEcKey(curve: EcCurve, secret: Uint8Array): boolean {
  return CURVES[curve].on.utils.isValidSecretKey(secret);
}

/** The public key of a scalar, as SubjectPublicKeyInfo with an uncompressed point (RFC 5480). */
export function ecPublicKey(curve: EcCurve, secret: Uint8Array): Buffer {
  return spki(oidOf(curve), CURVES[curve].on.getPublicKey(secret, false));
}

/** The private key as PKCS #8 with an ECPrivateKey inside (RFC 5915). */
export function ecPkcs8(curve: EcCurve, secret: Uint8Array): Buffer {
  const point = CURVES[curve].on.getPublicKey(secret, false);
  const inner = [Uint8Array.of(0x02, 1, 1), der(0x04, secret), der(0xa1, der(0x03, Uint8Array.of(0), point))];
  return pkcs8(oidOf(curve), der(0x30, ...inner));
}

/**
 * The scalar in a PKCS #8 key of this curve, as long as the curve's order, which the caller wipes; `undefined` for
 * anything else, also where the public key in it (RFC 5915) is another one's.
 */
export function ecKeyIn(curve: EcCurve, bytes: Uint8Array): Buffer | undefined {
  const { on, bytes: size } = CURVES[curve];
  const inner = derElement(0x30, privateKeyIn(oidOf(curve), bytes) ?? Buffer.alloc(0))?.contents;
  const version = derElement(0x02, inner ?? Buffer.alloc(0));
  const scalar = version?.contents[0] === 1 ? derElement(0x04, version.rest) : undefined;
  if (scalar === undefined || scalar.contents.length > size) return undefined;
  const secret = Buffer.concat([Buffer.alloc(size - scalar.contents.length), scalar.contents]);
  const behind = derElement(0xa0, scalar.rest)?.rest ?? scalar.rest;
  const claimed = derElement(0x03, derElement(0xa1, behind)?.contents ?? Buffer.alloc(0))?.contents.subarray(
    1,
  );
  if (on.utils.isValidSecretKey(secret) && (claimed === undefined || isPublicOf(curve, secret, claimed))) {
    return secret;
  }
  secret.fill(0);
  return undefined;
}

function isPublicOf(curve: EcCurve, secret: Uint8Array, point: Uint8Array): boolean {
  const { on } = CURVES[curve];
  return [true, false].some((short) => Buffer.compare(on.getPublicKey(secret, short), point) === 0);
}

/** An ECDSA signature over a digest, in DER (FIPS 186-5 section 6.4, nonces by RFC 6979). */
export function ecSign(curve: EcCurve, secret: Uint8Array, digest: Uint8Array): Buffer {
  return Buffer.from(
    CURVES[curve].on.sign(digest, secret, { prehash: false, format: 'der', lowS: curve === 'secp256k1' }),
  );
}

/** Whether a DER signature over a digest is the key's, whose scalar is given. */
export function ecVerify(
  curve: EcCurve,
  secret: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  return ecVerifyByPoint(curve, CURVES[curve].on.getPublicKey(secret), digest, signature);
}

/** As `ecVerify`, of the key whose point is given (SEC 1 section 2.3.3). */
export function ecVerifyByPoint(
  curve: EcCurve,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const options = { prehash: false, format: 'der', lowS: false } as const;
    return CURVES[curve].on.verify(signature, digest, point, options);
  } catch {
    return false;
  }
}

/** The x coordinate that ECDH gives (SP 800-56A section 5.7.1.2); `undefined` for a peer of another curve. */
export function ecdh(curve: EcCurve, secret: Uint8Array, peer: Uint8Array): Buffer | undefined {
  const { on, bytes } = CURVES[curve];
  const point = publicKeyIn(oidOf(curve), peer, 1 + 2 * bytes) ?? publicKeyIn(oidOf(curve), peer, 1 + bytes);
  if (point === undefined) return undefined;
  try {
    return Buffer.from(on.getSharedSecret(secret, point, false).subarray(1, 1 + bytes));
  } catch {
    return undefined;
  }
}

/** The public key of an Ed25519 seed, as SubjectPublicKeyInfo (RFC 8410). */
export function edPublicKey(seed: Uint8Array): Buffer {
  return spki(ED25519, ed25519.getPublicKey(seed));
}

/** The private key of an Ed25519 seed as PKCS #8 (RFC 8410 section 7). */
export function edPkcs8(seed: Uint8Array): Buffer {
  return pkcs8(ED25519, der(0x04, seed));
}

/** The seed in a PKCS #8 key of Ed25519 (RFC 8410), which the caller wipes; `undefined` for anything else. */
export function edKeyIn(bytes: Uint8Array): Buffer | undefined {
  const seed = derElement(0x04, privateKeyIn(ED25519, bytes) ?? Buffer.alloc(0));
  return seed?.contents.length === 32 && seed.rest.length === 0 ? Buffer.from(seed.contents) : undefined;
}

/** An Ed25519 signature (RFC 8032); `prehashed`: Ed25519ph over the message's SHA-512, which the message then is. */
export function edSign(seed: Uint8Array, message: Uint8Array, prehashed: boolean): Buffer {
  return Buffer.from((prehashed ? ed25519OfDigest : ed25519).sign(message, seed));
}

/** Whether a signature is the seed's; `prehashed` as in `edSign`. */
export function edVerify(
  seed: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  prehashed: boolean,
): boolean {
  return edVerifyByPoint(ed25519.getPublicKey(seed), message, signature, prehashed);
}

/** As `edVerify`, of the key whose 32 public bytes are given (RFC 8032 section 5.1.5). */
export function edVerifyByPoint(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  prehashed: boolean,
): boolean {
  try {
    return (prehashed ? ed25519OfDigest : ed25519).verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
