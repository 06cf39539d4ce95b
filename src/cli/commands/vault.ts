import type { Command } from 'commander';
import {
  common,
  opensVault,
  type Runner,
  takesNewPassphrase,
  unlocks,
  type VaultOptions,
} from '../common-options.ts';
import type { InitCommandOptions } from '../jobs/options.ts';

/** Declares `init`, `unlock`, `lock`, `status` and `config`. */
export function vaultCommands(program: Command, run: Runner): void {
  const init = program
    .command('init')
    .description('make a vault, its first key (my-files) and its recovery phrase')
    .option('--passphrase-file <file>', 'take the passphrase from a file instead of asking for it')
    .option('--recovery-file <file>', 'write the recovery phrase to this new file instead of showing it once')
    .option('--keychain', "let this computer's keychain unlock the vault too")
    .option('--account <digits>', 'the 12 digits that stand for the account in ARNs (default: 000000000000)')
    .option('--region <name>', 'what stands for the region in ARNs (default: local)')
    .option('--throw-away', 'a vault for trying things out')
    .action((options: InitCommandOptions) =>
      run(async (console) => (await import('../jobs/init.ts')).init(console, options)),
    );
  common(takesNewPassphrase(init), [
    'keyward init',
    'keyward init --keychain --recovery-file /media/usb/keyward-phrase.txt',
    'keyward init --passphrase-file pass.txt --recovery-file phrase.txt --json',
  ]);

  const unlock = program
    .command('unlock')
    .description('unlock the vault and keep it so in a background process until lock or idle')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/locking.ts')).unlock(console, options)),
    );
  unlock.option('--accept-put-back', 'go on also where an older copy of the vault was put in its place');
  unlock.option(
    '--without-audit',
    'open a damaged vault for rescue also where its files are not to be opened without the log',
  );
  common(unlocks(unlock), [
    'keyward unlock',
    'keyward unlock --passphrase-file pass.txt',
    'keyward unlock --recovery-file /media/usb/keyward-phrase.txt',
  ]);

  const lock = program
    .command('lock')
    .description('lock the vault, whichever process holds it; what it is doing is cancelled')
    .action(() => run(async (console) => (await import('../jobs/locking.ts')).lock(console)));
  common(lock, ['keyward lock']);

  const status = program
    .command('status')
    .description('show where the vault is, whether it is locked, and who holds it')
    .action(() => run(async (console) => (await import('../jobs/status.ts')).status(console)));
  common(status, ['keyward status', 'keyward status --json']);

  const config = program
    .command('config')
    .description('show the settings, or one of them, or set one')
    .argument('[name]', 'default-key, idle-minutes, open-files-without-audit or backup-recipients')
    .argument('[value]', 'the new value')
    .action((name: string | undefined, value: string | undefined, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/config.ts')).config(console, name, value, options)),
    );
  common(opensVault(config), [
    'keyward config',
    'keyward config default-key alias/taxes',
    'keyward config default-key keyward/files',
    'keyward config idle-minutes 30',
    'keyward config backup-recipients x25519',
  ]);
}
