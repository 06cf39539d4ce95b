import type { Clock } from '../../shared/clock.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { equalBytes, randomBytes } from '../crypto/bytes.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import type { ReadTx, Store, Tx } from './database.ts';
import { MultisetHash, type SetRow } from './multiset-hash.ts';
import type { Records } from './records.ts';

/**
 * One unfinished output that stands on the disk: where, which file exactly (as soon as it has been made), for
 * which message id, recorded when (ms since 1970).
 */
export type Partial = {
  readonly id: number;
  readonly path: string;
  readonly device?: bigint;
  readonly inode?: bigint;
  /** When the file was made, in ns since 1970; 0 where the disk does not know. */
  readonly born?: bigint;
  /** The folder that it was made in, and on which volume: how large it is, of which type. */
  readonly folder?: FolderId;
  /** The final name that is being taken by an empty file, on a disk without hard links. */
  readonly claims?: string;
  readonly messageId?: Buffer;
  readonly created: number;
};

/** Which file or folder: its device and inode, and when it was made, in ns since 1970, 0 where the disk does not know. */
export type FileId = { readonly device: bigint; readonly inode: bigint; readonly born: bigint };

/** Which folder, with what can be said of its volume as text to be compared. */
export type FolderId = FileId & { readonly volume: string };

type Row = {
  id: number;
  path: string;
  device: string | null;
  inode: string | null;
  born: string | null;
  folder: string | null;
  claims: string | null;
  message_id: Buffer | null;
  created: number;
  mac: Buffer | null;
};

const COLUMNS = 'id, path, device, inode, born, folder, claims, message_id, created, mac';

/**
 * The partials on record, oldest first: to be read while the vault is locked too, when nobody can say whether a row
 * is Keyward's. Nothing may be done to a file for it.
 */
export function listPartials(tx: ReadTx): Partial[] {
  return rowsOf(tx).map(partialOf);
}

/** What the table of partials is opened with. Keys: 32 bytes each, derived from the root key. */
type PartialsOptions = {
  readonly records: Records;
  /** Makes the MAC of each row. */
  readonly key: Buffer;
  /** Makes the set of all rows. */
  readonly setKey: Buffer;
};

/**
 * The partials on record, in clear, each row under a MAC, all of them a set of their own: what is removed from the
 * disk is decided by them, so a row that was written, edited or put back from outside counts for nothing.
 */
export class Partials {
  readonly #key: Buffer;
  readonly #set: MultisetHash;

  /** Nothing is read yet. The keys stay the caller's to wipe. */
  constructor({ records, key, setKey }: PartialsOptions) {
    this.#key = key;
    this.#set = new MultisetHash({ records, name: 'partials', key: setKey, page });
  }

  /** Records a partial before its first byte (docs/format.md 12); returns its id. */
  add(tx: Tx, clock: Clock, path: string, messageId?: Uint8Array): number {
    const id = randomBytes(6).readUIntBE(0, 6);
    const named = { path, device: null, inode: null, born: null, folder: null, claims: null, mac: null };
    const row = {
      ...named,
      id,
      message_id: messageId === undefined ? null : Buffer.from(messageId),
      created: clock.now(),
    };
    const mac = this.#macOf(row);
    tx.run(
      'INSERT INTO partials (id, path, message_id, created, mac) VALUES (?, ?, ?, ?, ?)',
      id,
      path,
      row.message_id,
      row.created,
      mac,
    );
    this.#set.put(tx, elementOf({ ...row, mac }));
    return id;
  }

