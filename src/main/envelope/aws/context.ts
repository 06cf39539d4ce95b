import type { EncryptionContext } from '../../../shared/context.ts';
import { fail } from '../../../shared/errors.ts';
import { ByteReader, ByteWriter, OutOfBytes } from '../bytes.ts';

/** The pair that holds the public key of a signed message, base64 of a compressed point. */
export const PUBLIC_KEY = 'aws-crypto-public-key';

const MAX_BYTES = 0xffff;

/**
 * A context as AWS messages write it: count u16, then keys and values with u16 lengths, sorted by the key's
 * UTF-8 bytes; nothing for an empty one. Up to 65,535 bytes, unlike Keyward's own. Throws
 * `ValidationException` for more, and for text that is not well-formed.
 */
export function encodeAwsContext(context: EncryptionContext): Buffer {
  return encode(context, (a, b) => Buffer.compare(a.key, b.key));
}

/**
 * All ways in which writers put a context into the additional data of a wrapped data key: as above, and, where
 * that differs, in the order of an English dictionary: the JavaScript client does so unless told otherwise
 * (github.com/aws/aws-encryption-sdk-javascript, issue 428).
 */
export function contextForms(context: EncryptionContext): Buffer[] {
  const right = encodeAwsContext(context);
  const old = encode(context, (a, b) => english.compare(a.text, b.text));
  return old.equals(right) ? [right] : [right, old];
}

const english = new Intl.Collator('en');

type Pair = { readonly text: string; readonly key: Buffer; readonly value: Buffer };

function encode(context: EncryptionContext, order: (a: Pair, b: Pair) => number): Buffer {
  const pairs = Object.entries(context).map(([key, value]) => {
    if (!key.isWellFormed() || !value.isWellFormed()) {
      throw fail('aws-context-half-character');
    }
    return { text: key, key: Buffer.from(key), value: Buffer.from(value) };
  });
  const length = pairs.reduce((sum, { key, value }) => sum + 4 + key.length + value.length, 2);
  if (length > MAX_BYTES) throw fail('aws-context-too-long');
  if (pairs.length === 0) return Buffer.alloc(0);
  const writer = new ByteWriter().u16(pairs.length);
  for (const { key, value } of pairs.sort(order)) writer.sized(key).sized(value);
  return writer.done();
}

/** Reads a context in any order; `undefined` if a key comes twice or anything is malformed. */
export function decodeAwsContext(bytes: Buffer): EncryptionContext | undefined {
  if (bytes.length === 0) return {};
  const reader = new ByteReader(bytes);
  const pairs = new Map<string, string>();
  try {
    for (let left = reader.u16(); left > 0; left--) {
      const key = utf8.decode(reader.sized());
      if (pairs.has(key)) return undefined;
      pairs.set(key, utf8.decode(reader.sized()));
    }
  } catch (error) {
    if (error instanceof OutOfBytes || error instanceof TypeError) return undefined;
    throw error;
  }
  // fromEntries defines own properties, so a key named `__proto__` stays a mere name.
  return reader.left === 0 ? Object.fromEntries(pairs) : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
