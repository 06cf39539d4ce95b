import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { randomBytes, wipe } from './bytes.ts';

/** The 24 words (BIP-39, English list) that stand for 32 bytes of entropy. */
export function phraseOf(entropy: Uint8Array): string {
  return entropyToMnemonic(entropy, wordlist);
}

/**
 * The words of a phrase as somebody wrote it down, in lower case: whatever is no letter, such as blanks, line ends,
 * commas and the numbers in front of the words, stands between them.
 */
export function phraseWords(phrase: string): string[] {
  return (
    phrase
      .normalize('NFKD')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+/gu) ?? []
  );
}

/**
 * The 32 bytes behind 24 words as `phraseWords` reads them; `undefined` if a word is not on the list, the count is
 * not 24 or the checksum does not hold. The bytes are the entropy, not the BIP-39 seed.
 */
export function entropyOf(phrase: string): Buffer | undefined {
  const words = phraseWords(phrase);
  if (words.length !== 24) return undefined;
  try {
    return Buffer.from(mnemonicToEntropy(words.join(' '), wordlist));
  } catch {
    return undefined;
  }
}

/** The words of the phrase that are not on the list, to be named to whoever typed them. */
export function unknownWords(phrase: string): string[] {
  const known = new Set(wordlist);
  return phraseWords(phrase).filter((word) => !known.has(word));
}

/** Words of the same list at random, each of 11 bits, with blanks between them: for a passphrase. */
export function randomWords(count: number): Buffer<ArrayBuffer> {
  const bits = randomBytes(count * 2);
  const words = Array.from({ length: count }, (_, n) => wordlist[bits.readUInt16BE(n * 2) % wordlist.length]);
  wipe(bits);
  return Buffer.from(words.join(' '));
}
