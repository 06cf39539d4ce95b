import type { FileResult, Output } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import { isOver, type JobFacts, type JobWait, MAX_ITEMS } from '../../shared/job-contract.ts';
import { countText, durationText, sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { shortReference } from '../key-names.ts';
import { columns, momentText } from '../text/columns.ts';
import { errorText } from '../text/error-text.ts';
import { withVault } from '../vault/access.ts';
import type { Vault } from '../vault/vault.ts';

/** How much of an id is shown, in characters: enough to tell 200 jobs apart. */
const ID_SHOWN = 10;

/** `jobs list` */
export async function listJobs(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { jobs } = await vault.call('jobs.list', {});
    console.document({ jobs });
    if (console.json) return;
    if (jobs.length === 0) console.say('There is no job.');
    for (const line of columns(jobs.map((job) => rowOf(console, job)))) console.say(line);
  });
}

/** `jobs show JOB`; the document holds all of its files. */
export async function showJob(console: Console, id: string, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const job = await jobOf(vault, id);
    if (console.json) {
      const items: FileResult[] = [];
      let isDamaged = false;
      let parameters: Output<'jobs.show'>['parameters'];
      for await (const page of pagesOf(vault, job)) {
        items.push(...page.items);
        isDamaged ||= page.damaged === true;
        parameters = page.parameters;
      }
      console.document({
        job,
        ...(parameters === undefined ? {} : { parameters }),
        items,
        ...(isDamaged ? { damaged: true } : {}),
      });
      return;
    }
    tell(console, job);
    for await (const { items, damaged } of pagesOf(vault, job)) {
      for (const item of items) console.say(`  ${lineOf(console, item)}`);
      if (damaged === true) {
        console.note(
          'Some of its files can’t be shown: what the vault kept of them was changed from outside.',
        );
      }
    }
    if (job.omitted > 0) {
      console.say(`  ${countText(job.omitted, 'more file')}, of which only the outcome was kept`);
    }
  });
}

/** `jobs cancel JOB` */
export async function cancelJob(console: Console, id: string, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const before = await jobOf(vault, id);
    const job = await vault.call('jobs.cancel', { job: before.id });
    console.document({ job });
    if (isOver(before)) console.say(`It was over already: ${stateOf(before)}.`);
    else if (isOver(job)) console.say(`Stopped. ${outcomesOf(job)}`);
    else
      console.say(
        'It was told to stop, and will when the file that it is at lets go. See: keyward jobs list',
      );
  });
}

/** The one job whose id begins so. Throws `NotFoundException`, and `Usage` where there are several. */
async function jobOf(vault: Vault, start: string): Promise<JobFacts> {
  const { jobs } = await vault.call('jobs.list', {});
  const found = jobs.filter(({ id }) => id.startsWith(`j-${start}`));
  const [job] = found;
  if (job === undefined) {
    throw fail('no-job-begins-with', { start });
  }
  if (found.length === 1) return job;
  throw fail('several-jobs-begin-with', { count: found.length, start });
}

/** The files of a job, some at a time. */
async function* pagesOf(vault: Vault, { id: job }: JobFacts) {
  let next: number | undefined = 0;
  while (next !== undefined) {
    const page: Output<'jobs.show'> = await vault.call('jobs.show', { job, after: next, limit: MAX_ITEMS });
    yield page;
    next = page.next;
  }
}

function lineOf(console: Console, { source, output, outcome, error }: FileResult): string {
  const from = `${outcome}  ${console.path(source)}`;
  if (error !== undefined) return `${from}: ${errorText(error)}`;
  return output === null ? from : `${from} → ${console.path(output)}`;
}

function rowOf(console: Console, job: JobFacts): string[] {
  return [
    job.id.slice(2, 2 + ID_SHOWN),
    momentText(job.startedAt),
    job.kind,
    stateOf(job),
    isOver(job) ? outcomesOf(job) : farOf(job),
    job.sources === 1 ? console.path(job.title) : `${console.path(job.title)} and ${job.sources - 1} more`,
  ];
}

function tell(console: Console, job: JobFacts): void {
  const { key, startedAt, endedAt, owner, error } = job;
  const under = key === null ? '' : ` under ${escapeText(shortReference(key))}`;
  console.say(`${job.kind}${under}: ${stateOf(job)}. ${isOver(job) ? outcomesOf(job) : farOf(job)}`);
  const took =
    endedAt === null ? '' : `, for ${durationText((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000)}`;
  console.say(`Begun ${momentText(startedAt)} by ${escapeText(owner)} (${job.client})${took}`);
  console.say(`Id ${job.id}`);
  if (job.unsaved) console.say('This stands in memory only: the disk of the vault takes no more.');
  if (error !== undefined) console.explain(error);
}

function stateOf({ state, reason }: JobFacts): string {
  if (reason === 'interrupted') return 'interrupted: the process that ran it ended';
  return reason === undefined ? state : `${state}: ${WAITS[reason]}`;
}

const WAITS: { readonly [W in JobWait]: string } = {
  locked: 'goes on once the window or keyward unlock holds the vault',
  'disk-full': 'the disk is full',
  'drive-gone': 'the disk is not there',
};

function farOf({ progress: { done, total, file, files } }: JobFacts): string {
  const bytes = total === null ? sizeText(done) : `${sizeText(done)} of ${sizeText(total)}`;
  return files > 1 ? `file ${file} of ${files}, ${bytes}` : bytes;
}

function outcomesOf({ outcomes }: JobFacts): string {
  if (outcomes.length === 0) return 'no file';
  return outcomes.map(({ outcome, count }) => `${count} ${outcome}`).join(', ');
}
