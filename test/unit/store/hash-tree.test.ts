import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/main/crypto/hash.ts';
import type { Store } from '../../../src/main/store/database.ts';
import type { ReadTx, Tx } from '../../../src/main/store/transaction.ts';
import { HashTree } from '../../../src/main/store/tree/hash-tree.ts';
import { type TreeRow, treeKey } from '../../../src/main/store/tree/row-key.ts';
import { freshStore, tamper, testKey } from './support.ts';

// The rows that the tree of these tests is over: leases, by name, with their holder for a digest.
function* rows(tx: ReadTx, from: string, to: string | undefined): Generator<TreeRow> {
  for (const { name, holder } of tx.all<{ name: string; holder: string }>(
    'SELECT name, holder FROM leases ORDER BY name',
  )) {
    if (name >= from && (to === undefined || name < to)) yield { key: name, digest: digestOf(holder) };
  }
}

const digestOf = (value: string) => sha256(Buffer.from(value));
const newTree = () => new HashTree({ name: 'leases', key: testKey('tree'), rows });

function put(tx: Tx, tree: HashTree, name: string, value: string): void {
  tree.set(tx, { key: name, digest: digestOf(value) });
  tx.run(
    'INSERT INTO leases (name, holder, expires) VALUES (?, ?, 0) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder',
    name,
    value,
  );
}

function drop(tx: Tx, tree: HashTree, name: string): boolean {
  const was = tree.remove(tx, name);
  tx.run('DELETE FROM leases WHERE name = ?', name);
  return was;
}

function filled(count: number): { store: Store; tree: HashTree; names: string[] } {
  const [store, tree] = [freshStore(), newTree()];
  const names = Array.from({ length: count }, (_, n) => digestOf(`name ${n}`).toString('hex').slice(0, 12));
  store.write((tx) => {
    tree.create(tx);
    for (const name of names) put(tx, tree, name, `value of ${name}`);
  });
  return { store, tree, names: names.sort() };
}

const nodesOf = (store: Store) =>
  store.read((tx) => tx.all('SELECT level, first, body FROM tree_nodes ORDER BY level, first'));
const rootOf = (store: Store) => store.read((tx) => tx.get('SELECT * FROM tree_roots'));

const ids = fc.stringMatching(/^[0-9a-f]{1,2}$/);
const commands = fc.array(
  fc.record({
    writes: fc.array(fc.record({ id: ids, value: fc.option(fc.string(), { nil: undefined }) }), {
      maxLength: 30,
    }),
    fails: fc.boolean(),
    fresh: fc.boolean(),
  }),
  { maxLength: 12 },
);

