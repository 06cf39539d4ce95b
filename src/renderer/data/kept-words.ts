/*
 * The words of a new recovery phrase, from when they are made until they are confirmed. They stand here and in the document
 * alone: React never gets to hold them.
 */

let words: readonly string[] = [];

/** Keeps them; `phrase` is wiped. */
export function keepWords(phrase: Uint8Array<ArrayBuffer>): void {
  words = new TextDecoder().decode(phrase).trim().split(/\s+/);
  phrase.fill(0);
}

/** Them, in their order. */
export function keptWords(): readonly string[] {
  return words;
}

/** Forgets them. */
export function forgetWords(): void {
  words = [];
}
