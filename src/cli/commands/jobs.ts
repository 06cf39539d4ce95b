import type { Command } from 'commander';
import { common, opensVault, type Runner, type VaultOptions } from '../common-options.ts';
import { jobId } from '../option-parsers.ts';

/** Declares `jobs`. */
export function jobCommands(program: Command, run: Runner): void {
  const jobs = program
    .command('jobs')
    .description('see what runs in the vault and what has run, and stop it');

  const list = jobs
    .command('list')
    .description('list the jobs, the newest first: those that run, and the last 200 that are over')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/jobs.ts')).listJobs(console, options)),
    );
  common(opensVault(list), ['keyward jobs list', 'keyward jobs list --json']);

  const show = jobs
    .command('show')
    .description('show a job, and what became of each of its files')
    .argument('<job>', 'its id, or the beginning of it; see: keyward jobs list', jobId)
    .action((job: string, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/jobs.ts')).showJob(console, job, options)),
    );
  common(opensVault(show), ['keyward jobs show 3f2a9c41', 'keyward jobs show 3f2a9c41 --json']);

  const cancel = jobs
    .command('cancel')
    .description('stop a job; files that are done stay, nothing half done is left behind')
    .argument('<job>', 'its id, or the beginning of it; see: keyward jobs list', jobId)
    .action((job: string, options: VaultOptions) =>
      run(async (console) => (await import('../jobs/jobs.ts')).cancelJob(console, job, options)),
    );
  common(opensVault(cancel), ['keyward jobs cancel 3f2a9c41']);
}
