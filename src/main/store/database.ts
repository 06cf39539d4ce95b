import Database from 'better-sqlite3';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { exists } from '../disk/exists.ts';
import { fileIdentity, keepClosed } from '../disk/protected-files.ts';
import { requireFileHeader } from './file-header.ts';
import { claim, prepare, requireUsable, unusable } from './open-database.ts';
import { MIGRATIONS } from './schema.ts';
import { requireSchema } from './schema-check.ts';
import { movedError, sqlError } from './sql-errors.ts';
import { type CommitHooks, SqlTx, Statements } from './sql-transaction.ts';
import type { ReadTx, Tx } from './transaction.ts';

export type { ReadTx, SqlValue, Tx } from './transaction.ts';

/**
 * Gives back some disk space; false if none is left. `isShort`: it is not whole, so the disk has no room to spare. See
 * `SpaceReserve` of the disk room.
 */
export type Reserve = { release(): boolean; readonly isShort?: boolean };

/** How a store is opened besides its path. `busyMs`: how long to wait for another writer. */
export type StoreOptions = { readonly reserve?: Reserve; readonly busyMs?: number };

/** Stands for the file of a database that has none. */
const IN_MEMORY = ':memory:';

type Waiting = { readonly run: (tx: Tx) => () => void; readonly fail: (error: unknown) => void };

/**
 * The vault's SQLite database: WAL with `synchronous=FULL`, every write a
 * `BEGIN IMMEDIATE`. A transaction that meets a full disk is run again from its start as long as the reserve
 * gives space back; its function must therefore keep no state but through `tx.onRollback`.
 */
export class Store {
  readonly path: string;
  readonly #db: Database.Database;
  readonly #statements: Statements;
  readonly #reserve: Reserve | undefined;
  /** The file that was opened. */
  readonly #file: string;
  readonly #reopen: readonly (() => void)[];
  #queue: Waiting[] = [];
  #writing = false;
  /** SQLite's number of the schema that was last compared. */
  #schema: number | undefined;
  #refusal: KeywardError | undefined;

  private constructor(path: string, db: Database.Database, reserve: Reserve | undefined, file?: string) {
    this.path = path;
    this.#db = db;
    this.#statements = new Statements(db);
    this.#reserve = reserve;
    this.#file = file ?? fileIdentity(path);
    this.#reopen = file === undefined ? [path, `${path}-shm`].map(keepClosed) : [];
  }

  /**
   * Opens the database at `path`. `create` makes the file (0600) and throws `VaultExists` if there is one;
   * `existing` throws `VaultNotFound`, `VaultNewer` for a newer schema and `VaultDamaged` for anything that is
   * not a vault.
   */
  static open(path: string, how: 'create' | 'existing', options: StoreOptions = {}): Store {
    if (how === 'create') claim(path);
    else if (!exists(path)) {
      throw fail('no-vault-at', { path });
    }
    return withReserve(options.reserve, () => {
      let db: Database.Database | undefined;
      try {
        if (how === 'existing') requireFileHeader(path);
        db = new Database(path, { fileMustExist: true, timeout: options.busyMs ?? 5_000 });
        prepare(db, path, how);
        return new Store(path, db, options.reserve);
      } catch (error) {
        db?.close();
        const failure = sqlError(error, path);
        if (isKeywardError(failure, 'IoFailed')) requireUsable(path);
        throw isKeywardError(failure, 'IoFailed') && how === 'existing' ? unusable(failure, path) : failure;
      }
    });
  }

  /**
   * A database in memory: a new one, or what `bytes` hold, as far as it can be read (see `readableDatabase`); `path` is
   * what errors call it. Throws `VaultDamaged`.
   */
  static inMemory(path: string, bytes?: Buffer): Store {
    try {
      const db = new Database(bytes ?? ':memory:');
      if (bytes === undefined) prepare(db, path, 'create');
      else {
        // What is broken in the schema is passed over; it is a copy that nobody else sees.
        db.unsafeMode(true);
        db.pragma('writable_schema = ON');
        db.pragma('trusted_schema = OFF');
      }
      return new Store(path, db, undefined, IN_MEMORY);
    } catch (error) {
      throw sqlError(error, path);
    }
  }

