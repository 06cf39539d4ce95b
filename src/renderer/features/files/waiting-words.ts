import type { GivenFile } from '../../../shared/bridge.ts';
import { count } from '../../words/format.ts';
import { escaped } from '../../words/names.ts';

/** What waits for the vault to open; empty if nothing does. */
export function waitingWords(files: readonly GivenFile[]): string {
  const [first] = files;
  if (first === undefined) return '';
  if (files.length > 1) return `${count(files.length, 'file')} are waiting.`;
  return `${escaped(first.name)} is waiting.`;
}
