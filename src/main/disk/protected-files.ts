import { statSync } from 'node:fs';
import { fail } from '../../shared/errors.ts';
import { diskError } from './errors.ts';

/** Files that only SQLite may open in this process, by identity: the paths for which that was asked. */
const kept = new Map<string, string[]>();

/**
 * Keeps everything but SQLite from opening the file at `path` in this process until the function that it returns is called. A
 * process that closes any descriptor of a file gives up all locks that it holds on it (POSIX.1-2017, fcntl), and with
 * them the claim on the vault.
 */
export function keepClosed(path: string): () => void {
  const identity = fileIdentity(path);
  if (identity === '') return () => undefined;
  kept.set(identity, [...(kept.get(identity) ?? []), path]);
  let over = false;
  return () => {
    if (over) return;
    over = true;
    const paths = kept.get(identity) ?? [];
    const left = paths.toSpliced(paths.indexOf(path), 1);
    if (left.length === 0) kept.delete(identity);
    else kept.set(identity, left);
  };
}

/** Throws `SourceUnreadable` for a protected file, by whatever name it was found. */
export function requireNotKept(
  path: string,
  { dev, ino }: { readonly dev: bigint; readonly ino: bigint },
): void {
  const identity = `${dev}/${ino}`;
  // Of a file that is gone the system may give the identity to a new one.
  if (!kept.get(identity)?.some((one) => fileIdentity(one) === identity)) return;
  throw fail('file-of-the-open-vault', { path });
}

/** Which file stands at `path` now, as text to be compared; empty if there is none. Throws the disk errors. */
export function fileIdentity(path: string): string {
  try {
    const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
    return facts === undefined ? '' : `${facts.dev}/${facts.ino}`;
  } catch (error) {
    throw diskError(error, 'look-at', path);
  }
}
