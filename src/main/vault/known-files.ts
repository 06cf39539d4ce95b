import { z } from 'zod';
import type { KeyFiles } from '../../shared/contract.ts';
import type { Header } from '../envelope/header.ts';
import { Catalog } from '../store/catalog.ts';
import type { ReadTx } from '../store/database.ts';
import type { Sealed } from './sealing.ts';

/** What the catalog keeps of a file: where it was put, and which header we last wrote for it. */
export const knownFile = z.object({
  path: z.string(),
  generation: z.number().int().nonnegative(),
  mac: z.string(),
  keyId: z.string(),
  version: z.string(),
  bytes: z.number().int().nonnegative(),
  at: z.number().int(),
});

/** A catalog entry; `at` is ms since 1970, `mac` the header's HMAC in hex. */
export type KnownFile = z.output<typeof knownFile>;

/** The catalog of this vault's files. */
export type KnownFiles = Catalog<KnownFile>;

/** What the catalog keeps of a file that was just encrypted. */
export function knownFileOf(
  { open: { header }, keyId, version }: Sealed,
  file: Pick<KnownFile, 'path' | 'bytes' | 'at'>,
): KnownFile {
  return { ...file, generation: header.generation, mac: header.mac.toString('hex'), keyId, version };
}

/** How many of the newest files under a key are named. */
const NEWEST = 50;

/** What the catalog knows of the files under a key. */
export function filesUnder(files: KnownFiles, tx: ReadTx, keyId: string): KeyFiles {
  const found = files
    .list(tx)
    .map(({ entry }) => entry)
    .filter((entry) => entry.keyId === keyId)
    .sort((a, b) => b.at - a.at);
  const versions = new Map<string, { files: number; bytes: number }>();
  for (const { version, bytes } of found) {
    const sum = versions.get(version) ?? { files: 0, bytes: 0 };
    versions.set(version, { files: sum.files + 1, bytes: sum.bytes + bytes });
  }
  return {
    files: found.length,
    bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
    versions: [...versions].map(([version, sum]) => ({ version, ...sum })),
    newest: found
      .slice(0, NEWEST)
      .map(({ path, bytes, at }) => ({ path, bytes, at: new Date(at).toISOString() })),
  };
}

/** Opens the catalog under its key of 32 bytes. */
export function openKnownFiles(key: Buffer): KnownFiles {
  return new Catalog(key, knownFile);
}

/**
 * Says whether a header is older than, or another than, the one that was last seen for its file
 * (file-format.md 16); `undefined` if all is well or the file is not known here.
 */
export function rollbackNotice(
  files: KnownFiles,
  tx: ReadTx,
  header: Header,
  path: string,
): string | undefined {
  const known = files.get(tx, header.messageId);
  if (known === undefined || header.generation > known.generation) return undefined;
  if (header.generation < known.generation) {
    return (
      `${path} has an older header (generation ${header.generation}) than the one last seen here ` +
      `(${known.generation}): it may be a copy from before a rewrap, which still opens under the key it had then.`
    );
  }
  if (header.mac.toString('hex') === known.mac) return undefined;
  return `${path} has another header than the one Keyward wrote, with the same generation. Someone who can open it changed it.`;
}
