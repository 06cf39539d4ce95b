import { type KeySpec, kindOf } from '../../../shared/key-specs.ts';
import { randomBytes } from '../../crypto/bytes.ts';
import { ecPkcs8, ecPublicKey, edPkcs8, edPublicKey, isEcKey, newEcKey } from '../../crypto/curves.ts';
import { mlPkcs8, mlPublicKey } from '../../crypto/post-quantum.ts';
import { newRsaKey, rsaBits, rsaPublicKey } from '../../crypto/rsa-keys.ts';

/**
 * Fresh material for a version of a key: random bytes, for RSA a PKCS #8 key, for other curves the scalar or seed.
 * Resolves at once but for RSA. Whoever gets it wipes it.
 */
export async function newMaterial(spec: KeySpec): Promise<Buffer> {
  const kind = kindOf(spec);
  if (kind.kind === 'rsa') return newRsaKey(kind.bits);
  return kind.kind === 'ecc' ? newEcKey(kind.curve) : randomBytes(kind.bytes);
}

/** Whether bytes can be the material of such a key. */
export function isMaterial(spec: KeySpec, material: Uint8Array): boolean {
  const kind = kindOf(spec);
  if (kind.kind === 'rsa') return rsaBits(material) === kind.bits;
  return kind.kind === 'ecc' ? isEcKey(kind.curve, material) : material.length === kind.bytes;
}

/** The public key in SubjectPublicKeyInfo; `undefined` for keys that have none. */
export function publicKeyOf(spec: KeySpec, material: Uint8Array): Buffer | undefined {
  const kind = kindOf(spec);
  switch (kind.kind) {
    case 'rsa':
      return rsaPublicKey(material);
    case 'ecc':
      return ecPublicKey(kind.curve, material);
    case 'ed25519':
      return edPublicKey(material);
    case 'ml-dsa':
    case 'ml-kem':
      return mlPublicKey(kind.set, material);
    default:
      return undefined;
  }
}

/** The private key in PKCS #8; `undefined` for keys that have none. */
export function privateKeyOf(spec: KeySpec, material: Uint8Array): Buffer | undefined {
  const kind = kindOf(spec);
  switch (kind.kind) {
    case 'rsa':
      return Buffer.from(material);
    case 'ecc':
      return ecPkcs8(kind.curve, material);
    case 'ed25519':
      return edPkcs8(material);
    case 'ml-dsa':
    case 'ml-kem':
      return mlPkcs8(kind.set, material);
    default:
      return undefined;
  }
}
