import type { Command } from 'commander';
import type { AuditListOptions } from '../jobs/options.ts';
import { common, opensVault, type Runner, type VaultOptions } from '../options.ts';
import { keyReference, notEmpty, wholeNumber } from '../values.ts';

/** Declares `audit list|verify`. */
export function auditCommands(program: Command, run: Runner): void {
  const audit = program.command('audit').description('read the audit log and check its chain');

  const list = audit
    .command('list')
    .description('list entries, the newest first')
    .option('-n, --limit <count>', 'how many, from 1 to 1000', wholeNumber('--limit', 1, 1000), 20)
    .option(
      '--before <number>',
      'only entries before this one',
      wholeNumber('--before', 1, Number.MAX_SAFE_INTEGER),
    )
    .option('--key <key>', 'only entries about this key: alias, id or ARN', keyReference)
    .option('--event <name>', 'only entries of this event, such as Decrypt', notEmpty('--event'))
    .action((options: AuditListOptions) =>
      run(async (console) => (await import('../jobs/audit.ts')).listAudit(console, options)),
    );
  common(opensVault(list), [
    'keyward audit list',
    'keyward audit list --event Decrypt --key alias/my-files --limit 50',
  ]);

  const verify = audit
    .command('verify')
    .description(
      'check the whole chain; a broken one is named by its first entry that does not hold (exit 5)',
    )
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/audit.ts')).verifyAudit(console, options)),
    );
  common(opensVault(verify), ['keyward audit verify']);
}
