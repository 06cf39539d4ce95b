import type { Command } from 'commander';
import { common, opensVault, type Runner, type VaultOptions } from '../common-options.ts';
import type { ForgetOptions } from '../jobs/options.ts';

/** Declares `partials`. */
export function partialCommands(program: Command, run: Runner): void {
  const partials = program
    .command('partials')
    .description('see unfinished files that could not be removed, and forget those whose disk is gone');

  const list = partials
    .command('list')
    .description('list what dead jobs left unfinished and no unlock could remove yet')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/partials.ts')).listPartials(console, options)),
    );
  common(opensVault(list), ['keyward partials list', 'keyward partials list --json']);

  const forget = partials
    .command('forget')
    .description('look no more after an unfinished file whose disk is gone for good; asks first')
    .argument('<path>', 'as keyward partials list has it')
    .option('--yes', 'do it without asking')
    .action((path: string, options: ForgetOptions) =>
      run(async (console) => (await import('../jobs/partials.ts')).forgetPartial(console, path, options)),
    );
  common(opensVault(forget), [
    'keyward partials forget /media/usb/Contract.pdf.4f1c.partial',
    'keyward partials forget --yes /media/usb/Contract.pdf.4f1c.partial',
  ]);
}
