import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
} from 'node:crypto';
import { promisify } from 'node:util';
import { equalBytes, randomBytes } from './bytes.ts';

/** Hashes of signatures with RSA; OAEP has SHA-1 and SHA-256. */
export type RsaHash = 'sha256' | 'sha384' | 'sha512';
export type OaepHash = 'sha1' | 'sha256';

/** Padding of a signature (RFC 8017): PSS with a salt as long as the hash, or PKCS #1 v1.5. */
export type RsaScheme = 'pss' | 'pkcs1';

const BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;

// RFC 8017 section 9.2, note 1.
const DIGEST_INFO = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
} as const;

const generate = promisify(generateKeyPair);

/** A new private key of 2,048, 3,072 or 4,096 bits, as PKCS #8. Takes up to seconds, on another thread. */
export async function newRsaKey(bits: number): Promise<Buffer> {
  const { privateKey } = await generate('rsa', { modulusLength: bits });
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}

/** Bits of the modulus of a PKCS #8 key; `undefined` if it is no RSA key. */
export function rsaBits(pkcs8: Uint8Array): number | undefined {
  try {
    const key = privateOf(pkcs8);
    return key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined;
  } catch {
    return undefined;
  }
}

/** Public exponents below this are not for keys of today (FIPS 186-5 section A.1.1). */
const MIN_EXPONENT = 65_537n;

/**
 * An RSA key from elsewhere, as PKCS #8 without anything around it, which the caller wipes; `undefined` if it is
 * none of that many bits, or if its numbers don't belong together.
 */
export function soundRsaKey(pkcs8: Uint8Array, bits: number): Buffer | undefined {
  try {
    const key = privateOf(pkcs8);
    const { modulusLength, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType !== 'rsa' || modulusLength !== bits || publicExponent < MIN_EXPONENT) {
      return undefined;
    }
    return belongTogether(key) ? key.export({ format: 'der', type: 'pkcs8' }) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the eight numbers of a key fit each other (SP 800-56B section 6.4.1). OpenSSL works around a damaged
 * half of a key without a word, where other builds refuse the key.
 */
function belongTogether(key: KeyObject): boolean {
  const jwk = key.export({ format: 'jwk' });
  const numberOf = (text = '') => BigInt(`0x0${Buffer.from(text, 'base64url').toString('hex')}`);
  const [n, e, d] = [numberOf(jwk.n), numberOf(jwk.e), numberOf(jwk.d)];
  const [p, q, qi] = [numberOf(jwk.p), numberOf(jwk.q), numberOf(jwk.qi)];
  return (
    p > 1n &&
    q > 1n &&
    p * q === n &&
    (d * e) % (p - 1n) === 1n &&
    (d * e) % (q - 1n) === 1n &&
    numberOf(jwk.dp) === d % (p - 1n) &&
    numberOf(jwk.dq) === d % (q - 1n) &&
    (q * qi) % p === 1n
  );
}

/** The public key as SubjectPublicKeyInfo (RFC 8017 appendix A.1.1). */
export function rsaPublicKey(pkcs8: Uint8Array): Buffer {
  return createPublicKey(privateOf(pkcs8)).export({ format: 'der', type: 'spki' });
}

/** Encrypts with OAEP (RFC 8017 section 7.1); at most the modulus less two hashes and two bytes. */
export function oaepEncrypt(pkcs8: Uint8Array, oaepHash: OaepHash, plaintext: Uint8Array): Buffer {
  const key = createPublicKey(privateOf(pkcs8));
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext);
}

/** Decrypts what `oaepEncrypt` made; `undefined` for anything else. */
export function oaepDecrypt(pkcs8: Uint8Array, oaepHash: OaepHash, sealed: Uint8Array): Buffer | undefined {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return privateDecrypt({ key: privateOf(pkcs8), padding, oaepHash }, sealed);
  } catch {
    return undefined;
  }
}

/** A signature over a digest. */
export function rsaSign(pkcs8: Uint8Array, scheme: RsaScheme, hash: RsaHash, digest: Uint8Array): Buffer {
  const key = privateOf(pkcs8);
  if (scheme === 'pkcs1') {
    const info = Buffer.concat([DIGEST_INFO[hash], digest]);
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, info);
  }
  const encoded = encodePss(hash, digest, randomBytes(BYTES[hash]), modulusBytes(key));
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

/** Whether a signature over a digest is the key's. */
export function rsaVerify(
  pkcs8: Uint8Array,
  scheme: RsaScheme,
  hash: RsaHash,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  return rsaVerifyBySpki(rsaPublicKey(pkcs8), scheme, hash, digest, signature);
}

/** As `rsaVerify`, of the key whose SubjectPublicKeyInfo is given. */
export function rsaVerifyBySpki(
  publicKey: Uint8Array,
  scheme: RsaScheme,
  hash: RsaHash,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  if (signature.length !== modulusBytes(key)) return false;
  try {
    if (scheme === 'pkcs1') {
      const info = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
      return equalBytes(info, Buffer.concat([DIGEST_INFO[hash], digest]));
    }
    return isPss(hash, digest, publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature));
  } catch {
    return false;
  }
}

function privateOf(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
}

function modulusBytes(key: KeyObject): number {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}

/** EMSA-PSS (RFC 8017 section 9.1.1), for moduli whose bits are a multiple of eight. */
function encodePss(hash: RsaHash, digest: Uint8Array, salt: Uint8Array, length: number): Buffer {
  const h = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const block = Buffer.alloc(length - h.length - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  const masked = masks(hash, h, block);
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, h, Uint8Array.of(0xbc)]);
}

/** EMSA-PSS-VERIFY (RFC 8017 section 9.1.2), with a salt as long as the hash. */
function isPss(hash: RsaHash, digest: Uint8Array, encoded: Buffer): boolean {
  const size = BYTES[hash];
  if (encoded.at(-1) !== 0xbc || ((encoded[0] ?? 0) & 0x80) !== 0) return false;
  const block = masks(hash, encoded.subarray(-1 - size, -1), encoded.subarray(0, -1 - size));
  block[0] = (block[0] ?? 0) & 0x7f;
  return equalBytes(encoded, encodePss(hash, digest, block.subarray(-size), encoded.length));
}

/** `block` under the mask that MGF1 (RFC 8017 appendix B.2.1) gives for a seed. */
function masks(hash: RsaHash, seed: Uint8Array, block: Uint8Array): Buffer {
  const out = Buffer.from(block);
  for (let at = 0, n = 0; at < out.length; n++) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(n);
    for (const byte of createHash(hash).update(seed).update(counter).digest()) {
      if (at < out.length) out[at] = (out[at] ?? 0) ^ byte;
      at++;
    }
  }
  return out;
}
