import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Catalog } from '../../../src/main/store/catalog.ts';
import type { Store } from '../../../src/main/store/database.ts';
import { releaseLease, renewLease, takeLease } from '../../../src/main/store/leases.ts';
import { listPartials, Partials } from '../../../src/main/store/partials.ts';
import { freshStore, reopen, tamper, testClock, testKey, testRecords } from './support.ts';

const Entry = z.object({ name: z.string() });

describe('catalog', () => {
  function open(store: Store) {
    const records = testRecords();
    store.write((tx) => records.create(tx));
    const keys = { records, key: testKey('catalog'), setKey: testKey('catalog-set') };
    return new Catalog({ ...keys, schema: Entry, pack: (entry) => entry });
  }

  it('keeps names sealed, also in the journal, and finds them by message id', () => {
    const store = freshStore();
    const catalog = open(store);
    const id = Buffer.alloc(32, 1);
    store.write((tx) => catalog.put(tx, id, { name: 'canary-Diagnose Frau M.pdf' }));
    expect(store.read((tx) => catalog.get(tx, id))).toEqual({ name: 'canary-Diagnose Frau M.pdf' });
    expect(store.read((tx) => [...catalog.each(tx)])).toHaveLength(1);
    expect(readFileSync(`${store.path}-wal`).includes('canary')).toBe(false);
    store.close();
    expect(readFileSync(store.path).includes('canary')).toBe(false);
  });

  it('tells nothing by length between short names', () => {
    const store = freshStore();
    const catalog = open(store);
    store.write((tx) => {
      catalog.put(tx, Buffer.alloc(32, 1), { name: 'a' });
      catalog.put(tx, Buffer.alloc(32, 2), { name: 'a'.repeat(100) });
    });
    const lengths = store.read((tx) =>
      tx.all<{ n: number }>('SELECT DISTINCT length(sealed) AS n FROM catalog'),
    );
    expect(lengths).toHaveLength(1);
  });

  it.each([
    'UPDATE catalog SET sealed = zeroblob(length(sealed)) WHERE message_id < ?',
    "UPDATE catalog SET message_id = x'01' WHERE message_id < ?",
  ])('tells of a row that was edited, and goes on: %s', async (sql) => {
    const store = freshStore();
    const catalog = open(store);
    const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    store.write((tx) => {
      catalog.put(tx, a, { name: 'a' });
      catalog.put(tx, b, { name: 'b' });
    });
    expect(await catalog.verify(store)).toBe(true);
    tamper(store.path, sql, b);
    expect(store.read((tx) => catalog.get(tx, a))).toBeUndefined();
    const id = sql.includes("x'01'") ? Buffer.from([1]) : a;
    expect(store.read((tx) => catalog.look(tx, id))).toEqual({ isDamaged: true });
    expect(store.read((tx) => [...catalog.each(tx)])).toMatchObject([{ entry: { name: 'b' } }]);
    expect(await catalog.verify(store)).toBe(false);
    store.write((tx) => catalog.accept(tx, 7));
    expect(await catalog.verify(store)).toBe(true);
    expect(store.read((tx) => catalog.brokenAt(tx))).toBe(7);
  });

  it.each([
    ['removed', 'DELETE FROM catalog WHERE message_id = ?'],
    ['put back', 'UPDATE catalog SET sealed = ? WHERE message_id = ?'],
    ['put back where it had been removed', 'INSERT INTO catalog (sealed, message_id) VALUES (?, ?)'],
  ])('a row that is %s breaks the set, whatever is written afterwards', async (what, sql) => {
    const store = freshStore();
    const catalog = open(store);
    const id = Buffer.alloc(32, 1);
    store.write((tx) => catalog.put(tx, id, { name: 'old' }));
    const old = store.read((tx) => tx.get<{ sealed: Buffer }>('SELECT sealed FROM catalog'))?.sealed;
    if (what.includes('removed')) store.write((tx) => catalog.remove(tx, id));
    else store.write((tx) => catalog.put(tx, id, { name: 'new' }));
    if (what === 'removed') {
      store.write((tx) => catalog.put(tx, id, { name: 'new' }));
      tamper(store.path, sql, id);
    } else tamper(store.path, sql, old ?? '', id);
    expect(await catalog.verify(store)).toBe(false);
    store.write((tx) => catalog.put(tx, id, { name: 'newer' }));
    store.write((tx) => catalog.put(tx, Buffer.alloc(32, 9), { name: 'another' }));
    expect(await catalog.verify(store)).toBe(false);
  });

  it('a set stays whole through changes during its walk, rolled back ones too', async () => {
    const store = freshStore();
    const catalog = open(store);
    const idOf = (n: number) => {
      const id = Buffer.alloc(32);
      id.writeUInt32BE(n);
      return id;
    };
    store.write((tx) => {
      for (let n = 0; n < 3_500; n++) catalog.put(tx, idOf(n), { name: `${n}` });
    });
    const walk = catalog.verify(store);
    const undone = new Error('undone');
    await new Promise((resolve) => setImmediate(resolve));
    store.write((tx) => {
      catalog.put(tx, idOf(3), { name: 'changed' });
      catalog.put(tx, idOf(9_999), { name: 'new' });
      catalog.remove(tx, idOf(4));
      catalog.remove(tx, idOf(3_400));
    });
    await new Promise((resolve) => setImmediate(resolve));
    const failing = store.group((tx) => {
      catalog.put(tx, idOf(5), { name: 'never' });
      throw undone;
    });
    await expect(failing).rejects.toBe(undone);
    expect(await walk).toBe(true);
    expect(await catalog.verify(store)).toBe(true);
    tamper(store.path, 'DELETE FROM catalog WHERE message_id = ?', idOf(7));
    expect(await catalog.verify(store)).toBe(false);
  });

  it('rows from before there was a set are taken as they are', async () => {
    const store = freshStore();
    const catalog = open(store);
    store.write((tx) => catalog.put(tx, Buffer.alloc(32, 1), { name: 'a' }));
    tamper(store.path, "INSERT INTO catalog SELECT x'05', sealed FROM catalog");
    const records = testRecords();
    const older = new Catalog({
      ...{ records, key: testKey('catalog'), setKey: testKey('catalog-set') },
      ...{ schema: Entry, pack: (entry: z.output<typeof Entry>) => entry },
    });
    store.write((tx) => records.remove(tx, 'sets', 'catalog'));
    expect(await older.verify(store)).toBe(true);
  });
});

