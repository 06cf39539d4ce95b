import type { Command } from 'commander';
import { common, opensVault, type Runner, type VaultOptions } from '../options.ts';

/** Options of `clients create`; one of the two is given. */
export type CreateClientOptions = VaultOptions & {
  readonly policy?: string;
  readonly fullAccess?: boolean;
};

/** Declares `clients create|list|revoke`. */
export function endpointCommands(program: Command, run: Runner): void {
  const clients = program.command('clients').description('who may use the KMS endpoint');

  const create = clients
    .command('create')
    .description('make a client and its access key; the secret is shown this once')
    .argument('<name>', 'letters, digits and +=,.@_-; its principal is user/NAME')
    .option('--policy <file>', 'what it may do: an IAM identity policy, JSON')
    .option('--full-access', 'every operation on every key')
    .action((name: string, options: CreateClientOptions) =>
      run(async (face) => (await import('../jobs/clients.ts')).createClient(face, name, options)),
    );
  common(opensVault(create), [
    'keyward clients create backup --policy backup-policy.json',
    'keyward clients create laptop --full-access --json',
  ]);

  const list = clients
    .command('list')
    .description('list the clients, revoked ones too')
    .action((options: VaultOptions) =>
      run(async (face) => (await import('../jobs/clients.ts')).listClients(face, options)),
    );
  common(opensVault(list), ['keyward clients list', 'keyward clients list --json']);

  const revoke = clients
    .command('revoke')
    .description("end a client's access for good")
    .argument('<name>', 'which client')
    .action((name: string, options: VaultOptions) =>
      run(async (face) => (await import('../jobs/clients.ts')).revokeClient(face, name, options)),
    );
  common(opensVault(revoke), ['keyward clients revoke backup']);
}
