import { Argument, type Command } from 'commander';
import { ROLES, type Role } from '../../shared/roles.ts';
import { common, opensVault, type Runner, unlocks, type VaultOptions } from '../common-options.ts';
import type { ExplainOptions } from '../jobs/options.ts';
import { keyReference, notEmpty, pair } from '../option-parsers.ts';

/** Declares `keys explain`, `step-down` and `step-up`. */
export function accessCommands(program: Command, run: Runner): void {
  const keys = program.commands.find((command) => command.name() === 'keys') ?? program;
  const explain = keys
    .command('explain')
    .description('tell whether somebody may do something with a key, and why')
    .argument('<key>', 'alias, id or ARN', keyReference)
    .requiredOption('--principal <name>', 'who: the name of a user, or an ARN', notEmpty('--principal'))
    .requiredOption(
      '--action <action>',
      'what, as in kms:Decrypt; "kms:" may be left out',
      notEmpty('--action'),
    )
    .option(
      '--context <name=value>',
      'a pair of the encryption context; may be given again',
      pair('--context'),
    )
    .option(
      '--with <key=value>',
      'a condition key of the call, as in kms:ViaService=…; may be given again',
      pair('--with'),
    )
    .action((key: string, options: ExplainOptions) =>
      run(async (console) => (await import('../jobs/access.ts')).explainAccess(console, key, options)),
    );
  common(opensVault(explain), [
    'keyward keys explain my-files --principal backup --action Decrypt',
    'keyward keys explain my-files --principal backup --action Decrypt --context customer=acme --json',
  ]);

  const reset = keys
    .command('reset-policy')
    .description("put a key's default policy back, also where its own shuts you out; asks for the passphrase")
    .argument('<key>', 'alias, id or ARN', keyReference)
    .action((key: string, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/access.ts')).resetPolicy(console, key, options)),
    );
  common(opensVault(reset), ['keyward keys reset-policy alias/taxes']);

  const down = program
    .command('step-down')
    .description('let window and command do no more than a role may, until "step-up" or the next unlock')
    .addArgument(new Argument('<role>', 'operator: uses keys; auditor: only looks').choices([...ROLES]))
    .action((role: Role, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/access.ts')).stepDown(console, role, options)),
    );
  common(unlocks(down), ['keyward step-down operator', 'keyward step-down auditor']);

  const up = program
    .command('step-up')
    .description('back to everything; asks for the passphrase')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/access.ts')).stepUp(console, options)),
    );
  common(unlocks(up), ['keyward step-up', 'keyward step-up --passphrase-file pass.txt']);
}
