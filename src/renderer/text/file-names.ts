import { ENCRYPTED_SUFFIX, isEncryptedName } from '../../shared/encrypted-name.ts';
import { escapeText } from '../../shared/safe-text.ts';

/** Text from elsewhere (names of files come from anybody) as the window shows it: it can be read and does nothing. */
export function escaped(text: string): string {
  return escapeText(text, 'number');
}

/** A name in two parts, so that what is cut off for lack of room is never its ending. */
export function parts(name: string): { readonly stem: string; readonly tail: string } {
  const shown = escaped(name);
  const plain = isEncryptedName(shown) ? shown.slice(0, -ENCRYPTED_SUFFIX.length) : shown;
  const dot = plain.lastIndexOf('.');
  const at = dot > 0 && plain.length - dot <= 10 ? dot : plain.length;
  return { stem: shown.slice(0, at), tail: shown.slice(at) };
}
