import { Argument, type Command } from 'commander';
import { PROTECTOR_KINDS, type ProtectorKind } from '../../shared/protector-contract.ts';
import { common, opensVault, type Runner, takesNewPassphrase, type VaultOptions } from '../common-options.ts';
import type { JsonOptions, NewProtectorOptions } from '../jobs/options.ts';

const NEW_PASSPHRASE = ['--new-passphrase-file <file>', 'take the new passphrase from a file'] as const;

/** Declares `protectors list|add|replace|remove` and `passphrase change`. */
export function protectorCommands(program: Command, run: Runner): void {
  const protectors = program
    .command('protectors')
    .description('list and change the ways to unlock: passphrase, recovery phrase, keychain');

  const list = protectors
    .command('list')
    .description('list the ways to unlock, and since when there are')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/protectors.ts')).listProtectors(console, options)),
    );
  common(opensVault(list), ['keyward protectors list']);

  for (const [how, description] of [
    ['add', 'add a way to unlock; asks who you are'],
    ['replace', 'put a new one in place of a way to unlock; asks who you are'],
  ] as const) {
    const setting = protectors
      .command(how)
      .description(description)
      .addArgument(kindArgument())
      .option(...NEW_PASSPHRASE)
      .option(
        '--new-recovery-file <file>',
        'write the new phrase to this new file instead of showing it once',
      )
      .addHelpText(
        'after',
        '\nThe new way is tried before it counts, and the old one goes only then. Copies of the vault made before still\nopen as they did: replacing is not revoking.',
      )
      .action((kind: ProtectorKind, options: NewProtectorOptions) =>
        run(async (console) =>
          (await import('../jobs/protectors.ts')).setProtector(console, how, kind, options),
        ),
      );
    common(opensVault(takesNewPassphrase(setting)), [
      `keyward protectors ${how} keychain`,
      `keyward protectors ${how} recovery-phrase --new-recovery-file /media/usb/keyward-phrase.txt`,
    ]);
  }

  const remove = protectors
    .command('remove')
    .description(
      'take a way to unlock away; of passphrase and recovery phrase the one that stays is asked for',
    )
    .addArgument(kindArgument())
    .action((kind: ProtectorKind, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/protectors.ts')).removeProtector(console, kind, options)),
    );
  common(opensVault(remove), [
    'keyward protectors remove keychain',
    'keyward protectors remove passphrase --recovery-file /media/usb/keyward-phrase.txt',
  ]);

  const revoke = protectors
    .command('revoke')
    .description(
      'end a way in that has leaked: new root key, new versions of keys, new backups; locks the vault',
    )
    .addArgument(
      new Argument('<kind>', 'passphrase, recovery-phrase, shares or keychain').choices([
        ...PROTECTOR_KINDS,
        'shares',
      ]),
    )
    .option(...NEW_PASSPHRASE)
    .option('--new-recovery-file <file>', 'write the new phrase to this new file instead of showing it once')
    .addHelpText(
      'after',
      '\nOf a phrase that leaked a new one is made; for all others the recovery phrase is what you show. Shares end with it.\nWhat leaked still opens copies, backups and files made before: encrypt anew what matters.',
    )
    .action((kind: ProtectorKind | 'shares', options: NewProtectorOptions) =>
      run(async (console) => (await import('../jobs/root.ts')).revokeProtector(console, kind, options)),
    );
  common(opensVault(takesNewPassphrase(revoke)), [
    'keyward protectors revoke recovery-phrase --new-recovery-file /media/usb/keyward-phrase.txt',
    'keyward protectors revoke passphrase --recovery-file /media/usb/keyward-phrase.txt',
  ]);

  const passphrase = program.command('passphrase').description('change the passphrase, or have one made');
  const change = passphrase
    .command('change')
    .description(
      'put a new passphrase in place of the old one; asks for the old one, or takes the recovery phrase',
    )
    .option(...NEW_PASSPHRASE)
    .action((options: NewProtectorOptions) =>
      run(async (console) => (await import('../jobs/protectors.ts')).changePassphrase(console, options)),
    );
  common(opensVault(takesNewPassphrase(change)), [
    'keyward passphrase change',
    'keyward passphrase change --recovery-file /media/usb/keyward-phrase.txt',
    'keyward passphrase change --passphrase-file old.txt --new-passphrase-file new.txt',
  ]);

  const generate = passphrase
    .command('generate')
    .description('print a passphrase of six words at random (66 bits); it is set nowhere')
    .action((_options: JsonOptions) =>
      run(async (console) => (await import('../jobs/protectors.ts')).generatePassphrase(console)),
    );
  common(generate, ['keyward passphrase generate']);
}

function kindArgument(): Argument {
  return new Argument('<kind>', 'passphrase, recovery-phrase or keychain').choices([...PROTECTOR_KINDS]);
}