  /** Runs `act` in one transaction; durable when it returns, rolled back when `act` throws. */
  write<T>(act: (tx: Tx) => T): T {
    return this.#making(() => this.#transact(act));
  }

  /** Whether the disk has no room to spare, so that what can wait should. */
  get isTight(): boolean {
    return this.#reserve?.isShort === true;
  }

  /** As `write`, for what a vault can be opened without: `false` where nothing can be written. */
  writeIfPossible(act: (tx: Tx) => void): boolean {
    try {
      this.write(act);
      return true;
    } catch (error) {
      if (isKeywardError(error, 'DiskFull', 'DiskReadOnly', 'PermissionDenied')) return false;
      throw error;
    }
  }

  /** As `write`, for what can wait: a full disk ends it, and nothing of the reserve is given back for it. */
  writeWithinRoom<T>(act: (tx: Tx) => T): T {
    return this.#transact(act);
  }

  /**
   * Group commit: everything asked for until the next turn of the event loop runs in one transaction, each in
   * a savepoint, so that one that throws is undone and rejected alone. Resolves only after the commit.
   */
  group<T>(act: (tx: Tx) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({
        run: (tx) => {
          const result = act(tx);
          return () => resolve(result);
        },
        fail: reject,
      });
    });
  }

  /** Runs `act` against one unchanging state of the database. */
  read<T>(act: (tx: ReadTx) => T): T {
    const tx = new SqlTx(this.#statements, this.path);
    if (this.#db.inTransaction) return act(tx);
    try {
      this.#db.exec('BEGIN');
    } catch (error) {
      throw sqlError(error, this.path);
    }
    try {
      return act(tx);
    } finally {
      this.#rollback();
    }
  }

  /**
   * Makes SQLite check the structure of all pages, so that damage is found before anything is written; of a file of more
   * than `most` bytes only as far as it is read. Throws `VaultDamaged`.
   */
  requireSound(most: number): void {
    const [pages] = this.#pragma('page_count') as { page_count: number }[];
    if ((pages?.page_count ?? 0) * 4_096 > most) return;
    const [found] = this.#pragma('quick_check(1)') as { quick_check: string }[];
    if (found?.quick_check === 'ok') return;
    const { path } = this;
    throw fail('database-not-sound', { path, found: found?.quick_check ?? '?' }, { path });
  }

  /**
   * Compares the schema anew if SQLite says that it was changed since it was last compared: a trigger that is put in while the
   * vault is open would run in our transactions. Throws `VaultDamaged` naming the object.
   */
  requireSchema(): void {
    if (this.#file === IN_MEMORY) return;
    try {
      const { statement } = this.#statements.of('PRAGMA schema_version');
      const { schema_version: now } = statement.get() as { schema_version: number };
      if (now === this.#schema) return;
      requireSchema(this.#db, MIGRATIONS.length, this.path);
      this.#schema = now;
    } catch (error) {
      throw sqlError(error, this.path);
    }
  }

  /** Makes every later write fail with this error; reading goes on. */
  refuseWrites(error: KeywardError): void {
    this.#refusal ??= error;
  }

  /** Moves the journal into the database and empties it, so that deleted secrets stand in neither. */
  checkpoint(): void {
    this.#pragma('wal_checkpoint(TRUNCATE)');
  }

  /** Runs what is still waiting, empties the journal and closes. Safe to call twice. */
  close(): void {
    if (!this.#db.open) return;
    this.#flush();
    try {
      this.checkpoint();
    } catch {
      // A full or read-only disk: the journal stays and is taken up at the next opening.
    }
    this.#db.close();
    for (const reopen of this.#reopen) reopen();
  }

  /**
   * Runs a transaction, again and again while a full disk can be given room: first by beginning the journal
   * anew, so that it is written over in place, then out of the reserve.
   */
  #making<T>(transaction: () => T): T {
    return withReserve(this.#reserve, () => {
      try {
        return transaction();
      } catch (error) {
        if (!isKeywardError(error, 'DiskFull') || !this.#restartJournal()) throw error;
        return transaction();
      }
    });
  }

  /** Whether the journal had something and is now free to be written over; may use the reserve to get there. */
  #restartJournal(): boolean {
    try {
      return withReserve(this.#reserve, () => {
        const [result] = this.#pragma('wal_checkpoint(RESTART)') as { busy: number; log: number }[];
        return result !== undefined && result.busy === 0 && result.log > 0;
      });
    } catch {
      return false;
    }
  }

  #transact<T>(act: (tx: Tx) => T): T {
    const hooks: CommitHooks = new Map();
    const tx = new SqlTx(this.#statements, this.path, hooks);
    this.#begin();
    try {
      const result = act(tx);
      this.#commit(tx, hooks);
      if (tx.settles) this.#settle();
      tx.committed();
      return result;
    } catch (error) {
      this.#rollback();
      tx.rolledBack();
      throw error;
    } finally {
      this.#writing = false;
    }
  }

  /** Moves the journal into the database, so that a copy of that file alone has what was just committed. */
  #settle(): void {
    try {
      this.#db.pragma('wal_checkpoint(PASSIVE)');
    } catch {
      // A full disk: the journal has it, which is as durable; the lock moves it.
    }
  }

  #pragma(source: string): unknown {
    try {
      return this.#db.pragma(source);
    } catch (error) {
      throw sqlError(error, this.path);
    }
  }

  #flush(): void {
    const waiting = this.#queue;
    this.#queue = [];
    if (waiting.length === 0) return;
    try {
      const answers = this.#making(() => this.#runGroup(waiting));
      for (const answer of answers) answer();
    } catch (error) {
      for (const each of waiting) each.fail(error);
    }
  }

  #runGroup(waiting: readonly Waiting[]): (() => void)[] {
    const hooks: CommitHooks = new Map();
    const done: SqlTx[] = [];
    const answers: (() => void)[] = [];
    this.#begin();
    try {
      for (const each of waiting) {
        const tx = new SqlTx(this.#statements, this.path, hooks);
        this.#statements.of('SAVEPOINT member').statement.run();
        try {
          answers.push(each.run(tx));
          done.push(tx);
        } catch (error) {
          // SQLite gives the whole transaction up on some errors; the others can't go on either then.
          if (!this.#db.inTransaction || isKeywardError(error, 'DiskFull')) {
            done.push(tx);
            throw error;
          }
          this.#statements.of('ROLLBACK TO member').statement.run();
          tx.rolledBack();
          answers.push(() => each.fail(error));
        }
        this.#statements.of('RELEASE member').statement.run();
      }
      const last = new SqlTx(this.#statements, this.path, hooks);
      done.push(last);
      this.#commit(last, hooks);
      if (done.some(({ settles }) => settles)) this.#settle();
      for (const each of done) each.committed();
      return answers;
    } catch (error) {
      this.#rollback();
      for (const tx of done.reverse()) tx.rolledBack();
      throw sqlError(error, this.path);
    } finally {
      this.#writing = false;
    }
  }

  #begin(): void {
    if (this.#writing) throw fail('internal', { what: 'A transaction was begun inside another one.' });
    if (this.#refusal !== undefined) throw this.#refusal;
    // SQLite would go on writing to a file that nobody finds any more (pitfall 46).
    if (this.#file !== IN_MEMORY && fileIdentity(this.path) !== this.#file) throw movedError(this.path);
    try {
      this.#db.exec('BEGIN IMMEDIATE');
    } catch (error) {
      throw sqlError(error, this.path);
    }
    try {
      this.requireSchema();
    } catch (error) {
      this.#rollback();
      throw error;
    }
    this.#writing = true;
  }

  #commit(tx: SqlTx, hooks: CommitHooks): void {
    for (const act of hooks.values()) act(tx);
    try {
      this.#db.exec('COMMIT');
    } catch (error) {
      throw sqlError(error, this.path);
    }
  }

  #rollback(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
  }
}

function withReserve<T>(reserve: Reserve | undefined, act: () => T): T {
  for (;;) {
    try {
      return act();
    } catch (error) {
      if (!isKeywardError(error, 'DiskFull') || reserve?.release() !== true) throw error;
    }
  }
}
