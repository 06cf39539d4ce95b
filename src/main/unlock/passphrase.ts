import { fail } from '../../shared/errors.ts';
import { equalBytes } from '../crypto/bytes.ts';

/*
 * One passphrase, on every keyboard: what it is set as, and what one that is given may have been set as
 * (docs/cli.md, "Passphrases"; RFC 8265, section 4.2, normalises to NFC as well).
 */

/**
 * The bytes that a new passphrase is kept as: its text in NFC and UTF-8, without a byte-order mark in front and line
 * ends behind. Whoever gets them wipes them. Throws `Usage` for an empty one, and for one that nobody could type at
 * a prompt: several lines, control characters, bytes that are no text.
 */
export function settledPassphrase(given: Uint8Array): Buffer {
  const text = textOf(given);
  if (text === undefined) throw fail('passphrase-not-text');
  if (text === '') throw fail('passphrase-empty');
  if (/[\n\r\u0085\u2028\u2029]/.test(text)) {
    throw fail('passphrase-of-several-lines');
  }
  const control = /\p{Cc}/u.exec(text)?.[0].codePointAt(0);
  if (control !== undefined) {
    const name = `U+${control.toString(16).toUpperCase().padStart(4, '0')}`;
    throw fail('passphrase-with-control-character', { character: name }, {});
  }
  return Buffer.from(text.normalize('NFC'));
}

/**
 * The bytes that a passphrase may have been set as, the likeliest first: its text in NFC; the bytes as they are, from
 * before there was that rule; its text in NFD, as another system may have sent it then. Whoever gets them wipes them.
 */
export function passphraseCandidates(given: Uint8Array): Buffer[] {
  const raw = Buffer.from(given);
  // Most are nothing else, and no copy of them comes to be as text.
  if (raw.every((byte) => byte >= 0x20 && byte < 0x7f)) return [raw];
  const text = textOf(given) ?? '';
  const candidates: Buffer[] = [];
  for (const one of [Buffer.from(text.normalize('NFC')), raw, Buffer.from(text.normalize('NFD'))]) {
    const isNew = one.length > 0 && !candidates.some((other) => equalBytes(other, one));
    if (isNew) candidates.push(one);
    else one.fill(0);
  }
  return candidates;
}

/** Text behind bytes that a person, or a program for one, wrote; `undefined` if they are none. */
function textOf(bytes: Uint8Array): string | undefined {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
  try {
    // The decoder takes a byte-order mark away.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/[\r\n]+$/, '');
  } catch {
    return undefined;
  }
}
