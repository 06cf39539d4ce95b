import { equalBytes } from '../../crypto/bytes.ts';
import { hmacSha256By } from '../../crypto/hash.ts';
import type { TreeNode } from './node.ts';

/** What is computed with a tree's key. */
export type TreeMacs = {
  /** The hash of a node of this level with this body: HMAC('node' ‖ level ‖ body). */
  readonly hashOf: (level: number, body: Buffer) => Buffer;
  /** The MAC of the root: HMAC('root' ‖ name ‖ level ‖ rows ‖ hash). */
  readonly rootMac: (level: number, rows: number, hash: Buffer) => Buffer;
  /**
   * How high a key reaches: it begins nodes of the levels 1 to this. The number of zero hex digits that HMAC('level' ‖
   * key) begins with, so a node has 16 children on average and nobody can choose keys for a lopsided tree.
   */
  readonly heightOf: (key: string) => number;
};

/** The MAC functions of the tree `name` under `key`, 32 bytes. */
export function treeMacs(name: string, key: Uint8Array): TreeMacs {
  const mac = hmacSha256By(key);
  const [node, level, root] = ['node', 'level', `root\0${name}\0`].map((label) => Buffer.from(label));
  return {
    hashOf: (of, body) => mac(node as Buffer, Uint8Array.of(of), body),
    rootMac: (of, rows, hash) => {
      const numbers = Buffer.alloc(8);
      numbers.writeUInt32BE(of, 0);
      numbers.writeUInt32BE(rows, 4);
      return mac(root as Buffer, numbers, hash);
    },
    heightOf: (of) => {
      const digits = mac(level as Buffer, Buffer.from(of, 'latin1')).toString('hex');
      return digits.length - digits.replace(/^0+/, '').length;
    },
  };
}

/** Whether a stored body is the one that a node's hash stands for. */
export function isBodyOf(macs: TreeMacs, node: TreeNode, body: Buffer): boolean {
  return node.hash !== undefined && equalBytes(macs.hashOf(node.level, body), node.hash);
}
