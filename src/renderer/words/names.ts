/*
 * Names of files come from anybody. They are only ever shown as text, and characters that would turn, hide or
 * break it are shown by their numbers.
 */

// Control characters, direction marks and overrides, line separators, and invisible ones that spoof.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the screen
const ODD = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A name that can be read but does nothing. */
export function inert(name: string): string {
  return name.replace(ODD, (odd) => `‹U+${odd.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}›`);
}

/** A name in two parts, so that what is cut off for lack of room is never its ending. */
export function parts(name: string): { readonly stem: string; readonly tail: string } {
  const shown = inert(name);
  const plain = shown.toLowerCase().endsWith('.keyward') ? shown.slice(0, -'.keyward'.length) : shown;
  const dot = plain.lastIndexOf('.');
  const at = dot > 0 && plain.length - dot <= 10 ? dot : plain.length;
  return { stem: shown.slice(0, at), tail: shown.slice(at) };
}
