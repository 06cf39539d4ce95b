import { z } from 'zod';
import { fail } from '../../shared/errors.ts';
import { sealText, unsealText } from '../crypto/aead.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';

const FOLDERS = 'backup-folders';
const DONE = 'backups';
const SEQUENCE = 'sequence';
const INFO = 'keyward/1/backup-folder';

/** How many folders that were only named once are remembered. */
const MAX_DONE = 32;

const named = z.strictObject({
  /** Base64 of the sealed path. */
  path: z.string(),
  /** The disk that was there when it was named, as `volumeAt` tells of it. */
  volume: z.string(),
  added: z.number().int(),
});

const done = z.strictObject({
  path: z.string(),
  sequence: z.number().int(),
  /** When it was read back, in ms since 1970. */
  at: z.number().int(),
  sha256: z.string(),
  /** What the backup has of rows and log, see `due.ts`. */
  mark: z.string(),
  head: z.number().int(),
});

const sequence = z.strictObject({ last: z.number().int().nonnegative() });

/** A folder that gets backups by itself. */
export type NamedFolder = { readonly path: string; readonly volume: string };

/** The newest backup in a folder that was read back; `at` in ms since 1970. */
export type DoneBackup = Omit<z.output<typeof done>, 'path'> & { readonly path: string };

/** Where backups go, and what was written where; paths are sealed, and rows found by a MAC of them. */
export class BackupFolders {
  readonly #records: Records;
  readonly #key: Buffer;

  /** `key`: 32 bytes derived from the root key; it stays the caller's to wipe. */
  constructor(records: Records, key: Buffer) {
    this.#records = records;
    this.#key = key;
  }

  /** The folders that get backups by themselves. */
  list(tx: ReadTx): NamedFolder[] {
    return this.#records
      .list(tx, FOLDERS, named)
      .map(({ id, body }) => ({ path: this.#open(FOLDERS, id, body.path), volume: body.volume }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Has a folder get backups, or notes that another disk is there now. `now`: ms since 1970. */
  add(tx: Tx, { path, volume }: NamedFolder, now: number): void {
    const id = this.#idOf(path);
    this.#records.put(tx, FOLDERS, id, { path: this.#seal(id, path), volume, added: now });
  }

  /** Takes that back; false if it was not named. */
  remove(tx: Tx, path: string): boolean {
    return this.#records.remove(tx, FOLDERS, this.#idOf(path));
  }

  /** The newest backup of each folder, the latest first. */
  done(tx: ReadTx): DoneBackup[] {
    return this.#records
      .list(tx, DONE, done.or(sequence))
      .flatMap(({ id, body }) => ('last' in body ? [] : [{ ...body, path: this.#open(DONE, id, body.path) }]))
      .sort((a, b) => b.at - a.at);
  }

  /** Notes a backup that was read back. */
  note(tx: Tx, { path, ...facts }: DoneBackup): void {
    const id = this.#idOf(path);
    this.#records.put(tx, DONE, id, { ...facts, path: this.#seal(id, path) });
    for (const old of this.done(tx).slice(MAX_DONE)) this.#records.remove(tx, DONE, this.#idOf(old.path));
  }

  /** Takes the next number of this device, above all that it took and above `least`. */
  nextSequence(tx: Tx, least: number): number {
    const last = this.#records.get(tx, DONE, SEQUENCE, sequence)?.last ?? 0;
    const next = Math.max(last, least) + 1;
    this.#records.put(tx, DONE, SEQUENCE, { last: next });
    return next;
  }

  /** Seals the paths anew that another root key had sealed, in rows that were taken over as they are. */
  follow(tx: Tx, before: BackupFolders): void {
    const rows = [
      ...this.#records.list(tx, FOLDERS, named).map((row) => ({ room: FOLDERS, ...row })),
      ...this.#records.list(tx, DONE, done.or(sequence)).map((row) => ({ room: DONE, ...row })),
    ];
    for (const { room, id, body } of rows) {
      if (!('path' in body)) continue;
      const path = before.#open(room, id, body.path);
      this.#records.remove(tx, room, id);
      const anew = this.#idOf(path);
      this.#records.put(tx, room, anew, { ...body, path: this.#seal(anew, path) });
    }
  }

  #idOf(path: string): string {
    return hmacSha256(this.#key, Buffer.from(path)).toString('hex', 0, 16);
  }

  #seal(id: string, path: string): string {
    return sealText(this.#key, INFO, Buffer.from(id), Buffer.from(path));
  }

  #open(room: string, id: string, sealed: string): string {
    const path = unsealText(this.#key, INFO, Buffer.from(id), sealed);
    if (path !== undefined) return path.toString();
    throw fail('row-does-not-open', { row: `${room}/${id}` });
  }
}
