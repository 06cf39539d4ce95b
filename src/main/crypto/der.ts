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

/** The contents of a DER element, and the bytes behind it; both are views. */
type DerElement = { readonly contents: Uint8Array; readonly rest: Uint8Array };

/** The element of this tag that `bytes` begin with; `undefined` if they don't, or not in DER. */
export function derElement(tag: number, bytes: Uint8Array): DerElement | undefined {
  const first = bytes[1];
  if (bytes[0] !== tag || first === undefined) return undefined;
  const count = first < 128 ? 0 : first - 128;
  if (first === 128 || count > 2 || bytes.length < 2 + count) return undefined;
  const length = bytes
    .subarray(2, 2 + count)
    .reduce((sum, byte) => sum * 256 + byte, count === 0 ? first : 0);
  // The shortest form of a length is the only one in DER.
  if ((count === 1 && length < 128) || (count === 2 && length < 256)) return undefined;
  const end = 2 + count + length;
  if (bytes.length < end) return undefined;
  return { contents: bytes.subarray(2 + count, end), rest: bytes.subarray(end) };
}

/**
 * The private key inside a PKCS #8 key of this algorithm (RFC 5958, versions 1 and 2), as a view; attributes and a
 * public key behind it are passed over. `undefined` for anything else.
 */
export function privateKeyIn(algorithm: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
  const whole = derElement(0x30, bytes);
  const version = whole?.rest.length === 0 ? derElement(0x02, whole.contents) : undefined;
  if (version === undefined || version.contents.length !== 1 || (version.contents[0] ?? 2) > 1)
    return undefined;
  const identifier = derElement(0x30, version.rest);
  if (identifier === undefined || Buffer.compare(identifier.contents, algorithm) !== 0) return undefined;
  return derElement(0x04, identifier.rest)?.contents;
}
