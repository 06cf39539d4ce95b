import { type RsaPadding, type RsaPrivateKey, rsaDecrypt } from '../../crypto/rsa.ts';
import type { Edk } from './header.ts';

/** A private key as raw RSA keyrings have it. */
export type RawRsaKey = {
  readonly namespace: string;
  readonly name: string;
  readonly padding: RsaPadding;
  readonly privateKey: RsaPrivateKey;
};

/** The data key of a slot that names this key; `undefined` if it names another or was made for another. */
export function unwrapRawRsa(key: RawRsaKey, edk: Edk): Buffer | undefined {
  if (edk.providerId !== key.namespace || !edk.info.equals(Buffer.from(key.name))) return undefined;
  return rsaDecrypt(key.privateKey, key.padding, edk.ciphertext);
}
