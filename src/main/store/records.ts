import type { z } from 'zod';
import type { Json } from '../../shared/errors.ts';
import { verifyOldSet } from './old-record-set.ts';
import { type RecordRow, recordKey, rowsBetween } from './record-row.ts';
import { added, damagedRow, missing, RowCheck } from './row-check.ts';
import type { ReadTx, Tx } from './transaction.ts';
import { HashTree } from './tree/hash-tree.ts';
import type { TreeRow } from './tree/row-key.ts';

/** How many of the rows that were read are remembered. */
const MAX_KNOWN_ROWS = 4_096;
/** Stands after every character that an id has, in the order of the database. */
const LAST = '\u{10ffff}';

/** Rooms that change with every use of a key. What is in all others is in the database file when its change is done. */
const OF_EACH_USE: readonly string[] = ['audit', 'message-key-uses', 'sets'];
/** The count of changes, which goes along with each. */
const OF_EACH_CHANGE = 'keys-file';

const ROWS = 'SELECT room, id, body, mac FROM records WHERE room = ?';

/** A change of a row that is not one of each use: the row, none if it was removed; `isNew`: there was none of that name. */
export type RecordChange = {
  readonly room: string;
  readonly id: string;
  readonly row: RecordRow | undefined;
  readonly isNew: boolean;
};

type KnownRow = { readonly digest: Buffer; readonly schema: unknown; readonly body: unknown };
/** A part of a room: ids from `from` on, or after it with `open`, and before `to`; at most `limit`. */
type Part = { readonly from: string; readonly to: string; readonly open?: true; readonly limit?: number };

/**
 * The rows that decide things: keys, versions, aliases, settings, the audit head. Each carries HMAC(row key, room ‖ id
 * ‖ body), which is its digest in a tree of hashes (docs/adr/0014). Every answer is proven by the tree, also that there
 * is no such row, what a list has and how many there are: a row that was edited, removed, put in or put back, even
 * while the vault is open, throws `VaultDamaged` naming it at the read that it concerns.
 */
export class Records {
  readonly #setKey: Buffer;
  readonly #check: RowCheck;
  readonly #tree: HashTree;
  readonly #known = new Map<string, KnownRow>();
  /** Names that are known to be in neither the tree nor the table. */
  readonly #absent = new Set<string>();
  #epoch = 0;
  #followed: ((tx: Tx, change: RecordChange) => void) | undefined;

  /** `row` and `set`: 32 bytes each, derived from the root key; `set` is the tree's. */
  constructor(keys: { readonly row: Buffer; readonly set: Buffer }) {
    this.#setKey = keys.set;
    this.#check = new RowCheck(keys.row);
    this.#tree = new HashTree({ name: 'records', key: keys.set, rows: treeRows });
  }

  /** Reports each change of a row, within its transaction, unless the row changes with every use of a key: for the keys file. */
  follow(told: (tx: Tx, change: RecordChange) => void): void {
    this.#followed = told;
  }

  /** Begins the records of a new vault; once in its life, before the first `put`. */
  create(tx: Tx): void {
    this.#tree.create(tx);
  }

  /** Checks the root of the tree; each read checks what it needs itself. Throws `VaultDamaged`. */
  open(tx: ReadTx): void {
    this.#tree.open(tx);
  }

  /** Whether the rows are in the tree; false in a vault from before it, until `moveIntoTree`. */
  isInTree(tx: ReadTx): boolean {
    return this.#tree.exists(tx);
  }

  /**
   * Moves the rows of a vault from before the tree into it, once they are verified the way they were written. Throws
   * `VaultDamaged` as `verifyOldSet`.
   */
  moveIntoTree(tx: Tx): void {
    this.#tree.fill(tx, verifyOldSet(tx, this.#setKey, (row) => this.#check.requireOwn(row)).map(asTreeRow));
    tx.run('DELETE FROM record_set');
  }

  /** Checks all that there is, in one go: see `verifySome`. */
  verifyAll(tx: ReadTx): void {
    for (let from: string | undefined = ''; from !== undefined; ) from = this.verifySome(tx, from, 4_096);
  }

  /**
   * Checks up to `most` rows from a place on, '' for the start, and that there are no others between them. Returns the place
   * to go on from; `undefined`: that was the end. Changes in between do no harm. Throws `VaultDamaged` naming the row.
   */
  verifySome(tx: ReadTx, from: string, most: number): string | undefined {
    const rows = this.#some(tx, from, most);
    for (;;) {
      const { done, value } = rows.next();
      if (done === true) return value;
    }
  }

