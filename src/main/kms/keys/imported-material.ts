import { awsError } from '../../../shared/errors.ts';
import { type KeySpec, kindOf } from '../../../shared/key-specs.ts';
import { wipe } from '../../crypto/bytes.ts';
import { ecKeyIn, edKeyIn } from '../../crypto/curves.ts';
import { unwrapPadded } from '../../crypto/key-wrap.ts';
import { oaepDecrypt, rsaBits, soundRsaKey } from '../../crypto/rsa-keys.ts';
import { invalidCiphertext } from '../errors.ts';
import type { ImportParameters } from './import-token.ts';

const AES_BYTES = 32;

/**
 * The material of a key of this spec out of what was wrapped for it, in the form in which the vault keeps it; the
 * caller wipes it. Throws `InvalidCiphertextException` if it does not unwrap, `IncorrectKeyMaterialException` if it
 * is no material of such a key.
 */
export function unwrapMaterial(spec: KeySpec, parameters: ImportParameters, wrapped: Uint8Array): Buffer {
  const plain = unwrapped(parameters, wrapped);
  if (plain === undefined) throw invalidCiphertext();
  try {
    const material = materialIn(spec, plain);
    if (material !== undefined) return material;
    throw awsError(
      'IncorrectKeyMaterialException',
      `The key material is not that of a ${spec} key: ${expected(spec)} is expected.`,
    );
  } finally {
    wipe(plain);
  }
}

function unwrapped({ algorithm, privateKey }: ImportParameters, wrapped: Uint8Array): Buffer | undefined {
  const hash = algorithm.endsWith('_1') ? 'sha1' : 'sha256';
  if (!algorithm.startsWith('RSA_AES')) return oaepDecrypt(privateKey, hash, wrapped);
  // PKCS #11 CKM_RSA_AES_KEY_WRAP: an AES key under RSA, and behind it the material under the AES key.
  const bytes = (rsaBits(privateKey) ?? 0) / 8;
  const key = oaepDecrypt(privateKey, hash, wrapped.subarray(0, bytes));
  try {
    return key?.length === AES_BYTES ? unwrapPadded(key, wrapped.subarray(bytes)) : undefined;
  } finally {
    wipe(key);
  }
}

function materialIn(spec: KeySpec, plain: Buffer): Buffer | undefined {
  const kind = kindOf(spec);
  switch (kind.kind) {
    case 'symmetric':
    case 'hmac':
      return plain.length === kind.bytes ? Buffer.from(plain) : undefined;
    case 'rsa':
      return soundRsaKey(plain, kind.bits);
    case 'ecc':
      return ecKeyIn(kind.curve, plain);
    case 'ed25519':
      return edKeyIn(plain);
    default:
      return undefined;
  }
}

function expected(spec: KeySpec): string {
  const kind = kindOf(spec);
  return kind.kind === 'symmetric' || kind.kind === 'hmac'
    ? `${kind.bytes} bytes`
    : `its private key in PKCS #8, DER,`;
}
