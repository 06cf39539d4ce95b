import type { Command } from 'commander';
import { common, type Runner, unlocks } from '../common-options.ts';
import type { DoctorOptions, RepairOptions } from '../jobs/options.ts';

/** Declares `doctor` and `repair`. */
export function healthCommands(program: Command, run: Runner): void {
  const doctor = program
    .command('doctor')
    .description(
      'tell what is found on the vault and around it, and what to do; asks for nothing (exit 1: something is to be done, 5: something is damaged)',
    )
    .option('--full', 'read every row and every entry of the log too')
    .action((options: DoctorOptions) =>
      run(async (console) => (await import('../jobs/doctor.ts')).doctor(console, options)),
    );
  common(unlocks(doctor), [
    'keyward doctor',
    'keyward doctor --full --passphrase-file pass.txt',
    'keyward doctor --json',
  ]);

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
