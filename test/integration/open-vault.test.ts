import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { BUILT, CommandHome } from '../support/command.ts';
import { LiveVault } from '../support/live-vault.ts';

type Row = { room: string; id: string; body: Buffer; mac: Buffer };

/** Works on a vault's database from outside, as another program does while an owner has it open. */
function outside<T>(home: string, act: (db: Database.Database) => T): T {
  const db = new Database(join(home, 'vault.db'));
  try {
    return act(db);
  } finally {
    db.close();
  }
}

const rowOf = (home: string, room: string, id: string) =>
  outside(home, (db) => db.prepare('SELECT * FROM records WHERE room = ? AND id = ?').get(room, id)) as Row;

const putRow = (home: string, { room, id, body, mac }: Row) =>
  outside(home, (db) =>
    db
      .prepare('INSERT OR REPLACE INTO records (room, id, body, mac) VALUES (?, ?, ?, ?)')
      .run(room, id, body, mac),
  );

const removeRow = (home: string, { room, id }: Row) =>
  outside(home, (db) => db.prepare('DELETE FROM records WHERE room = ? AND id = ?').run(room, id));

describe('an owner that has the vault open', async () => {
  const vault = await CommandHome.unlocked();
  afterAll(() => vault.end());
  const json = async (...words: string[]) => {
    const { code, out } = await vault.run(words);
    return { code, document: JSON.parse(out) };
  };
  const { document: key } = await json('keys', 'create', 'alias/payroll');
  const { document: other } = await json('keys', 'create', 'alias/other');
  const plain = join(vault.files, 'a');
  writeFileSync(plain, 'a');
  const use = (alias = 'alias/payroll') => json('encrypt', '--overwrite', '--key', alias, plain);
  const enabled = rowOf(vault.home, 'keys', key.keyId);
  await json('keys', 'disable', 'alias/payroll');
  const disabled = rowOf(vault.home, 'keys', key.keyId);

  it.each([
    ['an older row is put back', 'keys', () => putRow(vault.home, enabled)],
    ['a row is removed', 'keys', () => removeRow(vault.home, disabled)],
    ['a policy is added', 'key-policies', () => putRow(vault.home, { ...enabled, room: 'key-policies' })],
    [
      'two rows change places',
      'keys',
      () => putRow(vault.home, { ...rowOf(vault.home, 'keys', other.keyId), id: key.keyId }),
    ],
  ])('refuses the key by name when %s, and uses others', async (_what, room, change) => {
    expect((await use()).document.results[0].error.code).toBe('DisabledException');
    change();
    const refused = await use();
    expect(refused.document.results[0].error).toMatchObject({
      code: 'VaultDamaged',
      details: { row: `${room}/${key.keyId}` },
    });
    expect((await use('alias/other')).code).toBe(0);
    if (room !== 'keys') removeRow(vault.home, { ...enabled, room });
    putRow(vault.home, disabled);
    expect((await use()).document.results[0].error.code).toBe('DisabledException');
  });

  it('has each change of keys in the database file itself, so that a copy of it alone is whole (pitfall 58)', async () => {
    const copied = async (name: string) => {
      const home = join(vault.folder, name);
      mkdirSync(home, { mode: 0o700 });
      copyFileSync(join(vault.home, 'vault.db'), join(home, 'vault.db'));
      const words = [BUILT, 'keys', 'list', ...vault.unlocking, '--json'];
      const env = { ...vault.env, KEYWARD_HOME: home };
      const { stdout } = await promisify(execFile)(process.execPath, words, { env });
      return JSON.parse(stdout).keys as { keyId: string; aliases: string[]; versions: number }[];
    };
    const { document: made } = await json('keys', 'create', 'alias/copied');
    expect((await copied('created')).map(({ keyId }) => keyId)).toContain(made.keyId);
    await json('keys', 'rotate', 'alias/copied');
    const rotated = (await copied('rotated')).find(({ keyId }) => keyId === made.keyId);
    expect(rotated?.versions).toBe(2);
  });
});

describe('a vault of many rows', async () => {
  const vault = await LiveVault.make();
  afterAll(() => vault.end());
  const create = (alias: string) => vault.call('keys.create', { alias: `alias/${alias}`, description: '' });
  const keys: string[] = [];
  for (let n = 0; n < 750; n += 1) keys.push((await create(`k${n}`)).keyId);
  const last = keys.sort().at(-1) ?? '';
  await vault.call('keys.setRotation', { key: 'alias/k0', days: 90 });
  const later = { now: () => Date.now() + 91 * 86_400_000 };
  const findings = async () => (await vault.call('vault.status', {})).findings ?? [];
  const versions = async () => (await vault.call('keys.describe', { key: 'alias/k0' })).versions;
  const entries = (name = '') =>
    outside(vault.home, (db) =>
      db.prepare('SELECT count(*) AS n FROM audit WHERE instr(body, ?) > 0').get(Buffer.from(name)),
    );
  let whole: Row | undefined;

  it('opens by its root, and a row that does not hold is found behind it: nothing is written any more', async () => {
    await vault.reopen(() => {
      whole = rowOf(vault.home, 'keys', last);
      const body = Buffer.from(whole.body.toString().replace('Enabled', 'Disabled'));
      putRow(vault.home, { ...whole, body });
    }, later);
    const message = expect.stringContaining(`keys/${last} is not as Keyward wrote it`);
    await expect.poll(findings).toMatchObject([{ kind: 'RecordsDamaged', message }]);
    const before = entries();
    for (const call of [
      () => create('more'),
      () => vault.call('keys.list', {}),
      () => vault.call('audit.list', { limit: 1 }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'VaultDamaged', details: { row: `keys/${last}` } });
    }
    // The next unlock knows, and opens for rescue.
    await vault.reopen();
    expect(await vault.call('vault.status', {})).toMatchObject({ rescue: true });
    expect((await findings())[0]).toMatchObject({ kind: 'Rescue', message });
    await vault.leave();
    expect(entries()).toEqual(before);
    expect(entries('RotateKey')).toEqual({ n: 0 });
  });

  it('rotates what is due, but not before every row is known to hold', async () => {
    if (whole !== undefined) putRow(vault.home, whole);
    await vault.reopen(undefined, later);
    await expect.poll(versions).toBe(2);
    expect(await findings()).toEqual([]);
    expect((await vault.call('audit.verify', {})).ok).toBe(true);
  });
});
