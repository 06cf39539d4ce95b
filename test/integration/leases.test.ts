import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { gateBelow } from '../support/faults.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const AREA = 4096;

const vault = await oneVault();
afterEach(() => setFaultHook(undefined));

/** Runs `act` on the vault's database, as somebody else would. */
function onDatabase<T>(act: (database: Database.Database) => T): T {
  const database = new Database(join(vault.home, 'vault.db'));
  try {
    return act(database);
  } finally {
    database.close();
  }
}

async function encrypted(): Promise<string> {
  writeFileSync(vault.path('a'), 'dear diary');
  await vault.encrypt(vault.path('a'));
  return vault.path('a.keyward');
}

const rewrap = async (file: string) =>
  only((await vault.call('files.rewrap', { sources: [file], each: false })).results);

/** Calls these when the first, the second copy of a header was written. */
function afterCopies(...acts: readonly (() => void)[]): void {
  let syncs = 0;
  gateBelow(vault.files, ({ op }) => {
    if (op === 'sync') acts[syncs++]?.();
    return undefined;
  });
}

describe('the lease on a header', () => {
  it('that another task took over meanwhile ends a rewrap before its second copy', async () => {
    const file = await encrypted();
    const before = readFileSync(file);
    const taken = 'UPDATE leases SET holder = ?, expires = ?';
    afterCopies(() =>
      onDatabase((database) => database.prepare(taken).run('another', Date.now() + 3_600_000)),
    );
    expect((await rewrap(file)).error?.code).toBe('LeaseHeld');
    setFaultHook(undefined);
    const now = readFileSync(file);
    expect(now.subarray(0, AREA).equals(before.subarray(0, AREA))).toBe(false);
    expect(now.subarray(AREA).equals(before.subarray(AREA))).toBe(true);
    // The lease is the other task's, and the file opens all the while.
    expect((await rewrap(file)).error?.code).toBe('LeaseHeld');
    expect((await vault.verify(file)).status).toBe('done');
    onDatabase((database) => database.exec('DELETE FROM leases'));
    const notes = [expect.stringContaining('interrupted')];
    expect(await rewrap(file)).toMatchObject({ status: 'done', notes });
  });

  it('is prolonged by slow work', async () => {
    const file = await encrypted();
    let expires = 0;
    afterCopies(
      () => onDatabase((database) => database.exec('UPDATE leases SET expires = 1')),
      () => {
        const row = onDatabase((database) => database.prepare('SELECT expires FROM leases').get());
        expires = z.object({ expires: z.number() }).parse(row).expires;
      },
    );
    expect((await rewrap(file)).status).toBe('done');
    expect(expires).toBeGreaterThan(Date.now());
    expect(onDatabase((database) => database.prepare('SELECT * FROM leases').all())).toEqual([]);
  });

  it('of a task that died with its process holds up nobody after the next start', async () => {
    const file = await encrypted();
    const { messageId } = await vault.call('files.inspect', { source: file });
    const row = [`header/${messageId}`, 'dead', Date.now() + 3_600_000];
    onDatabase((database) =>
      database.prepare('INSERT INTO leases (name, holder, expires) VALUES (?, ?, ?)').run(row),
    );
    expect((await rewrap(file)).error?.code).toBe('LeaseHeld');
    await vault.reopen();
    expect((await rewrap(file)).status).toBe('done');
  });
});

describe('a file that is replaced while it is rewrapped', () => {
  it('is not said to be rewrapped: its new holder is not', async () => {
    const file = await encrypted();
    copyFileSync(file, vault.path('synced'));
    const before = readFileSync(file);
    afterCopies(
      () => undefined,
      () => renameSync(vault.path('synced'), file),
    );
    const result = await rewrap(file);
    setFaultHook(undefined);
    expect(result.error).toMatchObject({ code: 'SourceChanged', details: { path: file } });
    expect(readFileSync(file).equals(before)).toBe(true);
    const verified = await vault.verify(file);
    expect([verified.status, verified.notes]).toEqual(['done', undefined]);
    expect((await rewrap(file)).status).toBe('done');
  });
});
