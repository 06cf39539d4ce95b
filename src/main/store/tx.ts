import type Database from 'better-sqlite3';
import { type RowTypes, rowTypes } from './row-types.ts';
import { sqlError } from './sql-errors.ts';

/** What a column can carry; integers beyond 2^53 are never stored. */
export type SqlValue = string | number | Uint8Array | null;

/** A transaction that only reads. `Row` is what the caller's own SELECT gives: columns by name. */
export interface ReadTx {
  /** The first row, or `undefined`. */
  get<Row>(sql: string, ...params: readonly SqlValue[]): Row | undefined;
  /** All rows. */
  all<Row>(sql: string, ...params: readonly SqlValue[]): Row[];
  /** The rows one by one; nothing may be written before the last one has been taken. */
  each<Row>(sql: string, ...params: readonly SqlValue[]): Iterable<Row>;
  /** SQLite's `data_version` as this transaction sees it: another number once another connection has changed the database. */
  version(): number;
}

/** A transaction that writes. Everything it throws is a `KeywardError` or what the caller itself threw. */
export interface Tx extends ReadTx {
  /** Runs one statement; gives how many rows it changed and the id of the last one inserted. */
  run(sql: string, ...params: readonly SqlValue[]): { changes: number; lastId: number };
  /** Has `undo` called, last first, if what was done here is rolled back: for state kept in memory. */
  onRollback(undo: () => void): void;
  /**
   * Has `act` called before the commit, once however often `owner` asks for it in this transaction; the latest
   * one asked for counts. A hook may write, and so have others run after it.
   */
  beforeCommit(owner: object, act: (tx: Tx) => void): void;
  /** Has `act` called once the commit is done, before the write returns. It must not throw. */
  afterCommit(act: () => void): void;
  /** Has what is written here stand in the database file itself, not in its journal alone, when the write is done. */
  settle(): void;
}

/** A statement, and the check of the rows that it gives. */
type Prepared = { readonly statement: Database.Statement; readonly check: RowTypes };

/** Prepared statements of one connection, by their text. */
export class Statements {
  readonly #db: Database.Database;
  readonly #known = new Map<string, Prepared>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** The statement for this text. */
  of(sql: string): Prepared {
    const known = this.#known.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    const made = { statement, check: rowTypes(this.#db, statement) };
    this.#known.set(sql, made);
    return made;
  }
}

/** What one transaction runs before its commit, by owner. */
export type CommitHooks = Map<object, (tx: Tx) => void>;

/** One transaction, or one member of a group commit with an undo list of its own. */
export class SqlTx implements Tx {
  readonly #statements: Statements;
  readonly #path: string;
  readonly #hooks: CommitHooks;
  readonly #undo: (() => void)[] = [];
  #version: number | undefined;
  #settles = false;
  readonly #afterwards: (() => void)[] = [];

  constructor(statements: Statements, path: string, hooks: CommitHooks = new Map()) {
    this.#statements = statements;
    this.#path = path;
    this.#hooks = hooks;
  }

  get<Row>(sql: string, ...params: readonly SqlValue[]): Row | undefined {
    return this.#try(() => {
      const { statement, check } = this.#statements.of(sql);
      const row = statement.get(...params);
      if (row !== undefined) check(row);
      return row as Row | undefined;
    });
  }

  all<Row>(sql: string, ...params: readonly SqlValue[]): Row[] {
    return this.#try(() => {
      const { statement, check } = this.#statements.of(sql);
      const rows = statement.all(...params);
      for (const row of rows) check(row);
      return rows as Row[];
    });
  }

  *each<Row>(sql: string, ...params: readonly SqlValue[]): Generator<Row> {
    const { statement, check } = this.#try(() => this.#statements.of(sql));
    const rows = this.#try(() => statement.iterate(...params) as IterableIterator<Row>);
    try {
      for (;;) {
        const next = this.#try(() => rows.next());
        if (next.done === true) return;
        check(next.value);
        yield next.value;
      }
    } finally {
      rows.return?.();
    }
  }

  version(): number {
    this.#version ??= this.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
    return this.#version;
  }

  run(sql: string, ...params: readonly SqlValue[]): { changes: number; lastId: number } {
    const { changes, lastInsertRowid } = this.#try(() => this.#statements.of(sql).statement.run(...params));
    return { changes, lastId: Number(lastInsertRowid) };
  }

  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  beforeCommit(owner: object, act: (tx: Tx) => void): void {
    // To the end, also when asked for again: one hook may change what another has already put away.
    this.#hooks.delete(owner);
    this.#hooks.set(owner, act);
  }

  afterCommit(act: () => void): void {
    this.#afterwards.push(act);
  }

  /** Runs what waits for the commit. */
  committed(): void {
    for (const act of this.#afterwards.splice(0)) act();
  }

  settle(): void {
    this.#settles = true;
  }

  /** Whether `settle` was asked for. */
  get settles(): boolean {
    return this.#settles;
  }

  /** Puts back what was kept in memory; called once the database has been rolled back. */
  rolledBack(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  #try<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw sqlError(error, this.#path);
    }
  }
}
