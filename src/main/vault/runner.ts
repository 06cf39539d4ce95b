import type { FileResult, Progress, TakeResults } from '../../shared/contract.ts';
import { asKeywardError, fail, type KeywardError } from '../../shared/errors.ts';
import type { SkipOutcome } from '../../shared/file-outcome.ts';
import type { JobRun } from '../../shared/job-kind.ts';
import { openFileLimit } from '../disk/open-file-limit.ts';
import { alone, Batch, type Member } from './batch.ts';
import { Obstacles } from './obstacles.ts';
import { type FileProgress, JobProgress } from './progress.ts';
import { ResultPages } from './result-pages.ts';
import { StopWhenFull } from './stop-when-full.ts';
import { type Found, findFiles, type Wanted } from './walk.ts';

/** What a job is given besides its task: when to stop, whom to tell how far it is, and who takes its results. */
export type JobControl = {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  /** See `JobRun`. */
  readonly wait?: JobRun<AbortSignal>['wait'];
  /** Missing: they are returned. */
  readonly results?: TakeResults | undefined;
};

/**
 * What one file came to: where it went (null: nowhere), its plaintext's bytes, and what is worth saying.
 * `failure` tells why it counts as failed although there is an output.
 */
export type Outcome = {
  readonly output: string | null;
  readonly bytes: number;
  readonly notes?: string[];
  readonly failure?: KeywardError;
  /** Why the file was skipped. */
  readonly skipped?: SkipOutcome;
};

/** What the task for one file is given: where to report its progress, and where to meet the others of its batch. */
export type FileControl = { readonly progress: FileProgress; readonly member: Member };

/** Work on one file; it throws what keeps it from being done. */
type FileWork = (file: Found, own: FileControl) => Promise<Outcome>;

/** Which files of the sources a job works on. `home`: the vault's own folder, its links resolved, is passed over. */
type FileChoice = {
  readonly each: boolean;
  readonly wanted: Wanted;
  readonly home: string;
  /** Where the outputs go, unless beside the sources. */
  readonly out?: string | undefined;
};

/** How many small files make a batch at most; they share flushes and log entries. */
const MAX_TOGETHER = 256;

/** Files that others may have open in this process: the database, the workers, connections. */
const OTHERS_OPEN = 128;

/** Each file of a batch has two open, source and output, and two batches are under way. */
function mostTogether(): number {
  const files = ((openFileLimit() ?? Number.POSITIVE_INFINITY) - OTHERS_OPEN) / 4;
  return Math.max(1, Math.min(MAX_TOGETHER, Math.floor(files)));
}

/** Bytes of a file that counts as small, and of all that are under way; each takes up to three times as much memory. */
const SMALL = 256 * 1024;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Expands the sources and works on the files, large ones by themselves; an error of one file is its result and the rest
 * goes on, unless it would fail for want of a place to write to. After a cancel the files not begun are `cancelled` too.
 * Results are in the order of the files, behind those of sources that could not be worked on and before those that are
 * passed over. With `control.results` they go there as they come, in pages, and none is returned: a job keeps no more
 * than two batches of them (pitfall 69).
 */
export async function runFiles(
  sources: readonly string[],
  choice: FileChoice,
  control: JobControl,
  work: FileWork,
): Promise<FileResult[]> {
  const pages = new ResultPages(control.results, control.signal);
  const { files, skipped } = await findFiles(sources, choice, control.signal, (path, error) =>
    pages.add(failure(path, error)),
  );
  const progress = new JobProgress(files, control.progress);
  const stop = new StopWhenFull(choice);
  const obstacles = control.wait === undefined ? undefined : new Obstacles(choice);
  const one = async (file: Found, member: Member) => {
    const own = progress.begin(file);
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          control.signal.throwIfAborted();
          await stop.pass(file);
          await obstacles?.note(file);
          return resultOf(
            file.path,
            await work(file, { progress: own, member: attempt > 0 ? alone : member }),
          );
        } catch (error) {
          control.signal.throwIfAborted();
          const failed = asKeywardError(error);
          const obstacle = await obstacles?.of(failed, file);
          if (obstacle === undefined) {
            await stop.note(failed);
            return failure(file.path, failed);
          }
          // The others of its batch go on meanwhile.
          member.leave();
          own.resize(file.size);
          own.advance(0);
          await control.wait?.(obstacle.reason, obstacle.isOver, attempt);
        }
      }
    } catch (error) {
      if (control.signal.aborted) return failure(file.path, cancelled(file.path));
      throw error;
    } finally {
      member.leave();
      own.settle();
    }
  };
  const pending: Promise<FileResult[]>[] = [];
  const settled = async (most: number) => {
    while (pending.length > most) await pages.add(...((await pending.shift()) ?? []));
  };
  for (const together of batches(files)) {
    // While one batch waits for the disk another is worked on; a file by itself has all for itself.
    await settled(together.length > 1 ? 1 : 0);
    const batch = new Batch(together.length, control.signal);
    pending.push(Promise.all(together.map((file) => one(file, batch.member()))));
    if (together.length === 1) await settled(0);
  }
  await settled(0);
  progress.end();
  for (const { path, outcome } of skipped) await pages.add(skippedResult(path, null, outcome));
  return pages.end();
}

/** The files in order, small ones that follow each other in one batch. */
function* batches(files: Iterable<Found>): Generator<readonly Found[]> {
  const most = mostTogether();
  let small: Found[] = [];
  let bytes = 0;
  for (const file of files) {
    const isLarge = file.size > SMALL;
    if (small.length > 0 && (isLarge || small.length === most || bytes + file.size > MAX_BYTES)) {
      yield small;
      small = [];
      bytes = 0;
    }
    if (isLarge) yield [file];
    else {
      small.push(file);
      bytes += file.size;
    }
  }
  if (small.length > 0) yield small;
}

/** Why files are skipped, in words. */
const SKIPPED: { readonly [O in SkipOutcome]: string } = {
  'up-to-date': 'It is done already, and nothing has changed since.',
  outdated: 'What stands there was made of an older state of it, or under another key or context.',
  exists: 'Something else of that name stands there.',
  encrypted: 'It is encrypted already.',
  link: 'It is a symbolic link; links are not followed.',
  'not-regular': 'It is not a regular file.',
  vault: "It is the vault's own folder.",
  'other-version': 'It is not wrapped under that version.',
};

function skippedResult(source: string, output: string | null, outcome: SkipOutcome): FileResult {
  return { source, output, status: 'skipped', outcome, bytes: 0, notes: [SKIPPED[outcome]] };
}

function resultOf(source: string, outcome: Outcome): FileResult {
  const { output, bytes, notes = [], failure: why, skipped } = outcome;
  if (skipped !== undefined) return skippedResult(source, output, skipped);
  return {
    source,
    output,
    status: why === undefined ? 'done' : 'failed',
    outcome: why === undefined ? 'done' : 'failed',
    bytes,
    ...(notes.length > 0 ? { notes } : {}),
    ...(why === undefined ? {} : { error: why.toBody() }),
  };
}

/** The error of whatever was cancelled. */
function cancelled(path: string): KeywardError {
  return fail('cancelled-before-file', { path });
}

function failure(source: string, error: KeywardError): FileResult {
  const status = error.code === 'Cancelled' ? 'cancelled' : 'failed';
  return {
    source,
    output: null,
    status,
    outcome: status,
    bytes: 0,
    error: error.toBody(),
  };
}
