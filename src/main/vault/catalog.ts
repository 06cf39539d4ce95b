import { z } from 'zod';
import type { KeyFiles } from '../../shared/contract.ts';
import type { Header } from '../envelope/header.ts';
import { Catalog } from '../store/catalog.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Sealed } from './new-header.ts';

/** What the catalog keeps of a file: where it was put, and which header we last wrote for it. */
export const catalogEntry = z.object({
  path: z.string(),
  generation: z.number().int().nonnegative(),
  mac: z.string(),
  keyId: z.string(),
  version: z.string(),
  bytes: z.number().int().nonnegative(),
  at: z.number().int(),
});

/** A catalog entry; `at` is ms since 1970, `mac` the header's HMAC in hex. */
export type CatalogEntry = z.output<typeof catalogEntry>;

/** What the catalog keeps of a file that was just encrypted. */
export function catalogEntryOf(
  { open: { header }, keyId, version }: Sealed,
  file: Pick<CatalogEntry, 'path' | 'bytes' | 'at'>,
): CatalogEntry {
  return { ...file, generation: header.generation, mac: header.mac.toString('hex'), keyId, version };
}

/** How many of the newest files under a key are named. */
const NEWEST = 50;

/** What is kept in memory of a file, by message id in Latin-1: nothing that names it. */
type Fact = Pick<CatalogEntry, 'keyId' | 'version' | 'bytes' | 'at'>;

/** The catalog of this vault's files. */
export class FileCatalog extends Catalog<CatalogEntry> {
  #facts: Map<string, Fact> | undefined;
  readonly #texts = new Map<string, string>();

  /** Opens the catalog under its key of 32 bytes. */
  constructor(key: Buffer) {
    super(key, catalogEntry);
  }

  override put(tx: Tx, messageId: Uint8Array, entry: CatalogEntry): void {
    super.put(tx, messageId, entry);
    this.#change(tx, (facts) => facts.set(nameOf(messageId), this.#factOf(entry)));
  }

  override remove(tx: Tx, messageId: Uint8Array): boolean {
    this.#change(tx, (facts) => facts.delete(nameOf(messageId)));
    return super.remove(tx, messageId);
  }

  /** What the catalog knows of the files under a key. It is opened whole at the first look alone. */
  under(tx: ReadTx, keyId: string): KeyFiles {
    const found = [...this.#known(tx)]
      .filter(([, fact]) => fact.keyId === keyId)
      .sort(([, a], [, b]) => b.at - a.at);
    const versions = new Map<string, { files: number; bytes: number }>();
    for (const [, { version, bytes }] of found) {
      const sum = versions.get(version) ?? { files: 0, bytes: 0 };
      versions.set(version, { files: sum.files + 1, bytes: sum.bytes + bytes });
    }
    return {
      files: found.length,
      bytes: found.reduce((sum, [, { bytes }]) => sum + bytes, 0),
      versions: [...versions].map(([version, sum]) => ({ version, ...sum })),
      newest: found.slice(0, NEWEST).flatMap(([name, { bytes, at }]) => {
        const path = this.get(tx, Buffer.from(name, 'latin1'))?.path;
        return path === undefined ? [] : [{ path, bytes, at: new Date(at).toISOString() }];
      }),
    };
  }

  #known(tx: ReadTx): ReadonlyMap<string, Fact> {
    if (this.#facts === undefined) {
      const facts = new Map<string, Fact>();
      for (const { messageId, entry } of this.each(tx)) facts.set(nameOf(messageId), this.#factOf(entry));
      this.#facts = facts;
    }
    return this.#facts;
  }

  #change(tx: Tx, change: (facts: Map<string, Fact>) => void): void {
    if (this.#facts !== undefined) change(this.#facts);
    tx.onRollback(() => {
      this.#facts = undefined;
    });
  }

  /** Ids of keys and versions are kept once each, not with every file. */
  #factOf({ keyId, version, bytes, at }: CatalogEntry): Fact {
    return { keyId: this.#once(keyId), version: this.#once(version), bytes, at };
  }

  #once(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }
}

function nameOf(messageId: Uint8Array): string {
  return Buffer.from(messageId).toString('latin1');
}

/**
 * Says whether a header is older than, or another than, the one that was last seen for its file
 * (docs/format.md 13, property 16); `undefined` if all is well or the file is not known here.
 */
export function rollbackNotice(
  files: FileCatalog,
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
