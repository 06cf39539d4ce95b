import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sha256 } from '../../../src/main/crypto/hash.ts';
import type { Store } from '../../../src/main/store/database.ts';
import type { Records } from '../../../src/main/store/records.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { freshStore, reopen, tamper, testRecords } from './support.ts';

const Body = z.object({ state: z.string() });

function filled(): { store: Store; records: Records } {
  const store = freshStore();
  const records = testRecords();
  store.write((tx) => {
    records.create(tx);
    records.put(tx, 'keys', 'a', { state: 'Enabled' });
    records.put(tx, 'keys', 'b', { state: 'Disabled' });
    records.put(tx, 'aliases', 'alias/x', { state: 'a' });
  });
  return { store, records };
}

function verify(path: string): void {
  const store = reopen(path);
  store.read((tx) => testRecords().verifyAll(tx));
}

type Row = { room: string; id: string; body: Buffer; mac: Buffer };

/** Changes one value to another of its type. */
function edited(value: unknown): string | number | Buffer {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}!`;
  const copy = Buffer.from(value as Buffer);
  copy[3] = (copy[3] ?? 0) ^ 1;
  return copy;
}

/** What a vault is refused with that names one of these rows. */
function named(...rows: readonly string[]) {
  const row = rows.length === 1 ? rows[0] : expect.toBeOneOf(rows);
  return expect.objectContaining({ code: 'VaultDamaged', details: { row } });
}

/** What `act` gives, or `instead` where it refuses as damaged. */
function orRefused<T>(act: () => T, instead: T): T {
  try {
    return act();
  } catch (error) {
    if (!isKeywardError(error, 'VaultDamaged')) throw error;
    return instead;
  }
}

type Edit = { table: string; row: number; other: number; column: number; how: string };
type Any = { [column: string]: string | number | Buffer };

/** Changes a table from outside. */
function tamperWith(path: string, { table, row, other, column, how }: Edit): void {
  const db = new Database(path);
  try {
    const rows = db.prepare(`SELECT * FROM ${table}`).all() as Any[];
    const [one, two] = [rows[row % rows.length], rows[other % rows.length]];
    if (one === undefined || two === undefined) return;
    const columns = Object.keys(one);
    const name = columns[column % columns.length] ?? '';
    if (how === 'remove') rows.splice(row % rows.length, 1);
    if (how === 'edit') one[name] = edited(one[name]);
    if (how === 'copy') rows.push({ ...one, [name]: edited(one[name]) });
    if (how === 'swap') [one[name], two[name]] = [two[name] ?? '', one[name] ?? ''];
    db.exec(`DELETE FROM ${table}`);
    const insert = db.prepare(
      `INSERT OR REPLACE INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`,
    );
    for (const each of rows) insert.run(...columns.map((key) => each[key]));
  } finally {
    db.close();
  }
}

/** All that is of the records and their tree. */
function contents(path: string): string[] {
  const db = new Database(path);
  try {
    return ['records', 'tree_nodes', 'tree_roots'].flatMap((table) =>
      (db.prepare(`SELECT * FROM ${table}`).all() as Any[])
        .filter(({ tree = 'records' }) => tree === 'records')
        .map((one) => table + JSON.stringify(one))
        .sort(),
    );
  } finally {
    db.close();
  }
}

describe('records', () => {
  it('come back as written, by name, by room and by prefix', () => {
    const { store, records } = filled();
    store.read((tx) => {
      expect(records.get(tx, 'keys', 'a', Body)).toEqual({ state: 'Enabled' });
      expect(records.get(tx, 'keys', 'none', Body)).toBeUndefined();
      expect(records.list(tx, 'keys', Body).map((r) => r.id)).toEqual(['a', 'b']);
      expect(records.list(tx, 'aliases', Body, 'alias/')).toHaveLength(1);
      expect(records.list(tx, 'aliases', Body, 'alias%')).toHaveLength(0);
    });
    store.write((tx) => {
      records.put(tx, 'keys', 'a', { state: 'Disabled' });
      expect(records.remove(tx, 'keys', 'b')).toBe(true);
      expect(records.remove(tx, 'keys', 'b')).toBe(false);
    });
    store.close();
    verify(store.path);
  });

  it('refuse by name: every column of every row edited', () => {
    const { store } = filled();
    store.close();
    const db = new Database(store.path);
    const rows = db.prepare('SELECT * FROM records').all() as Row[];
    db.close();
    const columns = Object.keys(rows[0] ?? {}) as (keyof Row)[];
    expect(columns).toEqual(['room', 'id', 'body', 'mac']);
    let tried = 0;
    for (const row of rows) {
      for (const column of columns) {
        const value = edited(row[column]);
        const where = [row.room, row.id];
        const now = [column === 'room' ? value : where[0], column === 'id' ? value : where[1]] as string[];
        tamper(store.path, `UPDATE records SET ${column} = ? WHERE room = ? AND id = ?`, value, ...where);
        const names = [where.join('/'), now.join('/')];
        expect(() => verify(store.path)).toThrow(named(...names));
        const open = reopen(store.path);
        const get = (room = '', id = '') => open.read((tx) => testRecords().get(tx, room, id, Body));
        expect(() => get(...where)).toThrow(named(names[0] ?? ''));
        expect(() => get(...now)).toThrow(named(names[1] ?? ''));
        open.close();
        const back = row[column];
        tamper(store.path, `UPDATE records SET ${column} = ? WHERE room = ? AND id = ?`, back, ...now);
        tried += 1;
      }
    }
    expect(tried).toBe(12);
    verify(store.path);
  });

  it.each([
    ['put back in an older state', "UPDATE records SET body = ?, mac = ? WHERE id = 'b'", 'b'],
    ['removed', "DELETE FROM records WHERE room = 'keys' AND id = 'b'", 'b'],
    ['put in', "INSERT INTO records SELECT 'keys', 'c', body, mac FROM records WHERE id = 'b'", 'c'],
    [
      'given the contents of another',
      "UPDATE records SET (body, mac) = (SELECT body, mac FROM records WHERE id = 'a') WHERE id = 'b'",
      'b',
    ],
    ['edited', "UPDATE records SET body = CAST('{}' AS BLOB) WHERE id = 'b'", 'b'],
  ] as const)('refuse, open or not, by name a row that was %s, and give the others', (_what, sql, id) => {
    const { store, records } = filled();
    const old = store.read((tx) =>
      tx.get<{ body: Buffer; mac: Buffer }>("SELECT body, mac FROM records WHERE id = 'b'"),
    );
    store.write((tx) => records.put(tx, 'keys', 'b', { state: 'PendingDeletion' }));
    // What was read before stands in memory, and must not be answered from there.
    store.read((tx) => [records.list(tx, 'keys', Body), records.get(tx, 'keys', 'c', Body)]);
    tamper(store.path, sql, ...(sql.includes('?') ? [old?.body ?? null, old?.mac ?? null] : []));
    for (const reader of [records, testRecords()]) {
      store.read((tx) => {
        const refusal = named(`keys/${id}`);
        expect(() => reader.get(tx, 'keys', id, Body)).toThrow(refusal);
        expect(() => reader.list(tx, 'keys', Body)).toThrow(refusal);
        expect(() => reader.page(tx, 'keys', Body, 'a', 5)).toThrow(refusal);
        expect(() => reader.verifyAll(tx)).toThrow(refusal);
        expect(reader.get(tx, 'keys', 'a', Body)).toEqual({ state: 'Enabled' });
        expect(reader.list(tx, 'aliases', Body)).toHaveLength(1);
        expect(reader.count(tx, 'keys')).toBe(2);
      });
    }
    store.close();
    expect(() => verify(store.path)).toThrow(named(`keys/${id}`));
  });

  it('refuse the root of another moment, also while they are open, and then write nothing', () => {
    const { store, records } = filled();
    const root = store.read((tx) => tx.get<{ mac: Buffer }>('SELECT * FROM tree_roots')) as unknown as {
      [column: string]: number | Buffer;
    };
    store.write((tx) => records.put(tx, 'keys', 'b', { state: 'PendingDeletion' }));
    tamper(store.path, 'UPDATE tree_roots SET hash = ?, mac = ?', root['hash'] ?? 0, root['mac'] ?? 0);
    expect(() => store.write((tx) => records.put(tx, 'keys', 'c', { state: 'x' }))).toThrow(
      named('tree_roots/records'),
    );
    expect(store.read((tx) => tx.get("SELECT 1 FROM records WHERE id = 'c'"))).toBeUndefined();
    store.close();
    expect(() => verify(store.path)).toThrow(expect.objectContaining({ code: 'VaultDamaged' }));
  });

  it('say of pages, prefixes and counts no more and no less than there is', () => {
    const store = freshStore();
    const records = testRecords();
    const ids = Array.from({ length: 300 }, (_, n) => `${n % 7}/${n}`);
    store.write((tx) => {
      records.create(tx);
      for (const id of ids) records.put(tx, 'grants', id, { state: id });
      records.put(tx, 'grants!', '1/x', { state: 'of another room' });
      records.put(tx, 'grant', '1/x', { state: 'of another room' });
    });
    ids.sort();
    store.read((tx) => {
      const threes = ids.filter((id) => id.startsWith('3/'));
      expect(records.list(tx, 'grants', Body).map(({ id }) => id)).toEqual(ids);
      expect(records.list(tx, 'grants', Body, '3/').map(({ id }) => id)).toEqual(threes);
      expect(records.count(tx, 'grants', '3/')).toBe(threes.length);
      expect([records.count(tx, 'grants'), records.count(tx, 'none')]).toEqual([300, 0]);
      const paged: string[] = [];
      for (let after = ''; ; after = paged.at(-1) ?? '') {
        const page = records.page(tx, 'grants', Body, after, 7, '3/').map(({ id }) => id);
        paged.push(...page);
        if (page.length < 7) break;
      }
      expect(paged).toEqual(threes);
    });
  });

  it('are right or refused at every read, whatever was changed from outside, and a check notices all of it', () => {
    const ids = Array.from({ length: 90 }, (_, n) =>
      sha256(Buffer.from(`${n}`))
        .toString('hex')
        .slice(0, 6),
    ).sort();
    const edit = fc.record({
      table: fc.constantFrom('records', 'tree_nodes', 'tree_roots'),
      row: fc.nat(),
      other: fc.nat(),
      column: fc.nat(),
      how: fc.constantFrom('edit', 'remove', 'swap', 'copy'),
    });
    const asked = fc.subarray([...ids, 'none', '000'], { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), asked, (edits, names) => {
        const store = freshStore();
        const open = testRecords();
        store.write((tx) => {
          open.create(tx);
          for (const id of ids) open.put(tx, 'keys', id, { state: id });
        });
        store.read((tx) => open.list(tx, 'keys', Body));
        const before = contents(store.path);
        for (const one of edits) tamperWith(store.path, one);
        const isChanged = !isDeepStrictEqual(contents(store.path), before);
        for (const records of [open, testRecords()]) {
          store.read((tx) => {
            for (const id of names) {
              const state = ids.includes(id) ? { state: id } : undefined;
              expect(orRefused(() => records.get(tx, 'keys', id, Body), state)).toEqual(state);
            }
            const all = ids.map((id) => ({ id, body: { state: id } }));
            expect(orRefused(() => records.list(tx, 'keys', Body), all)).toEqual(all);
            const page = all.filter(({ id }) => id > '8').slice(0, 5);
            expect(orRefused(() => records.page(tx, 'keys', Body, '8', 5), page)).toEqual(page);
            expect(orRefused(() => records.count(tx, 'keys'), 90)).toBe(90);
          });
        }
        const whole = () =>
          store.read((tx) => {
            const records = testRecords();
            records.verifyAll(tx);
            return records.isTreeWhole(tx);
          });
        expect(orRefused(whole, false)).toBe(!isChanged);
        store.close();
      }),
      { numRuns: 40 },
    );
  });

  it('follow a rollback, of a whole write and of one member of a group', async () => {
    const { store, records } = filled();
    expect(() =>
      store.write((tx) => {
        records.put(tx, 'keys', 'c', { state: 'x' });
        records.remove(tx, 'keys', 'a');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    const results = await Promise.allSettled([
      store.group((tx) => records.put(tx, 'keys', 'd', { state: 'x' })),
      store.group((tx) => {
        records.put(tx, 'keys', 'a', { state: 'gone' });
        records.put(tx, 'keys', 'e', { state: 'gone' });
        throw new Error('stop');
      }),
      store.group((tx) => records.put(tx, 'keys', 'f', { state: 'x' })),
    ]);
    expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    store.write((tx) => records.put(tx, 'keys', 'g', { state: 'x' }));
    store.close();
    verify(store.path);
    const again = reopen(store.path);
    const ids = again.read((tx) => testRecords().list(tx, 'keys', Body)).map((r) => r.id);
    expect(ids).toEqual(['a', 'b', 'd', 'f', 'g']);
  });
});
