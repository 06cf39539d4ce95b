import type { GivenFile } from '../../../shared/bridge.ts';
import { countText } from '../../../shared/measures.ts';
import { escaped } from '../../text/file-names.ts';

/** What waits for the vault to open; empty if nothing does. */
export function pendingDropsText(files: readonly GivenFile[]): string {
  const [first] = files;
  if (first === undefined) return '';
  if (files.length > 1) return `${countText(files.length, 'file')} are waiting.`;
  return `${escaped(first.name)} is waiting.`;
}
