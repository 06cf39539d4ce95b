import type Database from 'better-sqlite3';
import { fail, type KeywardError } from '../../shared/errors.ts';

/** Checks one row that a statement gave. Throws `VaultDamaged` naming the table. */
export type RowTypes = (row: unknown) => void;

type Column = { readonly name: string; readonly table: string; readonly isType: (value: unknown) => boolean };

const TYPES: { readonly [declared: string]: (value: unknown) => boolean } = {
  TEXT: (value) => typeof value === 'string',
  INTEGER: (value) => typeof value === 'number',
  BLOB: (value) => value instanceof Uint8Array,
};

/**
 * The check that each column of a statement's rows has the type of its table, and is not null where it must not be.
 * SQLite holds types and nulls against the schema when a row is written, not when it is read: a damaged page can give
 * text for bytes. What is computed, and not a column of a table, passes.
 */
export function rowTypes(db: Database.Database, statement: Database.Statement): RowTypes {
  const columns = statement.reader ? statement.columns().flatMap((column) => columnOf(db, column)) : [];
  return (row) => {
    for (const { name, table, isType } of columns) {
      if (!isType((row as { [name: string]: unknown })[name])) throw damaged(table, name);
    }
  };
}

function columnOf(db: Database.Database, { name, column, table, type }: Database.ColumnDefinition): Column[] {
  const isDeclared = TYPES[type ?? ''];
  if (isDeclared === undefined || table === null || column === null) return [];
  const sql = 'SELECT "notnull" + pk AS required FROM pragma_table_info(?) WHERE name = ?';
  const facts = db.prepare(sql).get(table, column) as { required: number } | undefined;
  // A column under another name may be that of a subquery, which can have no row.
  const isNullable = facts?.required === 0 || name !== column;
  return [{ name, table, isType: (value) => isDeclared(value) || (isNullable && value === null) }];
}

function damaged(table: string, column: string): KeywardError {
  return fail('row-impossible', { row: table, column }, { row: table });
}
