import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { isKeywardError } from '../../../shared/errors.ts';
import { appendFlushed, moveFlushed, readEnd, readWhole, replaceFlushed } from '../../disk/durable-file.ts';
import type { RecordChange, Records } from '../records.ts';
import type { ReadTx, Tx } from '../transaction.ts';
import {
  ContentsReader,
  type KeysFileContents,
  lastChange,
  MARK_BYTES,
  markFrame,
  PROTECTORS,
  type ProtectorRow,
  protectorFrame,
  recordFrame,
  removedFrame,
  rowName,
} from './contents.ts';
import { encodeFrame, type Frame, type FrameMac, frameMac, readFrames } from './frames.ts';
import { newerKeysFiles, newNameOfNewer } from './newer.ts';

const ROOM = 'keys-file';
const STATE = 'state';
const state = z.object({ change: z.number().int().nonnegative() });

/** Rows that hold sealed secrets: when one is replaced or removed, the file is written anew without it. */
const WITH_SECRETS: readonly string[] = ['key-versions', 'clients', PROTECTORS, 'device'];

/** How many frames are compared before other work gets its turn. */
const SLICE = 400;

/** What was found of a keys file at an unlock: as the database, missing or damaged, behind it, or ahead of it. */
type KeysFileFinding = 'whole' | 'missing' | 'damaged' | 'behind' | 'ahead';

/** What a keys file is kept with. `key`: 32 bytes, which stay the caller's to wipe. */
type KeysFileOptions = {
  readonly path: string;
  readonly key: Uint8Array;
  readonly records: Records;
  readonly read: <T>(act: (tx: ReadTx) => T) => T;
};

/**
 * The second file (docs/adr/0016): identity, protectors and every record that does not change with each use, beside the
 * database and in step with it, so that damage to either loses nothing. Frames are appended after the commit that they
 * tell of, before its call returns; where a secret was replaced or removed the file is written anew.
 */
export class KeysFile {
  readonly #options: KeysFileOptions;
  readonly #mac: FrameMac;
  #pending: RecordChange[] = [];
  #frames: readonly Frame[] = [];
  #change = 0;
  /** Where the next frame goes; `undefined`: the file is to be written anew. */
  #end: number | undefined;
  /** Whether it is known that the file has nothing that the database lacks. */
  #mayRewrite = false;
  #isBehind = false;

