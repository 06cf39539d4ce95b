import { requireNoTilde } from '../main/home/paths.ts';
import { nextStepFor } from '../messages/command-errors.ts';
import type { Progress } from '../shared/contract.ts';
import {
  asKeywardError,
  type ErrorBody,
  type ErrorCode,
  exitCodeOf,
  fail,
  type KeywardError,
} from '../shared/errors.ts';
import { escapeJson, escapeText } from '../shared/safe-text.ts';
import { GivenPaths } from './given-paths.ts';
import { errorText, reasonIn, withWords } from './text/error-text.ts';
import { ProgressBar } from './text/progress-bar.ts';
import { isLively, type Style, styleFor } from './text/style.ts';

/** What a command is given to work with: the process, as far as it needs it. */
type Surroundings = {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
};

/**
 * The words of a command: results to standard output, everything else to standard error. With `json` exactly
 * one document goes to standard output and no words anywhere.
 */
export class Console {
  readonly around: Surroundings;
  /** How results look. */
  readonly style: Style;
  /** How notes and errors look. */
  readonly noteStyle: Style;
  /** Aborted by Ctrl-C, by a signal to end, or when nobody reads the output any longer. */
  readonly signal: AbortSignal;
  json = false;
  /** Where wrong usage is pointed to. */
  help = 'See: keyward --help';
  #exit: 0 | 1 | 2 | 3 | 4 | 5 = 0;
  #mute = false;
  #documents = 0;
  readonly #paths: GivenPaths;
  #bar: ProgressBar | undefined;
  /** Items so far of the list that the document has been begun with. */
  #items: number | undefined;
  readonly #abort = new AbortController();

  constructor(around: Surroundings) {
    this.around = around;
    this.style = styleFor(around.stdout, around.env);
    this.noteStyle = styleFor(around.stderr, around.env);
    this.signal = this.#abort.signal;
    this.#paths = new GivenPaths(around.cwd);
  }

  /** The exit code so far: the highest that occurred. */
  get exit(): 0 | 1 | 2 | 3 | 4 | 5 {
    return this.#exit;
  }

  /** True when a person can be asked: both what is typed and what is asked go over a terminal. */
  get canAsk(): boolean {
    return this.around.stdin.isTTY === true && this.around.stderr.isTTY === true;
  }

