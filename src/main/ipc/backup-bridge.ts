import type { BackupFacts, BackupFolder } from '../../shared/backup-contract.ts';
import type { BridgeMethod, FoundBackup, GivenFile, MadeBackup, NamedFolder } from '../../shared/bridge.ts';
import { fail } from '../../shared/errors.ts';
import type { Desktop } from './desktop.ts';
import { givenShares } from './given-shares.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import type { Handlers } from './registrar.ts';
import type { BackupPorts, HomeClaim } from './session.ts';

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
};

/** The bridge's methods about backups. The page names folders by handles that dialogs of the shell gave. */
export function backupBridge<C extends HomeClaim>({
  holder,
  handles,
  desktop,
  backups,
}: BackupDeps<C>): BackupHandlers {
  const give = async (path: string): Promise<GivenFile> => {
    const [given] = await handles.give([path], 'backup');
    if (given === undefined) throw fail('backup-no-longer-there', { path });
    return given;
  };
  const named = async (folders: readonly BackupFolder[]): Promise<NamedFolder[]> =>
    Promise.all(folders.map(async ({ path, ...rest }) => ({ folder: await give(path), ...rest })));
  const found = (all: readonly BackupFacts[]): Promise<FoundBackup[]> =>
    Promise.all(all.map(async ({ path, ...rest }) => ({ file: await give(path), ...rest })));
  const make = async (path: string): Promise<MadeBackup> => {
    const { path: _file, folder, ...rest } = await holder.call('backup.create', { folder: path });
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
    'vault.restore': async ({ from, phrase, shares, passphrase, keychain }) => {
      const { backup, keys, files, passedOver } = await holder.restore(
        handles.path(from, 'backup'),
        shares === undefined
          ? phrase
          : await givenShares({ secret: phrase, files: shares }, handles, desktop),
        passphrase,
        keychain,
      );
      return {
        ...{ created: backup.created, keys, files },
        passedOver: passedOver.map(({ path, why }) => ({ name: handles.nameOf(path), why })),
      };
    },
    'backup.folders': async () => ({
      folders: await named((await holder.call('backup.folders', {})).folders),
    }),
    'backup.addFolder': async () => {
      const [folder] = await desktop.choose('backups');
      if (folder === undefined) return { made: null };
      // First the backup: a folder that takes none is not named.
      const made = await make(folder);
      await holder.call('backup.addFolder', { folder });
      return { made };
    },
    'backup.removeFolder': async ({ folder }) => {
      const path = handles.path(folder, 'backup');
      return { folders: await named((await holder.call('backup.removeFolder', { folder: path })).folders) };
    },
    'backup.create': ({ folder }) => make(handles.path(folder, 'backup')),
    'backup.verify': async ({ folder }) => ({
      backups: await found(await backups.verify(handles.path(folder, 'backup'))),
    }),
  };
}
