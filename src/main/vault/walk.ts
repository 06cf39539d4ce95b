import { dirname, join, relative } from 'node:path';
import { asKeywardError, fail, isKeywardError, KeywardError } from '../../shared/errors.ts';
import { FILE_OUTCOMES, type SkipOutcome } from '../../shared/file-outcome.ts';
import { notRegular } from '../disk/errors.ts';
import { FolderEntries } from '../disk/folder-entries.ts';
import { isSameFolder } from '../disk/inside.ts';
import { factsAt } from '../disk/tree.ts';
import { throwIfAborted } from '../envelope/pipeline.ts';
import { PathList } from './path-list.ts';
import { recogniseAt } from './recognise.ts';

/**
 * A file that a job will work on. `below` is the folder that it gets under a destination folder: its place in the
 * folder that was named, under that folder's own name only where several sources were named.
 */
export type Found = {
  readonly path: string;
  readonly below: string;
  readonly size: number;
  /** It is encrypted, though it was to be found for encryption: it alone was named. */
  readonly encrypted?: true;
};

/** What a job skips, and why. */
type Skipped = { readonly path: string; readonly outcome: SkipOutcome };

/** The files that a job will work on, in their order. */
export class FoundFiles {
  readonly #list = new PathList();
  #bytes = 0;

  /** How many there are, and their bytes in sum. */
  get count(): number {
    return this.#list.count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add({ path, below, size, encrypted }: Found): void {
    this.#list.push({ path, below, number: size, marked: encrypted === true });
    this.#bytes += size;
  }

  *[Symbol.iterator](): Generator<Found> {
    for (const { path, below, number: size, marked } of this.#list) {
      yield { path, below, size, ...(marked ? { encrypted: true } : {}) };
    }
  }
}

/** What a job skips, in order. */
class SkippedFiles {
  readonly #list = new PathList();

  add({ path, outcome }: Skipped): void {
    this.#list.push({ path, below: '', number: FILE_OUTCOMES.indexOf(outcome), marked: false });
  }

  *[Symbol.iterator](): Generator<Skipped> {
    for (const { path, number } of this.#list) yield { path, outcome: FILE_OUTCOMES[number] as SkipOutcome };
  }
}

/** Called for each source that can't be worked on, as soon as that is known. */
type OnFailed = (path: string, error: KeywardError) => Promise<void>;

type Findings = { readonly files: FoundFiles; readonly skipped: SkippedFiles };

/**
 * What a walk looks for: every file that is not encrypted yet, or the encrypted ones. Contents decide. Of a file that
 * is encrypted by its name alone nobody knows whether it never was or is damaged: neither walk passes it over.
 */
export type Wanted = 'plain' | 'encrypted';

/** How many files of a folder are looked at together. */
const AT_ONCE = 16;

/** How folders are walked: whether at all, for which files, and past which one (see `FileChoice`). */
type WalkRules = { readonly each: boolean; readonly wanted: Wanted; readonly home: string };

/**
 * Expands the sources of a job. A file is taken through a symbolic link too, and as it is, but that of several the
 * encrypted ones are not encrypted once more. A folder is walked if `each` is set (hidden files included, links never
 * followed: pitfalls 22 and 23), else refused. What keeps one source from being worked on goes to `onFailed`, as do
 * files that can't be read to be judged; after a cancel no more folders are listed.
 */
export async function findFiles(
  sources: readonly string[],
  rules: WalkRules,
  signal: AbortSignal,
  onFailed: OnFailed,
): Promise<Findings> {
  const findings = { files: new FoundFiles(), skipped: new SkippedFiles(), onFailed };
  const { files, skipped } = findings;
  for (const source of sources) {
    await collecting(onFailed, source, async () => {
      const facts = await factsAt(source, true);
      if (facts === undefined) throw notFound(source);
      if (facts.kind === 'folder') {
        if (!rules.each) throw folderRefused(source);
        await walk(source, source, rules, findings, signal);
      } else if (facts.kind !== 'file') throw notRegular(source);
      else if (rules.wanted === 'encrypted') files.add({ path: source, below: '', size: facts.size });
      else {
        const { is, size } = await recogniseAt(source);
        const found = { path: source, below: '', size };
        if (is !== 'encrypted') files.add(found);
        else if (rules.each || sources.length > 1) skipped.add({ path: source, outcome: 'encrypted' });
        else files.add({ ...found, encrypted: true });
      }
    });
  }
  return { files, skipped };
}

async function walk(
  root: string,
  folder: string,
  rules: WalkRules,
  findings: Findings & { readonly onFailed: OnFailed },
  signal: AbortSignal,
): Promise<void> {
  throwIfAborted(signal);
  const { files, skipped, onFailed } = findings;
  const { wanted, home } = rules;
  if (await isSameFolder(folder, home)) {
    skipped.add({ path: folder, outcome: 'vault' });
    return;
  }
  for (const entries of pages(await FolderEntries.of(folder))) {
    throwIfAborted(signal);
    const looks = entries.map(({ name, kind }) => {
      const entry = { path: join(folder, name), kind };
      return { ...entry, seen: seenOf(entry) };
    });
    for (const { path, kind, seen } of looks) {
      if (kind === 'folder') {
        await collecting(onFailed, path, () => walk(root, path, rules, findings, signal));
      } else if (kind === 'link') skipped.add({ path, outcome: 'link' });
      else if (kind === 'other') skipped.add({ path, outcome: 'not-regular' });
      else {
        await collecting(onFailed, path, async () => {
          const look = await seen;
          if (look instanceof KeywardError) throw look;
          const found = { path, below: relative(root, dirname(path)), size: look?.size ?? 0 };
          if (wanted === 'encrypted' && look?.is === 'named') throw onlyNamed(path);
          if (wanted === 'encrypted' ? look?.is !== 'plain' : look?.is !== 'encrypted') files.add(found);
          else if (wanted === 'plain') skipped.add({ path, outcome: 'encrypted' });
        });
      }
    }
  }
}

function* pages<T>(all: Iterable<T>): Generator<readonly T[]> {
  let page: T[] = [];
  for (const one of all) {
    page.push(one);
    if (page.length < AT_ONCE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

type Entry = { readonly path: string; readonly kind: string };

/** What a file in a folder is, or why that can't be known; nothing of what is no file. */
async function seenOf({
  path,
  kind,
}: Entry): Promise<Awaited<ReturnType<typeof recogniseAt>> | KeywardError | undefined> {
  if (kind !== 'file') return undefined;
  try {
    return await recogniseAt(path);
  } catch (error) {
    return isKeywardError(error, 'SourceNotFound') ? notFound(path) : asKeywardError(error);
  }
}

/** Tells the error of one file or folder; the rest goes on. */
async function collecting(onFailed: OnFailed, path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof KeywardError)) throw error;
    await onFailed(path, error);
  }
}

function notFound(path: string): KeywardError {
  // Node replaces what is not UTF-8 in a name; such a name can't be found again.
  return path.includes('�') ? fail('source-name-not-text', { path }) : fail('source-not-found', { path });
}

function onlyNamed(path: string): KeywardError {
  return fail('encrypted-in-name-only', { path });
}

function folderRefused(path: string): KeywardError {
  return fail('source-is-folder', { path });
}
