import { z } from 'zod';
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
