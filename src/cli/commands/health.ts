import type { Command } from 'commander';
import { common, type Runner, unlocks } from '../common-options.ts';
import type { RepairOptions } from '../jobs/options.ts';

/** Declares `repair`. */
export function healthCommands(program: Command, run: Runner): void {
  const repair = program
    .command('repair')
    .description('make a damaged vault whole from what holds of it, after showing what that means')
    .option('--from <path>', 'compare with this backup, or the newest in this folder (takes --recovery-file)')
    .option('--dry-run', 'show what it would do, row by row, and change nothing')
    .option('--yes', 'do it without asking')
    .action((options: RepairOptions) =>
      run(async (console) => (await import('../jobs/repair.ts')).repair(console, options)),
    );
  common(unlocks(repair), [
    'keyward repair --dry-run',
    'keyward repair --recovery-file phrase.txt --from /media/usb/keyward',
    'keyward repair --recovery-file phrase.txt --yes --json',
  ]);
}