describe('partials', () => {
  const keys = { key: testKey('partial'), setKey: testKey('partial-set') };

  function open(store: Store): Partials {
    const records = testRecords();
    store.write((tx) => records.create(tx));
    return new Partials({ records, ...keys });
  }

  it('can be read without unlocking, with the file they are once known, and go when done', async () => {
    const store = freshStore();
    const partials = open(store);
    const clock = testClock();
    const a = store.write((tx) => partials.add(tx, clock, '/x/a.keyward.partial', Buffer.alloc(32, 1)));
    clock.advance(1);
    const b = store.write((tx) => partials.add(tx, clock, '/x/b.partial'));
    const inode = 2n ** 63n + 5n;
    const folder = { device: 7n, inode: 2n, born: -1n, volume: 'ef53-10-4096' };
    store.write((tx) => partials.identify(tx, a, { device: 7n, inode, born: 5n }, folder));
    store.write((tx) => partials.claim(tx, a, '/x/a.keyward'));
    const rows = [
      {
        ...{ id: a, path: '/x/a.keyward.partial', device: 7n, inode, born: 5n, folder },
        ...{ claims: '/x/a.keyward', messageId: Buffer.alloc(32, 1), created: clock.now() - 1 },
      },
      { id: b, path: '/x/b.partial', created: clock.now() },
    ];
    expect(await partials.trusted(store, 1)).toEqual({ ours: rows, refused: [] });
    store.close();
    const again = reopen(store.path);
    expect(again.read(listPartials)).toEqual(rows);
    const records = testRecords();
    again.read((tx) => records.verifyAll(tx));
    const later = new Partials({ records, ...keys });
    again.write((tx) => later.remove(tx, [a, b]));
    expect(again.read(listPartials)).toEqual([]);
    expect(await later.trusted(again, 1)).toEqual({ ours: [], refused: [] });
  });

  it.each([
    ['another path', "UPDATE partials SET path = '/home/ada/thesis' WHERE path = '/x/a'", '/home/ada/thesis'],
    ['another file', "UPDATE partials SET inode = '99' WHERE path = '/x/a'", '/x/a'],
    ['another name to clear', "UPDATE partials SET claims = '/home/ada/empty' WHERE path = '/x/a'", '/x/a'],
    ['another time', "UPDATE partials SET created = 1 WHERE path = '/x/a'", '/x/a'],
    ['no MAC', "UPDATE partials SET mac = NULL WHERE path = '/x/a'", '/x/a'],
    [
      "another one's MAC",
      "UPDATE partials SET mac = (SELECT mac FROM partials WHERE path = '/x/b') WHERE path = '/x/a'",
      '/x/a',
    ],
  ])(
    'a row that was given %s is refused and forgotten, and a set that lacks it is not believed',
    async (_how, sql, path) => {
      const store = freshStore();
      const partials = open(store);
      const clock = testClock();
      for (const name of ['/x/a', '/x/b']) {
        const id = store.write((tx) => partials.add(tx, clock, name));
        store.write((tx) => partials.identify(tx, id, { device: 1n, inode: 2n, born: 3n }));
      }
      tamper(store.path, sql);
      const { ours, refused } = await partials.trusted(store, 1);
      expect(ours).toEqual([]);
      expect(refused.map((row) => row.path).sort()).toEqual([path, '/x/b'].sort());
      expect(store.read(listPartials)).toEqual([]);
      const id = store.write((tx) => partials.add(tx, clock, '/x/c'));
      expect((await partials.trusted(store, 2)).ours).toMatchObject([{ id, path: '/x/c' }]);
    },
  );

  it('a row that was added is refused alone; one put back after it was removed makes all of them doubtful', async () => {
    const store = freshStore();
    const partials = open(store);
    const clock = testClock();
    const ids = ['/x/a', '/x/b'].map((name) => store.write((tx) => partials.add(tx, clock, name)));
    tamper(
      store.path,
      "INSERT INTO partials (path, device, inode, born, created) VALUES ('/etc/x', '1', '2', '3', 4)",
    );
    expect(await partials.trusted(store, 1)).toMatchObject({
      ours: [{ path: expect.any(String) }, { path: expect.any(String) }],
      refused: [{ path: '/etc/x' }],
    });
    const [id = 0] = ids;
    const kept = store.read((tx) =>
      tx.get<{ created: number; mac: Buffer }>('SELECT created, mac FROM partials WHERE id = ?', id),
    );
    store.write((tx) => partials.remove(tx, [id]));
    tamper(
      store.path,
      'INSERT INTO partials (id, path, created, mac) VALUES (?, ?, ?, ?)',
      ...[id, '/x/a', kept?.created ?? 0, kept?.mac ?? null],
    );
    expect((await partials.trusted(store, 1)).ours).toEqual([]);
  });
});

