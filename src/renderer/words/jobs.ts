import type { Job, JobKind, JobResult } from '../../shared/bridge.ts';
import { errorWords } from './errors.ts';
import { count } from './format.ts';
import { inert } from './names.ts';
import { own } from './own.ts';

const DOING = { encrypt: 'Encrypting', decrypt: 'Decrypting', verify: 'Checking', rewrap: 'Moving' } as const;
const DONE = { encrypt: 'Encrypted', decrypt: 'Decrypted', verify: 'Checked', rewrap: 'Moved' } as const;

/** What a job is about: a name, or how many. */
export function jobSubject(job: Job): string {
  if (job.sources === 1 && job.files <= 1) return inert(job.title);
  return job.endedAt === null && job.sources === 1
    ? inert(job.title)
    : count(Math.max(job.files, job.sources), 'file');
}

/** A job's heading: "Encrypting 3 files". */
export function jobTitle(job: Job): string {
  if (job.state === 'running') return `${DOING[job.kind]} ${jobSubject(job)}`;
  const { done, failed, cancelled } = job.counts;
  if (job.state === 'cancelled') return `Stopped: ${jobSubject(job)}`;
  if (failed + cancelled > 0 && done > 0) return `${DONE[job.kind]} ${done} of ${count(job.files, 'file')}`;
  if (job.state === 'failed') return `Not ${DONE[job.kind].toLowerCase()}: ${jobSubject(job)}`;
  return `${DONE[job.kind]} ${jobSubject(job)}`;
}

/** What is read aloud when a job is over. */
export function jobEnded(job: Job): string {
  const wrong = job.error ?? job.results.find(({ error }) => error !== undefined)?.error;
  return wrong === undefined ? `${jobTitle(job)}.` : `${jobTitle(job)}. ${errorWords(wrong)}`;
}

/** What became of one file, in a few words. */
export function resultWords(kind: JobKind, result: JobResult, key: string): string {
  switch (result.status) {
    case 'done':
      return DONE_WORDS[kind](key);
    case 'skipped':
      return 'left as it was';
    case 'cancelled':
      return 'stopped; nothing was written';
    case 'failed':
      return own(FAILED_WORDS, result.error?.code ?? '') ?? 'failed; nothing was written';
  }
}

const DONE_WORDS: { readonly [K in JobKind]: (key: string) => string } = {
  encrypt: (key) => `encrypted under ${key}`,
  decrypt: () => 'decrypted',
  verify: () => 'complete and authentic',
  rewrap: (key) => `now under the newest version of ${key}`,
};

const FAILED_WORDS: { readonly [code: string]: string } = {
  TargetExists: 'already there; nothing was changed',
  NotKeywardFile: 'not a Keyward file',
  FileDamaged: 'damaged',
  FileTruncated: 'cut off; the end is missing',
  WrongKey: 'under a key that is not in this vault',
  DisabledException: 'its key is disabled',
  NotFoundException: 'its key is not in this vault',
  DiskFull: 'no room on the disk',
  PermissionDenied: 'no permission',
  AccessDeniedException: 'not allowed; nothing was written',
  SourceNotFound: 'no longer there',
  SourceChanged: 'changed while it was read',
};
