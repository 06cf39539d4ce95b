import { type Command, Option } from 'commander';
import { fail } from '../../shared/errors.ts';
import { common, opensVault, type Runner, takesNewPassphrase, type VaultOptions } from '../common-options.ts';
import type { CreateOptions, DeleteOptions, ExportOptions, RotationOptions } from '../jobs/options.ts';
import { keyReference, versionId, wholeNumber } from '../option-parsers.ts';

/** Declares `keys list|create|describe|rotate|enable|disable|delete|cancel-deletion|rotation|versions|export-material`. */
export function keyCommands(program: Command, run: Runner): void {
  const keys = program.command('keys').description('list, make and manage keys');

  const list = keys
    .command('list')
    .description('list the keys')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/keys.ts')).listKeys(console, options)),
    );
  common(opensVault(list), ['keyward keys list', 'keyward keys list --json']);

  const create = keys
    .command('create')
    .description('make a key')
    .argument('<alias>', 'what it is called, with or without "alias/"')
    .option('-d, --description <text>', 'what it is for')
    .action((alias: string, options: CreateOptions) =>
      run(async (console) => (await import('../jobs/keys.ts')).createKey(console, alias, options)),
    );
  common(opensVault(create), ['keyward keys create taxes --description "Returns and receipts"']);

  const describe = keys
    .command('describe')
    .description('show a key and its versions')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .action((key: string, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/keys.ts')).describeKey(console, key, options)),
    );
  common(opensVault(describe), ['keyward keys describe alias/my-files']);

  const rotate = keys
    .command('rotate')
    .description('give a key a new version for what is encrypted from now on; older files still open')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .action((key: string, options: VaultOptions) =>
      run(async (console) =>
        (await import('../jobs/keys.ts')).changeKey(console, 'keys.rotate', key, options),
      ),
    );
  common(opensVault(rotate), ['keyward keys rotate alias/my-files']);

  const enable = keys
    .command('enable')
    .description('let a disabled key work again')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .action((key: string, options: VaultOptions) =>
      run(async (console) =>
        (await import('../jobs/keys.ts')).changeKey(console, 'keys.enable', key, options),
      ),
    );
  common(opensVault(enable), ['keyward keys enable alias/taxes']);

  const disable = keys
    .command('disable')
    .description('refuse every use of a key until it is enabled again; files under it stay closed')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .action((key: string, options: VaultOptions) =>
      run(async (console) =>
        (await import('../jobs/keys.ts')).changeKey(console, 'keys.disable', key, options),
      ),
    );
  common(opensVault(disable), ['keyward keys disable alias/taxes']);

  const deleting = keys
    .command('delete')
    .description('have a key shredded after some days; nothing under it opens from now on')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .option('--days <number>', 'after how many days, 7 to 30', wholeNumber('--days', 7, 30), 30)
    .addHelpText(
      'after',
      '\nUntil then "keyward keys cancel-deletion" takes it back. The key is shredded at an unlock at least 24\nhours after the first one that finds the date passed. Files under it can then not be opened by anyone\nwho has no backup or export of the key.',
    )
    .action((key: string, options: DeleteOptions) =>
      run(async (console) => (await import('../jobs/keys.ts')).deleteKey(console, key, options)),
    );
  common(opensVault(deleting), ['keyward keys delete alias/old-clients --days 14']);

  const cancelling = keys
    .command('cancel-deletion')
    .description('keep a key that is pending deletion; it is disabled afterwards')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .action((key: string, options: VaultOptions) =>
      run(async (console) =>
        (await import('../jobs/keys.ts')).changeKey(console, 'keys.cancelDeletion', key, options),
      ),
    );
  common(opensVault(cancelling), ['keyward keys cancel-deletion alias/old-clients']);

  const rotation = keys
    .command('rotation')
    .description('give a key a new version by itself, every so many days')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .option('--every <days>', 'how often, 90 to 2560 days', wholeNumber('--every', 90, 2560))
    .option('--off', 'no more by itself')
    .action((key: string, options: RotationOptions) =>
      run(async (console) => {
        if ((options.every === undefined) === (options.off === undefined)) {
          throw fail('every-or-off');
        }
        await (await import('../jobs/keys.ts')).setRotation(console, key, options);
      }),
    );
  common(opensVault(rotation), [
    'keyward keys rotation alias/my-files --every 365',
    'keyward keys rotation alias/my-files --off',
  ]);

  versionCommands(keys, run);

  const exporting = keys
    .command('export-material')
    .description("write a key's material to a new file, for tools/keyward-decrypt.mjs; asks who you are")
    .argument('[key]', 'alias, id or ARN', keyReference)
    .option('--file <path>', 'instead of a key: the data key of this one encrypted file')
    .requiredOption('-o, --out <file>', 'the new file, readable by you alone')
    .option(
      '--key-version <id>',
      'this version, by its 64 hex digits (default: the current one)',
      versionId('--key-version', 64),
    )
    .addOption(
      new Option('--for <reader>', "aws: only the derived key that AWS's Encryption SDK needs").choices([
        'aws',
      ]),
    )
    .option('--wrap-file <file>', 'protect what is written with the passphrase in this file')
    .addHelpText(
      'after',
      '\nThe version is marked as exported for good, and the log has an entry. A rotation gives later files\nanother version; files that it encrypted stay within reach of whoever has the export.',
    )
    .action((key: string | undefined, options: ExportOptions) =>
      run(async (console) => (await import('../jobs/export.ts')).exportMaterial(console, key, options)),
    );
  common(opensVault(takesNewPassphrase(exporting)), [
    'keyward keys export-material alias/my-files --out my-files.json',
    'keyward keys export-material alias/my-files --for aws --out keyring.json',
    'keyward keys export-material --file Will.pdf.keyward --out will-key.json',
  ]);
}

/** Declares `keys versions list|disable|enable`. */
function versionCommands(keys: Command, run: Runner): void {
  const versions = keys.command('versions').description('list the versions of a key, and revoke single ones');

  const list = versions
    .command('list')
    .description('list the versions of a key, oldest first')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .action((key: string, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/keys.ts')).listVersions(console, key, options)),
    );
  common(opensVault(list), ['keyward keys versions list alias/taxes']);

  for (const [name, enabled, description] of [
    [
      'disable',
      false,
      'revoke a version: what was encrypted under it stays closed until it is enabled again',
    ],
    ['enable', true, 'let what was encrypted under a version open again'],
  ] as const) {
    const setting = versions
      .command(name)
      .description(description)
      .argument('<key>', 'alias, id or ARN', keyReference)
      .argument('<version>', 'its id, or 8 digits or more from its beginning', versionId('The version', 8))
      .action((key: string, version: string, options: VaultOptions) =>
        run(async (console) =>
          (await import('../jobs/keys.ts')).setVersion(console, key, version, enabled, options),
        ),
      );
    if (!enabled) {
      setting.addHelpText(
        'after',
        "\nThe current version can't be disabled: rotate the key first. Files can be rewrapped away from a version\nonly while it is enabled.",
      );
    }
    common(opensVault(setting), [`keyward keys versions ${name} alias/taxes 0f3a91c2b7de`]);
  }
}
