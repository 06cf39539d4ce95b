import { isKeywardError } from '../../../shared/errors.ts';
import type { ReadTx } from '../transaction.ts';

/** Of which type the values of a column are; `?`: or NULL. */
type ColumnType = keyof Types;

type Types = {
  readonly integer: number;
  readonly text: string;
  readonly blob: Buffer;
  readonly 'integer?': number | null;
  readonly 'blob?': Buffer | null;
};

const IS: { readonly [T in ColumnType]: (value: unknown) => boolean } = {
  integer: Number.isSafeInteger,
  text: (value) => typeof value === 'string',
  blob: Buffer.isBuffer,
  'integer?': (value) => value === null || Number.isSafeInteger(value),
  'blob?': (value) => value === null || Buffer.isBuffer(value),
};

/** A table of a damaged database: its name, its columns with their types, and those that rows are told apart by. */
type TableShape<C extends { readonly [column: string]: ColumnType }> = {
  readonly table: string;
  readonly columns: C;
  readonly key: readonly (keyof C & string)[];
};

/** A row of a table. */
type RowOf<C extends { readonly [column: string]: ColumnType }> = { [K in keyof C]: Types[C[K]] };

/**
 * The rows of a table of a damaged database, in the order of its key, from both ends as far as they can be read. A row in
 * which a value is not of its column's type is none: one broken byte of the schema, or of a row's head, makes NULL of any.
 */
export function readableRows<const C extends { readonly [column: string]: ColumnType }>(
  tx: ReadTx,
  shape: TableShape<C>,
): RowOf<C>[] {
  const { table, columns, key } = shape;
  const select = `SELECT ${Object.keys(columns).join(', ')} FROM ${table}`;
  const found: RowOf<C>[] = [];
  const known = new Set<string | number>();
  const nameOf = nameBy<C>(key);
  const types = Object.entries(columns).map(([column, type]) => [column, IS[type]] as const);
  /** Adds rows of which none of the same name is there; false where the reading broke off. */
  const read = (order: string, rows: RowOf<C>[]): boolean => {
    try {
      for (const row of tx.each<RowOf<C>>(`${select} ORDER BY ${order}`)) {
        if (!types.every(([column, is]) => is(row[column]))) continue;
        const name = nameOf(row);
        if (known.has(name)) continue;
        known.add(name);
        rows.push(row);
      }
      return true;
    } catch (error) {
      if (!isKeywardError(error)) throw error;
      return false;
    }
  };
  if (read(key.join(', '), found)) return found;
  const back: RowOf<C>[] = [];
  read(key.map((column) => `${column} DESC`).join(', '), back);
  return [...found, ...back.reverse()];
}

/** What tells rows apart, a number where that does: of a long log there are a million. */
function nameBy<C extends { readonly [column: string]: ColumnType }>(
  key: TableShape<C>['key'],
): (row: RowOf<C>) => string | number {
  const [only] = key;
  if (key.length > 1 || only === undefined)
    return (row) => key.map((column) => textOf(row[column])).join('\0');
  return (row) => {
    const value: number | string | Buffer | null = row[only];
    return typeof value === 'number' ? value : textOf(value);
  };
}

function textOf(value: number | string | Buffer | null): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}
