import { randomBytes as nodeRandom, timingSafeEqual } from 'node:crypto';

/** `length` bytes from the system's generator. */
export function randomBytes(length: number): Buffer {
  return nodeRandom(length);
}

/** Compares in constant time; different lengths are unequal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Overwrites buffers with zeros. A help, not a promise: JavaScript may have copied them before. */
export function wipe(...buffers: readonly (Uint8Array | undefined)[]): void {
  for (const buffer of buffers) buffer?.fill(0);
}

/** A random UUID, version 4 (RFC 9562 section 5.4), lower case. */
export function randomUuid(): string {
  const bytes = nodeRandom(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return uuidText(bytes);
}

/** The 16 bytes of a UUID as its usual text. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The 16 bytes of a UUID's text; `undefined` if it is not one. */
export function uuidBytes(text: string): Buffer | undefined {
  const ok = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
  return ok ? Buffer.from(text.replaceAll('-', ''), 'hex') : undefined;
}
