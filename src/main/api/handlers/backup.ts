import type { BackupMethod } from '../../../shared/contract.ts';
import type { Call } from '../call.ts';
import type { HandlersOf } from './handler-context.ts';

/** The handlers of backups of the open vault. */
export const BACKUP_HANDLERS: HandlersOf<BackupMethod> = {
  'backup.create': async ({ services }, { folder, kind }, { caller, signal, progress }) =>
    services.backups.create(folder, {
      principal: caller.principal,
      signal,
      ...(kind === undefined ? {} : { kind }),
      tell: teller(progress),
    }),
  'backup.compare': ({ services }, input, { signal, progress }) =>
    services.merges.compare({ ...input, signal, tell: teller(progress) }),
  'backup.merge': ({ services }, { plan, take, ...input }, { caller, signal, progress }) =>
    services.merges.merge(
      { ...input, signal, tell: teller(progress) },
      { plan, take, principal: caller.principal },
    ),
  'backup.drill': ({ drill }, input, call) => drill(input, call),
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

/** Reports the steps of work on one backup as progress. */
function teller(progress: Call['progress']) {
  return (done: number, total: number, source: string) =>
    progress({ done, total, file: 1, files: 1, source });
}
