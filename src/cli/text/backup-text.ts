import type { BackupFolder } from '../../shared/backup-contract.ts';
import { escapeText } from '../../shared/safe-text.ts';
import { momentText } from './columns.ts';

/** How it stands with a folder, in words. */
export function folderText({ state, last, trouble }: BackupFolder): string {
  const newest = last === undefined ? 'no backup yet' : `backed up ${momentText(last.at)}, and read back`;
  const where = state === 'away' ? 'not there now; the next backup waits for it; ' : '';
  return `${where}${newest}${trouble === undefined ? '' : `; the last attempt failed: ${escapeText(trouble)}`}`;
}
