import { type Command, Option } from 'commander';
import { common, opensVault, type Runner, type VaultOptions } from '../common-options.ts';
import type { AuditListOptions } from '../jobs/options.ts';
import { keyReference, messageId, moment, notEmpty, outcome, wholeNumber } from '../option-parsers.ts';

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
    .addOption(new Option('--all', 'all that fit').conflicts('limit'))
    .option('--key <key>', 'only entries about this key: alias, id or ARN', keyReference)
    .option('--principal <name>', 'only what this user or ARN did', notEmpty('--principal'))
    .option('--event <name>', 'only entries of this event, such as Decrypt', notEmpty('--event'))
    .option('--outcome <outcome>', 'only those with success, failure or this error code', outcome)
    .option('--message-id <id>', 'only entries about the file with this message id', messageId)
    .option('--file <path>', 'only entries about the file at this path', notEmpty('--file'))
    .option('--no-lookups', 'without entries that only looked at something')
    .option('--since <time>', 'only from this time on: 2026-11-30 or 2026-11-30T14:00', moment('--since'))
    .option('--until <time>', 'only before this time; a day is whole', moment('--until', 'end'))
    .action((options: AuditListOptions) =>
      run(async (console) => (await import('../jobs/audit.ts')).listAudit(console, options)),
    );
  common(opensVault(list), [
    'keyward audit list',
    'keyward audit list --event Decrypt --key alias/my-files --limit 50',
    'keyward audit list --outcome failure --since 2026-11-01 --all',
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

  const reindex = audit
    .command('reindex')
    .description('build anew what searches of the log begin with')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/audit.ts')).reindexAudit(console, options)),
    );
  common(opensVault(reindex), ['keyward audit reindex']);
}