  /** A line of results. Names in it must have gone through `escapeText` or `path`. */
  say(line = ''): void {
    if (this.json || this.#mute) return;
    this.#bar?.end();
    this.around.stdout.write(`${line}\n`);
  }

  /** A line beside the results, on standard error. */
  note(line: string): void {
    if (this.json || this.#mute) return;
    this.#bar?.end();
    this.around.stderr.write(`${line}\n`);
  }

  /** The vault that was used is damaged and open for rescue only: the document says so. */
  isRescue = false;

  /**
   * The one document of `--json`; nothing without it. Its `ok` says whether the command exits with 0, as far as that
   * is known. `indent` 0: on one line, for whoever reads lines. Behind `documentItems` it ends what they began.
   */
  document(fields: { readonly [name: string]: unknown }, indent = 2): void {
    const ok = this.#exit === 0;
    const rescue = this.isRescue ? { rescue: true } : {};
    if (this.#items !== undefined) this.#endItems({ ...rescue, ...fields, ok });
    else if (this.json && !this.#mute && this.#documents++ === 0) {
      this.around.stdout.write(`${escapeJson(withWords({ ok, ...rescue, ...fields }), indent)}\n`);
    }
  }

  /**
   * Begins the one document of `--json` with a list, or adds to it: for what is too long to be held. `document` ends
   * it. Resolves once standard output has taken most of it.
   */
  async documentItems(name: string, items: readonly unknown[]): Promise<void> {
    if (!this.json || this.#mute || (this.#items === undefined && this.#documents > 0)) return;
    let text = '';
    if (this.#items === undefined) {
      this.#documents++;
      this.#items = 0;
      text = `{\n  ${JSON.stringify(name)}: [`;
    }
    for (const item of items) {
      text += `${this.#items++ === 0 ? '' : ','}\n${escapeJson(withWords(item)).replace(/^/gm, '    ')}`;
    }
    this.around.stdout.write(text);
    await this.written();
  }

  /** Resolves once standard output has taken most of what was said, or takes nothing any more. */
  async written(): Promise<void> {
    const { stdout } = this.around;
    if (stdout.writableNeedDrain !== true || stdout.destroyed || this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        stdout.off('drain', done).off('close', done).off('error', done);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      stdout.once('drain', done).once('close', done).once('error', done);
      this.signal.addEventListener('abort', done, { once: true });
    });
  }

  #endItems(fields: { readonly [name: string]: unknown }): void {
    this.#items = undefined;
    if (!this.#mute) this.around.stdout.write(`\n  ],${escapeJson(withWords(fields)).slice(1)}\n`);
  }

  /** A failure of the whole command: in words on standard error or as the document. */
  fail(thrown: unknown): void {
    const error = asKeywardError(thrown);
    this.raise(error.code);
    if (this.#mute) return;
    if (this.json) {
      if (this.#documents++ === 0) {
        this.around.stdout.write(`${escapeJson(withWords({ ok: false, error: error.toBody() }))}\n`);
      }
    } else this.explain(error);
  }

  /** An error in two lines: what happened, to `path` unless it says so itself, and why; then what to do next. */
  explain(
    error: Pick<ErrorBody, 'code' | 'message' | 'reason' | 'params'> & Partial<Pick<ErrorBody, 'details'>>,
    path?: string,
  ): void {
    const text = errorText(error);
    const named = path === undefined || text.includes(escapeText(path)) ? '' : `${this.path(path)}: `;
    const end = /[.!?] (?=[A-Z])/.exec(text);
    const what = end === null ? text : text.slice(0, end.index + 1);
    const said = end === null ? undefined : text.slice(end.index + 2);
    const next = reasonIn(error.details) ?? said ?? (error.code === 'Usage' ? this.help : nextStepFor(error));
    this.note(`${this.noteStyle.bad('keyward:')} ${named}${what}`);
    if (next !== undefined) this.note(`  ${next}`);
  }

  /** Raises the exit code to that of an error. */
  raise(code: ErrorCode): void {
    const exit = exitCodeOf(code);
    if (exit > this.#exit) this.#exit = exit;
  }

  /** The command has done what it was to do, and found something: it exits with 1, unless with more. */
  raiseFound(): void {
    if (this.#exit === 0) this.#exit = 1;
  }

  /** Ends the work: what is under way is cancelled. */
  cancel(): void {
    this.#abort.abort();
  }

  /**
   * The output can't be written: says why on standard error, with `--json` too, or nothing if `error` is `undefined`
   * and nobody reads it any longer. Says nothing after that, fails, and ends the work.
   */
  outputBroke(error: KeywardError | undefined): void {
    if (this.#mute) return;
    if (error !== undefined) {
      this.raise(error.code);
      this.json = false;
      this.explain(error);
    }
    this.#mute = true;
    if (this.#exit === 0) this.#exit = 1;
    this.cancel();
  }

  /** A path as the caller gave it, or absolute; and safe to show. */
  path(path: string): string {
    return escapeText(this.#paths.asGiven(path));
  }

  /**
   * An argument as an absolute path; a final slash stays, it says "a folder". Throws `Usage` for an empty one, which
   * is what an unset variable leaves and would be the current folder, and for a `~` that no shell replaced.
   */
  absolute(path: string): string {
    if (path === '') throw fail('path-empty');
    requireNoTilde(path, 'A path');
    return this.#paths.absolute(path);
  }

  /** Shows progress on a terminal while `work` runs. */
  async withProgress<T>(work: (tell: (progress: Progress) => void) => Promise<T>): Promise<T> {
    const { stderr, env } = this.around;
    if (this.json || !isLively(stderr, env)) return work(() => undefined);
    const bar = new ProgressBar(stderr, this.noteStyle);
    this.#bar = bar;
    try {
      return await work((progress) => bar.update(progress));
    } finally {
      bar.end();
    }
  }
}
