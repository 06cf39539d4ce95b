import type { FileResult, Progress } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import { countOutcomes, type FileOutcome, type SkipOutcome } from '../../shared/file-outcome.ts';
import { countText, durationText, sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { columns } from '../text/measures.ts';
import type { FileOptions } from './options.ts';

/** How a command tells what became of files. */
type Telling = {
  /** What was done with several: "encrypted under my-files". */
  readonly done: string;
  /** The columns for one file that was done. */
  readonly row: (result: FileResult) => readonly string[];
  /** What it looks for, as in "there is no … in docs". */
  readonly wanted: string;
  /** Where it looks: what the caller named. */
  readonly paths: readonly string[];
  readonly options: Pick<FileOptions, 'each' | 'verbose'>;
};

/** Whoever names so many files or fewer is told of each. */
const LISTED = 20;

/** So many files of one outcome, or notes, are named; the rest is counted. */
const NAMED = 5;

/** Files that were passed over for these reasons were not looked for. */
const NOT_FOUND: readonly FileOutcome[] = ['link', 'not-regular', 'vault'];

/**
 * Runs a job over files and tells its results: as the document, or in words. Raises the exit code to the highest of
 * any file. Throws `Usage` if there was no file for it at all, and what the call throws.
 */
export async function runJob(
  console: Console,
  call: (tell: (progress: Progress) => void) => Promise<{ results: FileResult[] }>,
  telling: Telling,
): Promise<void> {
  const began = performance.now();
  const { results } = await console.withProgress(call);
  const seconds = (performance.now() - began) / 1000;
  if (results.every(({ outcome }) => NOT_FOUND.includes(outcome))) throw nothing(console, results, telling);
  for (const { error } of results) if (error !== undefined) console.raise(error.code);
  const outcomes = Object.fromEntries(countOutcomes(results).map(({ outcome, count }) => [outcome, count]));
  console.document({ outcomes, results });
  if (console.json) return;
  const { each, verbose } = telling.options;
  const few = results.length === 1 || (each !== true && results.length <= LISTED);
  if (few || verbose === true) {
    tellEach(console, results, telling);
    if (results.length > 1) sum(console, results, seconds);
  } else {
    tellDone(console, results, seconds, telling);
    tellFailures(console, results);
  }
}

/** A line for each file; notes below it, errors on standard error. */
function tellEach(console: Console, results: readonly FileResult[], { row }: Telling): void {
  const done = results.filter(({ status }) => status === 'done');
  const lines = columns(done.map(row));
  done.forEach(({ notes }, i) => {
    console.say(lines[i] ?? '');
    for (const note of notes ?? []) console.say(`  ${console.style.dim(escapeText(note))}`);
  });
  for (const { source, status, notes, error } of results) {
    if (status === 'skipped') {
      console.say(console.style.dim(`${console.path(source)}  passed over: ${escapeText(notes?.[0] ?? '')}`));
    } else if (error !== undefined) console.explain(error, source);
  }
}

/** A line for each outcome but failures. */
function tellDone(console: Console, results: readonly FileResult[], seconds: number, telling: Telling): void {
  const done = results.filter(({ outcome }) => outcome === 'done');
  if (done.length > 0) {
    const bytes = done.reduce((all, { bytes }) => all + bytes, 0);
    console.say(
      `${countText(done.length, 'file')} ${telling.done}; ${sizeText(bytes)} in ${durationText(seconds)}`,
    );
  }
  const notes = done.flatMap(({ notes = [] }) => notes);
  for (const note of notes.slice(0, NAMED)) console.say(`  ${console.style.dim(escapeText(note))}`);
  if (notes.length > NAMED) {
    console.say(`  ${console.style.dim(`and ${countText(notes.length - NAMED, 'more note')}: --verbose`)}`);
  }
  for (const [outcome, [words, plural]] of Object.entries(PASSED_OVER)) {
    const of = results.filter((result) => result.outcome === outcome);
    if (of.length === 0) continue;
    const names = outcome === 'up-to-date' || outcome === 'encrypted' ? '' : `: ${namesOf(console, of)}`;
    console.say(console.style.dim(`${countText(of.length, words, plural)}${names}`));
  }
}

/** What is said of one file that was passed over, and of several. */
const PASSED_OVER: { readonly [O in SkipOutcome]: readonly [string, string] } = {
  'up-to-date': ['file up to date', 'files up to date'],
  outdated: [
    'file out of date, since the file or what was asked for has changed; replace its output with --overwrite',
    'files out of date, since they or what was asked for have changed; replace their outputs with --overwrite',
  ],
  exists: [
    'file whose output would have the name of something else that stands there',
    'files whose outputs would have the names of other things that stand there',
  ],
  encrypted: ['file encrypted already', 'files encrypted already'],
  link: ['symbolic link, not followed', 'symbolic links, not followed'],
  'not-regular': ['device, pipe or socket', 'devices, pipes or sockets'],
  vault: ["folder of the vault's own", "folders of the vault's own"],
  'other-version': ['file not under that version', 'files not under that version'],
};

/** Two lines for each kind of error, of which the first file's stands for all. */
function tellFailures(console: Console, results: readonly FileResult[]): void {
  const kinds = new Map<string, FileResult[]>();
  for (const result of results) {
    const { error } = result;
    if (error !== undefined) kinds.set(error.code, [...(kinds.get(error.code) ?? []), result]);
  }
  for (const [first, ...others] of kinds.values()) {
    if (first?.error === undefined) continue;
    console.explain(first.error, first.source);
    if (others.length === 0) continue;
    const so = countText(others.length, 'more file ended so', 'more files ended so');
    console.note(`  ${so}: ${namesOf(console, others)}`);
  }
}

function namesOf(console: Console, results: readonly FileResult[]): string {
  const names = results.slice(0, NAMED).map(({ source }) => console.path(source));
  const rest = results.length - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} and ${rest} more (each of them: --verbose)`;
}

function sum(console: Console, results: readonly FileResult[], seconds: number): void {
  const bytes = results.reduce((all, result) => all + result.bytes, 0);
  const counts = countOutcomes(results)
    .filter(({ outcome }) => outcome !== 'done')
    .map(({ outcome, count }) => `${count} ${outcome}`);
  const done = results.filter(({ outcome }) => outcome === 'done').length;
  console.say(
    [`${countText(done, 'file')}, ${sizeText(bytes)} in ${durationText(seconds)}`, ...counts].join('; '),
  );
}

function nothing(console: Console, results: readonly FileResult[], { wanted, paths }: Telling): KeywardError {
  const over = countOutcomes(results).map(({ outcome, count }) => {
    const [one, many] = PASSED_OVER[outcome as SkipOutcome];
    return countText(count, one, many);
  });
  const [first = ''] = paths;
  const where = paths.length === 1 ? console.path(console.absolute(first)) : 'these places';
  const passed = over.length === 0 ? '' : `, only ${over.join(', ')}`;
  return new KeywardError(
    'Usage',
    `Nothing was done: there is no ${wanted} in ${where}${passed}. Check which folder it is; files are judged by their contents.`,
    { passedOver: results.map(({ source }) => source).slice(0, 100) },
  );
}
