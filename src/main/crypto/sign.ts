import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { randomBytes } from './bytes.ts';

// RFC 8410 section 7 and 4: the fixed DER that stands before an Ed25519 seed and public key.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A new Ed25519 key (RFC 8032): the 32-byte seed and the 32-byte public key. */
export function newSigningKey(): { seed: Buffer; publicKey: Buffer } {
  const seed = randomBytes(32);
  return { seed, publicKey: signingPublicKey(seed) };
}

/** The public key of a seed. */
export function signingPublicKey(seed: Uint8Array): Buffer {
  const spki = createPublicKey(privateOf(seed)).export({ format: 'der', type: 'spki' });
  return Buffer.from(spki.subarray(SPKI.length));
}

/** An Ed25519 signature of 64 bytes. */
export function signBytes(seed: Uint8Array, message: Uint8Array): Buffer {
  return sign(null, message, privateOf(seed));
}

/** Whether the signature is the key's over the message. */
export function verifyBytes(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
}

function privateOf(seed: Uint8Array) {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}
