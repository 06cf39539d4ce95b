import { constants, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto';
import { wipe } from './bytes.ts';

/** How a data key was padded before RSA (RFC 8017): PKCS #1 v1.5, or OAEP with one hash for both uses. */
export type RsaPadding = 'pkcs1' | 'oaep-sha1' | 'oaep-sha256' | 'oaep-sha384' | 'oaep-sha512';

/** A private RSA key of 2,048 to 16,384 bits. */
export type RsaPrivateKey = { readonly key: KeyObject; readonly bytes: number };

/** The private key in a PEM (PKCS #8 or PKCS #1, without passphrase); `undefined` if there is none. */
export function rsaPrivateKey(pem: string): RsaPrivateKey | undefined {
  try {
    const key = createPrivateKey({ key: pem, format: 'pem' });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType !== 'rsa' || bits < 2048 || bits > 16_384) return undefined;
    return { key, bytes: Math.ceil(bits / 8) };
  } catch {
    return undefined;
  }
}

/** What was encrypted to the key; `undefined` if it was not, or not under this padding. */
export function rsaDecrypt(
  { key, bytes }: RsaPrivateKey,
  padding: RsaPadding,
  ciphertext: Uint8Array,
): Buffer | undefined {
  if (ciphertext.length !== bytes) return undefined;
  try {
    if (padding !== 'pkcs1') {
      const oaepHash = padding.slice('oaep-'.length);
      return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, ciphertext);
    }
    // Unpadded here: not every build of Node and Electron undoes this padding itself.
    const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);
    const message = unpad(block);
    wipe(block);
    return message;
  } catch {
    return undefined;
  }
}

/** RFC 8017 section 7.2.2: 00 02, at least eight bytes that are not zero, 00, message. */
function unpad(block: Buffer): Buffer | undefined {
  const end = block.indexOf(0, 2);
  return block[0] === 0 && block[1] === 2 && end >= 10 ? Buffer.from(block.subarray(end + 1)) : undefined;
}
