import { z } from 'zod';
import type { KeyFiles, SlotFacts } from '../../shared/contract.ts';
import type { Json } from '../../shared/errors.ts';
import { uuidBytes, uuidText } from '../crypto/bytes.ts';
import type { Header } from '../envelope/header.ts';
import { Catalog, type CatalogOptions } from '../store/catalog.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import { KeyFileTotals } from './key-file-totals.ts';

const whole = z.object({
  path: z.string(),
  generation: z.number().int().nonnegative(),
  mac: z.string(),
  keyId: z.string(),
  version: z.string(),
  bytes: z.number().int().nonnegative(),
  at: z.number().int(),
  mark: z.string().default(''),
});

/**
 * What the catalog keeps of a file: where it was put, and which header we last wrote for it. `at` is ms since 1970,
 * `mac` the header's HMAC in hex, `mark` that of the source that it was made of (`sourceMark`), empty where that is not
 * known.
 */
export type CatalogEntry = z.output<typeof whole>;

/** Keys, versions and MACs take two thirds of their text so. */
const packed = z
  .tuple([z.string(), z.number(), z.string(), z.string(), z.string(), z.number(), z.number()], z.string())
  .transform(([path, generation, mac, keyId, version, bytes, at, mark = '']): CatalogEntry => {
    return {
      path,
      generation,
      mac: unpackText(mac),
      keyId: unpackText(keyId),
      version: unpackText(version),
      bytes,
      at,
      mark,
    };
  });

// What was entered by a vault that did not pack is read too.
const catalogEntry = z.union([packed, whole]);

function pack({ path, generation, mac, keyId, version, bytes, at, mark }: CatalogEntry): Json {
  const facts = [path, generation, packText(mac), packText(keyId), packText(version), bytes, at];
  return mark === '' ? facts : [...facts, mark];
}

/** Hexadecimal text and UUIDs by their bytes, in base64 behind a mark; any other text as it is. */
function packText(text: string): string {
  const uuid = uuidBytes(text);
  if (uuid !== undefined) return `u${uuid.toString('base64url')}`;
  const hex = Buffer.from(text, 'hex');
  return hex.toString('hex') === text ? `x${hex.toString('base64url')}` : `t${text}`;
}

function unpackText(text: string): string {
  const [mark, rest] = [text[0], text.slice(1)];
  if (mark === 't') return rest;
  const bytes = Buffer.from(rest, 'base64url');
  return mark === 'u' ? uuidText(bytes) : bytes.toString('hex');
}

/** What the catalog keeps of a file whose header was just made, with the slot that it is under. */
export function catalogEntryOf(
  { generation, mac }: Pick<Header, 'generation' | 'mac'>,
  { key, version }: SlotFacts,
  file: Pick<CatalogEntry, 'path' | 'bytes' | 'at' | 'mark'>,
): CatalogEntry {
  return { ...file, generation, mac: mac.toString('hex'), keyId: key ?? '', version: version ?? '' };
}

/** The catalog of this vault's files. */
export class FileCatalog extends Catalog<CatalogEntry> {
  #sums: KeyFileTotals | undefined;

  /** Opens the catalog under its keys, see `CatalogOptions`. */
  constructor(options: Pick<CatalogOptions<CatalogEntry>, 'records' | 'key' | 'setKey'>) {
    super({ ...options, schema: catalogEntry, pack });
  }

  override put(tx: Tx, messageId: Uint8Array, entry: CatalogEntry): void {
    this.#change(tx, messageId, (sums) => sums.add(messageId, entry));
    super.put(tx, messageId, entry);
  }

  /** Enters what `eachPacked` gave of a file that is not known, or that has a newer header there; false for anything else. */
  mergePacked(tx: Tx, messageId: Uint8Array, given: Json): boolean {
    const entry = catalogEntry.safeParse(given).data;
    const known = this.get(tx, messageId);
    if (entry === undefined || (known !== undefined && known.generation >= entry.generation)) return false;
    this.put(tx, messageId, entry);
    return true;
  }

  override remove(tx: Tx, messageId: Uint8Array): boolean {
    this.#change(tx, messageId, () => undefined);
    return super.remove(tx, messageId);
  }

  /**
   * What the catalog knows of the files under a key. It is opened whole at the first look, and once more where many of
   * the newest files were forgotten.
   */
  under(tx: ReadTx, keyId: string): KeyFiles {
    if (this.#sums?.hasNewest(keyId) !== true) {
      const sums = new KeyFileTotals();
      for (const { messageId, entry } of this.each(tx)) sums.add(messageId, entry);
      sums.settle();
      this.#sums = sums;
    }
    return this.#sums.under(keyId, (messageId) => this.get(tx, messageId)?.path);
  }

  #change(tx: Tx, messageId: Uint8Array, change: (sums: KeyFileTotals) => void): void {
    const sums = this.#sums;
    if (sums !== undefined) {
      const { entry: before, isDamaged } = this.look(tx, messageId);
      if (before !== undefined) sums.take(messageId, before);
      change(sums);
      // What was counted of it is not known.
      if (isDamaged) this.#sums = undefined;
    }
    tx.onRollback(() => {
      this.#sums = undefined;
    });
  }
}

/**
 * Says whether a header is older than, or another than, the one that was last seen for its file
 * (docs/format.md 13, property 16), or why that can't be told; `undefined` if all is well or the file is not known here.
 */
export function rollbackNotice(
  files: FileCatalog,
  tx: ReadTx,
  header: Header,
  path: string,
): string | undefined {
  const { entry: known, isDamaged } = files.look(tx, header.messageId);
  if (isDamaged) {
    return `What the vault's catalog knew of ${path} is damaged, so an older header could not be told from the newest. Rewrap the file to have it entered anew.`;
  }
  if (known !== undefined && header.generation < known.generation) {
    return (
      `${path} has an older header (generation ${header.generation}) than the one last seen here ` +
      `(${known.generation}): it may be a copy from before a rewrap, which still opens under the key it had then.`
    );
  }
  if (known?.generation === header.generation && header.mac.toString('hex') !== known.mac) {
    return `${path} has another header than the one Keyward wrote, with the same generation. Someone who can open it changed it.`;
  }
  const brokenAt = files.brokenAt(tx);
  if (brokenAt === undefined || (known !== undefined && known.at > brokenAt)) return undefined;
  const day = new Date(brokenAt).toISOString().slice(0, 10);
  return `The vault's catalog was changed from outside before ${day}, so an older header of ${path} could not be told from the newest. Rewrap the file to have it entered anew.`;
}
