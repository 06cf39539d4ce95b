import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorText, type SystemCall, stringsOf } from './trace.ts';

/**
 * What was done to the files below one folder, in order. `at` is when it was done, on the trace's clock. Files
 * and folders go by numbers; `names` maps paths to them.
 */
export type Operation =
  | {
      readonly kind: 'write';
      readonly at: number;
      readonly file: number;
      readonly offset: number;
      readonly data: Buffer;
    }
  | { readonly kind: 'resize'; readonly at: number; readonly file: number; readonly size: number }
  | { readonly kind: 'names'; readonly at: number; readonly changes: readonly NameChange[] }
  | { readonly kind: 'flush'; readonly at: number; readonly began: number; readonly file: number };

/** A path that stands for a file from now on, or for nothing. */
export type NameChange = { readonly path: string; readonly file: number | undefined };

/** The state before a run, what the run did, and when it gave its answer. */
export type Recording = {
  readonly root: string;
  readonly before: ReadonlyMap<string, number>;
  /** Content before the run by number; folders are `undefined`. */
  readonly contents: ReadonlyMap<number, Buffer | undefined>;
  readonly operations: readonly Operation[];
  /** When the first byte went to standard output: from then on, the caller counts on the outcome. */
  readonly answered: number;
};

type Descriptor = { readonly file: number; readonly append: boolean; at: number };

/** Takes down a run: made just before it, given its calls in order afterwards. */
export class Recorder {
  readonly #root: string;
  readonly #before = new Map<string, number>();
  readonly #contents = new Map<number, Buffer | undefined>();
  readonly #names: Map<string, number>;
  readonly #sizes = new Map<number, number>();
  readonly #descriptors = new Map<number, Descriptor>();
  readonly #operations: Operation[] = [];
  #answered = Number.POSITIVE_INFINITY;

  /** Takes the state of `root` as it stands; all of it counts as flushed. */
  constructor(root: string) {
    this.#root = root;
    this.#add(root, undefined);
    for (const name of (readdirSync(root, { recursive: true }) as string[]).sort()) {
      const path = join(root, name);
      const facts = lstatSync(path);
      if (facts.isDirectory()) this.#add(path, undefined);
      else if (facts.isFile()) this.#add(path, readFileSync(path));
    }
    this.#names = new Map(this.#before);
  }

  /** Takes down the calls of a run. */
  async take(calls: AsyncIterable<SystemCall>): Promise<Recording> {
    for await (const call of calls) this.#one(call);
    return {
      root: this.#root,
      before: this.#before,
      contents: this.#contents,
      operations: this.#operations,
      answered: this.#answered,
    };
  }

