import { parentNode, type TreeNode } from './node.ts';

/** Gives the children of a node, read and checked where they are not in memory. `to`: where its range ends. */
export type Load = (node: TreeNode, to: string | undefined) => readonly TreeNode[];

/** How high a key reaches; see `TreeMacs`. */
type HeightOf = (key: string) => number;

/**
 * The tree over these rows, which come sorted: the same for the same rows, in whatever order they were written. With
 * `top`, the part of a tree below one node of that level and key; `undefined` if the rows would make several.
 */
export function build(
  rows: Iterable<TreeNode>,
  heightOf: HeightOf,
  top?: { readonly level: number; readonly key: string },
): TreeNode | undefined {
  const first = top?.key ?? '';
  let level = 1;
  let nodes = grouped(rows, level, first, heightOf);
  while (top === undefined ? nodes.length > 1 : level < top.level) {
    level += 1;
    nodes = grouped(nodes, level, first, heightOf);
  }
  return nodes.length === 1 ? nodes[0] : undefined;
}

function grouped(below: Iterable<TreeNode>, level: number, first: string, heightOf: HeightOf): TreeNode[] {
  const groups: { readonly key: string; readonly children: TreeNode[] }[] = [{ key: first, children: [] }];
  for (const child of below) {
    if (child.key !== first && heightOf(child.key) >= level)
      groups.push({ key: child.key, children: [child] });
    else groups.at(-1)?.children.push(child);
  }
  return groups.map(({ key, children }) => parentNode(level, key, children));
}

/** The row of this key, or `undefined`, which the nodes on the way prove as well. */
export function find(root: TreeNode, key: string, load: Load): TreeNode | undefined {
  let [node, to]: [TreeNode | undefined, string | undefined] = [root, undefined];
  while (node !== undefined && node.level > 0) {
    const children = load(node, to);
    const at = placeOf(children, key);
    to = children[at + 1]?.key ?? to;
    node = children[at];
  }
  return node?.key === key ? node : undefined;
}

/** How many rows stand before this key. */
export function rankOf(root: TreeNode, key: string, load: Load): number {
  let before = 0;
  let [node, to]: [TreeNode | undefined, string | undefined] = [root, undefined];
  while (node !== undefined && node.level > 0) {
    const children = load(node, to);
    const at = placeOf(children, key);
    for (const child of children.slice(0, Math.max(at, 0))) before += child.rows;
    to = children[at + 1]?.key ?? to;
    node = children[at];
  }
  return node !== undefined && node.key < key ? before + 1 : before;
}

/** The rows from `from` on and before `to`, sorted, in lists that belong together. */
export function* rowsOf(
  node: TreeNode,
  from: string,
  to: string | undefined,
  load: Load,
  end?: string,
): Generator<readonly TreeNode[]> {
  const children = load(node, end);
  const begin = Math.max(placeOf(children, from), 0);
  if (node.level === 1) {
    const rows = children.slice(begin).filter(({ key }) => key >= from && (to === undefined || key < to));
    if (rows.length > 0) yield rows;
    return;
  }
  for (const [at, child] of children.entries()) {
    if (at < begin) continue;
    if (to !== undefined && child.key >= to) return;
    yield* rowsOf(child, from, to, load, children[at + 1]?.key ?? end);
  }
}

/** The root after a row was put in, or in the place of the one of its key. */
export function insert(root: TreeNode, row: TreeNode, heightOf: HeightOf, load: Load): TreeNode {
  const height = heightOf(row.key);
  let [left, right] = inserted(root, row, height, load, undefined);
  if (right === undefined) return left;
  while (left.level < height) {
    const level = left.level + 1;
    [left, right] = [parentNode(level, '', [left]), parentNode(level, row.key, [right])];
  }
  return parentNode(left.level + 1, '', [left, right]);
}

type Parts = readonly [TreeNode, TreeNode?];

function inserted(node: TreeNode, row: TreeNode, height: number, load: Load, to: string | undefined): Parts {
  const { level, key } = node;
  const children = load(node, to);
  const at = placeOf(children, row.key);
  const child = children[at];
  if (level === 1) {
    if (child?.key === row.key) return [parentNode(level, key, children.with(at, row))];
    return parted(level, key, children.toSpliced(at + 1, 0, row), height > 0 ? at + 1 : undefined);
  }
  const [left, right] = inserted(child as TreeNode, row, height, load, children[at + 1]?.key ?? to);
  if (right === undefined) return [parentNode(level, key, children.with(at, left))];
  return parted(level, key, children.toSpliced(at, 1, left, right), height >= level ? at + 1 : undefined);
}

function parted(level: number, key: string, children: readonly TreeNode[], at: number | undefined): Parts {
  const second = at === undefined ? undefined : children[at];
  if (second === undefined) return [parentNode(level, key, children)];
  return [parentNode(level, key, children.slice(0, at)), parentNode(level, second.key, children.slice(at))];
}

/** The root after the row of this key, which is there, was taken out. */
export function remove(root: TreeNode, key: string, heightOf: HeightOf, load: Load): TreeNode {
  let left = removed(root, key, heightOf(key), load, undefined);
  for (;;) {
    const [only, ...more] = left.level > 1 ? load(left, undefined) : [];
    if (only === undefined || more.length > 0) return left;
    left = only;
  }
}

function removed(node: TreeNode, key: string, height: number, load: Load, to: string | undefined): TreeNode {
  const children = load(node, to);
  const at = placeOf(children, key);
  if (node.level === 1) return parentNode(1, node.key, children.toSpliced(at, 1));
  const [before, child] = [children[at - 1], children[at] as TreeNode];
  const end = children[at + 1]?.key ?? to;
  // The highest nodes that begin with the key: what is left of them goes to their neighbours.
  if (node.level === height + 1 && before !== undefined) {
    const whole = joined(before, child, load, end);
    return parentNode(node.level, node.key, children.toSpliced(at - 1, 2, whole));
  }
  return parentNode(node.level, node.key, children.with(at, removed(child, key, height, load, end)));
}

/** Two neighbours as one, without the row that the second one begins with. */
function joined(left: TreeNode, right: TreeNode, load: Load, to: string | undefined): TreeNode {
  const [before, after] = [load(left, right.key), load(right, to)];
  const [last, first] = [before.at(-1), after[0]];
  if (left.level === 1 || last === undefined || first === undefined) {
    return parentNode(left.level, left.key, [...before, ...after.slice(1)]);
  }
  const middle = joined(last, first, load, after[1]?.key ?? to);
  return parentNode(left.level, left.key, [...before.slice(0, -1), middle, ...after.slice(1)]);
}

/** The index of the last child whose key is not above `key`; -1 if there is none. */
function placeOf(children: readonly TreeNode[], key: string): number {
  let [low, high] = [0, children.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((children[middle] as TreeNode).key <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