  /**
   * Records which file the partial is, and in which folder, once it has been made and before it has any content. The
   * time of birth belongs to it: disks give the inode of a removed file to the next one that is made. The folder's
   * identity tells later whether the disk that stands there is the same one.
   */
  identify(tx: Tx, id: number, file: FileId, folder?: FolderId): void {
    this.#update(tx, id, {
      device: String(file.device),
      inode: String(file.inode),
      born: String(file.born),
      folder:
        folder === undefined ? null : [folder.device, folder.inode, folder.born, folder.volume].join(':'),
    });
  }

  /** Records that the final name of a partial is about to be taken by an empty file. */
  claim(tx: Tx, id: number, target: string): void {
    this.#update(tx, id, { claims: target });
  }

  /** Forgets partials that were renamed into place or removed. */
  remove(tx: Tx, ids: readonly number[]): void {
    for (const id of ids) {
      const row = rowOf(tx, id);
      if (row === undefined) continue;
      tx.run('DELETE FROM partials WHERE id = ?', id);
      if (this.#isOurs(row)) this.#set.remove(tx, elementOf(row));
    }
  }

  /**
   * The rows that are Keyward's, after those that are not were forgotten, which it gives too: nothing was and will be
   * done for them. If the set does not hold, that is every row: one that was put back looks like any other. `at`: ms
   * since 1970.
   */
  async trusted(
    store: Store,
    at: number,
  ): Promise<{ readonly ours: Partial[]; readonly refused: Partial[] }> {
    const rows = store.read(rowsOf);
    const foreign = rows.filter((row) => !this.#isOurs(row));
    if (foreign.length > 0) forgetting(() => store.write((tx) => this.#forget(tx, foreign)));
    if ((await this.#set.verify(store)) === true) {
      return {
        ours: rows.filter((row) => !foreign.includes(row)).map(partialOf),
        refused: foreign.map(partialOf),
      };
    }
    forgetting(() =>
      store.write((tx) => {
        this.#forget(tx, rows);
        this.#set.accept(tx, at);
      }),
    );
    return { ours: [], refused: rows.map(partialOf) };
  }

  /** Whether the set of rows is as Keyward wrote it; `undefined`: `signal` was aborted before the end. */
  holds(store: Store, signal: AbortSignal): Promise<boolean | undefined> {
    return this.#set.verify(store, signal);
  }

  /** Puts rows that were ours under another root key under MACs of this one; others count for nothing, as before. */
  follow(tx: Tx, before: Partials): void {
    const brokenAt = this.#set.brokenAt(tx);
    for (const row of rowsOf(tx)) {
      if (before.#isOurs(row)) tx.run('UPDATE partials SET mac = ? WHERE id = ?', this.#macOf(row), row.id);
    }
    this.#set.beginAnew(tx, brokenAt);
  }

  #forget(tx: Tx, rows: readonly Row[]): void {
    for (const { id } of rows) tx.run('DELETE FROM partials WHERE id = ?', id);
  }

  #update(
    tx: Tx,
    id: number,
    change: Pick<Row, 'device' | 'inode' | 'born' | 'folder'> | Pick<Row, 'claims'>,
  ): void {
    const before = rowOf(tx, id);
    // Whoever removed it from outside has no say in what is trusted.
    if (before === undefined || !this.#isOurs(before)) return;
    const after = { ...before, ...change };
    const mac = this.#macOf(after);
    tx.run(
      'UPDATE partials SET device = ?, inode = ?, born = ?, folder = ?, claims = ?, mac = ? WHERE id = ?',
      after.device,
      after.inode,
      after.born,
      after.folder,
      after.claims,
      mac,
      id,
    );
    this.#set.put(tx, elementOf({ ...after, mac }), elementOf(before));
  }

  #isOurs(row: Row): boolean {
    return row.mac !== null && equalBytes(row.mac, this.#macOf(row));
  }

  #macOf({ id, path, device, inode, born, folder, claims, message_id, created }: Row): Buffer {
    const message = message_id?.toString('hex') ?? null;
    const text = JSON.stringify([id, path, device, inode, born, folder, claims, message, created]);
    return hmacSha256(this.#key, Buffer.from(text));
  }
}

/** What can't be forgotten on a full disk is found again at the next unlock. */
function forgetting(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isKeywardError(error, 'DiskFull', 'DiskReadOnly', 'IoFailed')) throw error;
  }
}

function rowsOf(tx: ReadTx): Row[] {
  return tx.all<Row>(`SELECT ${COLUMNS} FROM partials ORDER BY created, id`);
}

function rowOf(tx: ReadTx, id: number): Row | undefined {
  return tx.get<Row>(`SELECT ${COLUMNS} FROM partials WHERE id = ?`, id);
}

function page(tx: ReadTx, after: Buffer | undefined, limit: number): SetRow[] {
  const sql = `SELECT ${COLUMNS} FROM partials WHERE id > ? ORDER BY id LIMIT ?`;
  return tx.all<Row>(sql, after === undefined ? -1 : Number(after.readBigInt64BE()), limit).map(elementOf);
}

/** All that a row says is under its MAC. */
function elementOf({ id, mac }: Row): SetRow {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(id));
  return { id: bytes, bytes: mac ?? Buffer.alloc(0) };
}

function partialOf(row: Row): Partial {
  return {
    id: row.id,
    path: row.path,
    created: row.created,
    ...(row.device !== null && row.inode !== null && row.born !== null
      ? { device: numberOf(row.device), inode: numberOf(row.inode), born: numberOf(row.born) }
      : {}),
    ...(row.folder !== null ? { folder: folderOf(row.folder) } : {}),
    ...(row.claims !== null ? { claims: row.claims } : {}),
    ...(row.message_id !== null ? { messageId: row.message_id } : {}),
  };
}

function folderOf(text: string): FolderId {
  const [device = '', inode = '', born = '', volume = ''] = text.split(':');
  return { device: numberOf(device), inode: numberOf(inode), born: numberOf(born), volume };
}

/** What is no number was not written by us; the row's MAC says so. */
function numberOf(text: string): bigint {
  return /^-?\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}
