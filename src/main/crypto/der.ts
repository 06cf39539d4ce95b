/** One DER element (X.690): tag, length, contents. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const contents = Buffer.concat(parts);
  const length = contents.length;
  if (length < 128) return Buffer.concat([Uint8Array.of(tag, length), contents]);
  const bytes = length < 256 ? Uint8Array.of(length) : Uint8Array.of(length >> 8, length & 0xff);
  if (length > 0xffff) throw new RangeError('a DER element of more than 65,535 bytes');
  return Buffer.concat([Uint8Array.of(tag, 0x80 | bytes.length), bytes, contents]);
}

/** A public key in SubjectPublicKeyInfo (RFC 5280 section 4.1); `algorithm` is the contents of its identifier. */
export function spki(algorithm: Uint8Array, publicKey: Uint8Array): Buffer {
  return der(0x30, der(0x30, algorithm), der(0x03, Uint8Array.of(0), publicKey));
}

/** A private key in PKCS #8 (RFC 5958); `algorithm` is the contents of its identifier. */
export function pkcs8(algorithm: Uint8Array, privateKey: Uint8Array): Buffer {
  return der(0x30, Uint8Array.of(0x02, 1, 0), der(0x30, algorithm), der(0x04, privateKey));
}

/** The public key's bytes, if `bytes` are a SubjectPublicKeyInfo of this algorithm and nothing else. */
export function publicKeyIn(algorithm: Uint8Array, bytes: Uint8Array, length: number): Buffer | undefined {
  const before = spki(algorithm, new Uint8Array(length));
  if (bytes.length !== before.length) return undefined;
  const head = before.subarray(0, before.length - length);
  if (!head.equals(bytes.subarray(0, head.length))) return undefined;
  return Buffer.from(bytes.subarray(head.length));
}
