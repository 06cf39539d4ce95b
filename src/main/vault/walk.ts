import { dirname, join, relative } from 'node:path';
import { KeywardError } from '../../shared/errors.ts';
import { notRegular } from '../disk/errors.ts';
import { factsAt, listFolder, realPath } from '../disk/tree.ts';
import { throwIfAborted } from '../envelope/pipeline.ts';
import { SUFFIX } from './names.ts';

/**
 * A file that a job will work on. `below` is the folder that it gets under a destination folder: its place in the
 * folder that was named, under that folder's own name only where several sources were named.
 */
export type Found = { readonly path: string; readonly below: string; readonly size: number };

/** What a job passes over, with the reason in plain words. */
export type Skipped = { readonly path: string; readonly why: string };

type Failed = { readonly path: string; readonly error: KeywardError };

type Findings = { readonly files: Found[]; readonly skipped: Skipped[]; readonly failed: Failed[] };

/** What a walk looks for: every file that is not encrypted yet, or the encrypted ones. */
export type Wanted = 'plain' | 'encrypted';

/** How folders are walked: whether at all, for which files, and past which one (see `FileChoice`). */
export type WalkRules = { readonly each: boolean; readonly wanted: Wanted; readonly home: string };

/**
 * Expands the sources of a job. A file is taken as it is, through a symbolic link too. A folder is walked if
 * `each` is set (hidden files included, links never followed: pitfalls 22 and 23), else refused. Errors of
 * one source are returned beside the rest; after a cancel no more folders are listed.
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
      } else if (facts.kind === 'file') files.push({ path: source, below: '', size: facts.size });
      else throw notRegular(source);
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
    skipped.push({ path: folder, why: "It is the vault's own folder." });
    return;
  }
  for (const { name, kind } of await listFolder(folder)) {
    const path = join(folder, name);
    if (kind === 'folder') {
      await collecting(failed, path, () => walk(root, path, rules, findings, signal));
    } else if (kind === 'link') skipped.push({ path, why: 'It is a symbolic link; links are not followed.' });
    else if (kind === 'other') skipped.push({ path, why: 'It is not a regular file.' });
    else if (name.endsWith(SUFFIX) && wanted === 'plain')
      skipped.push({ path, why: 'It is encrypted already.' });
    else if (!name.endsWith(SUFFIX) && wanted === 'encrypted') continue;
    else {
      await collecting(failed, path, async () => {
        const facts = await factsAt(path, false);
        if (facts === undefined) throw notFound(path);
        files.push({ path, below: relative(root, dirname(path)), size: facts.size });
      });
    }
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

function folderRefused(path: string): KeywardError {
  return new KeywardError(
    'SourceIsFolder',
    `${path} is a folder. Add --each to work on every file in it, one by one.`,
    { path },
  );
}
