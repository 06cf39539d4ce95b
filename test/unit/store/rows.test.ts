import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Catalog } from '../../../src/main/store/catalog.ts';
import { releaseLease, renewLease, takeLease } from '../../../src/main/store/leases.ts';
import {
  addPartial,
  identifyPartial,
  listPartials,
  removePartials,
} from '../../../src/main/store/partials.ts';
import { freshStore, reopen, tamper, testClock, testKey } from './support.ts';

const Entry = z.object({ name: z.string() });

describe('catalog', () => {
  it('keeps names sealed, also in the journal, and finds them by message id', () => {
    const store = freshStore();
    const catalog = new Catalog(testKey('catalog'), Entry);
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
    const catalog = new Catalog(testKey('catalog'), Entry);
    store.write((tx) => {
      catalog.put(tx, Buffer.alloc(32, 1), { name: 'a' });
      catalog.put(tx, Buffer.alloc(32, 2), { name: 'a'.repeat(100) });
    });
    const lengths = store.read((tx) =>
      tx.all<{ n: number }>('SELECT DISTINCT length(sealed) AS n FROM catalog'),
    );
    expect(lengths).toHaveLength(1);
  });

  it('refuses by name: each column edited', () => {
    for (const sql of [
      'UPDATE catalog SET sealed = zeroblob(length(sealed))',
      'UPDATE catalog SET message_id = zeroblob(32)',
    ]) {
      const store = freshStore();
      const catalog = new Catalog(testKey('catalog'), Entry);
      store.write((tx) => catalog.put(tx, Buffer.alloc(32, 1), { name: 'a' }));
      tamper(store.path, sql);
      expect(() => store.read((tx) => [...catalog.each(tx)]), sql).toThrow(
        expect.objectContaining({
          code: 'VaultDamaged',
          message: expect.stringMatching(/catalog\/0[01]0[01]/),
        }),
      );
    }
  });
});

describe('partials', () => {
  it('can be read without unlocking, with the file they are once known, and go when done', () => {
    const store = freshStore();
    const clock = testClock();
    const [a, b] = store.write((tx) => [
      addPartial(tx, clock, '/x/a.keyward.partial', Buffer.alloc(32, 1)),
      addPartial(tx, clock, '/x/b.partial'),
    ]);
    const inode = 2n ** 63n + 5n;
    store.write((tx) => identifyPartial(tx, a ?? 0, { device: 7n, inode, born: 5n }));
    store.close();
    const again = reopen(store.path);
    expect(again.read(listPartials)).toEqual([
      {
        id: a,
        path: '/x/a.keyward.partial',
        device: 7n,
        inode,
        born: 5n,
        messageId: Buffer.alloc(32, 1),
        created: clock.now(),
      },
      { id: b, path: '/x/b.partial', created: clock.now() },
    ]);
    again.write((tx) => removePartials(tx, [a ?? 0, b ?? 0]));
    expect(again.read(listPartials)).toEqual([]);
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
    expect(() => store.write((tx) => takeLease(tx, clock, 'sweep', 'one', 1))).toThrow(/Another task/);
    store.write((tx) => releaseLease(tx, 'sweep', 'two'));
    store.write((tx) => takeLease(tx, clock, 'sweep', 'one', 1));
  });
});
