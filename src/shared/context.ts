import { fail } from './errors.ts';

/**
 * An encryption context: pairs of text that are not secret and that must be given again, exactly, to decrypt.
 * The order of the pairs means nothing.
 */
export type EncryptionContext = { readonly [key: string]: string };

/** The pair that binds a wrapped data key to its file: `keyward:message-id` (docs/format.md 13, property 5). */
export const MESSAGE_ID_KEY = 'keyward:message-id';

/** Bytes of the longest canonical context that Keyward writes or reads. */
export const MAX_CONTEXT_BYTES = 8_192;

/** Bytes of the longest canonical context that a user may give; the rest is room for Keyward's own pair. */
const MAX_USER_CONTEXT_BYTES = 8_000;

const RESERVED_PREFIXES = ['keyward:', 'aws-crypto-'] as const;

/**
 * The canonical bytes of a context: count u16, then for every pair key and value with u16 lengths before them,
 * all big-endian, text as UTF-8, sorted by the bytes of the key. An empty context is zero bytes.
 * Throws `ValidationException` when a text is not well-formed Unicode or the whole is over 8,192 bytes.
 */
export function encodeContext(context: EncryptionContext): Uint8Array {
  const pairs = Object.entries(context).map(([key, value]) => [utf8(key), utf8(value)] as const);
  if (pairs.length === 0) return new Uint8Array(0);
  pairs.sort(([a], [b]) => compareBytes(a, b));
  const length = pairs.reduce((sum, [key, value]) => sum + 4 + key.length + value.length, 2);
  if (length > MAX_CONTEXT_BYTES) {
    throw fail('context-too-long', { length, most: MAX_CONTEXT_BYTES });
  }
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, pairs.length);
  let at = 2;
  for (const text of pairs.flat()) {
    view.setUint16(at, text.length);
    bytes.set(text, at + 2);
    at += 2 + text.length;
  }
  return bytes;
}

/**
 * The context behind canonical bytes; `undefined` if they are anything but what `encodeContext` gives: unsorted,
 * doubled or cut pairs, bytes left over, text that is not UTF-8, a count of zero, more than 8,192 bytes.
 */
export function decodeContext(bytes: Uint8Array): EncryptionContext | undefined {
  if (bytes.length === 0) return {};
  if (bytes.length < 2 || bytes.length > MAX_CONTEXT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(0);
  let at = 2;
  const next = (): Uint8Array | undefined => {
    if (at + 2 > bytes.length) return undefined;
    const end = at + 2 + view.getUint16(at);
    if (end > bytes.length) return undefined;
    const text = bytes.subarray(at + 2, end);
    at = end;
    return text;
  };
  const pairs: [string, string][] = [];
  let before: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    const key = next();
    const value = next();
    if (key === undefined || value === undefined) return undefined;
    if (before !== undefined && compareBytes(before, key) >= 0) return undefined;
    before = key;
    const texts = [textOf(key), textOf(value)] as const;
    if (texts[0] === undefined || texts[1] === undefined) return undefined;
    pairs.push([texts[0], texts[1]]);
  }
  // fromEntries defines own properties, so a key named `__proto__` stays a mere name.
  return count > 0 && at === bytes.length ? Object.fromEntries(pairs) : undefined;
}

/**
 * Refuses a context that a user may not give: empty names, names that start with `keyward:` or `aws-crypto-`
 * (in any case), malformed text, more than 8,000 canonical bytes. Throws `ValidationException`.
 */
export function checkUserContext(context: EncryptionContext): void {
  for (const key of Object.keys(context)) {
    if (key === '') {
      throw fail('context-name-empty');
    }
    const prefix = RESERVED_PREFIXES.find((reserved) => key.toLowerCase().startsWith(reserved));
    if (prefix !== undefined) {
      throw fail('context-name-reserved', { key, prefix });
    }
  }
  const { length } = encodeContext(context);
  if (length > MAX_USER_CONTEXT_BYTES) {
    throw fail('context-too-long', { length, most: MAX_USER_CONTEXT_BYTES });
  }
}

/** The context of a file's slots: the user's pairs and the message id, as 64 lower-case hex digits. */
export function withMessageId(context: EncryptionContext, messageId: Uint8Array): EncryptionContext {
  const hex = Array.from(messageId, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ...context, [MESSAGE_ID_KEY]: hex };
}

/** Whether two contexts hold the same pairs, in whatever order. */
export function equalContexts(a: EncryptionContext, b: EncryptionContext): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
  );
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

// This room knows neither Node nor the DOM, so TextEncoder is out of reach; the language's own URI functions
// know UTF-8, and refuse lone surrogates, overlong forms and code points beyond Unicode.
function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw fail('context-half-character');
  }
  const escaped = encodeURIComponent(text);
  const bytes = new Uint8Array(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; length++) {
    const isEscape = escaped[at] === '%';
    bytes[length] = isEscape ? Number.parseInt(escaped.slice(at + 1, at + 3), 16) : escaped.charCodeAt(at);
    at += isEscape ? 3 : 1;
  }
  return bytes.slice(0, length);
}

function textOf(bytes: Uint8Array): string | undefined {
  let escaped = '';
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}
