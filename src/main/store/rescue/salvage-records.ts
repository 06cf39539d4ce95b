import { isKeywardError } from '../../../shared/errors.ts';
import type { KeysFileContents } from '../keys-file/contents.ts';
import { rowName } from '../keys-file/contents.ts';
import { type RecordRow, RowCheck, recordKey } from '../record-rows.ts';
import type { ReadTx } from '../transaction.ts';
import { HashTree } from '../tree/hash-tree.ts';
import { type TreeRow, textOf } from '../tree/row-key.ts';

/** What became of a row: it is taken from the second file, nobody knows whether it is the newest, it is gone, it was put in. */
type RowVerdict = 'from-second-file' | 'in-doubt' | 'lost' | 'added';

/** A row that does not hold as it stands in the database. */
export type BrokenRow = { readonly row: string; readonly verdict: RowVerdict };

/**
 * The records of a damaged vault, as far as their MACs hold, sorted. `broken` names those that were not as they should
 * be. A row in doubt is one of this vault's, but nothing proves that it is the newest of its name.
 */
export type SalvagedRecords = { readonly rows: readonly RecordRow[]; readonly broken: readonly BrokenRow[] };

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
  const isOurs = (row: RecordRow) => check.isOwn(row);
  const stored = database === undefined ? [] : readable<RecordRow>(database, SELECT, ['room', 'id']);
  const own = new Map(stored.filter(isOurs).map((row) => [recordKey(row.room, row.id), row]));
  const second = new Map(
    [...(keysFile?.records.values() ?? [])].flatMap(({ row }) =>
      row !== undefined && isOurs(row) ? [[recordKey(row.room, row.id), row] as const] : [],
    ),
  );
  const merged = new Map([...second, ...own]);
  const sorted = [...merged.keys()].sort();
  const tree = new HashTree({
    name: 'records',
    key: keys.set,
    rows: function* (_tx, from, to) {
      for (const key of sorted) {
        const row = merged.get(key);
        if (row !== undefined && key >= from && (to === undefined || key < to))
          yield { key, digest: row.mac };
      }
    },
  });
  const pieces = database === undefined ? [{ from: '', to: undefined }] : tree.survey(database);
  const rows: RecordRow[] = [];
  const broken: BrokenRow[] = [];
  const seen = new Set<string>();
  for (const piece of pieces) {
    if (!('digest' in piece)) {
      for (const key of sorted) {
        if (key < piece.from || (piece.to !== undefined && key >= piece.to)) continue;
        seen.add(key);
        take(key, undefined);
      }
      continue;
    }
    seen.add(piece.key);
    take(piece.key, piece);
  }
  for (const key of own.keys()) if (!seen.has(key)) broken.push({ row: textOf(key), verdict: 'added' });
  for (const { room, id } of stored) {
    const key = recordKey(room, id);
    if (!merged.has(key) && !seen.has(key)) broken.push({ row: rowName(room, id), verdict: 'added' });
  }
  return { rows: rows.sort(byKey), broken };

  function take(key: string, proof: TreeRow | undefined): void {
    const [first, other] = [own.get(key), second.get(key)];
    const newest =
      proof === undefined ? undefined : [first, other].find((row) => row?.mac.equals(proof.digest));
    const agreed = first !== undefined && other?.mac.equals(first.mac) === true;
    const row = newest ?? (agreed && proof === undefined ? first : undefined);
    if (row !== undefined) {
      rows.push(row);
      if (row !== first) broken.push({ row: textOf(key), verdict: 'from-second-file' });
      return;
    }
    const doubtful = first ?? other;
    if (doubtful !== undefined) rows.push(doubtful);
    broken.push({ row: textOf(key), verdict: doubtful === undefined ? 'lost' : 'in-doubt' });
  }
}

const SELECT = 'SELECT room, id, body, mac FROM records';

/**
 * The rows of a table of a damaged database, from both ends as far as they can be read. `select` has no order; `key` are
 * the columns to go by.
 */
export function readable<Row>(tx: ReadTx, select: string, key: readonly string[]): Row[] {
  const found: Row[] = [];
  if (readUntilBroken(tx, `${select} ORDER BY ${key.join(', ')}`, found)) return found;
  const back: Row[] = [];
  readUntilBroken(tx, `${select} ORDER BY ${key.map((column) => `${column} DESC`).join(', ')}`, back);
  const nameOf = (row: Row) =>
    key.map((column) => String((row as { [name: string]: unknown })[column])).join('\0');
  const known = new Set(found.map(nameOf));
  return [...found, ...back.reverse().filter((row) => !known.has(nameOf(row)))];
}

function readUntilBroken<Row>(tx: ReadTx, sql: string, found: Row[]): boolean {
  try {
    for (const row of tx.each<Row>(sql)) found.push(row);
    return true;
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    return false;
  }
}

function byKey(a: RecordRow, b: RecordRow): number {
  const [first, second] = [recordKey(a.room, a.id), recordKey(b.room, b.id)];
  return first < second ? -1 : Number(first > second);
}
