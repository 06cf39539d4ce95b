import type { KeyFiles } from '../../shared/contract.ts';

/** What is counted of a file; `at` is ms since 1970. */
type FileFact = {
  readonly keyId: string;
  readonly version: string;
  readonly bytes: number;
  readonly at: number;
};

/** How many of the newest files under a key are named, and how many are known so that some may be forgotten. */
const NEWEST = 50;
const KNOWN = 4 * NEWEST;

/** A file among the newest of its key. `name`: its message id in Latin-1, nothing that tells what it is. */
type New = Pick<FileFact, 'bytes' | 'at'> & { readonly name: string };

type KeySum = {
  files: number;
  bytes: number;
  readonly versions: Map<string, { files: number; bytes: number; newest: number }>;
  /** In no particular order; it has everything newer than `since`. */
  newest: Map<string, New>;
  since: number;
};

/** Sums over the files of each key, and the newest of them: their size does not depend on the number of files. */
export class KeyFileTotals {
  readonly #keys = new Map<string, KeySum>();

  /** Counts a file. */
  add(messageId: Uint8Array, { keyId, version, bytes, at }: FileFact): void {
    const sum = this.#of(keyId);
    sum.files++;
    sum.bytes += bytes;
    const of = sum.versions.get(version) ?? { files: 0, bytes: 0, newest: at };
    const newest = Math.max(of.newest, at);
    sum.versions.set(version, { files: of.files + 1, bytes: of.bytes + bytes, newest });
    if (at < sum.since) return;
    const name = nameOf(messageId);
    sum.newest.set(name, { name, bytes, at });
    if (sum.newest.size > 2 * KNOWN) trim(sum);
  }

  /** Takes a file that was counted out of the sums; what is known of it as `add` was told. */
  take(messageId: Uint8Array, { keyId, version, bytes }: FileFact): void {
    const sum = this.#of(keyId);
    sum.files--;
    sum.bytes -= bytes;
    const of = sum.versions.get(version);
    if (of !== undefined && of.files > 1) {
      sum.versions.set(version, { ...of, files: of.files - 1, bytes: of.bytes - bytes });
    } else sum.versions.delete(version);
    sum.newest.delete(nameOf(messageId));
  }

  /** Keeps no more than it needs; for when all files were counted. */
  settle(): void {
    for (const sum of this.#keys.values()) if (sum.newest.size > KNOWN) trim(sum);
  }

  /** Whether the newest files of a key are still known: false once too many of them were taken. */
  hasNewest(keyId: string): boolean {
    const sum = this.#keys.get(keyId);
    return sum === undefined || sum.newest.size >= Math.min(NEWEST, sum.files);
  }

  /** What is known of a key's files. `pathOf`: where one is, if that can still be told. */
  under(keyId: string, pathOf: (messageId: Buffer) => string | undefined): KeyFiles {
    const { files, bytes, versions, newest } = this.#keys.get(keyId) ?? emptySum();
    const named = newestOf(newest).slice(0, NEWEST);
    return {
      files,
      bytes,
      versions: [...versions]
        .sort(([, a], [, b]) => b.newest - a.newest)
        .map(([version, { files, bytes }]) => ({ version, files, bytes })),
      newest: named.flatMap(({ name, bytes, at }) => {
        const path = pathOf(Buffer.from(name, 'latin1'));
        return path === undefined ? [] : [{ path, bytes, at: new Date(at).toISOString() }];
      }),
    };
  }

  #of(keyId: string): KeySum {
    const known = this.#keys.get(keyId);
    if (known !== undefined) return known;
    const sum = emptySum();
    this.#keys.set(keyId, sum);
    return sum;
  }
}

function emptySum(): KeySum {
  return { files: 0, bytes: 0, versions: new Map(), newest: new Map(), since: Number.NEGATIVE_INFINITY };
}

function trim(sum: KeySum): void {
  const kept = newestOf(sum.newest).slice(0, KNOWN);
  sum.since = kept.at(-1)?.at ?? sum.since;
  sum.newest = new Map(kept.map((file) => [file.name, file]));
}

/** The newest first. */
function newestOf(files: ReadonlyMap<string, New>): New[] {
  return [...files.values()].sort((a, b) => b.at - a.at);
}

function nameOf(messageId: Uint8Array): string {
  return Buffer.from(messageId).toString('latin1');
}
