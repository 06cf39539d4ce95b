/**
 * A node of a tree of hashes (docs/adr/0014). Level 0 is a row: `hash` is its digest, `rows` is 1. A node of level
 * n covers the keys from its own to that of the next node of its level; its children are the nodes of level n - 1 in
 * that range. The first node of each level has the key '', which no row has.
 *
 * Nodes are never changed once others may see them, but for two fields that are filled in: `hash` when a new node is
 * written, `children` when one that is stored is read.
 */
export type TreeNode = {
  readonly level: number;
  /** A binary string: one character for each byte, so that JavaScript compares as SQLite compares BLOBs. */
  readonly key: string;
  /** How many rows are below. */
  readonly rows: number;
  hash: Buffer | undefined;
  children: readonly TreeNode[] | undefined;
};

const DIGEST_BYTES = 32;
/** Key's length and number of rows, 4 bytes each, and the hash. */
const CHILD_BYTES = 8 + DIGEST_BYTES;

/** A row's node. `digest`: 32 bytes. */
export function rowNode(key: string, digest: Buffer): TreeNode {
  return { level: 0, key, rows: 1, hash: digest, children: undefined };
}

/** A new node over children, in their order. */
export function parentNode(level: number, key: string, children: readonly TreeNode[]): TreeNode {
  const rows = children.reduce((sum, child) => sum + child.rows, 0);
  return { level, key, rows, hash: undefined, children };
}

/** The bytes of children as they are stored: key's length (u32) ‖ key ‖ rows (u32) ‖ hash, one after the other. */
export function encodeChildren(children: readonly TreeNode[]): Buffer {
  const body = Buffer.allocUnsafe(children.reduce((sum, { key }) => sum + CHILD_BYTES + key.length, 0));
  let at = 0;
  for (const { key, rows, hash } of children) {
    if (hash === undefined) throw new RangeError('a child without a hash');
    at = body.writeUInt32BE(key.length, at);
    at += body.write(key, at, 'latin1');
    at = body.writeUInt32BE(rows, at);
    at += hash.copy(body, at);
  }
  return body;
}

/** The children that `encodeChildren` wrote, of this level. `body` is genuine: its hash has been compared. */
export function decodeChildren(level: number, body: Buffer): TreeNode[] {
  const children: TreeNode[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 4 + body.readUInt32BE(at);
    const hash = body.subarray(end + 4, end + 4 + DIGEST_BYTES);
    children.push({
      level,
      key: body.toString('latin1', at + 4, end),
      rows: body.readUInt32BE(end),
      hash,
      children: undefined,
    });
    at = end + 4 + DIGEST_BYTES;
  }
  return children;
}
