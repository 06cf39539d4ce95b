import type { BackupFolder } from '../../shared/backup-contract.ts';
import type { VaultStatus } from '../../shared/contract.ts';
import { escapeText } from '../../shared/safe-text.ts';
import { momentText } from './columns.ts';

/** How it stands with a folder, in words. */
export function folderText({ state, last, trouble }: BackupFolder): string {
  const newest = last === undefined ? 'no backup yet' : `backed up ${momentText(last.at)}, and read back`;
  const where = state === 'away' ? 'not there now; the next backup waits for it; ' : '';
  return `${where}${newest}${trouble === undefined ? '' : `; the last attempt failed: ${escapeText(trouble)}`}`;
}

/** How a vault stands towards its loss: the last backup, and when it was last tried whether the phrase opens one. */
export function recoveryText(
  { last, drill }: NonNullable<VaultStatus['backups']>,
  pathText: (path: string) => string,
): string {
  const made =
    last === undefined
      ? 'No backup'
      : `Backed up ${momentText(last.at)} in ${pathText(last.path)}, and read back`;
  return `${made}; ${drillText(drill)}.`;
}

/** When a drill went well last. */
export function drillText(drill: NonNullable<VaultStatus['backups']>['drill']): string {
  return drill === undefined ? 'phrase never checked by a drill' : `phrase checked ${momentText(drill.at)}`;
}
