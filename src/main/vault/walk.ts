import { dirname, join, relative } from 'node:path';
import { asKeywardError, isKeywardError, KeywardError } from '../../shared/errors.ts';
import type { SkipOutcome } from '../../shared/file-outcome.ts';
import { notRegular } from '../disk/errors.ts';
import { factsAt, listFolder, realPath } from '../disk/tree.ts';
import { throwIfAborted } from '../envelope/pipeline.ts';
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

/** What a job passes over, and why. */
type Skipped = { readonly path: string; readonly outcome: SkipOutcome };

type Failed = { readonly path: string; readonly error: KeywardError };

type Findings = { readonly files: Found[]; readonly skipped: Skipped[]; readonly failed: Failed[] };

/**
 * What a walk looks for: every file that is not encrypted yet, or the encrypted ones. Contents decide. Of a file that
 * is encrypted by its name alone nobody knows whether it never was or is damaged: neither walk passes it over.
 */
export type Wanted = 'plain' | 'encrypted';

/** So many files of a folder are looked at together. */
const AT_ONCE = 16;

/** How folders are walked: whether at all, for which files, and past which one (see `FileChoice`). */
type WalkRules = { readonly each: boolean; readonly wanted: Wanted; readonly home: string };

/**
 * Expands the sources of a job. A file is taken through a symbolic link too, and as it is, but that of several the
 * encrypted ones are not encrypted once more. A folder is walked if `each` is set (hidden files included, links never
 * followed: pitfalls 22 and 23), else refused. Errors of one source are returned beside the rest, as are files that
 * can't be read to be judged; after a cancel no more folders are listed.
 */
export async function findFiles(
  sources: readonly string[],
  rules: WalkRules,
  signal: AbortSignal,
): Promise<Findings> {
  const files: Found[] = [];
  const skipped: Skipped[] = [];
  const failed: Failed[] = [];
  for (const source of sources) {
    await collecting(failed, source, async () => {
      const facts = await factsAt(source, true);
      if (facts === undefined) throw notFound(source);
      if (facts.kind === 'folder') {
        if (!rules.each) throw folderRefused(source);
        await walk(source, source, rules, { files, skipped, failed }, signal);
      } else if (facts.kind !== 'file') throw notRegular(source);
      else if (rules.wanted === 'encrypted') files.push({ path: source, below: '', size: facts.size });
      else {
        const { is, size } = await recogniseAt(source);
        const found = { path: source, below: '', size };
        if (is !== 'encrypted') files.push(found);
        else if (rules.each || sources.length > 1) skipped.push({ path: source, outcome: 'encrypted' });
        else files.push({ ...found, encrypted: true });
      }
    });
  }
  return { files, skipped, failed };
}

async function walk(
  root: string,
  folder: string,
  rules: WalkRules,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  throwIfAborted(signal);
  const { files, skipped, failed } = findings;
  const { wanted, home } = rules;
  if ((await realPath(folder)) === home) {
    skipped.push({ path: folder, outcome: 'vault' });
    return;
  }
  const entries = (await listFolder(folder)).map(({ name, kind }) => ({ path: join(folder, name), kind }));
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    throwIfAborted(signal);
    const looks = entries.slice(at, at + AT_ONCE).map((entry) => ({ ...entry, seen: seenOf(entry) }));
    for (const { path, kind, seen } of looks) {
      if (kind === 'folder') {
        await collecting(failed, path, () => walk(root, path, rules, findings, signal));
      } else if (kind === 'link') skipped.push({ path, outcome: 'link' });
      else if (kind === 'other') skipped.push({ path, outcome: 'not-regular' });
      else {
        await collecting(failed, path, async () => {
          const look = await seen;
          if (look instanceof KeywardError) throw look;
          const found = { path, below: relative(root, dirname(path)), size: look?.size ?? 0 };
          if (wanted === 'encrypted' && look?.is === 'named') throw onlyNamed(path);
          if (wanted === 'encrypted' ? look?.is !== 'plain' : look?.is !== 'encrypted') files.push(found);
          else if (wanted === 'plain') skipped.push({ path, outcome: 'encrypted' });
        });
      }
    }
  }
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

/** Keeps the error of one file or folder beside the rest. */
async function collecting(failed: Failed[], path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof KeywardError)) throw error;
    failed.push({ path, error });
  }
}

function notFound(path: string): KeywardError {
  // Node replaces what is not UTF-8 in a name; such a name can't be found again.
  return path.includes('�')
    ? new KeywardError(
        'SourceNameNotText',
        `Could not open ${path}: its name is not valid UTF-8. Rename it and try again.`,
        { path },
      )
    : new KeywardError(
        'SourceNotFound',
        `Could not find ${path}: there is no such file or folder. Check the name.`,
        { path },
      );
}

function onlyNamed(path: string): KeywardError {
  return new KeywardError(
    'NotKeywardFile',
    `${path} has the name of an encrypted file, but not its contents: it never was one, or its beginning is damaged. Give it another name if it never was, or fetch it from a backup.`,
    { path },
  );
}

function folderRefused(path: string): KeywardError {
  return new KeywardError(
    'SourceIsFolder',
    `${path} is a folder. Add --each to work on every file in it, one by one.`,
    { path },
  );
}
