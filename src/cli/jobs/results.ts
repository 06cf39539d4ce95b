import type { FileResult, Progress, TakeResults } from '../../shared/contract.ts';
import { asKeywardError, fail, type KeywardError } from '../../shared/errors.ts';
import { FILE_OUTCOMES, type FileOutcome, type SkipOutcome } from '../../shared/file-outcome.ts';
import { countText, durationText, sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { columns } from '../text/columns.ts';
import type { FileOptions } from './options.ts';
import { type FirstOf, Tally } from './tally.ts';

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

/** Up to this many files named on the command line are each reported. */
const LISTED = 20;

/** How many lines of `--verbose` are laid out together; further ones have columns of their own. */
const TOGETHER = 1_000;

/** How many results for files that do not match are held back: if there is nothing else, the command was wrong. */
const HELD = 1_000;

/** Files that were passed over for these reasons were not looked for. */
const NOT_FOUND: readonly FileOutcome[] = ['link', 'not-regular', 'vault'];

/** How a job is followed: where its progress goes and its results. */
type Following = {
  readonly progress: (progress: Progress) => void;
  readonly results: TakeResults;
};

/**
 * Runs a job over files and tells its results: as the document, or in words. Raises the exit code to the highest of
 * any file. Results are told or counted as they come, and few of them kept (pitfall 69). Throws `Usage` if there was no
 * file for it at all, and what the call throws.
 */
export async function runJob(
  console: Console,
  call: (follow: Following) => Promise<unknown>,
  telling: Telling,
): Promise<void> {
  const began = performance.now();
  const told = new ToldResults(console, telling);
  try {
    await console.withProgress((progress) => call({ progress, results: (page) => told.add(page) }));
    await told.end((performance.now() - began) / 1000);
  } catch (error) {
    told.breakOff(asKeywardError(error));
    throw error;
  }
}

class ToldResults {
  readonly #console: Console;
  readonly #telling: Telling;
  readonly #tally = new Tally();
  /** What is told one by one, not yet told. */
  #kept: FileResult[] = [];
  /** What is held back from the document. */
  #held: FileResult[] = [];
  #found = false;
  /** Some of the document stands there. */
  #begun = false;

  constructor(console: Console, telling: Telling) {
    this.#console = console;
    this.#telling = telling;
  }

  async add(page: readonly FileResult[]): Promise<void> {
    const { verbose } = this.#telling.options;
    for (const result of page) {
      this.#tally.add(result);
      this.#found ||= !NOT_FOUND.includes(result.outcome);
      if (result.error !== undefined) this.#console.raise(result.error.code);
    }
    if (this.#console.json) {
      this.#held.push(...page);
      if (this.#found || this.#held.length > HELD) await this.#toDocument();
    } else if (verbose === true || this.#tally.outcomes.all <= LISTED) {
      this.#kept.push(...page);
      if (this.#found && this.#kept.length >= TOGETHER) await this.#tellKept();
    }
  }

  /** `seconds`: how long the job took. Throws `Usage` if it found no file. */
  async end(seconds: number): Promise<void> {
    const { outcomes } = this.#tally;
    if (!this.#found) throw nothing(this.#console, this.#tally, this.#telling);
    if (this.#console.json) {
      await this.#toDocument();
      this.#begun = false;
      return this.#console.document({ outcomes: this.#counted() });
    }
    const { each, verbose } = this.#telling.options;
    if (verbose === true || outcomes.all === 1 || (each !== true && outcomes.all <= LISTED)) {
      await this.#tellKept();
      if (outcomes.all > 1) sum(this.#console, this.#tally, seconds);
    } else {
      tellDone(this.#console, this.#tally, seconds, this.#telling);
      tellFailures(this.#console, this.#tally);
    }
  }

  /** The command fails as a whole: a document that was begun ends with why. */
  breakOff(error: KeywardError): void {
    if (!this.#begun) return;
    this.#console.raise(error.code);
    this.#console.document({ outcomes: this.#counted(), error: error.toBody() });
  }

  async #toDocument(): Promise<void> {
    this.#begun = true;
    await this.#console.documentItems('results', this.#held.splice(0));
  }

  #counted(): { [outcome: string]: number } {
    return Object.fromEntries(this.#tally.outcomes.list().map(({ outcome, count }) => [outcome, count]));
  }

  async #tellKept(): Promise<void> {
    tellEach(this.#console, this.#kept.splice(0), this.#telling);
    await this.#console.written();
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
function tellDone(console: Console, tally: Tally, seconds: number, telling: Telling): void {
  const { outcomes, notes, doneBytes } = tally;
  const done = outcomes.of('done');
  if (done > 0) {
    console.say(
      `${countText(done, 'file')} ${telling.done}; ${sizeText(doneBytes)} in ${durationText(seconds)}`,
    );
  }
  for (const note of notes.texts) console.say(`  ${console.style.dim(escapeText(note))}`);
  const rest = notes.count - notes.texts.length;
  if (rest > 0) console.say(`  ${console.style.dim(`and ${countText(rest, 'more note')}: --verbose`)}`);
  for (const outcome of FILE_OUTCOMES) {
    if (outcome === 'done' || outcome === 'failed' || outcome === 'cancelled') continue;
    const sources = tally.sources(outcome);
    if (sources.count === 0) continue;
    const names = outcome === 'up-to-date' || outcome === 'encrypted' ? '' : `: ${namesOf(console, sources)}`;
    const [words, plural] = PASSED_OVER[outcome];
    console.say(console.style.dim(`${countText(sources.count, words, plural)}${names}`));
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
function tellFailures(console: Console, { failures }: Tally): void {
  for (const { first, others } of failures.values()) {
    if (first.error === undefined) continue;
    console.explain(first.error, first.source);
    if (others.count === 0) continue;
    const so = countText(others.count, 'more file ended so', 'more files ended so');
    console.note(`  ${so}: ${namesOf(console, others)}`);
  }
}

function namesOf(console: Console, { texts, count }: FirstOf): string {
  const names = texts.map((source) => console.path(source));
  const rest = count - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} and ${rest} more (each of them: --verbose)`;
}

function sum(console: Console, { outcomes, bytes }: Tally, seconds: number): void {
  const counts = outcomes
    .list()
    .filter(({ outcome }) => outcome !== 'done')
    .map(({ outcome, count }) => `${count} ${outcome}`);
  const done = `${countText(outcomes.of('done'), 'file')}, ${sizeText(bytes)} in ${durationText(seconds)}`;
  console.say([done, ...counts].join('; '));
}

function nothing(
  console: Console,
  { outcomes, passedOver }: Tally,
  { wanted, paths }: Telling,
): KeywardError {
  const over = outcomes.list().map(({ outcome, count }) => {
    const [one, many] = PASSED_OVER[outcome as SkipOutcome];
    return countText(count, one, many);
  });
  const [first = ''] = paths;
  const where = paths.length === 1 ? console.path(console.absolute(first)) : 'these places';
  const passed = over.length === 0 ? '' : `, only ${over.join(', ')}`;
  return fail('nothing-to-do', { wanted, where, passed }, { passedOver: [...passedOver] });
}
