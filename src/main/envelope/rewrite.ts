import { fail } from '../../shared/errors.ts';
import type { OpenFile } from '../disk/file.ts';
import { damaged } from './errors.ts';
import type { Header } from './header.ts';
import { type HeaderState, readHeader } from './header-copies.ts';

/**
 * In which order the copies are to be replaced: a copy that is not relied upon goes first, so that at every
 * moment one good copy stands on the disk.
 */
export function rewriteOrder({ used, fellBack }: HeaderState): readonly [0 | 1, 0 | 1] {
  return fellBack && used === 0 ? [1, 0] : [0, 1];
}

/** Writes one copy. Flush the file, then `checkCopy`, before the other one is touched. */
async function writeCopy(file: OpenFile, header: Header, which: 0 | 1): Promise<void> {
  await file.write(header.area, which * header.areaLength);
}

/** Reads one copy back and throws `FileDamaged` unless it is what was written. */
async function checkCopy(file: OpenFile, header: Header, which: 0 | 1): Promise<void> {
  const at = which * header.areaLength;
  const back = Buffer.alloc(header.areaLength);
  const got = await file.read(back, at);
  if (got !== back.length || !back.equals(header.area)) {
    throw damaged(file.path, at, at + back.length, 'written-differently');
  }
}

/** Compare-and-swap: throws `GenerationConflict` if the file no longer has the header that was read before. */
async function checkUnchanged(file: OpenFile, before: HeaderState): Promise<void> {
  const now = await readHeader(file);
  if (!now.header.area.equals(before.header.area)) {
    throw fail(
      'header-changed-meanwhile',
      { path: file.path },
      { path: file.path, expected: before.header.generation, found: now.header.generation },
    );
  }
}

/** What else is done between the steps of `replaceHeader`. */
type RewriteSteps = { readonly meet?: () => Promise<void>; readonly hold?: () => Promise<void> };

/**
 * Replaces both header copies of one file (docs/format.md section 7): compare, write one, flush, re-read,
 * write the other, flush. The caller holds the lease on the message id. With `next` equal to the header that
 * was read, it finishes an interrupted rewrap or repairs a damaged copy. `meet` waits for the other files of a
 * batch, so that all are at the same step; `hold` prolongs the lease between the copies, and throws if it was lost.
 */
export async function replaceHeader(
  file: OpenFile,
  before: HeaderState,
  next: Header,
  { meet = async () => undefined, hold = async () => undefined }: RewriteSteps = {},
): Promise<void> {
  await checkUnchanged(file, before);
  const replace = async (which: 0 | 1) => {
    await writeCopy(file, next, which);
    await meet();
    await file.sync();
    await checkCopy(file, next, which);
    await meet();
  };
  const [first, second] = rewriteOrder(before);
  await replace(first);
  await hold();
  await replace(second);
}
