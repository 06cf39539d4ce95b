import type { FileResult } from '../../shared/contract.ts';
import { type FileOutcome, OutcomeCounts } from '../../shared/file-outcome.ts';

/** How many files of one outcome, or notes, are named; the rest is counted. */
const NAMED = 5;

/** How many skipped files are named in JSON. */
const PASSED_OVER = 100;

/** Some texts, the first of them kept, all of them counted. */
export class FirstOf {
  readonly texts: string[] = [];
  count = 0;

  /** Counts one more. */
  add(text: string): void {
    this.count++;
    if (this.texts.length < NAMED) this.texts.push(text);
  }
}

/** What is told of the files that failed for one reason: the first one, and the sources of the others. */
type FailureTally = { readonly first: FileResult; readonly others: FirstOf };

/** What is told of many results together: counted as they come, and none of them kept but the first of a kind. */
export class Tally {
  readonly outcomes = new OutcomeCounts();
  /** Notes on files that were done. */
  readonly notes = new FirstOf();
  /** By the code of the error. */
  readonly failures = new Map<string, FailureTally>();
  /** Bytes of the files that were done, and of all. */
  doneBytes = 0;
  bytes = 0;
  /** The sources of the first that were done nothing with. */
  readonly passedOver: string[] = [];
  readonly #sources = new Map<FileOutcome, FirstOf>();

  /** Counts one more result. */
  add(result: FileResult): void {
    const { source, outcome, bytes, notes = [], error } = result;
    this.outcomes.add(outcome);
    this.bytes += bytes;
    const sources = this.#sources.get(outcome) ?? new FirstOf();
    this.#sources.set(outcome, sources);
    sources.add(source);
    if (result.status === 'skipped' && this.passedOver.length < PASSED_OVER) this.passedOver.push(source);
    if (outcome === 'done') {
      this.doneBytes += bytes;
      for (const note of notes) this.notes.add(note);
    }
    if (error === undefined) return;
    const failure = this.failures.get(error.code);
    if (failure === undefined) this.failures.set(error.code, { first: result, others: new FirstOf() });
    else failure.others.add(source);
  }

  /** The sources of one outcome. */
  sources(outcome: FileOutcome): FirstOf {
    return this.#sources.get(outcome) ?? new FirstOf();
  }
}
