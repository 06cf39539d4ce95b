import type { BackupFacts, BackupFolder } from '../../shared/backup-contract.ts';
import type { BridgeMethod, FoundBackup, GivenFile, MadeBackup, NamedFolder } from '../../shared/bridge.ts';
import { fail } from '../../shared/errors.ts';
import type { Desktop } from './desktop.ts';
import { givenShares } from './given-shares.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import { mergeBridge } from './merge-bridge.ts';
import type { Handlers } from './registrar.ts';
import type { BackupPorts, HomeClaim } from './session.ts';
import type { Works } from './works.ts';

type BackupHandlers = Pick<
  Handlers,
  Exclude<Extract<BridgeMethod, `backup.${string}` | `restore.${string}`>, 'backup.drill'> | 'vault.restore'
>;

/** What the handlers work with. */
type BackupDeps<C extends HomeClaim> = {
  readonly holder: VaultHolder<C>;
  readonly handles: Handles;
  readonly desktop: Desktop;
  readonly backups: BackupPorts;
  readonly works: Works;
};

/** The bridge's methods about backups. The page names folders by handles that dialogs of the shell gave. */
export function backupBridge<C extends HomeClaim>({
  holder,
  handles,
  desktop,
  backups,
  works,
}: BackupDeps<C>): BackupHandlers {
  const give = async (path: string): Promise<GivenFile> => {
    const [given] = await handles.give([path], 'backup');
    if (given === undefined) throw fail('backup-no-longer-there', { path });
    return given;
  };
  const namedFolders = async (folders: readonly BackupFolder[]): Promise<NamedFolder[]> =>
    Promise.all(folders.map(async ({ path, ...rest }) => ({ folder: await give(path), ...rest })));
  const named = (all: readonly { readonly path: string; readonly why: string }[]) =>
    all.map(({ path, why }) => ({ name: handles.nameOf(path), why }));
  const found = (all: readonly BackupFacts[]): Promise<FoundBackup[]> =>
    Promise.all(all.map(async ({ path, ...rest }) => ({ file: await give(path), ...rest })));
  const make = async (path: string): Promise<MadeBackup> => {
    const {
      path: _file,
      folder,
      ...rest
    } = await works.run('backup', (how) => holder.call('backup.create', { folder: path }, how));
    return { folder: await give(folder), ...rest };
  };
  return {
    'restore.choose': async () => {
      const [folder] = await desktop.choose('restore');
      if (folder === undefined) return { source: null };
      const isVault = backups.isVault(folder);
      const all = await backups.verify(folder);
      return { source: { folder: await give(folder), isVault, backups: await found(all) } };
    },
    'vault.restore': async ({ from, phrase, shares, ...secrets }) => {
      const path = handles.path(from, 'backup');
      const opener =
        shares === undefined
          ? phrase
          : await givenShares({ secret: phrase, files: shares }, handles, desktop);
      const { backup, keys, files, passedOver, united, folders } = await works.run('restore', (how) =>
        holder.restore({ ...secrets, phrase: opener, from: path }, how),
      );
      const folder = handles.folderOf(backup.path);
      return {
        ...{ created: backup.created, keys, files },
        passedOver: named(passedOver),
        united: united.map((one) => ({
          name: handles.nameOf(one.path),
          changes: [...one.changes],
          kept: [...one.kept],
        })),
        folder: await give(folder),
        goesOn: folders.includes(folder),
        folders: folders.filter((path) => path !== folder).map((path) => handles.nameOf(path)),
      };
    },
    'backup.folders': async () => ({
      folders: await namedFolders((await holder.call('backup.folders', {})).folders),
    }),
    'backup.addFolder': async ({ folder: known }) => {
      const [folder] =
        known === undefined ? await desktop.choose('backups') : [handles.path(known, 'backup')];
      if (folder === undefined) return { made: null };
      // First the backup: a folder that takes none is not named.
      const made = await make(folder);
      await holder.call('backup.addFolder', { folder });
      return { made };
    },
    'backup.removeFolder': async ({ folder }) => {
      const path = handles.path(folder, 'backup');
      return {
        folders: await namedFolders((await holder.call('backup.removeFolder', { folder: path })).folders),
      };
    },
    'backup.create': ({ folder }) => make(handles.path(folder, 'backup')),
    ...mergeBridge(holder, handles, works),
    'backup.verify': async ({ folder }) => ({
      backups: await found(await backups.verify(handles.path(folder, 'backup'))),
    }),
  };
}
