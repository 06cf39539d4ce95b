import { createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { p256, p384 } from '@noble/curves/nist.js';

/** A curve and the hash that goes with it in AWS messages (FIPS 186-5). */
export type Curve = 'P-256' | 'P-384';

const CURVES = {
  'P-256': { point: p256.Point, hash: 'sha256', bytes: 32 },
  'P-384': { point: p384.Point, hash: 'sha384', bytes: 48 },
} as const;

/** A signature in the making over what `update` was given, in order. */
export type EcdsaSigner = {
  /** The public key as a compressed point (SEC 1 section 2.3.3). */
  readonly publicKey: Buffer;
  update(bytes: Uint8Array): void;
  /** The signature in DER; to be called once. */
  sign(): Buffer;
};

/** A signer with a new key pair that serves one message and is then forgotten. */
export function newEcdsaSigner(curve: Curve): EcdsaSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const odd = (Buffer.from(y, 'base64url').at(-1) ?? 0) & 1;
  const signing = createSign(CURVES[curve].hash);
  return {
    publicKey: Buffer.concat([Uint8Array.of(2 + odd), Buffer.from(x, 'base64url')]),
    update: (bytes) => void signing.update(bytes),
    sign: () => signing.sign(privateKey),
  };
}

/** A verification in the making over what `update` was given, in order. */
type EcdsaVerifier = {
  update(bytes: Uint8Array): void;
  /** Whether the signature, in DER, is the key's; to be called once. */
  verify(signature: Uint8Array): boolean;
};

/** A verifier for a compressed point; `undefined` if that is not a point of the curve. */
export function ecdsaVerifier(curve: Curve, publicKey: Uint8Array): EcdsaVerifier | undefined {
  const { point, hash, bytes } = CURVES[curve];
  if (publicKey.length !== bytes + 1 || (publicKey[0] !== 2 && publicKey[0] !== 3)) return undefined;
  let uncompressed: Buffer;
  try {
    uncompressed = Buffer.from(point.fromBytes(Uint8Array.from(publicKey)).toBytes(false));
  } catch {
    return undefined;
  }
  const coordinate = (at: number) => uncompressed.subarray(at, at + bytes).toString('base64url');
  const jwk = { kty: 'EC', crv: curve, x: coordinate(1), y: coordinate(1 + bytes) };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const verifying = createVerify(hash);
  return {
    update: (bytes) => void verifying.update(bytes),
    verify: (signature) => verifying.verify(key, signature),
  };
}
