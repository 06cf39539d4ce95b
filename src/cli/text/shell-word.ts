import { escapeText } from '../../shared/safe-text.ts';

/** A path as one word of a command line to be pasted into a shell, safe to show. */
export function shellWord(path: string): string {
  const shown = escapeText(path);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
