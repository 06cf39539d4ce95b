import type { KeysFileContents } from '../keys-file/contents.ts';
import { rowName } from '../keys-file/contents.ts';
import { namesOf, type RecordRow, recordKey } from '../record-row.ts';
import { RowCheck } from '../row-check.ts';
import type { ReadTx } from '../transaction.ts';
import { HashTree } from '../tree/hash-tree.ts';
import { readableRows } from './readable-rows.ts';

/** What became of a row: it is taken from the second file, nobody knows whether it is the newest, it is gone, it was put in. */
type RowVerdict = 'from-second-file' | 'in-doubt' | 'lost' | 'added';

/** A row that does not hold as it stands in the database. */
export type BrokenRow = { readonly row: string; readonly verdict: RowVerdict };

/**
 * What is left of one row. `proof`: the MAC that the newest row of this name has, by the tree; null: there is none of this
 * name; undefined: the tree says nothing of it. `database`, `second`: the rows of this name that are this vault's, newest or
 * not, in either file.
 */
type Sighting = {
  readonly room: string;
  readonly id: string;
  readonly proof: Buffer | null | undefined;
  readonly database: RecordRow | undefined;
  readonly second: RecordRow | undefined;
};

/** Keys of the tree (`recordKey`) with `from <= key < to`; `to` undefined: to the end. */
type Stretch = { readonly from: string; readonly to: string | undefined };

/**
 * The records of a damaged vault, as far as their MACs hold, sorted. `broken` names those that were not as they should
 * be. A row in doubt is one of this vault's, but nothing proves that it is the newest of its name. `sightings` has all
 * that was seen or is known to have been there; of `unproven` stretches nobody knows which rows there should be.
 */
export type SalvagedRecords = {
  readonly rows: readonly RecordRow[];
  readonly broken: readonly BrokenRow[];
  readonly sightings: readonly Sighting[];
  readonly unproven: readonly Stretch[];
};

type Sources = {
  /** The database, as far as SQLite reads it. */
  readonly database: ReadTx | undefined;
  /** The second file, read under its MAC. */
  readonly keysFile: KeysFileContents | undefined;
  readonly keys: { readonly row: Buffer; readonly set: Buffer };
};

/**
 * Puts the records of a damaged vault together from its database and its second file. The tree of hashes says which row
 * is the newest; where it can't be read, a row counts as proven if both files have the same.
 */
export function salvageRecords({ database, keysFile, keys }: Sources): SalvagedRecords {
  const check = new RowCheck(keys.row);
  const stored = database === undefined ? [] : readableRows(database, RECORDS);
  const own = byName(stored.filter((row) => check.isOwn(row)));
  const copies = [...(keysFile?.records.values() ?? [])].flatMap(({ row }) =>
    row === undefined ? [] : [row],
  );
  // Most copies are the very row that was just checked.
  const second = byName(
    copies.filter((row) => isCopy(own.get(recordKey(row.room, row.id)), row) || check.isOwn(row)),
  );
  const names = [...new Set([...second.keys(), ...own.keys()])].sort();
  const { proven, unproven } = proofs(database, keys.set, names, (name) => own.get(name) ?? second.get(name));
  const sightings: Sighting[] = [];
  for (const name of [...new Set([...names, ...proven.keys()])].sort()) {
    const [room, id] = namesOf(name);
    const covered = isWithin(unproven, name) ? undefined : null;
    sightings.push({
      ...{ room, id, proof: proven.get(name) ?? covered },
      ...{ database: own.get(name), second: second.get(name) },
    });
  }
  const rows: RecordRow[] = [];
  const broken: BrokenRow[] = [];
  for (const sighting of sightings) {
    const { row, verdict } = judged(sighting);
    if (row !== undefined) rows.push(row);
    if (verdict !== undefined) broken.push({ row: rowName(sighting.room, sighting.id), verdict });
  }
  for (const { room, id } of stored) {
    const name = recordKey(room, id);
    if (!second.has(name) && !own.has(name) && !proven.has(name))
      broken.push({ row: rowName(room, id), verdict: 'added' });
  }
  return { rows, broken, sightings, unproven };
}

/** Which row of a sighting is read in a rescue, and what is said of it. */
function judged({ proof, database, second }: Sighting): { row?: RecordRow; verdict?: RowVerdict } {
  // A copy of a removed row may stand in the second file until that is written anew.
  if (proof === null) return database === undefined ? {} : { verdict: 'added' };
  const newest = proof === undefined ? undefined : [database, second].find((row) => row?.mac.equals(proof));
  const isAgreed = proof === undefined && isCopy(database, second);
  const row = newest ?? (isAgreed ? database : undefined);
  if (row !== undefined) return row === database ? { row } : { row, verdict: 'from-second-file' };
  const doubtful = database ?? second;
  return doubtful === undefined ? { verdict: 'lost' } : { row: doubtful, verdict: 'in-doubt' };
}

function isCopy(one: RecordRow | undefined, other: RecordRow | undefined): boolean {
  return one !== undefined && other !== undefined && one.mac.equals(other.mac) && one.body.equals(other.body);
}

/** What the tree of a database proves: the digests of its rows, and the stretches of which it proves nothing. */
function proofs(
  database: ReadTx | undefined,
  key: Buffer,
  names: readonly string[],
  rowOf: (name: string) => RecordRow | undefined,
): { readonly proven: ReadonlyMap<string, Buffer>; readonly unproven: readonly Stretch[] } {
  const proven = new Map<string, Buffer>();
  if (database === undefined) return { proven, unproven: [{ from: '', to: undefined }] };
  const tree = new HashTree({
    name: 'records',
    key,
    rows: function* (_tx, from, to) {
      for (let at = placeOf(names, from); at < names.length; at += 1) {
        const name = names[at] ?? '';
        if (to !== undefined && name >= to) return;
        const row = rowOf(name);
        if (row !== undefined) yield { key: name, digest: row.mac };
      }
    },
  });
  const unproven: Stretch[] = [];
  for (const piece of tree.survey(database)) {
    if ('digest' in piece) proven.set(piece.key, piece.digest);
    else unproven.push(piece);
  }
  return { proven, unproven };
}

/** Whether nothing is proven of a name, a `recordKey`. */
export function isWithin(stretches: readonly Stretch[], name: string): boolean {
  return stretches.some(({ from, to }) => name >= from && (to === undefined || name < to));
}

/** The place of the first of sorted names that is not below `least`. */
function placeOf(names: readonly string[], least: string): number {
  let [from, to] = [0, names.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((names[middle] ?? '') >= least) to = middle;
    else from = middle + 1;
  }
  return from;
}

function byName(rows: readonly RecordRow[]): Map<string, RecordRow> {
  return new Map(rows.map((row) => [recordKey(row.room, row.id), row]));
}

const RECORDS = {
  table: 'records',
  columns: { room: 'text', id: 'text', body: 'blob', mac: 'blob' },
  key: ['room', 'id'],
} as const;