describe('leases', () => {
  it('keep a second holder away until given back or run out', () => {
    const store = freshStore();
    const clock = testClock();
    store.write((tx) => takeLease(tx, clock, 'sweep', 'one', 1_000));
    const second = () => store.write((tx) => takeLease(tx, clock, 'sweep', 'two', 1_000));
    expect(second).toThrow(expect.objectContaining({ code: 'LeaseHeld' }));
    store.write((tx) => takeLease(tx, clock, 'sweep', 'one', 2_000));
    clock.advance(1_500);
    expect(second).toThrow(expect.objectContaining({ code: 'LeaseHeld' }));
    clock.advance(500);
    second();
    expect(() => store.write((tx) => renewLease(tx, clock, 'sweep', 'one', 1_000))).toThrow(
      expect.objectContaining({ code: 'LeaseHeld' }),
    );
    store.write((tx) => renewLease(tx, clock, 'sweep', 'two', 5_000));
    store.write((tx) => releaseLease(tx, 'sweep', 'one'));
    clock.advance(4_000);
    expect(() => store.write((tx) => takeLease(tx, clock, 'sweep', 'one', 1))).toThrow(
      expect.objectContaining({ reason: 'lease-held' }),
    );
    store.write((tx) => releaseLease(tx, 'sweep', 'two'));
    store.write((tx) => takeLease(tx, clock, 'sweep', 'one', 1));
  });
});
