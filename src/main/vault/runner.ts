import type { FileResult, Progress } from '../../shared/contract.ts';
import { asKeywardError, KeywardError } from '../../shared/errors.ts';
import { JobProgress } from './progress.ts';
import { type Found, findFiles, type Wanted } from './walk.ts';

/** What a job is told beside its work: when to stop, and whom to tell how far it is. */
export type JobControl = {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
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
};

/** Work on one file; it throws what keeps it from being done. */
export type FileWork = (file: Found, progress: JobProgress) => Promise<Outcome>;

/**
 * Expands the sources and works on the files one after the other; an error of one file is its result and the
 * rest goes on. After a cancel the files not begun are `cancelled` too.
 */
export async function runFiles(
  sources: readonly string[],
  options: { readonly each: boolean; readonly wanted: Wanted },
  control: JobControl,
  work: FileWork,
): Promise<FileResult[]> {
  const { files, skipped, failed } = await findFiles(sources, options.each, options.wanted);
  const results: FileResult[] = failed.map(({ path, error }) => failure(path, error));
  const progress = new JobProgress(files, control.progress);
  for (const file of files) {
    progress.begin(file);
    try {
      control.signal.throwIfAborted();
      const outcome = await work(file, progress);
      results.push(resultOf(file.path, outcome));
    } catch (error) {
      results.push(failure(file.path, control.signal.aborted ? cancelled(file.path) : asKeywardError(error)));
    }
  }
  progress.end();
  for (const { path, why } of skipped) {
    results.push({ source: path, output: null, status: 'skipped', bytes: 0, notes: [why] });
  }
  return results;
}

function resultOf(source: string, { output, bytes, notes = [], failure: why }: Outcome): FileResult {
  return {
    source,
    output,
    status: why === undefined ? 'done' : 'failed',
    bytes,
    ...(notes.length > 0 ? { notes } : {}),
    ...(why === undefined ? {} : { error: why.toBody() }),
  };
}

/** The error of whatever was cancelled. */
function cancelled(path: string): KeywardError {
  return new KeywardError('Cancelled', `Cancelled before ${path} was done. Nothing was left behind.`, {
    path,
  });
}

function failure(source: string, error: KeywardError): FileResult {
  return {
    source,
    output: null,
    status: error.code === 'Cancelled' ? 'cancelled' : 'failed',
    bytes: 0,
    error: error.toBody(),
  };
}
