import { type Command, Option } from 'commander';
import { hasVault, resolveHome } from '../../main/home/paths.ts';
import { common, opensVault, type Runner, takesNewPassphrase, type VaultOptions } from '../common-options.ts';
import type {
  BackupCreateOptions,
  BackupListOptions,
  BackupRestoreOptions,
  JsonOptions,
} from '../jobs/options.ts';

/** Declares `backup create|list|verify|restore` and `backup folders list|add|remove`. */
export function backupCommands(program: Command, run: Runner): void {
  const backup = program
    .command('backup')
    .description('make backups of the vault, check them, and restore from them');

  const create = backup
    .command('create')
    .description(
      'write a backup and read it back; it opens with the recovery phrase, or with shares where there are some',
    )
    .option(
      '--to <folder>',
      'where to, best on another disk; the folder must be there; without it, to each folder that gets backups by itself',
    )
    .option('--x25519', 'one that age before 1.3 opens too, without the post-quantum part')
    .action((options: BackupCreateOptions) =>
      run(async (console) => (await import('../jobs/backup-create.ts')).createBackup(console, options)),
    );
  common(opensVault(create), [
    'keyward backup create',
    'keyward backup create --to /media/usb/keyward',
    'keyward backup create --to /media/usb/keyward --x25519',
  ]);

  const list = backup
    .command('list')
    .description('list the backups in a folder by what stands in clear beside them; needs no vault')
    .argument('<folder>', 'the folder')
    .option('--key-of <file>', 'only backups that hold a key of this encrypted file')
    .action((folder: string, options: BackupListOptions) =>
      run(async (console) => (await import('../jobs/backup.ts')).listBackups(console, folder, options)),
    );
  common(list, [
    'keyward backup list /media/usb/keyward',
    'keyward backup list /media/usb/keyward --key-of Contract.pdf.keyward',
  ]);

  const verify = backup
    .command('verify')
    .description(
      'read backups whole and tell whether they are as they were written (exit 5 if not); needs no vault',
    )
    .argument('<path>', 'a backup, or a folder with backups')
    .action((path: string, _options: JsonOptions) =>
      run(async (console) => (await import('../jobs/backup.ts')).verifyBackups(console, path)),
    );
  common(verify, ['keyward backup verify /media/usb/keyward']);

  const restore = backup
    .command('restore')
    .description(
      'make the vault anew from a backup and the recovery phrase, where there is none; else merge the backup into it',
    )
    .argument(
      '<path>',
      'a backup; a folder: then its newest backup of this phrase; or an encrypted file, with --in',
    )
    .option('--recovery-file <file>', 'take the 24 words from a file instead of asking for them')
    .option('--share-file <files...>', 'restore with the shares of a set in files instead of the phrase')
    .option(
      '--passphrase-file <file>',
      'take the new passphrase from a file; merging: the passphrase that unlocks the vault',
    )
    .option('--keychain', "let this computer's keychain unlock the vault too")
    .addOption(new Option('--key-of <file>', 'only from a backup that holds a key of this encrypted file'))
    .option(
      '--in <folders...>',
      'folders with backups: to find the one that opens an encrypted file, and to hold to what they say was taken away',
    )
    .option('--dry-run', 'merging: show what would be done, and do nothing')
    .option(
      '--take <ids...>',
      'merging: where vault and backup differ, take the backup’s; ids as --dry-run tells them',
    )
    .option('--yes', 'merging: do not ask, keep what the vault has but for --take')
    .option('--former-phrase', 'merging: the phrase was replaced since, and nobody else has it')
    .action((path: string, options: BackupRestoreOptions) =>
      run(async (console) => {
        const { restoreSource } = await import('../jobs/restore-source.ts');
        const source = await restoreSource(console, path, options);
        if (hasVault(resolveHome(console.around.env)))
          await (await import('../jobs/merge.ts')).mergeBackup(console, source, options);
        else await (await import('../jobs/restore.ts')).restore(console, source, options);
      }),
    );
  common(takesNewPassphrase(restore), [
    'keyward backup restore /media/usb/keyward',
    'keyward backup restore /media/usb/keyward --recovery-file phrase.txt --passphrase-file new.txt --json',
    'keyward backup restore Contract.pdf.keyward --in /media/usb/keyward /mnt/disk/keyward',
    'keyward backup restore /media/usb/from-the-other-laptop --dry-run',
  ]);

  folderCommands(backup, run);
}

function folderCommands(backup: Command, run: Runner): void {
  const folders = backup.command('folders').description('the folders that get backups by themselves');

  const list = folders
    .command('list')
    .description('list the folders, whether they are there, and the newest backup in each')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/backup.ts')).listFolders(console, options)),
    );
  common(opensVault(list), ['keyward backup folders list']);

  const add = folders
    .command('add')
    .description(
      'have a folder get a backup after each change of keys, and once a day when something else changed',
    )
    .argument('<folder>', 'the folder, which must be there now; a disk that comes and goes is waited for')
    .action((folder: string, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/backup.ts')).addFolder(console, folder, options)),
    );
  common(opensVault(add), ['keyward backup folders add /media/usb/keyward']);

  const remove = folders
    .command('remove')
    .description('make no more backups there by itself; those that are there stay')
    .argument('<folder>', 'the folder')
    .action((folder: string, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/backup.ts')).removeFolder(console, folder, options)),
    );
  common(opensVault(remove), ['keyward backup folders remove /media/usb/keyward']);
}
