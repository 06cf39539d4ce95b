import { isKeywardError } from '../../shared/errors.ts';
import { sha256 } from '../crypto/hash.ts';
import { readWhatIsLeft } from '../disk/durable-file.ts';
import type { ReadTx } from '../store/database.ts';
import { Store } from '../store/database.ts';
import { identityIn, type VaultIdentity } from '../store/identity.ts';
import type { ProtectorRow } from '../store/keys-file/contents.ts';
import { readContents } from '../store/keys-file/contents.ts';
import { readableDatabase } from '../store/rescue/database-bytes.ts';
import { readableRows } from '../store/rescue/readable-rows.ts';
import { databasePath, keysPath } from './paths.ts';

/** The files of a vault that can't be opened as they should be, read into memory; nothing is written to them. */
export type DamagedFiles = {
  /** The database as far as SQLite reads it, in memory: to be closed. */
  readonly database: Store | undefined;
  readonly keysFile: Buffer | undefined;
  /** How many steps the schema had had, by the second file; 0 where that does not say. */
  readonly schema: number;
  /** As the second file has it, in clear: to be shown, not to be believed. */
  readonly identity: VaultIdentity | undefined;
  /** Protectors of either file whose tables or frames hold; each carries a checksum of its own. */
  readonly protectors: readonly ProtectorRow[];
  /** Whether one of them is of this id, with a record of this SHA-256 in hex. */
  hasRecord(id: string, digest: string): boolean;
};

/** Reads what is left of the vault at `home`. */
export function readDamagedFiles(home: string): DamagedFiles {
  const keysFile = readWhatIsLeft(keysPath(home));
  const path = databasePath(home);
  const bytes = readWhatIsLeft(path);
  const database = bytes === undefined ? undefined : opened(path, bytes, readWhatIsLeft(`${path}-wal`));
  const contents = keysFile === undefined ? undefined : readContents(keysFile);
  const rows = [...(contents?.records.values() ?? [])].flatMap(({ row }) => (row === undefined ? [] : [row]));
  const second = [...(contents?.protectors.values() ?? [])];
  const first =
    database?.read((tx: ReadTx) =>
      readableRows(tx, {
        table: 'protectors',
        columns: { id: 'text', kind: 'text', record: 'blob' },
        key: ['id'],
      }),
    ) ?? [];
  const protectors = [...first, ...second.flatMap(({ row }) => (row === undefined ? [] : [row]))];
  return {
    database,
    keysFile,
    schema: contents?.schema ?? 0,
    identity: identityIn(rows),
    protectors,
    hasRecord: (id, digest) =>
      protectors.some((row) => row.id === id && sha256(row.record).toString('hex') === digest),
  };
}

function opened(path: string, bytes: Buffer, journal: Buffer | undefined): Store | undefined {
  const readableBytes = readableDatabase(bytes, journal);
  if (readableBytes === undefined) return undefined;
  try {
    const store = Store.inMemory(path, readableBytes);
    store.read((tx) => tx.get('SELECT count(*) AS n FROM sqlite_schema'));
    return store;
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    return undefined;
  }
}
