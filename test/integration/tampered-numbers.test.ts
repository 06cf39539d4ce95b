import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { lockedStatus } from '../../src/main/api/without-session.ts';
import { asKeywardError } from '../../src/shared/errors.ts';
import { LiveVault } from '../support/live-vault.ts';
import { root } from '../unit/project/files.ts';

/*
 * Whoever can write the database can write any number into it (pitfall 59). Each has an answer of its own: the vault
 * opens, or says that it is damaged; nothing goes wrong inside.
 */

const vault = await LiveVault.make();
writeFileSync(vault.path('a'), 'a diary');
await vault.encrypt(vault.path('a'));
await vault.leave();
const path = join(vault.home, 'vault.db');
const whole = join(vault.files, 'whole.db');
copyFileSync(path, whole);
afterAll(() => rmSync(join(vault.home, '..'), { recursive: true, force: true }));

const NUMBERS = [-(2n ** 63n), -5n, 0n, 8_640_000_000_000_001n, 2n ** 63n - 1n];

/** The INTEGER columns of every table that has rows. */
function columns(): { readonly table: string; readonly column: string }[] {
  const db = new Database(whole, { readonly: true });
  try {
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all() as string[];
    return tables
      .filter((table) => !table.startsWith('sqlite_'))
      .filter((table) => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined)
      .flatMap((table) =>
        (db.pragma(`table_info(${table})`) as { name: string; type: string }[])
          .filter(({ type }) => type === 'INTEGER')
          .map(({ name }) => ({ table, column: name })),
      );
  } finally {
    db.close();
  }
}

/** Puts the whole vault back, changed by one statement; false if SQLite itself does not take it. */
function changed(sql: string, ...values: readonly bigint[]): boolean {
  for (const ending of ['-wal', '-shm']) rmSync(path + ending, { force: true });
  copyFileSync(whole, path);
  const db = new Database(path);
  try {
    db.prepare(sql).run(...values);
    return true;
  } catch {
    return false;
  } finally {
    db.close();
  }
}

/** The code with which what is done fails, if it does. */
async function codeOf(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return asKeywardError(error).code;
  }
}

async function use(): Promise<void> {
  const opened = await LiveVault.at(join(vault.home, '..'), vault.phrase);
  try {
    await opened.call('audit.list', { limit: 10 });
    await opened.call('audit.verify', {});
    await opened.decrypt(vault.path('a.keyward'), { out: vault.path('back'), overwrite: true });
  } finally {
    await opened.leave();
  }
}

describe('a number that nobody wrote', () => {
  const cases = columns();

  it('is tried in every table', () => {
    const tables = new Set(cases.map(({ table }) => table));
    expect([...tables]).toEqual(expect.arrayContaining(['vault', 'audit', 'audit_segments']));
  });

  it.each(cases)('in $table.$column has an answer of its own', async ({ table, column }) => {
    for (const number of NUMBERS) {
      // The first row alone: a whole column would break what holds them apart.
      const first = `rowid = (SELECT min(rowid) FROM ${table})`;
      const where = changed(`UPDATE ${table} SET ${column} = ? WHERE ${first}`, number);
      if (!where && !changed(`UPDATE ${table} SET ${column} = ?`, number)) continue;
      expect(await codeOf(() => lockedStatus(vault.home)), `status, ${number}`).not.toBe('Internal');
      expect(await codeOf(use), `unlocked, ${number}`).not.toBe('Internal');
    }
  });

  it('as the number of an entry of the log is one more wrong entry', async () => {
    for (const number of [-5n, 2n ** 63n - 1n]) {
      changed("INSERT INTO audit (seq, body, hash, mac) VALUES (?, x'00', x'00', x'00')", number);
      expect(await codeOf(use), String(number)).not.toBe('Internal');
    }
  });
});

describe('what is told of a locked vault', () => {
  it('gives the terminal no control characters from the database', async () => {
    changed("UPDATE protectors SET kind = 'k' || char(27) || '[31m'");
    const db = new Database(path);
    db.prepare("UPDATE vault SET account = '1' || char(27) || '[2J', region = char(8238) || 'x'").run();
    db.close();
    const command = spawnSync(join(root, 'bin/keyward'), ['status'], {
      env: { ...process.env, KEYWARD_HOME: vault.home },
      encoding: 'utf8',
    });
    expect(command.status, command.stderr).toBe(0);
    for (const hidden of [0x1b, 0x202e]) expect(command.stdout).not.toContain(String.fromCodePoint(hidden));
    expect(command.stdout).toContain('region');
  });
});
