import type { Command } from 'commander';
import { common, opensVault, type Runner, type VaultOptions } from '../options.ts';

/** Options of `keys create`. */
export type CreateOptions = VaultOptions & { readonly description?: string };

/** Declares `keys list|create|describe|rotate|enable|disable`. */
export function keyCommands(program: Command, run: Runner): void {
  const keys = program.command('keys').description('list, make and manage keys');

  const list = keys
    .command('list')
    .description('list the keys')
    .action((options: VaultOptions) =>
      run(async (face) => (await import('../jobs/keys.ts')).listKeys(face, options)),
    );
  common(opensVault(list), ['keyward keys list', 'keyward keys list --json']);

  const create = keys
    .command('create')
    .description('make a key')
    .argument('<alias>', 'what it is called, with or without "alias/"')
    .option('-d, --description <text>', 'what it is for')
    .action((alias: string, options: CreateOptions) =>
      run(async (face) => (await import('../jobs/keys.ts')).createKey(face, alias, options)),
    );
  common(opensVault(create), ['keyward keys create taxes --description "Returns and receipts"']);

  const describe = keys
    .command('describe')
    .description('show a key and its versions')
    .argument('<key>', 'alias, id or ARN')
    .action((key: string, options: VaultOptions) =>
      run(async (face) => (await import('../jobs/keys.ts')).describeKey(face, key, options)),
    );
  common(opensVault(describe), ['keyward keys describe alias/my-files']);

  const rotate = keys
    .command('rotate')
    .description('give a key a new version for what is encrypted from now on; older files still open')
    .argument('<key>', 'alias, id or ARN')
    .action((key: string, options: VaultOptions) =>
      run(async (face) => (await import('../jobs/keys.ts')).changeKey(face, 'keys.rotate', key, options)),
    );
  common(opensVault(rotate), ['keyward keys rotate alias/my-files']);

  const enable = keys
    .command('enable')
    .description('let a disabled key work again')
    .argument('<key>', 'alias, id or ARN')
    .action((key: string, options: VaultOptions) =>
      run(async (face) => (await import('../jobs/keys.ts')).changeKey(face, 'keys.enable', key, options)),
    );
  common(opensVault(enable), ['keyward keys enable alias/taxes']);

  const disable = keys
    .command('disable')
    .description('refuse every use of a key until it is enabled again; files under it stay closed')
    .argument('<key>', 'alias, id or ARN')
    .action((key: string, options: VaultOptions) =>
      run(async (face) => (await import('../jobs/keys.ts')).changeKey(face, 'keys.disable', key, options)),
    );
  common(opensVault(disable), ['keyward keys disable alias/taxes']);
}
