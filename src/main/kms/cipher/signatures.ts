import { type KeySpec, kindOf } from '../../../shared/key-specs.ts';
import { ecSign, ecVerify, edSign, edVerify } from '../../crypto/curves.ts';
import { digestWith } from '../../crypto/hash.ts';
import { MU_BYTES, mlSign, mlVerify } from '../../crypto/post-quantum.ts';
import { type RsaHash, rsaSign, rsaVerify } from '../../crypto/rsa-keys.ts';
import { invalid } from '../errors.ts';

/** What `Message` is, in AWS's words. */
export const MESSAGE_TYPES = ['RAW', 'DIGEST', 'EXTERNAL_MU'];

/** What is signed: a message or its digest, and by which algorithm; the key is known to have it. */
export type ToSign = {
  readonly spec: KeySpec;
  readonly algorithm: string;
  readonly type: string;
  readonly message: Uint8Array;
};

const HASHES: { readonly [bits: string]: { readonly name: RsaHash; readonly bytes: number } } = {
  '256': { name: 'sha256', bytes: 32 },
  '384': { name: 'sha384', bytes: 48 },
  '512': { name: 'sha512', bytes: 64 },
};

/** Throws `ValidationException` where the type or length of the message does not suit the algorithm. */
export function checkToSign({ algorithm, type, message }: ToSign): void {
  const suits =
    algorithm === 'ML_DSA_SHAKE_256'
      ? type !== 'DIGEST'
      : algorithm.startsWith('ED25519')
        ? type === (algorithm === 'ED25519_PH_SHA_512' ? 'DIGEST' : 'RAW')
        : type !== 'EXTERNAL_MU';
  if (!suits) throw invalid(`MessageType ${type} is not valid for algorithm ${algorithm}.`);
  const digest = type === 'EXTERNAL_MU' ? MU_BYTES : hashOf(algorithm)?.bytes;
  if (type !== 'RAW' && message.length !== digest) {
    throw invalid(`Digest is invalid length for algorithm ${algorithm}.`);
  }
}

/** Signs with a key's material. Call `checkToSign` before. */
export function signWith(material: Uint8Array, what: ToSign): Buffer {
  const kind = kindOf(what.spec);
  const { algorithm, type, message } = what;
  switch (kind.kind) {
    case 'rsa':
      return rsaSign(material, schemeOf(algorithm), hashNamed(algorithm), digestOf(what));
    case 'ecc':
      return ecSign(kind.curve, material, digestOf(what));
    case 'ed25519':
      return edSign(material, message, type === 'DIGEST');
    case 'ml-dsa':
      return mlSign(kind.set, material, message, type === 'EXTERNAL_MU');
    default:
      throw new RangeError(`keys of ${what.spec} don't sign`);
  }
}

/** Whether a signature is the key's. Call `checkToSign` before. */
export function isSignedWith(material: Uint8Array, what: ToSign, signature: Uint8Array): boolean {
  const kind = kindOf(what.spec);
  const { algorithm, type, message } = what;
  switch (kind.kind) {
    case 'rsa':
      return rsaVerify(material, schemeOf(algorithm), hashNamed(algorithm), digestOf(what), signature);
    case 'ecc':
      return ecVerify(kind.curve, material, digestOf(what), signature);
    case 'ed25519':
      return edVerify(material, message, signature, type === 'DIGEST');
    case 'ml-dsa':
      return mlVerify(kind.set, material, message, signature, type === 'EXTERNAL_MU');
    default:
      return false;
  }
}

function schemeOf(algorithm: string): 'pss' | 'pkcs1' {
  return algorithm.startsWith('RSASSA_PSS') ? 'pss' : 'pkcs1';
}

function hashOf(algorithm: string) {
  return HASHES[algorithm.slice(-3)];
}

function hashNamed(algorithm: string): RsaHash {
  return hashOf(algorithm)?.name ?? 'sha256';
}

function digestOf({ algorithm, type, message }: ToSign): Uint8Array {
  return type === 'RAW' ? digestWith(hashNamed(algorithm), message) : message;
}
