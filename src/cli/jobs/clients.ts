import { readSmallFile } from '../../main/disk/tree.ts';
import { fail } from '../../shared/errors.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { columns, momentText } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';
import type { CreateClientOptions } from './options.ts';

const MAX_POLICY_BYTES = 65_536;

/** `clients create NAME` */
export async function createClient(
  console: Console,
  name: string,
  options: CreateClientOptions,
): Promise<void> {
  const { policy: file, fullAccess } = options;
  if ((file === undefined) === (fullAccess === undefined)) {
    throw fail('policy-or-full-access');
  }
  const policy =
    file === undefined
      ? null
      : (await readSmallFile(console.absolute(file), MAX_POLICY_BYTES, console.signal)).toString('utf8');
  await withVault(console, options, async (vault) => {
    const made = await vault.call('clients.create', { name, policy });
    console.document(made);
    const rows = [
      ['Principal', escapeText(made.principal)],
      ['Access key id', made.accessKeyId],
      ['Secret access key', made.secretAccessKey],
    ];
    for (const line of columns(rows, 200)) console.say(line);
    console.note('The secret is not shown again. Whoever has it can do what this client may.');
  });
}

/** `clients list` */
export async function listClients(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { clients } = await vault.call('clients.list', {});
    console.document({ clients });
    if (clients.length === 0) console.say('No clients yet. Make one with: keyward clients create NAME');
    const rows = clients.map((client) => [
      escapeText(client.name),
      client.accessKeyId,
      client.policy === null ? 'full access' : 'policy',
      momentText(client.createdAt).slice(0, 10),
      client.revokedAt === undefined ? '' : `revoked ${momentText(client.revokedAt)}`,
    ]);
    for (const line of columns(rows)) console.say(line);
  });
}

/** `clients revoke NAME` */
export async function revokeClient(console: Console, name: string, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const client = await vault.call('clients.revoke', { name });
    console.document(client);
    console.say(`Revoked: ${escapeText(client.name)}. Its access key is refused from now on.`);
  });
}
