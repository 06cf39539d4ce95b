import type { Command } from 'commander';
import { common, opensVault, type Runner, type VaultOptions } from '../common-options.ts';
import type { CreateClientOptions, ServeOptions } from '../jobs/options.ts';
import { clientName, wholeNumber } from '../option-parsers.ts';

/** Declares `serve` and `clients create|list|revoke`. */
export function endpointCommands(program: Command, run: Runner): void {
  const serving = program
    .command('serve')
    .description('speak the protocol of AWS KMS on this machine, for AWS CLI and SDKs, until Ctrl-C')
    .option(
      '--port <number>',
      'where it listens on 127.0.0.1 (default: a free port)',
      wholeNumber('--port', 1, 65_535),
    )
    .option('--unsigned-test-mode', 'take requests without signatures; only on a throw-away vault')
    .addHelpText(
      'after',
      '\nA window or background process that holds the vault serves it; else this command does. Requests are\nsigned with the access key of a client: see "keyward clients create". The endpoint ends with this\ncommand, and when the vault is locked. With --json the one document is printed once it listens.',
    )
    .action((options: ServeOptions) =>
      run(async (console) => (await import('../jobs/serve.ts')).serve(console, options)),
    );
  common(opensVault(serving), ['keyward serve', 'keyward serve --port 8080 --json']);

  const clients = program.command('clients').description('who may use the KMS endpoint');

  const create = clients
    .command('create')
    .description('make a client and its access key; the secret is shown this once')
    .argument('<name>', 'letters, digits and +=,.@_-; its principal is user/NAME', clientName)
    .option('--policy <file>', 'what it may do: an IAM identity policy, JSON')
    .option('--full-access', 'every operation on every key')
    .action((name: string, options: CreateClientOptions) =>
      run(async (console) => (await import('../jobs/clients.ts')).createClient(console, name, options)),
    );
  common(opensVault(create), [
    'keyward clients create backup --policy backup-policy.json',
    'keyward clients create laptop --full-access --json',
  ]);

  const list = clients
    .command('list')
    .description('list the clients, revoked ones too')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/clients.ts')).listClients(console, options)),
    );
  common(opensVault(list), ['keyward clients list', 'keyward clients list --json']);

  const revoke = clients
    .command('revoke')
    .description("end a client's access for good")
    .argument('<name>', 'which client', clientName)
    .action((name: string, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/clients.ts')).revokeClient(console, name, options)),
    );
  common(opensVault(revoke), ['keyward clients revoke backup']);
}