  /**
   * Every row as it is stored, by room and id, each checked as it is given, and that there are no others. Nothing may
   * be written before the last one was taken. Throws `VaultDamaged` naming the row.
   */
  *all(tx: ReadTx): Generator<RecordRow> {
    for (let from: string | undefined = ''; from !== undefined; ) from = yield* this.#some(tx, from, 4_096);
  }

  *#some(tx: ReadTx, from: string, most: number): Generator<RecordRow, string | undefined> {
    const expected = taken(this.#tree.range(tx, from, undefined), most + 1);
    const next = expected.length > most ? expected.pop()?.key : undefined;
    yield* this.#check.matched(expected, rowsBetween(tx, from, next), () => false);
    return next;
  }

  /** Begins the records of a database over rows that are known to hold, sorted: of one that is made anew from another. */
  adopt(tx: Tx, rows: readonly RecordRow[]): void {
    for (const { room, id, body, mac } of rows) {
      tx.run('INSERT INTO records (room, id, body, mac) VALUES (?, ?, ?, ?)', room, id, body, mac);
    }
    this.#tree.fill(tx, rows.map(asTreeRow));
  }

  /**
   * Puts rows, sorted, in place of all that another root key had under its MACs, whose tree goes. Throws nothing of its own;
   * the caller has checked the rows.
   */
  replaceAll(tx: Tx, rows: Iterable<Omit<RecordRow, 'mac'>>): void {
    tx.run('DELETE FROM records');
    this.#tree.discard(tx);
    const made: TreeRow[] = [];
    for (const { room, id, body } of rows) {
      const mac = this.#check.macOf({ room, id, body });
      tx.run('INSERT INTO records (room, id, body, mac) VALUES (?, ?, ?, ?)', room, id, body, mac);
      made.push({ key: recordKey(room, id), digest: mac });
    }
    this.#tree.fill(tx, made);
    tx.settle();
  }

  /**
   * Whether the tree is stored as it should be. Nodes that are not are made again from their rows whenever they are
   * read, so nothing is lost by them.
   */
  isTreeWhole(tx: ReadTx): boolean {
    return this.#tree.rebuilt === 0 && this.#tree.hasAllNodes(tx);
  }

  /** Writes the tree's nodes anew. Throws `VaultDamaged`, changing nothing, unless every row holds. */
  rebuildTree(tx: Tx): void {
    this.#tree.rebuild(tx);
  }

