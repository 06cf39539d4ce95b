import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorText } from '../../src/messages/errors.ts';
import type { Finding } from '../../src/shared/findings.ts';
import { LiveVault } from '../support/live-vault.ts';

/* Another program changes the database of an open vault: each kind of row is found while the vault is open, and named. */

type Row = Record<string, unknown>;

let vault: LiveVault;
beforeEach(async () => {
  vault = await LiveVault.make();
  writeFileSync(vault.path('a'), 'a');
  await vault.encrypt(vault.path('a'));
});
afterEach(() => vault.end());

/** Works on the database as another program does. */
function outside<T>(act: (db: Database.Database) => T): T {
  const db = new Database(join(vault.home, 'vault.db'));
  try {
    return act(db);
  } finally {
    db.close();
  }
}
const run = (sql: string) => () => outside((db) => db.exec(sql));
const findings = async (): Promise<Finding[]> => (await vault.call('vault.status', {})).findings ?? [];
const kinds = async () => (await findings()).map(({ kind }) => kind);
const told = async (event: string) => (await vault.call('audit.list', { limit: 100, event })).entries.length;
const passphrase = {
  kind: 'passphrase',
  bytes: Buffer.from('another passphrase').toString('base64'),
} as const;
const credential = () => ({ kind: 'recovery-phrase', phrase: vault.phrase }) as const;

describe('a database that another program changes while the vault is open', () => {
  it.each([
    ['protectors are removed', 'ProtectorsChanged', run('DELETE FROM protectors'), 'was removed'],
    [
      'a protector is edited',
      'ProtectorsChanged',
      run("UPDATE protectors SET kind = 'keychain' WHERE kind = 'passphrase'"),
      '(passphrase) was changed',
    ],
    [
      'a protector is put in',
      'ProtectorsChanged',
      run("INSERT INTO protectors SELECT 'x', kind, record FROM protectors LIMIT 1"),
      'x (passphrase) was put in',
    ],
    ['a record is removed', 'RecordsChanged', run("DELETE FROM records WHERE room = 'aliases'"), 'aliases/'],
    [
      'a record is edited',
      'RecordsChanged',
      run("UPDATE records SET body = CAST(replace(body, 'Enabled', 'Disabled') AS BLOB) WHERE room = 'keys'"),
      'keys/',
    ],
    ['the identity is edited', 'RecordsChanged', run("UPDATE vault SET account = '1'"), 'row vault'],
    ['the tree’s root is removed', 'RecordsChanged', run('DELETE FROM tree_roots'), ''],
    [
      'a trigger is put in',
      'SchemaChanged',
      run('CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit; END'),
      'trigger t',
    ],
    ['an index is dropped', 'SchemaChanged', run('CREATE INDEX i ON records (mac)'), 'index i'],
    [
      'notes on partials are put in',
      'PartialsChanged',
      run("INSERT INTO partials (id, path, created) VALUES (1, '/x', 1)"),
      'unfinished files',
    ],
    ['the catalog is emptied', 'CatalogChanged', run('DELETE FROM catalog'), 'catalog'],
    ['jobs are put in', 'JobsChanged', run("INSERT INTO jobs VALUES (x'00', 0, x'00', x'00')"), 'jobs'],
    ['entries of the log are removed', 'LogChanged', run('DELETE FROM audit WHERE seq = 2'), 'entry 2'],
  ])('is told by the status when %s: %s', async (_what, kind, change, words) => {
    expect(await kinds()).toEqual([]);
    change();
    await expect.poll(kinds).toContain(kind);
    const found = (await findings()).filter((each) => each.kind === kind);
    expect(found.map(({ message }) => message).join()).toContain(words);
    // Files are not affected: it closes nothing.
    if (kind !== 'RecordsChanged' && kind !== 'SchemaChanged')
      expect(await vault.verify(vault.path('a.keyward'))).toMatchObject({ status: 'done' });
  });

  it('has it in the log once, and finds nothing any more when it is put back', async () => {
    const rows = outside((db) => db.prepare('SELECT * FROM protectors').all() as Row[]);
    run('DELETE FROM protectors')();
    for (let round = 0; round < 3; round += 1)
      expect(await kinds()).toEqual(rows.map(() => 'ProtectorsChanged'));
    outside((db) => {
      for (const row of rows) db.prepare('INSERT INTO protectors VALUES (@id, @kind, @record)').run(row);
    });
    expect(await kinds()).toEqual([]);
    expect(await told('ProtectorsChanged')).toBe(rows.length);
    await vault.reopen();
    expect(await vault.call('vault.status', {})).not.toMatchObject({ rescue: true });
  });

  it('lets its owner put a way to unlock back while the other one is there', async () => {
    run("DELETE FROM protectors WHERE kind = 'passphrase'")();
    const words = async () => (await findings()).map((each) => errorText(each, 'command'))[0];
    expect(await words()).toContain('keyward protectors add passphrase');
    await vault.call('protectors.set', { how: 'add', secret: passphrase, credential: credential() });
    expect(await kinds()).toEqual([]);
    run("UPDATE protectors SET record = zeroblob(200) WHERE kind = 'passphrase'")();
    expect(await words()).toContain('keyward protectors replace passphrase');
    await vault.call('protectors.set', { how: 'replace', secret: passphrase, credential: credential() });
    expect(await kinds()).toEqual([]);
    await vault.reopen();
    expect(await vault.call('vault.status', {})).not.toMatchObject({ rescue: true });
    expect(await kinds()).toEqual([]);
  });

  it('opens for rescue next where it is not mended', async () => {
    run('DELETE FROM protectors')();
    expect(await kinds()).toContain('ProtectorsChanged');
    await vault.reopen();
    expect(await vault.call('vault.status', {})).toMatchObject({ rescue: true });
  });

  it('writes nothing through a trigger that was put in', async () => {
    const before = outside((db) => db.prepare('SELECT count(*) AS n FROM audit').get());
    run('CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit; END')();
    await expect(vault.call('keys.create', { alias: 'alias/b', description: '' })).rejects.toMatchObject({
      code: 'VaultDamaged',
      details: { row: 'sqlite_schema/trigger t' },
    });
    expect(outside((db) => db.prepare('SELECT count(*) AS n FROM audit').get())).toEqual(before);
    run('DROP TRIGGER t')();
    await vault.call('keys.create', { alias: 'alias/b', description: '' });
    expect(await kinds()).toEqual([]);
  });
});