  #add(path: string, content: Buffer | undefined): void {
    const file = this.#contents.size;
    this.#before.set(path, file);
    this.#contents.set(file, content);
    this.#sizes.set(file, content?.length ?? 0);
  }

  #one(call: SystemCall): void {
    const { name, args } = call;
    const words = errorText(args);
    const file = () => this.#descriptors.get(Number(words[0]))?.file;
    const position = (fromEnd: number) => Number(words[words.length - fromEnd]);
    if (/^(open|openat|creat)$/.test(name)) this.#open(call, words);
    else if (name === 'close') this.#descriptors.delete(Number(words[0]));
    else if (/^writev?$/.test(name)) this.#write(call, Number(words[0]), undefined);
    else if (/^pwrite(64|v)$/.test(name)) this.#write(call, Number(words[0]), position(1));
    else if (name === 'pwritev2') this.#write(call, Number(words[0]), position(2));
    else if (name === 'ftruncate') this.#resize(call, file(), Number(words[1]));
    else if (name === 'truncate') this.#resize(call, this.#names.get(pathOf(args, 0)), Number(words[1]));
    else if (name === 'fallocate') this.#allocate(call, words);
    else if (/^f(data)?sync$/.test(name)) this.#flush(call, file());
    else if (/^rename/.test(name)) this.#rename(call, pathOf(args, 0), pathOf(args, 1));
    else if (/^link/.test(name)) this.#link(call, pathOf(args, 0), pathOf(args, 1));
    else if (/^(unlink|rmdir)/.test(name)) this.#name(call, [{ path: pathOf(args, 0), file: undefined }]);
    else if (/^mkdir/.test(name)) this.#makeFolder(call, pathOf(args, 0));
    // dup, sendfile, copy_file_range, symlink: not used on our files. If that changes, teach this layer.
    else if (file() !== undefined || stringsOf(args).some((path) => this.#inside(path.toString()))) {
      throw new Error(`the recorder does not know ${name}(${args.slice(0, 200)}`);
    }
  }

  #inside(path: string): boolean {
    return path === this.#root || path.startsWith(`${this.#root}/`);
  }

  #newFile(content: Buffer | undefined): number {
    const file = this.#contents.size;
    this.#contents.set(file, content);
    this.#sizes.set(file, 0);
    return file;
  }

  #open(call: SystemCall, words: readonly string[]): void {
    const path = pathOf(call.args, 0);
    this.#descriptors.delete(call.result);
    if (!this.#inside(path)) return;
    const flags = call.name === 'creat' ? 'O_CREAT|O_TRUNC' : (words[call.name === 'open' ? 1 : 2] ?? '');
    let file = this.#names.get(path);
    if (file === undefined) {
      if (!flags.includes('O_CREAT')) return;
      file = this.#newFile(Buffer.alloc(0));
      this.#name(call, [{ path, file }]);
    } else if (flags.includes('O_TRUNC') && (this.#sizes.get(file) ?? 0) > 0) this.#resize(call, file, 0);
    this.#descriptors.set(call.result, { file, append: flags.includes('O_APPEND'), at: 0 });
  }

  #write(call: SystemCall, number: number, position: number | undefined): void {
    if (number === 1) this.#answered = Math.min(this.#answered, call.began);
    const descriptor = this.#descriptors.get(number);
    if (descriptor === undefined) return;
    const { file, append } = descriptor;
    const data = Buffer.concat(stringsOf(call.args)).subarray(0, call.result);
    const size = this.#sizes.get(file) ?? 0;
    const offset = position ?? (append ? size : descriptor.at);
    if (position === undefined) descriptor.at = offset + data.length;
    this.#sizes.set(file, Math.max(size, offset + data.length));
    this.#operations.push({ kind: 'write', at: call.ended, file, offset, data });
  }

  #resize(call: SystemCall, file: number | undefined, size: number): void {
    if (file === undefined) return;
    this.#sizes.set(file, size);
    this.#operations.push({ kind: 'resize', at: call.ended, file, size });
  }

  #allocate(call: SystemCall, words: readonly string[]): void {
    const file = this.#descriptors.get(Number(words[0]))?.file;
    const end = Number(words[2]) + Number(words[3]);
    if (file !== undefined && words[1] === '0' && end > (this.#sizes.get(file) ?? 0))
      this.#resize(call, file, end);
  }

  #flush({ began, ended }: SystemCall, file: number | undefined): void {
    if (file !== undefined) this.#operations.push({ kind: 'flush', at: ended, began, file });
  }

  #makeFolder(call: SystemCall, path: string): void {
    if (this.#inside(path)) this.#name(call, [{ path, file: this.#newFile(undefined) }]);
  }

  #link(call: SystemCall, from: string, to: string): void {
    this.#name(call, [{ path: to, file: this.#names.get(from) }]);
  }

  #rename(call: SystemCall, from: string, to: string): void {
    this.#name(call, [
      { path: from, file: undefined },
      { path: to, file: this.#names.get(from) },
    ]);
  }

  #name(call: SystemCall, changes: readonly NameChange[]): void {
    if (!changes.some(({ path }) => this.#inside(path))) return;
    for (const { path, file } of changes) {
      if (file === undefined) this.#names.delete(path);
      else this.#names.set(path, file);
    }
    this.#operations.push({ kind: 'names', at: call.ended, changes });
  }
}

/** The folders whose entries a change of names touches. */
export function foldersOf(changes: readonly NameChange[]): string[] {
  return [...new Set(changes.map(({ path }) => dirname(path)))];
}

function pathOf(args: string, place: number): string {
  return stringsOf(args)[place]?.toString() ?? '';
}