  /** All rows that do not change with each use, as they are stored, sorted, each checked. Throws `VaultDamaged`. */
  *lasting(tx: ReadTx): Generator<RecordRow> {
    const expected = [...this.#tree.range(tx, '', undefined)];
    for (const row of this.#check.matched(expected, rowsBetween(tx, '', undefined), () => false)) {
      if (isLasting(row.room)) yield row;
    }
  }

  /** One row's body, not to be changed, or `undefined`. Throws `VaultDamaged` naming the row if it is not as we wrote it. */
  get<T>(tx: ReadTx, room: string, id: string, schema: z.ZodType<T>): T | undefined {
    this.#refresh(tx);
    const key = recordKey(room, id);
    const digest = this.#tree.digest(tx, key);
    if (digest === undefined) {
      this.#requireAbsent(tx, key, room, id);
      return undefined;
    }
    const known = this.#remembered({ key, digest }, schema);
    if (known !== undefined) return known.body as T;
    const row = tx.get<RecordRow>(`${ROWS} AND id = ?`, room, id);
    if (row === undefined) throw missing(key);
    this.#check.require(row, digest);
    return this.#parsed(row, digest, schema, true);
  }

  /** All rows of a room, sorted by id; with `prefix`, only those whose id starts with it. */
  list<T>(tx: ReadTx, room: string, schema: z.ZodType<T>, prefix = ''): { id: string; body: T }[] {
    return this.#part(tx, room, schema, { from: prefix, to: prefix + LAST });
  }

  /**
   * At most `limit` rows of a room, sorted by id, after `after`; with `prefix`, only those whose id starts with it and
   * goes on. `after` is then such an id, or anything that stands before them.
   */
  page<T>(
    tx: ReadTx,
    room: string,
    schema: z.ZodType<T>,
    after: string,
    limit: number,
    prefix = '',
  ): { id: string; body: T }[] {
    const from = after.startsWith(prefix) ? after : prefix;
    return this.#part(tx, room, schema, { from, to: prefix + LAST, open: true, limit });
  }

  /** How many rows of a room there are whose id starts with `prefix`; none of them is read. */
  count(tx: ReadTx, room: string, prefix = ''): number {
    return this.#tree.count(tx, recordKey(room, prefix), recordKey(room, prefix + LAST));
  }

  /** Writes a row, new or in place of the one of that name. */
  put(tx: Tx, room: string, id: string, body: Json): void {
    const bytes = Buffer.from(JSON.stringify(body));
    const mac = this.#check.macOf({ room, id, body: bytes });
    this.#changed(tx, room, id, { room, id, body: bytes, mac });
    this.#tree.set(tx, { key: recordKey(room, id), digest: mac });
    tx.run(
      'INSERT INTO records (room, id, body, mac) VALUES (?, ?, ?, ?) ' +
        'ON CONFLICT (room, id) DO UPDATE SET body = excluded.body, mac = excluded.mac',
      room,
      id,
      bytes,
      mac,
    );
  }

  /** Removes a row; false if there was none. */
  remove(tx: Tx, room: string, id: string): boolean {
    const key = recordKey(room, id);
    if (!this.#tree.remove(tx, key)) return false;
    this.#changed(tx, room, id, undefined);
    const { changes } = tx.run('DELETE FROM records WHERE room = ? AND id = ?', room, id);
    if (changes !== 1) throw missing(key);
    return true;
  }

  #changed(tx: Tx, room: string, id: string, row: RecordRow | undefined): void {
    if (!OF_EACH_USE.includes(room)) tx.settle();
    if (this.#followed === undefined || !isLasting(room)) return;
    const isNew = row !== undefined && this.#tree.digest(tx, recordKey(room, id)) === undefined;
    this.#followed(tx, { room, id, row, isNew });
  }

  #part<T>(tx: ReadTx, room: string, schema: z.ZodType<T>, part: Part): { id: string; body: T }[] {
    this.#refresh(tx);
    const limit = part.limit ?? Number.MAX_SAFE_INTEGER;
    const from = recordKey(room, part.from) + (part.open ? '\0' : '');
    const expected = taken(this.#tree.range(tx, from, recordKey(room, part.to)), limit);
    const rows = tx.each<RecordRow>(
      `${ROWS} AND id ${part.open ? '>' : '>='} ? AND id < ? ORDER BY id LIMIT ?`,
      ...[room, part.from, part.to, limit],
    );
    // A list that is longer than what is remembered is read once; it would drive out all that is asked for again.
    const isShort = expected.length <= MAX_KNOWN_ROWS / 2;
    const isKnown = (row: TreeRow) => this.#remembered(row, schema) !== undefined;
    const found: { id: string; body: T }[] = [];
    for (const row of this.#check.matched(expected, rows, isKnown)) {
      const next = expected[found.length] as TreeRow;
      const known = this.#remembered(next, schema);
      const body = known === undefined ? this.#parsed(row, next.digest, schema, isShort) : (known.body as T);
      found.push({ id: row.id, body });
    }
    return found;
  }

  /** Forgets what was read before others changed the database: it has to be there still. */
  #refresh(tx: ReadTx): void {
    const epoch = this.#tree.epoch(tx);
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#known.clear();
    this.#absent.clear();
  }

  #requireAbsent(tx: ReadTx, key: string, room: string, id: string): void {
    if (this.#absent.has(key)) return;
    if (tx.get(`${ROWS} AND id = ?`, room, id) !== undefined) throw added({ room, id });
    if (this.#absent.size >= MAX_KNOWN_ROWS) this.#absent.clear();
    this.#absent.add(key);
  }

  /** What was read of this very row before, which needs neither MAC nor schema again. */
  #remembered({ key, digest }: TreeRow, schema: unknown): KnownRow | undefined {
    const known = this.#known.get(key);
    return known !== undefined && known.schema === schema && known.digest.equals(digest) ? known : undefined;
  }

  #parsed<T>(row: RecordRow, digest: Buffer, schema: z.ZodType<T>, remember: boolean): T {
    const body = schema.safeParse(JSON.parse(row.body.toString()));
    if (!body.success) throw damagedRow(row, 'not-understood');
    if (!remember) return body.data;
    if (this.#known.size >= MAX_KNOWN_ROWS) this.#known.clear();
    this.#known.set(recordKey(row.room, row.id), { digest, schema, body: body.data });
    return body.data;
  }
}

/** Whether rows of a room do not change with each use: those stand in the second file too. */
export function isLasting(room: string): boolean {
  return !OF_EACH_USE.includes(room) && room !== OF_EACH_CHANGE;
}

function asTreeRow({ room, id, mac }: RecordRow): TreeRow {
  return { key: recordKey(room, id), digest: mac };
}

function* treeRows(tx: ReadTx, from: string, to: string | undefined): Generator<TreeRow> {
  for (const row of rowsBetween(tx, from, to)) yield asTreeRow(row);
}

function taken<T>(rows: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const row of rows) {
    if (found.length >= most) break;
    found.push(row);
  }
  return found;
}
