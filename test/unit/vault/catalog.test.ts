import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/main/store/database.ts';
import { FileCatalog } from '../../../src/main/vault/catalog.ts';
import { freshStore, testKey, testRecords } from '../store/support.ts';

const [keyA, keyB] = ['key-a', 'key-b'];
const u32 = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const idOf = (n: number) => Buffer.alloc(32, n);

function entry(n: number, keyId: string, version = 'v1') {
  return {
    path: `/home/ada/${n}.keyward`,
    generation: 1,
    mac: '00',
    keyId,
    version,
    bytes: n,
    mark: '',
    at: n,
  };
}

function open(store: Store): FileCatalog {
  const records = testRecords();
  store.write((tx) => records.create(tx));
  return new FileCatalog({ records, key: testKey('catalog'), setKey: testKey('catalog-set') });
}

describe('the files under a key', () => {
  it('are in step with what is encrypted, moved to another key, forgotten, and rolled back', () => {
    const store = freshStore();
    const files = open(store);
    const under = (keyId: string) => store.read((tx) => files.under(tx, keyId));
    const numbers = (keyId: string) => under(keyId).newest.map(({ bytes }) => bytes);
    store.write((tx) => {
      for (const n of [1, 2, 3]) files.put(tx, idOf(n), entry(n, keyA));
    });
    expect(numbers(keyA)).toEqual([3, 2, 1]);
    store.write((tx) => files.put(tx, idOf(4), entry(4, keyA, 'v2')));
    expect(under(keyA)).toMatchObject({
      files: 4,
      bytes: 10,
      versions: [
        { version: 'v2', files: 1, bytes: 4 },
        { version: 'v1', files: 3, bytes: 6 },
      ],
    });
    store.write((tx) => files.put(tx, idOf(2), entry(2, keyB)));
    expect([numbers(keyA), numbers(keyB)]).toEqual([[4, 3, 1], [2]]);
    store.write((tx) => files.remove(tx, idOf(3)));
    expect(numbers(keyA)).toEqual([4, 1]);
    expect(() =>
      store.write((tx) => {
        files.put(tx, idOf(5), entry(5, keyA));
        files.remove(tx, idOf(1));
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(numbers(keyA)).toEqual([4, 1]);
    expect(under(keyA).newest[0]?.path).toBe('/home/ada/4.keyward');
  });

  it('are opened at the first look alone, but for the newest', () => {
    const store = freshStore();
    const files = open(store);
    store.write((tx) => {
      for (let n = 0; n < 60; n++) files.put(tx, idOf(n), entry(n, keyA));
    });
    const first = store.read((tx) => files.under(tx, keyA));
    expect([first.files, first.newest.length, first.newest[0]?.bytes]).toEqual([60, 50, 59]);
    store.write((tx) => tx.run('UPDATE catalog SET sealed = zeroblob(10) WHERE message_id < ?', idOf(10)));
    expect(store.read((tx) => files.under(tx, keyA))).toEqual(first);
    store.write((tx) => tx.run('UPDATE catalog SET sealed = zeroblob(10) WHERE message_id = ?', idOf(59)));
    // One that is damaged is counted as it was known, and not named.
    const { newest } = store.read((tx) => files.under(tx, keyA));
    expect([newest.length, newest[0]?.bytes]).toEqual([49, 58]);
  });

  it('are counted without being kept; the newest are right when many of them go (pitfall 69)', () => {
    const store = freshStore();
    const files = open(store);
    const id = (n: number) => Buffer.concat([Buffer.alloc(28), u32(n)]);
    const entries = (from: number, to: number) => {
      store.write((tx) => {
        for (let n = from; n < to; n++) files.put(tx, id(n), entry(n, keyA));
      });
    };
    const look = () => store.read((tx) => files.under(tx, keyA));
    let walks = 0;
    const each = files.each.bind(files);
    files.each = (tx) => {
      walks++;
      return each(tx);
    };
    entries(0, 1_000);
    expect([look().files, look().newest[0]?.bytes, walks]).toEqual([1_000, 999, 1]);
    entries(1_000, 2_000);
    store.write((tx) => {
      for (let n = 1_900; n < 2_000; n++) files.remove(tx, id(n));
    });
    expect([look().files, look().newest.map(({ bytes }) => bytes), walks]).toEqual([
      ...[1_900, Array.from({ length: 50 }, (_, n) => 1_899 - n), 1],
    ]);
    store.write((tx) => {
      for (let n = 1_400; n < 1_900; n++) files.remove(tx, id(n));
    });
    expect([look().files, look().newest.map(({ bytes }) => bytes), walks]).toEqual([
      ...[1_400, Array.from({ length: 50 }, (_, n) => 1_399 - n), 2],
    ]);
    expect(look().bytes).toBe((1_399 * 1_400) / 2);
  });

  it('come back as they were entered, whatever ids and paths look like, in little room', () => {
    const store = freshStore();
    const files = open(store);
    const usual = {
      ...{ path: '/home/ada/Documents/Taxes/2026/receipts/receipt-0042.pdf.keyward', generation: 3 },
      ...{ mac: 'ab'.repeat(32), version: '0f'.repeat(32), keyId: '84bea1c2-8061-4f0c-9fa7-cf2b7ce2438d' },
      ...{ bytes: 2 ** 45, at: 1_796_052_379_000, mark: 'AbCd_fgh-jkl' },
    };
    const odd = { ...usual, path: 'Ä\n', mac: 'ABCD', keyId: 'alias/x', version: '', bytes: 0, mark: '' };
    store.write((tx) => {
      files.put(tx, idOf(1), usual);
      files.put(tx, idOf(2), odd);
    });
    expect(store.read((tx) => [1, 2].map((n) => files.get(tx, idOf(n))))).toEqual([usual, odd]);
    const sql = 'SELECT length(sealed) AS n FROM catalog WHERE message_id = ?';
    expect(store.read((tx) => tx.get<{ n: number }>(sql, idOf(1)))?.n).toBeLessThan(320);
  });
});
