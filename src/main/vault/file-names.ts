import { basename } from 'node:path';
import { ENCRYPTED_SUFFIX, isEncryptedName } from '../../shared/encrypted-name.ts';
import { sha256 } from '../crypto/hash.ts';

/** What a file's name ends with while it is being written. */
const PARTIAL = '.partial';

/** Bytes that a name may have on all common disks (NAME_MAX). */
const NAME_BYTES = 255;

/**
 * The name of the encrypted file for a file called `name`: `<name>.keyward`. A name too long for that is cut
 * and marked with eight digits of its hash; the whole name stands in the file's sealed metadata.
 */
export function encryptedName(name: string): string {
  const whole = name + ENCRYPTED_SUFFIX;
  if (Buffer.byteLength(whole) <= NAME_BYTES) return whole;
  const mark = `~${sha256(Buffer.from(name)).toString('hex', 0, 4)}${ENCRYPTED_SUFFIX}`;
  return cut(name, NAME_BYTES - mark.length) + mark;
}

/**
 * The name for the decrypted file. An encrypted file that still has the name it was given gets its original
 * name back, also where a disk has changed its capitals or normalisation; one that was renamed since keeps its new
 * name, less `.keyward`.
 */
export function decryptedName(encryptedPath: string, original: string | undefined): string {
  const name = basename(encryptedPath);
  const safe = original !== undefined && isPlainName(original) ? original : undefined;
  if (safe !== undefined && folded(encryptedName(safe)) === folded(name)) return safe;
  if (isEncryptedName(name)) return name.slice(0, -ENCRYPTED_SUFFIX.length);
  return safe ?? `${name}.decrypted`;
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/**
 * The name of a partial for a target: it ends in 128 random bits, `id` in hex, so that no other file has it, also on
 * disks that give files no lasting number. `short`: for disks with shorter names, without the target's.
 */
export function partialName(target: string, id: string, short = false): string {
  const ending = `.${id}${PARTIAL}`;
  return short ? `keyward${ending}` : cut(target, NAME_BYTES - ending.length) + ending;
}

/** Whether a name is one that `partialName` gives. */
export function isPartialName(name: string): boolean {
  return /.\.[0-9a-f]{32}\.partial$/.test(name);
}

/** False for what would lead out of its folder or can't be a name: empty, dots, separators, NUL. */
function isPlainName(name: string): boolean {
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !name.includes('/') &&
    !name.includes('\0') &&
    !(process.platform === 'win32' && /[\\:*?"<>|]/.test(name)) &&
    Buffer.byteLength(name) <= NAME_BYTES
  );
}

/** Cuts text to at most `bytes` bytes of UTF-8, between characters. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let result = '';
  let used = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    result += character;
  }
  return result;
}
