import type Database from 'better-sqlite3';
import { type RowTypes, rowTypes } from './row-types.ts';
import { sqlError } from './sql-errors.ts';
import type { SqlValue, Tx } from './transaction.ts';

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