  constructor(options: KeysFileOptions) {
    this.#options = options;
    this.#mac = frameMac(options.key);
    options.records.follow((tx, change) => this.#note(tx, change));
  }

  /** Whether a change could not be written, as on a full disk; the next one, or the next unlock, writes all of it. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /**
   * Looks at the end of the file, once the records are open, so that changes can be written. Throws the disk errors.
   */
  begin(): void {
    const end = readEnd(this.#options.path, MARK_BYTES);
    const last = end === undefined ? -1 : lastChange(end.bytes, end.size, this.#mac);
    const now = this.#options.read((tx) => this.#changeOf(tx));
    if (last === now) this.#end = end?.size;
    this.#mayRewrite = last !== undefined && last <= now;
  }

  /** The files that were ahead of a database that was put back, and are kept beside this one, oldest first. */
  get newer(): readonly string[] {
    return newerKeysFiles(this.#options.path);
  }

  /** Writes the file anew from the database. Throws the disk errors, and `VaultDamaged`: the old file stands then. */
  rewrite(): void {
    const { path, read, records } = this.#options;
    const frames: Buffer[] = [];
    const change = read((tx) => {
      const now = this.#changeOf(tx);
      const add = (frame: Frame) => frames.push(encodeFrame(frame, this.#mac));
      for (const row of records.lasting(tx)) add(recordFrame(now, row));
      for (const row of protectorsIn(tx)) add(protectorFrame(now, row));
      return now;
    });
    const offset = frames.reduce((sum, { length }) => sum + length, 0);
    frames.push(encodeFrame(markFrame(change, offset), this.#mac));
    const bytes = Buffer.concat(frames);
    this.#end = undefined;
    replaceFlushed(path, bytes);
    this.#end = bytes.length;
    this.#isBehind = false;
  }

  /**
   * Compares the file with the database, once that is known to hold, and writes it anew where they differ; one that is
   * ahead of the database, which was put back then, is kept beside. `undefined`: `signal` was aborted before the end.
   * Throws as `rewrite`.
   */
  async check(signal?: AbortSignal): Promise<KeysFileFinding | undefined> {
    const before = this.#end;
    const bytes = readWhole(this.#options.path);
    const found = bytes === undefined ? 'missing' : await this.#compare(bytes, signal);
    // A change meanwhile has written after what was read here, or all of it.
    if (found === undefined || this.#end !== before) return found === undefined ? undefined : 'whole';
    this.#mayRewrite = true;
    if (found === 'ahead') moveFlushed(this.#options.path, newNameOfNewer(this.#options.path));
    if (found === 'whole') this.#end = bytes?.length;
    else this.rewrite();
    return found;
  }

  async #compare(bytes: Buffer, signal: AbortSignal | undefined): Promise<KeysFileFinding | undefined> {
    const reader = new ContentsReader(this.#mac);
    let taken = 0;
    for (const piece of readFrames(bytes)) {
      reader.take(piece);
      taken += 1;
      if (taken % SLICE !== 0) continue;
      await nextTurn();
      if (signal?.aborted) return undefined;
    }
    return this.#options.read((tx) => this.#verdict(tx, reader.contents));
  }

  #verdict(tx: ReadTx, { records, protectors, change, damaged }: KeysFileContents): KeysFileFinding {
    const now = this.#changeOf(tx);
    if (change > now) return 'ahead';
    if (damaged > 0 || change < 0) return 'damaged';
    if (change < now) return 'behind';
    const left = new Set([...records].flatMap(([name, { row }]) => (row === undefined ? [] : [name])));
    for (const { room, id, mac } of this.#options.records.lasting(tx)) {
      const name = rowName(room, id);
      if (records.get(name)?.row?.mac.equals(mac) !== true) return 'behind';
      left.delete(name);
    }
    const same = protectorsIn(tx).every(({ id, kind, record }) => {
      const kept = protectors.get(id)?.row;
      return kept?.kind === kind && kept.record.equals(record);
    });
    return same && left.size === 0 ? 'whole' : 'behind';
  }

  #note(tx: Tx, change: RecordChange): void {
    const pending = this.#pending;
    const before = pending.length;
    pending.push(change);
    tx.onRollback(() => {
      pending.length = Math.min(pending.length, before);
      this.#frames = [];
    });
    tx.beforeCommit(this, (last) => {
      if (this.#pending.length === 0) return;
      this.#change = this.#changeOf(last) + 1;
      this.#options.records.put(last, ROOM, STATE, { change: this.#change });
      this.#frames = this.#pending.flatMap((each) => framesOf(last, this.#change, each));
      last.afterCommit(() => this.#write());
    });
  }

  #write(): void {
    const [pending, frames] = [this.#pending, this.#frames];
    this.#pending = [];
    this.#frames = [];
    const dropsSecret = pending.some(({ room, isNew }) => !isNew && WITH_SECRETS.includes(room));
    try {
      if (this.#end === undefined && !this.#mayRewrite) this.#isBehind = true;
      else if (this.#end === undefined || dropsSecret) this.rewrite();
      else this.#append(this.#end, frames);
    } catch (error) {
      if (!isKeywardError(error)) throw error;
      // The change itself is durable. What the file lacks is written with the next one, or at the next unlock.
      this.#end = undefined;
      this.#isBehind = true;
    }
  }

  #append(offset: number, frames: readonly Frame[]): void {
    const bytes = Buffer.concat(frames.map((frame) => encodeFrame(frame, this.#mac)));
    const mark = encodeFrame(markFrame(this.#change, offset + bytes.length), this.#mac);
    const whole = Buffer.concat([bytes, mark]);
    appendFlushed(this.#options.path, offset, whole);
    this.#end = offset + whole.length;
  }

  #changeOf(tx: ReadTx): number {
    return this.#options.records.get(tx, ROOM, STATE, state)?.change ?? 0;
  }
}

function framesOf(tx: ReadTx, change: number, { room, id, row }: RecordChange): Frame[] {
  if (row === undefined) return [removedFrame(change, room, id)];
  const frames = [recordFrame(change, row)];
  if (room !== PROTECTORS) return frames;
  const protector = tx.get<ProtectorRow>('SELECT id, kind, record FROM protectors WHERE id = ?', id);
  return protector === undefined ? frames : [...frames, protectorFrame(change, protector)];
}

function protectorsIn(tx: ReadTx): ProtectorRow[] {
  return tx.all<ProtectorRow>('SELECT id, kind, record FROM protectors ORDER BY id');
}
