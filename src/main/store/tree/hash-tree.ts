import { fail, isKeywardError, type KeywardError } from '../../../shared/errors.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import type { ReadTx, Tx } from '../transaction.ts';
import { decodeChildren, encodeChildren, rowNode, type TreeNode } from './node.ts';
import { type TreeRow, textOf } from './row-key.ts';
import { build, find, insert, type Load, rankOf, remove, rowsOf } from './shape.ts';
import { isBodyOf, type TreeMacs, treeMacs } from './tree-macs.ts';

/** Keys with `from <= key < to`; `to` undefined: to the end. */
type Stretch = { readonly from: string; readonly to: string | undefined };

/** What a tree is over. */
type TreeOptions = {
  /** Its name, unique in the database. */
  readonly name: string;
  /** 32 bytes, for this tree only. */
  readonly key: Uint8Array;
  /**
   * The rows themselves with `from <= key < to` (`to` undefined: to the end), sorted by key, digests as they are stored,
   * not trusted: inner nodes that were damaged are made from them again.
   */
  readonly rows: (tx: ReadTx, from: string, to: string | undefined) => Iterable<TreeRow>;
};

/** A row of `tree_roots`. */
type StoredRoot = { level: number; rows: number; hash: Buffer; mac: Buffer };
type Made = (node: TreeNode, body: Buffer) => void;

/** How many nodes stay in memory between transactions, each with some 16 rows or nodes below. */
const MAX_NODES = 4_096;

/**
 * A tree of hashes over rows that stand elsewhere in the database (docs/adr/0014): says by proof which rows there are,
 * with which digests, in which order, how many, and which there are not. The tree is in `tree_nodes`, its root under a
 * MAC in `tree_roots`, written in the transaction of the change. The database is not trusted: a node is believed when
 * its hash is the one that the node above, and at last the root, has for it.
 *
 * Nodes that were read stay in memory until another connection changes the database (`ReadTx.version`). The root that
 * this process knows never comes from the database again: a whole older state that is put back does not fit it.
 *
 * Whoever changes a row changes the tree first and the row next, in one transaction. Throws `VaultDamaged` naming
 * what is damaged: `tree_roots/NAME`, or `tree_nodes/NAME/LEVEL` where neither a node nor the rows below it hold.
 */
export class HashTree {
  readonly #name: string;
  readonly #macs: TreeMacs;
  readonly #rows: TreeOptions['rows'];
  #root: TreeNode | undefined;
  /** The root as it stands in the database. */
  #stored: StoredRoot | undefined;
  #version = 0;
  #inMemory = 0;
  #epoch = 0;
  #rebuilt = 0;

  constructor({ name, key, rows }: TreeOptions) {
    this.#name = name;
    this.#macs = treeMacs(name, key);
    this.#rows = rows;
  }

  /** Whether the database has this tree: false until `create` or `fill`. */
  exists(tx: ReadTx): boolean {
    return this.#readRoot(tx) !== undefined;
  }

  /** Begins the tree without rows; once in its life. */
  create(tx: Tx): void {
    this.fill(tx, []);
  }

