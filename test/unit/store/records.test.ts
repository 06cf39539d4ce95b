import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Store } from '../../../src/main/store/database.ts';
import type { Records } from '../../../src/main/store/records.ts';
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
        expect(() => verify(store.path)).toThrow(
          expect.objectContaining({ code: 'VaultDamaged', details: { row: now.join('/') } }),
        );
        const open = reopen(store.path);
        expect(() => open.read((tx) => testRecords().list(tx, now[0] ?? '', Body))).toThrow(
          /is not as Keyward/,
        );
        open.close();
        const back = row[column];
        tamper(store.path, `UPDATE records SET ${column} = ? WHERE room = ? AND id = ?`, back, ...now);
        tried += 1;
      }
    }
    expect(tried).toBe(12);
    verify(store.path);
  });

  it('refuse an edited, removed or replaced row of the whole set', () => {
    for (const sql of [
      'UPDATE record_set SET count = count + 1',
      "UPDATE record_set SET mac = x'00'",
      'DELETE FROM record_set',
      "DELETE FROM records WHERE room = 'keys' AND id = 'b'",
      'DELETE FROM records',
    ]) {
      const { store } = filled();
      store.close();
      tamper(store.path, sql);
      expect(() => verify(store.path), sql).toThrow(
        expect.objectContaining({ code: 'VaultDamaged', details: { row: 'record_set' } }),
      );
    }
  });

  it('refuse an old row put back, whose own MAC is right', () => {
    const { store, records } = filled();
    const old = store.read((tx) =>
      tx.get<{ body: Buffer; mac: Buffer }>("SELECT body, mac FROM records WHERE id = 'b'"),
    );
    store.write((tx) => records.put(tx, 'keys', 'b', { state: 'PendingDeletion' }));
    store.close();
    verify(store.path);
    tamper(
      store.path,
      "UPDATE records SET body = ?, mac = ? WHERE id = 'b'",
      old?.body ?? null,
      old?.mac ?? null,
    );
    expect(() => verify(store.path)).toThrow(/old one put back/);
  });

  it('refuse a row copied to another name and a set taken from another moment', () => {
    const { store, records } = filled();
    const set = store.read((tx) => tx.get<{ mac: Buffer }>('SELECT mac FROM record_set'));
    store.write((tx) => records.put(tx, 'keys', 'a', { state: 'Disabled' }));
    store.close();
    tamper(store.path, 'UPDATE record_set SET mac = ?', set?.mac ?? null);
    expect(() => verify(store.path)).toThrow(/record_set|put back/);
    tamper(
      store.path,
      "INSERT INTO records SELECT 'keys', 'c', body, mac FROM records WHERE room = 'keys' AND id = 'a'",
    );
    expect(() => verify(store.path)).toThrow(expect.objectContaining({ details: { row: 'keys/c' } }));
  });

  it('notice at the next change that the set was changed from outside while the vault was open', () => {
    const { store, records } = filled();
    tamper(store.path, "UPDATE record_set SET mac = x'00'");
    expect(() => store.write((tx) => records.put(tx, 'keys', 'c', { state: 'x' }))).toThrow(
      expect.objectContaining({ code: 'VaultDamaged', details: { row: 'record_set' } }),
    );
    expect(store.read((tx) => records.get(tx, 'keys', 'c', Body))).toBeUndefined();
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

  it('are not changed before they have been verified', () => {
    const { store } = filled();
    store.close();
    const open = reopen(store.path);
    expect(() => open.write((tx) => testRecords().put(tx, 'keys', 'a', {}))).toThrow(
      expect.objectContaining({ code: 'Internal' }),
    );
  });
});
