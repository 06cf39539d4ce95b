import type { Job, JobKind, JobResult } from '../../shared/bridge.ts';
import type { FileOutcome } from '../../shared/file-outcome.ts';
import { countText } from '../../shared/measures.ts';
import { errorText } from './errors.ts';
import { escaped } from './file-names.ts';
import { ownValue } from './own-property.ts';

const DOING = {
  encrypt: 'Encrypting',
  decrypt: 'Decrypting',
  verify: 'Checking',
  rewrap: 'Moving',
  reencrypt: 'Renewing',
} as const;
const NOTHING = {
  encrypt: 'Nothing to encrypt',
  decrypt: 'Nothing to decrypt',
  verify: 'Nothing to check',
  rewrap: 'Nothing to move',
  reencrypt: 'Nothing to renew',
} as const;
const DONE = {
  encrypt: 'Encrypted',
  decrypt: 'Decrypted',
  verify: 'Checked',
  rewrap: 'Moved',
  reencrypt: 'Renewed',
} as const;

/** What a job is about: a name, or how many. */
function jobSubject(job: Job): string {
  if (job.sources === 1 && job.files <= 1) return escaped(job.title);
  return job.endedAt === null && job.sources === 1
    ? escaped(job.title)
    : countText(Math.max(job.files, job.sources), 'file');
}

/** A job's heading: "Encrypting 3 files". */
export function jobTitle(job: Job): string {
  if (job.state === 'waiting') return `Waiting: ${jobSubject(job)}`;
  if (job.endedAt === null) return `${DOING[job.kind]} ${jobSubject(job)}`;
  const { done, failed, cancelled, skipped } = job.counts;
  const tried = done + failed + cancelled;
  if (job.interrupted) return `Interrupted: ${jobSubject(job)}`;
  if (job.state === 'cancelled') return `Stopped: ${jobSubject(job)}`;
  if (tried > done && done > 0) return `${DONE[job.kind]} ${done} of ${countText(tried, 'file')}`;
  if (job.state === 'failed') return `Not ${DONE[job.kind].toLowerCase()}: ${jobSubject(job)}`;
  if (tried === 0) return `${skipped === 0 ? NOTHING[job.kind] : 'Nothing new'}: ${escaped(job.title)}`;
  return `${DONE[job.kind]} ${skipped === 0 ? jobSubject(job) : countText(done, 'file')}`;
}

/** What a job waits for, in a sentence; none while it does not wait. */
export function waitText({ state, waitsFor }: Job): string | undefined {
  return state === 'waiting' && waitsFor !== undefined ? WAITS[waitsFor] : undefined;
}

const WAITS: { readonly [W in NonNullable<Job['waitsFor']>]: string } = {
  locked: 'It goes on once the window holds the unlocked vault.',
  'disk-full': 'The disk is full. It goes on by itself once there is room.',
  'drive-gone': 'The disk is not there. It goes on by itself once it is connected again.',
};

/** A line for each outcome of a job over many files, with its count; none for one file, which speaks for itself. */
export function outcomeLines({ kind, files, outcomes }: Job): string[] {
  if (files < 2) return [];
  return outcomes.map(({ outcome, count: n }) => {
    const of = countText(n, 'file');
    if (outcome === 'done') return `${of} ${DONE[kind].toLowerCase()}`;
    return `${of} ${OUTCOMES[outcome]}`;
  });
}

const OUTCOMES: { readonly [O in Exclude<FileOutcome, 'done'>]: string } = {
  'up-to-date': 'up to date already',
  outdated: 'changed since; what was made of the older state is still there',
  exists: 'left, as something else has the name of the result',
  encrypted: 'encrypted already',
  link: 'left, as it is a link to something elsewhere',
  'not-regular': 'left, as it is no regular file',
  vault: 'left, as it is a folder of the vault’s own',
  'other-version': 'under another version',
  failed: 'not done',
  cancelled: 'stopped',
};

/** What is read aloud when a job is over. */
export function jobEnded(job: Job): string {
  const wrong = job.error ?? job.results.find(({ error }) => error !== undefined)?.error;
  return wrong === undefined ? `${jobTitle(job)}.` : `${jobTitle(job)}. ${errorText(wrong)}`;
}

/** What became of one file, in a few words. */
export function resultText(kind: JobKind, result: JobResult, key: string): string {
  switch (result.status) {
    case 'done':
      return DONE_WORDS[kind](key);
    case 'skipped':
      return SKIPPED_WORDS[result.outcome] ?? 'left as it was';
    case 'cancelled':
      return 'stopped; nothing was written';
    case 'failed':
      return ownValue(FAILED_WORDS, result.error?.code ?? '') ?? 'failed; nothing was written';
  }
}

const SKIPPED_WORDS: { readonly [O in FileOutcome]?: string } = {
  'up-to-date': 'up to date already',
  outdated: 'changed since; the older result was left as it was',
  exists: 'left as it was; something else has the name of the result',
  encrypted: 'encrypted already',
  link: 'a link; left as it was',
};

const DONE_WORDS: { readonly [K in JobKind]: (key: string) => string } = {
  encrypt: (key) => `encrypted under ${key}`,
  decrypt: () => 'decrypted',
  verify: () => 'complete and authentic',
  rewrap: (key) => `now under the newest version of ${key}`,
  reencrypt: () => 'now under a new data key',
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