  /** Begins the tree over rows that are there and have been verified, sorted by key; once in its life. */
  fill(tx: Tx, rows: Iterable<TreeRow>): void {
    const root = build(nodesOf(rows), this.#macs.heightOf);
    if (root === undefined) throw fail('internal', { what: 'A tree has no root.' });
    this.#seal(root, this.#writing(tx));
    const stored = this.#storedRoot(root);
    const { level, rows: count, hash, mac } = stored;
    tx.run(
      'INSERT INTO tree_roots (tree, level, rows, hash, mac) VALUES (?, ?, ?, ?, ?)',
      ...[this.#name, level, count, hash, mac],
    );
    this.#version = tx.version();
    this.#move(tx, root, stored);
  }

  /** Deletes the tree of this name, whatever key it is under. */
  discard(tx: Tx): void {
    for (const t of ['tree_nodes', 'tree_roots']) tx.run(`DELETE FROM ${t} WHERE tree = ?`, this.#name);
  }

  /** Checks the root, and takes note of changes by others. What `current` and all else do first. */
  open(tx: ReadTx): void {
    this.#current(tx);
  }

  /** Grows whenever another connection has changed the database: what was read before may no longer be there. */
  epoch(tx: ReadTx): number {
    this.#current(tx);
    return this.#epoch;
  }

  /** How many nodes had to be made again from their rows since the tree was opened. */
  get rebuilt(): number {
    return this.#rebuilt;
  }

  /** The digest of a row; `undefined`: there is none, which is proven too. */
  digest(tx: ReadTx, key: string): Buffer | undefined {
    return find(this.#current(tx), key, this.#loading(tx))?.hash;
  }

  /** All rows with `from <= key < to`, sorted by key, none left out. `to` undefined: to the end. */
  *range(tx: ReadTx, from: string, to: string | undefined): Generator<TreeRow> {
    for (const rows of rowsOf(this.#current(tx), from, to, this.#loading(tx))) {
      for (const row of rows) yield { key: row.key, digest: hashOf(row) };
    }
  }

  /** How many rows there are with `from <= key < to`; all without bounds. Reads no row. */
  count(tx: ReadTx, from = '', to?: string): number {
    const root = this.#current(tx);
    const load = this.#loading(tx);
    return (to === undefined ? root.rows : rankOf(root, to, load)) - rankOf(root, from, load);
  }

  /**
   * Of a damaged tree all rows that it still proves, and between them, as `from` and `to`, the stretches of which it proves
   * nothing. The root may be damaged in one of its parts: another that the rows give again stands for it.
   */
  *survey(tx: ReadTx): Generator<TreeRow | Stretch> {
    const root = this.#surveyed(tx);
    if (root === undefined) yield { from: '', to: undefined };
    else yield* this.#proven(tx, root, undefined);
  }

  *#proven(tx: ReadTx, node: TreeNode, to: string | undefined): Generator<TreeRow | Stretch> {
    if (node.level === 0) {
      yield { key: node.key, digest: hashOf(node) };
      return;
    }
    const children = orDamaged(() => this.#load(tx, node, to));
    if (children === undefined) return yield { from: node.key, to };
    for (const [at, child] of children.entries()) yield* this.#proven(tx, child, children[at + 1]?.key ?? to);
  }

  #surveyed(tx: ReadTx): TreeNode | undefined {
    const current = orDamaged(() => this.#current(tx));
    const again = current ?? build(nodesOf(this.#rows(tx, '', undefined)), this.#macs.heightOf);
    if (current !== undefined || again === undefined) return current;
    this.#seal(again);
    const { hash, mac } = this.#storedRoot(again);
    const stored = orDamaged(() => this.#readRoot(tx));
    return stored?.hash.equals(hash) || stored?.mac.equals(mac) ? again : undefined;
  }

  /** Enters a row, new or in place of the one of its key. */
  set(tx: Tx, { key, digest }: TreeRow): void {
    if (key === '') throw new RangeError('a row needs a key');
    this.#change(tx, insert(this.#current(tx), rowNode(key, digest), this.#macs.heightOf, this.#loading(tx)));
  }

  /** Takes a row out; false if there was none. */
  remove(tx: Tx, key: string): boolean {
    const root = this.#current(tx);
    const load = this.#loading(tx);
    if (find(root, key, load) === undefined) return false;
    this.#change(tx, remove(root, key, this.#macs.heightOf, load));
    for (let level = this.#macs.heightOf(key); level > 0; level--) {
      tx.run(
        'DELETE FROM tree_nodes WHERE tree = ? AND level = ? AND first = ?',
        this.#name,
        level,
        Buffer.from(key, 'latin1'),
      );
    }
    return true;
  }

  /**
   * Writes all nodes anew, made from the rows. Throws `VaultDamaged`, changing nothing, if they do not give the very
   * root that is under the MAC: that needs each row to be as it was written.
   */
  rebuild(tx: Tx): void {
    const known = this.#current(tx);
    const root = build(nodesOf(this.#rows(tx, '', undefined)), this.#macs.heightOf);
    const made: Parameters<Made>[] = [];
    const hash = root === undefined ? undefined : this.#seal(root, (...each) => made.push(each));
    if (root === undefined || hash === undefined || !equalBytes(hash, hashOf(known)))
      throw this.#damaged(known);
    tx.run('DELETE FROM tree_nodes WHERE tree = ?', this.#name);
    const write = this.#writing(tx);
    for (const each of made) write(...each);
    this.#move(tx, root, this.#stored);
    this.#rebuilt = 0;
  }

  /** Whether `tree_nodes` holds as many nodes of this tree as it has: a damaged one leaves others behind. */
  hasAllNodes(tx: ReadTx): boolean {
    const sql = 'SELECT COUNT(*) AS n FROM tree_nodes WHERE tree = ?';
    return tx.get<{ n: number }>(sql, this.#name)?.n === this.#nodesBelow(tx, this.#current(tx), undefined);
  }

  #nodesBelow(tx: ReadTx, node: TreeNode, to: string | undefined): number {
    if (node.level < 2) return node.level;
    const children = this.#load(tx, node, to);
    return children.reduce(
      (sum, child, at) => sum + this.#nodesBelow(tx, child, children[at + 1]?.key ?? to),
      1,
    );
  }

  #current(tx: ReadTx): TreeNode {
    const version = tx.version();
    if (this.#root === undefined || this.#stored === undefined) return this.#first(tx, version);
    if (version !== this.#version) {
      const stored = this.#readRoot(tx);
      if (stored === undefined || !isSame(stored, this.#stored)) throw this.#changed();
      this.#version = version;
      this.#epoch += 1;
      this.#forget(this.#root);
    } else if (this.#inMemory > MAX_NODES) this.#forget(this.#root);
    return this.#root;
  }

  #first(tx: ReadTx, version: number): TreeNode {
    const stored = this.#readRoot(tx);
    if (stored === undefined) throw this.#changed();
    const { level, rows, hash, mac } = stored;
    const isOurs =
      [level, rows].every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32) &&
      equalBytes(mac, this.#macs.rootMac(level, rows, hash));
    if (!isOurs) throw this.#changed();
    const root = { level, key: '', rows, hash, children: undefined };
    this.#version = version;
    this.#stored = stored;
    this.#root = root;
    return root;
  }

  /** Drops what was read; a root that is being changed holds what is nowhere else and stays. */
  #forget(root: TreeNode): void {
    if (root.hash === undefined) return;
    this.#root = { ...root, children: undefined };
    this.#inMemory = 0;
  }

  #loading(tx: ReadTx): Load {
    return (node, to) => this.#load(tx, node, to);
  }

  #load(tx: ReadTx, node: TreeNode, to: string | undefined): readonly TreeNode[] {
    if (node.children !== undefined) return node.children;
    const body = this.#read(tx, node);
    const children =
      body !== undefined && isBodyOf(this.#macs, node, body)
        ? decodeChildren(node.level - 1, body)
        : this.#fromRows(tx, node, to);
    // More than is kept is read again; that costs time and no memory.
    if (this.#inMemory <= MAX_NODES) {
      node.children = children;
      this.#inMemory += 1;
    }
    return children;
  }

  #read(tx: ReadTx, node: TreeNode): Buffer | undefined {
    try {
      const body = tx.get<{ body: unknown }>(
        'SELECT body FROM tree_nodes WHERE tree = ? AND level = ? AND first = ?',
        this.#name,
        node.level,
        Buffer.from(node.key, 'latin1'),
      )?.body;
      return Buffer.isBuffer(body) ? body : undefined;
    } catch (error) {
      // SQLite itself can't read it: as good as missing.
      if (isKeywardError(error, 'VaultDamaged')) return undefined;
      throw error;
    }
  }

  #fromRows(tx: ReadTx, node: TreeNode, to: string | undefined): readonly TreeNode[] {
    const again = build(nodesOf(this.#rows(tx, node.key, to)), this.#macs.heightOf, node);
    if (again?.children === undefined || !equalBytes(this.#seal(again), hashOf(node)))
      throw this.#damaged(node);
    this.#rebuilt += 1;
    return again.children;
  }

  #change(tx: Tx, root: TreeNode): void {
    this.#move(tx, root, this.#stored);
    tx.beforeCommit(this, (last) => this.#write(last));
  }

  #write(tx: Tx): void {
    const [root, before] = [this.#root, this.#stored];
    if (root === undefined || before === undefined || root.hash !== undefined) return;
    this.#seal(root, this.#writing(tx));
    if (root.level < before.level) {
      tx.run('DELETE FROM tree_nodes WHERE tree = ? AND level > ?', this.#name, root.level);
    }
    const after = this.#storedRoot(root);
    const { level, rows, hash, mac } = after;
    const { changes } = tx.run(
      'UPDATE tree_roots SET level = ?, rows = ?, hash = ?, mac = ? WHERE tree = ? AND mac = ?',
      ...[level, rows, hash, mac, this.#name, before.mac],
    );
    if (changes !== 1) throw this.#changed();
    this.#move(tx, root, after);
  }

  #move(tx: Tx, root: TreeNode, stored: StoredRoot | undefined): void {
    const before = { root: this.#root, stored: this.#stored };
    this.#root = root;
    this.#stored = stored;
    tx.onRollback(() => {
      this.#root = before.root;
      this.#stored = before.stored;
    });
  }

  #writing(tx: Tx): Made {
    return (node, body) => {
      this.#inMemory += 1;
      tx.run(
        'INSERT INTO tree_nodes (tree, level, first, body) VALUES (?, ?, ?, ?) ' +
          'ON CONFLICT (tree, level, first) DO UPDATE SET body = excluded.body',
        ...[this.#name, node.level, Buffer.from(node.key, 'latin1'), body],
      );
    };
  }

  /** Gives every node that has none its hash, from below, and tells of each with its body. */
  #seal(node: TreeNode, made: Made = () => undefined): Buffer {
    if (node.hash !== undefined || node.children === undefined) return hashOf(node);
    for (const child of node.children) this.#seal(child, made);
    const body = encodeChildren(node.children);
    node.hash = this.#macs.hashOf(node.level, body);
    made(node, body);
    return node.hash;
  }

  #storedRoot(root: TreeNode): StoredRoot {
    const { level, rows } = root;
    const hash = hashOf(root);
    return { level, rows, hash, mac: this.#macs.rootMac(level, rows, hash) };
  }

  #readRoot(tx: ReadTx): StoredRoot | undefined {
    const sql = 'SELECT level, rows, hash, mac FROM tree_roots WHERE tree = ?';
    const root = tx.get<StoredRoot>(sql, this.#name);
    return root !== undefined && Buffer.isBuffer(root.hash) && Buffer.isBuffer(root.mac) ? root : undefined;
  }

  #changed(): KeywardError {
    const row = `tree_roots/${this.#name}`;
    return fail('tree-root-changed', { row, rows: this.#name }, { row });
  }

  #damaged(node: TreeNode): KeywardError {
    const row = `tree_nodes/${this.#name}/${node.level}`;
    return fail('tree-node-damaged', { row: `${row}/${textOf(node.key)}` });
  }
}

function* nodesOf(rows: Iterable<TreeRow>): Generator<TreeNode> {
  for (const { key, digest } of rows) yield rowNode(key, digest);
}

function isSame(a: StoredRoot, b: StoredRoot): boolean {
  return a.level === b.level && a.rows === b.rows && equalBytes(a.hash, b.hash) && equalBytes(a.mac, b.mac);
}

/** What `act` gives; `undefined` where the database can't be believed or read there. */
function orDamaged<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (isKeywardError(error)) return undefined;
    throw error;
  }
}

function hashOf(node: TreeNode): Buffer {
  if (node.hash === undefined) throw new RangeError('a node without a hash');
  return node.hash;
}
