import type { BackupMethod } from '../../../shared/contract.ts';
import type { HandlersOf } from './handler-context.ts';

/** The handlers of backups of the open vault. */
export const BACKUP_HANDLERS: HandlersOf<BackupMethod> = {
  'backup.create': async ({ services }, { folder, kind }, { caller, signal, progress }) =>
    services.backups.create(folder, {
      principal: caller.principal,
      signal,
      ...(kind === undefined ? {} : { kind }),
      tell: (done, total, source) => progress({ done, total, file: 1, files: 1, source }),
    }),
  'backup.folders': async ({ services }) => ({ folders: await services.backups.folders() }),
  'backup.addFolder': async ({ services: { backups } }, { folder }, { caller }) => {
    await backups.addFolder(folder, caller.principal);
    return { folders: await backups.folders() };
  },
  'backup.removeFolder': async ({ services: { backups } }, { folder }, { caller }) => {
    await backups.removeFolder(folder, caller.principal);
    return { folders: await backups.folders() };
  },
};
