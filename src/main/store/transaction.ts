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
  /** Runs one statement; returns how many rows it changed and the id of the last one inserted. */
  run(sql: string, ...params: readonly SqlValue[]): { changes: number; lastId: number };
  /** Registers `undo`, which is called if this transaction is rolled back, last one first: for state kept in memory. */
  onRollback(undo: () => void): void;
  /**
   * Calls `act` before the commit, once however often `owner` asks for it in this transaction; the latest
   * one asked for counts. A hook may write, and so have others run after it.
   */
  beforeCommit(owner: object, act: (tx: Tx) => void): void;
  /** Calls `act` once the commit is done, before the write returns. It must not throw. */
  afterCommit(act: () => void): void;
  /** Makes the write wait until its changes are in the database file itself, not only in its journal. */
  settle(): void;
}

/** What can be read in transactions, such as the store. */
export interface Reader {
  /** Runs `act` in a transaction that only reads; returns what it returns. */
  read<T>(act: (tx: ReadTx) => T): T;
}