describe('a tree of hashes', () => {
  it('says what a plain map says, after any changes, rollbacks and new starts', () => {
    fc.assert(
      fc.property(commands, fc.array(ids), (steps, asked) => {
        const store = freshStore();
        let tree = newTree();
        store.write((tx) => tree.create(tx));
        let map = new Map<string, string>();
        for (const { writes, fails, fresh } of steps) {
          if (fresh) tree = newTree();
          const next = new Map(map);
          const act = (tx: Tx) => {
            for (const { id, value } of writes) {
              if (value === undefined) expect(drop(tx, tree, id)).toBe(next.delete(id));
              else {
                put(tx, tree, id, value);
                next.set(id, value);
              }
              agree(tx, tree, next, [id]);
            }
            if (fails) throw new Error('stop');
          };
          if (fails) expect(() => store.write(act)).toThrow('stop');
          else {
            store.write(act);
            map = next;
          }
          store.read((tx) => agree(tx, tree, map, asked));
        }
        for (const reader of [tree, newTree()]) {
          store.read((tx) => {
            agree(tx, reader, map, asked);
            expect(reader.hasAllNodes(tx)).toBe(true);
            expect(reader.rebuilt).toBe(0);
          });
        }
        store.close();
      }),
      { numRuns: 60 },
    );
  });

  it('has the same shape for the same rows, in whatever order and by whatever way they came', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(ids, { maxLength: 200 }),
        fc.array(ids),
        fc.infiniteStream(fc.nat()),
        (kept, gone, random) => {
          const [one, two] = [freshStore(), freshStore()];
          const [first, second] = [newTree(), newTree()];
          one.write((tx) => {
            first.create(tx);
            for (const id of kept) put(tx, first, id, id);
          });
          const order = kept.map((id) => ({ id, at: random.next().value ?? 0 })).sort((a, b) => a.at - b.at);
          two.write((tx) => {
            second.create(tx);
            for (const id of gone) put(tx, second, id, 'x');
          });
          for (const { id } of order) two.write((tx) => put(tx, second, id, id));
          two.write((tx) => {
            for (const id of gone) if (!kept.includes(id)) drop(tx, second, id);
          });
          expect(rootOf(two)).toEqual(rootOf(one));
          expect(nodesOf(two)).toEqual(nodesOf(one));
          two.write((tx) => second.rebuild(tx));
          expect(nodesOf(two)).toEqual(nodesOf(one));
          one.close();
          two.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  it('touches few nodes with a change, also among many rows', () => {
    const { store, tree, names } = filled(5_000);
    const before = new Map(nodesOf(store).map((node) => [JSON.stringify(node), true]));
    store.write((tx) => put(tx, tree, names[2_500] ?? '', 'new'));
    const written = nodesOf(store).filter((node) => !before.has(JSON.stringify(node)));
    expect(written.length).toBeLessThanOrEqual(6);
  });

  it('makes damaged, missing and surplus nodes good from the rows, and tells that it had to', () => {
    for (const sql of [
      "UPDATE tree_nodes SET body = x'00' WHERE level = 1",
      'UPDATE tree_nodes SET body = zeroblob(length(body)) WHERE level = 2',
      'DELETE FROM tree_nodes WHERE level = 2',
      'DELETE FROM tree_nodes',
      'UPDATE tree_nodes SET level = level + 7',
    ]) {
      const { store, names } = filled(1_000);
      tamper(store.path, sql);
      const tree = newTree();
      store.read((tx) => {
        expect([...tree.range(tx, '', undefined)].map(({ key }) => key)).toEqual(names);
        expect(tree.rebuilt, sql).toBeGreaterThan(0);
        expect(tree.hasAllNodes(tx) && sql.startsWith('DELETE'), sql).toBe(false);
      });
      store.write((tx) => tree.rebuild(tx));
      store.read((tx) => {
        const again = newTree();
        expect([...again.range(tx, '', undefined)]).toHaveLength(1_000);
        expect([again.rebuilt, again.hasAllNodes(tx)]).toEqual([0, true]);
      });
    }
    const { store } = filled(300);
    tamper(
      store.path,
      'INSERT INTO tree_nodes SELECT tree, 9, first, body FROM tree_nodes WHERE level = 1 LIMIT 1',
    );
    expect(store.read((tx) => newTree().hasAllNodes(tx))).toBe(false);
  });

  it('refuses by name where neither a node nor the rows below it hold, and nowhere else', () => {
    const { store, names } = filled(1_000);
    const [name = ''] = names;
    tamper(store.path, "UPDATE tree_nodes SET body = x'00' WHERE level = 1 AND first = x''");
    tamper(store.path, "UPDATE leases SET holder = 'other' WHERE name = ?", name);
    const tree = newTree();
    const damaged = expect.objectContaining({
      code: 'VaultDamaged',
      details: { row: expect.stringMatching(/^tree_nodes\/leases\/1\//) },
    });
    expect(() => store.read((tx) => tree.digest(tx, name))).toThrow(damaged);
    expect(() => store.write((tx) => tree.rebuild(tx))).toThrow(
      expect.objectContaining({ code: 'VaultDamaged' }),
    );
    expect(store.read((tx) => tree.digest(tx, names.at(-1) ?? ''))).toBeDefined();
  });

  it('refuses a root that is edited, missing, or of another moment', () => {
    const edits = [
      'UPDATE tree_roots SET level = level + 1',
      'UPDATE tree_roots SET rows = rows - 1',
      'UPDATE tree_roots SET hash = zeroblob(32)',
      'UPDATE tree_roots SET mac = zeroblob(32)',
      "UPDATE tree_roots SET tree = 'other'",
      'DELETE FROM tree_roots',
    ];
    const refusal = expect.objectContaining({ code: 'VaultDamaged', details: { row: 'tree_roots/leases' } });
    for (const sql of edits) {
      const { store, tree } = filled(20);
      tamper(store.path, sql);
      expect(() => store.read((tx) => newTree().open(tx)), sql).toThrow(refusal);
      // The process that has the vault open takes nothing of it.
      expect(() => store.write((tx) => put(tx, tree, 'new', 'x')), sql).toThrow(refusal);
    }
    const { store, tree } = filled(20);
    const old = rootOf(store) as { hash: Buffer; mac: Buffer };
    store.write((tx) => put(tx, tree, 'new', 'x'));
    tamper(store.path, 'UPDATE tree_roots SET rows = rows - 1, hash = ?, mac = ?', old.hash, old.mac);
    expect(() => store.read((tx) => tree.digest(tx, 'new'))).toThrow(refusal);
    expect(() => store.read((tx) => newTree().digest(tx, 'new'))).toThrow(
      expect.objectContaining({ code: 'VaultDamaged' }),
    );
  });

  it('sorts by the bytes of UTF-8, as SQLite does, and gives names with halves of pairs one form', () => {
    const names = ['a', 'a\u{10400}', 'a\uffee', 'aé', 'a\ud800', 'z'];
    const bySqlite = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect([...names].sort((a, b) => (treeKey(a) < treeKey(b) ? -1 : 1))).toEqual(bySqlite);
    expect(treeKey('a\ud800')).toBe(treeKey('a\ufffd'));
  });
});

function agree(tx: ReadTx, tree: HashTree, map: ReadonlyMap<string, string>, asked: readonly string[]): void {
  const sorted = [...map.keys()].sort();
  expect([...tree.range(tx, '', undefined)]).toEqual(
    sorted.map((key) => ({ key, digest: digestOf(map.get(key) ?? '') })),
  );
  for (const id of asked) {
    const value = map.get(id);
    expect(tree.digest(tx, id)).toEqual(value === undefined ? undefined : digestOf(value));
    expect(tree.count(tx, '', id)).toBe(sorted.filter((key) => key < id).length);
    expect(tree.count(tx, id)).toBe(sorted.filter((key) => key >= id).length);
    expect([...tree.range(tx, id, `${id}8`)].map(({ key }) => key)).toEqual(
      sorted.filter((key) => key >= id && key < `${id}8`),
    );
  }
}
