import { randomBytes } from '../crypto/bytes.ts';

/** Unguessable text of 64 hex digits, for one use. */
export function newToken(): string {
  return randomBytes(32).toString('hex');
}
