import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { der, pkcs8, spki } from './der.ts';

/** A parameter set of ML-DSA (FIPS 204) or ML-KEM (FIPS 203). */
export type MlDsa = 'ML_DSA_44' | 'ML_DSA_65' | 'ML_DSA_87';
export type MlKem = 'ML_KEM_512' | 'ML_KEM_768' | 'ML_KEM_1024';

const DSA = { ML_DSA_44: ml_dsa44, ML_DSA_65: ml_dsa65, ML_DSA_87: ml_dsa87 } as const;
const KEM = { ML_KEM_512: ml_kem512, ML_KEM_768: ml_kem768, ML_KEM_1024: ml_kem1024 } as const;

/** Last byte of the object identifiers 2.16.840.1.101.3.4.3.x and .4.x (NIST's registry). */
const LAST = {
  ML_DSA_44: 17,
  ML_DSA_65: 18,
  ML_DSA_87: 19,
  ML_KEM_512: 1,
  ML_KEM_768: 2,
  ML_KEM_1024: 3,
} as const;

/** Bytes of a mu that was made elsewhere. */
export const MU_BYTES = 64;

function oidOf(set: MlDsa | MlKem): Buffer {
  return Buffer.from([0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, set in DSA ? 3 : 4, LAST[set]]);
}

/** The public key of a seed, as SubjectPublicKeyInfo (RFC 9881 section 4, RFC 9935). */
export function mlPublicKey(set: MlDsa | MlKem, seed: Uint8Array): Buffer {
  return spki(oidOf(set), pairOf(set, seed).publicKey);
}

/** The private key as PKCS #8 that holds the seed alone (RFC 9881 section 6, the seed-only form). */
export function mlPkcs8(set: MlDsa | MlKem, seed: Uint8Array): Buffer {
  return pkcs8(oidOf(set), der(0x80, seed));
}

/** A signature over a message, or over its mu (FIPS 204 section 6.2). */
export function mlSign(set: MlDsa, seed: Uint8Array, message: Uint8Array, isMu: boolean): Buffer {
  const { secretKey } = pairOf(set, seed);
  try {
    return Buffer.from(
      isMu
        ? DSA[set].internal.sign(message, secretKey, { externalMu: true })
        : DSA[set].sign(message, secretKey),
    );
  } finally {
    secretKey.fill(0);
  }
}

/** Whether a signature is the seed's. */
export function mlVerify(
  set: MlDsa,
  seed: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  isMu: boolean,
): boolean {
  const { publicKey, secretKey } = pairOf(set, seed);
  secretKey.fill(0);
  return mlVerifyByKey(set, publicKey, message, signature, isMu);
}

/** As `mlVerify`, of the key whose public bytes are given (FIPS 204 section 7.2). */
export function mlVerifyByKey(
  set: MlDsa,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  isMu: boolean,
): boolean {
  try {
    return isMu
      ? DSA[set].internal.verify(signature, message, publicKey, { externalMu: true })
      : DSA[set].verify(signature, message, publicKey);
  } catch {
    return false;
  }
}

/** A shared secret of 32 bytes, and what gives it to whoever has the seed. */
export function encapsulate(set: MlKem, seed: Uint8Array): { ciphertext: Buffer; secret: Buffer } {
  const { publicKey, secretKey } = pairOf(set, seed);
  secretKey.fill(0);
  const { cipherText, sharedSecret } = KEM[set].encapsulate(publicKey);
  return { ciphertext: Buffer.from(cipherText), secret: Buffer.from(sharedSecret) };
}

/**
 * The shared secret in a ciphertext; for one that was not made for this key another secret (implicit rejection,
 * FIPS 203 section 6.3). `undefined` for a ciphertext of another length.
 */
export function decapsulate(set: MlKem, seed: Uint8Array, ciphertext: Uint8Array): Buffer | undefined {
  if (ciphertext.length !== KEM[set].lengths.cipherText) return undefined;
  const { secretKey } = pairOf(set, seed);
  try {
    return Buffer.from(KEM[set].decapsulate(ciphertext, secretKey));
  } finally {
    secretKey.fill(0);
  }
}

function pairOf(set: MlDsa | MlKem, seed: Uint8Array) {
  return isDsa(set) ? DSA[set].keygen(seed) : KEM[set].keygen(seed);
}

function isDsa(set: MlDsa | MlKem): set is MlDsa {
  return set in DSA;
}
