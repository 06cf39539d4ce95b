import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach } from 'vitest';
import { hmacSha256 } from '../../../src/main/crypto/hash.ts';
import { type Reserve, Store } from '../../../src/main/store/database.ts';
import { Records } from '../../../src/main/store/records.ts';
import type { Clock } from '../../../src/shared/clock.ts';

const folders: string[] = [];
const stores: Store[] = [];

afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A fresh folder, removed after the test. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-store-'));
  folders.push(folder);
  return folder;
}

/** A new store in a fresh folder (or at `path`), closed after the test. */
export function freshStore(path = join(freshFolder(), 'vault.db'), reserve?: Reserve): Store {
  const store = Store.open(path, 'create', reserve === undefined ? {} : { reserve });
  stores.push(store);
  return store;
}

/** Opens an existing store, closed after the test. */
export function reopen(path: string): Store {
  const store = Store.open(path, 'existing');
  stores.push(store);
  return store;
}

/** Purpose keys as a test's root key gives them. */
export function testKey(label: string): Buffer {
  return hmacSha256(Buffer.alloc(32, 7), Buffer.from(label));
}

/** The records of the test's vault; `create` starts the set. */
export function testRecords(): Records {
  return new Records({ row: testKey('row'), set: testKey('set') });
}

/** Runs SQL from outside, as someone with the file and an editor can. */
export function tamper(path: string, sql: string, ...params: (string | number | Buffer | null)[]): void {
  const db = new Database(path);
  try {
    db.prepare(sql).run(...params);
  } finally {
    db.close();
  }
}

/** A clock that stands still until told. */
export function testClock(start = Date.UTC(2025, 0, 1)): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}
