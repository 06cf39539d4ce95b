import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { LiveVault } from '../support/live-vault.ts';
import { repaired, stepsOf } from '../support/repairs.ts';

/* A vault that lasts, with what can be taken away: a disabled key, a revoked client, a policy, a shredded key. */
const vault = await LiveVault.make(undefined, false);
const folder = join(vault.home, '..');
const stick = join(folder, 'stick');
mkdirSync(stick);
const ids: { [alias: string]: string } = {};
for (const name of ['open', 'shut', 'strict', 'leaving']) {
  const { keyId } = await vault.call('keys.create', { alias: `alias/${name}`, description: name });
  ids[name] = keyId;
  writeFileSync(vault.path(name), `a diary under ${name}`);
  await vault.encrypt(vault.path(name), { key: name });
  rmSync(vault.path(name));
}
await vault.call('keys.disable', { key: 'shut' });
await vault.call('keys.scheduleDeletion', { key: 'leaving', days: 30 });
await vault.call('clients.create', { name: 'gone', policy: null });
await vault.call('clients.create', { name: 'here', policy: null });
await vault.call('clients.revoke', { name: 'gone' });
await vault.call('backup.addFolder', { folder: stick });
await vault.call('backup.create', { folder: stick });
await vault.call('config.set', { name: 'idle-minutes', value: '30' });
await vault.leave();

const FILES = ['vault.db', 'vault.keys'] as const;
const backups = readdirSync(stick);
const whole = Object.fromEntries(FILES.map((name) => [name, readFileSync(join(vault.home, name))]));
const at = (name: string) => join(vault.home, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  for (const name of readdirSync(vault.home)) if (name.startsWith('vault.')) rmSync(at(name));
  // A backup that a test before has made is of a later change than this vault.
  for (const name of readdirSync(stick)) if (!backups.includes(name)) rmSync(join(stick, name));
  for (const name of FILES) writeFileSync(at(name), whole[name] ?? '');
});

/** Changes the database by SQL. */
function edit(act: (db: Database.Database) => void): void {
  const db = new Database(at('vault.db'));
  act(db);
  db.close();
  for (const ending of ['-wal', '-shm']) rmSync(at(`vault.db${ending}`), { force: true });
}

const hurt = (room: string, id: string) =>
  edit((db) => {
    const { changes } = db
      .prepare("UPDATE records SET body = CAST(CAST(body AS TEXT) || ' ' AS BLOB) WHERE room = ? AND id = ?")
      .run(room, id);
    expect(changes).toBe(1);
  });

const opened = () => LiveVault.at(folder, vault.phrase);

async function statesOf(live: LiveVault) {
  const { keys } = await live.call('keys.list', {});
  return Object.fromEntries(keys.map(({ aliases, state }) => [aliases[0]?.replace('alias/', ''), state]));
}

const STATES = {
  'my-files': 'Enabled',
  open: 'Enabled',
  shut: 'Disabled',
  strict: 'Enabled',
  leaving: 'PendingDeletion',
};

/** Opens the repaired vault: it is whole, its log holds and tells of the repair, and nobody has a right more. */
async function opensWhole(expected: { [name: string]: string } = STATES): Promise<void> {
  const live = await opened();
  try {
    const status = await live.call('vault.status', {});
    expect(status.rescue).toBeUndefined();
    expect(status.findings?.filter(({ kind }) => kind !== 'BackupFailed') ?? []).toEqual([]);
    expect(await live.call('audit.verify', {})).toMatchObject({ ok: true });
    const { entries } = await live.call('audit.list', { limit: 10, event: 'RepairVault' });
    expect(entries).toHaveLength(1);
    expect(await statesOf(live)).toEqual(expected);
    const { clients } = await live.call('clients.list', {});
    expect(clients.find(({ name }) => name === 'gone')?.revokedAt).toBeDefined();
    const [result] = await live.decrypt(live.path('open.keyward'));
    if (expected['open'] === 'Enabled') expect(result?.error).toBeUndefined();
    else expect(result?.error?.code).toMatch(/Disabled|KMSInvalidState/);
    rmSync(live.path('open'), { force: true });
  } finally {
    await live.leave();
  }
}

describe('repair (pitfall 59)', () => {
  it('of a vault that is whole has nothing to do', async () => {
    expect(await repaired(vault.home, { phrase: vault.phrase })).toBeUndefined();
    expect(readdirSync(vault.home).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  it('takes a broken row from the second file, and the damaged database aside', async () => {
    hurt('keys', ids['shut'] ?? '');
    const damaged = readFileSync(at('vault.db'));
    const planned = await repaired(vault.home, { phrase: vault.phrase, dryRun: true });
    expect(readFileSync(at('vault.db')).equals(damaged)).toBe(true);
    const plan = await repaired(vault.home, { phrase: vault.phrase });
    expect(plan?.steps).toEqual(planned?.steps);
    expect(stepsOf(plan)).toEqual([`from-second-file keys/${ids['shut']}`]);
    const aside = readdirSync(vault.home).filter((name) => name.includes('damaged'));
    expect(aside).toHaveLength(2);
    const [database = ''] = aside.filter((name) => name.startsWith('vault.db.damaged'));
    expect(readFileSync(at(database)).equals(damaged)).toBe(true);
    await opensWhole();
  });

  it('takes a row that neither file has from the backup, if it is the newest', async () => {
    hurt('clients', 'gone');
    rmSync(at('vault.keys'));
    const plan = await repaired(vault.home, { phrase: vault.phrase });
    expect(stepsOf(plan)).toEqual(['from-backup clients/gone']);
    expect(plan?.backup?.path).toContain(stick);
    await opensWhole();
  });

  it('without phrase and second file leaves no right that may have been taken away', async () => {
    hurt('keys', ids['open'] ?? '');
    hurt('keys', ids['strict'] ?? '');
    rmSync(at('vault.keys'));
    const plan = await repaired(vault.home, { phrase: vault.phrase, passphrase: vault.passphrase });
    expect(stepsOf(plan)).toEqual([`lost keys/${ids['open']}`, `lost keys/${ids['strict']}`].sort());
    expect(plan?.notes.join()).toContain('--recovery-file');
  });

  it('takes a setting that is lost from its default, and files without audit are off then', async () => {
    hurt('settings', 'idle-minutes');
    rmSync(at('vault.keys'));
    const plan = await repaired(vault.home, { phrase: '', passphrase: vault.passphrase });
    expect(stepsOf(plan)).toEqual(['default settings/idle-minutes']);
    const live = await opened();
    expect(await live.call('config.list', {})).toMatchObject({
      'idle-minutes': 15,
      'open-files-without-audit': true,
    });
    await live.leave();
  });

  it.each<[string, () => void]>([
    ['that is missing', () => rmSync(at('vault.db'))],
    ['of noise', () => writeFileSync(at('vault.db'), Buffer.alloc(20_000, 0x5a))],
    ['that is empty', () => writeFileSync(at('vault.db'), '')],
  ])('makes a database %s anew from second file and backup', async (_what, act) => {
    act();
    const plan = await repaired(vault.home, { phrase: vault.phrase });
    expect(plan?.log).toMatchObject({ entries: 0, cut: true });
    const states = Object.fromEntries(Object.entries(STATES));
    // The one change since the backup is of a setting: all keys are as both files have them.
    await opensWhole(states);
  });

  it('without a backup, a database that is missing comes back with every key disabled, for the owner alone', async () => {
    rmSync(at('vault.db'));
    const plan = await repaired(vault.home, { phrase: '', passphrase: vault.passphrase });
    expect(stepsOf(plan)).toContain('revoked clients/here');
    expect(stepsOf(plan)).toContain(`owner-only key-policies/${ids['open']}`);
    await opensWhole({
      'my-files': 'Disabled',
      open: 'Disabled',
      shut: 'Disabled',
      strict: 'Disabled',
      leaving: 'PendingDeletion',
    });
    const live = await opened();
    try {
      expect((await live.call('config.list', {}))['open-files-without-audit']).toBe(false);
      const [version] = (await live.call('keys.describe', { key: 'open' })).history;
      await live.call('keys.enable', { key: 'open' });
      await live.call('keys.setVersion', { key: 'open', version: version?.version ?? '', enabled: true });
      const [result] = await live.decrypt(live.path('open.keyward'));
      expect(result?.error).toBeUndefined();
      expect(readFileSync(live.path('open'), 'utf8')).toBe('a diary under open');
      rmSync(live.path('open'));
    } finally {
      await live.leave();
    }
  });

  it('takes over the log as far as its chain holds, and says where it was cut', async () => {
    edit((db) => {
      db.prepare("UPDATE audit SET body = x'00' WHERE seq = 6").run();
      db.prepare("UPDATE records SET mac = x'00' WHERE room = 'keys' AND id = ?").run(ids['open']);
    });
    const plan = await repaired(vault.home, { phrase: vault.phrase });
    expect(plan?.log).toMatchObject({ entries: 5, cut: true });
    expect(plan?.log.lost).toBeGreaterThan(5);
    await opensWhole();
    const live = await opened();
    const verdict = await live.call('audit.verify', {});
    expect(verdict).toMatchObject({ ok: true, cuts: [5] });
    await live.leave();
  });

  it.each(['first_seq', 'public_key', 'certificate', 'last_seq', 'head', 'seal'])(
    'goes on with the log where the %s of a closed segment does not hold',
    async (column) => {
      hurt('keys', ids['open'] ?? '');
      const value = column.endsWith('seq') ? `${column} + 1` : 'randomblob(32)';
      edit((db) => db.exec(`UPDATE audit_segments SET ${column} = ${value} WHERE n = 0`));
      expect(await repaired(vault.home, { phrase: vault.phrase })).toBeDefined();
      const live = await opened();
      expect(await live.call('audit.verify', {})).toMatchObject({ ok: true });
      await live.leave();
    },
  );

  it('disables what a newer backup knows otherwise, where the database was put back as well', async () => {
    const live = await opened();
    await live.call('keys.disable', { key: 'open' });
    await live.call('backup.create', { folder: stick });
    await live.leave();
    for (const name of FILES) writeFileSync(at(name), whole[name] ?? '');
    hurt('settings', 'idle-minutes');
    const plan = await repaired(vault.home, { phrase: vault.phrase });
    expect(plan?.notes.join()).toContain('older copy');
    expect(stepsOf(plan)).toContain(`disabled keys/${ids['open']}`);
    await opensWhole({ ...STATES, open: 'Disabled' });
  });

  it('leaves an older copy that is whole to its owner, unless a backup says what to do', async () => {
    const live = await opened();
    await live.call('keys.disable', { key: 'open' });
    await live.call('backup.create', { folder: stick });
    await live.leave();
    for (const name of FILES) writeFileSync(at(name), whole[name] ?? '');
    const before = readFileSync(at('vault.db'));
    await expect(repaired(vault.home, { phrase: '', passphrase: vault.passphrase })).rejects.toMatchObject({
      code: 'VaultPutBack',
    });
    expect(readFileSync(at('vault.db')).equals(before)).toBe(true);
    await expect(opened()).rejects.toMatchObject({ code: 'VaultPutBack' });
    const plan = await repaired(vault.home, { phrase: vault.phrase });
    expect(stepsOf(plan)).toContain(`disabled keys/${ids['open']}`);
    await opensWhole({ ...STATES, open: 'Disabled' });
  });

  it('takes a version that no file has from a backup under an earlier root key, disabled, and says what that means', async () => {
    const live = await opened();
    const id = ids['open'] ?? '';
    const { currentVersion: version = '' } = await live.call('keys.describe', { key: 'open' });
    await live.call('root.rotate', { credential: { kind: 'recovery-phrase', phrase: vault.phrase } });
    await live.leave();
    // Only backups of before are left, and neither file has the version.
    for (const name of readdirSync(stick)) if (!backups.includes(name)) rmSync(join(stick, name));
    edit((db) => {
      const { changes } = db
        .prepare("DELETE FROM records WHERE room = 'key-versions' AND id = ?")
        .run(`${id}/${version}`);
      expect(changes).toBe(1);
    });
    rmSync(at('vault.keys'));
    const plan = await repaired(vault.home, { phrase: vault.phrase });
    expect(plan?.notes.join()).toContain('earlier root key');
    expect(stepsOf(plan)).toEqual(
      expect.arrayContaining([`disabled key-versions/${id}/${version}`, `disabled keys/${id}`]),
    );
    const back = await opened();
    try {
      const file = back.path('open.keyward');
      expect((await back.decrypt(file))[0]?.status).toBe('failed');
      await back.call('keys.setVersion', { key: id, version, enabled: true });
      await back.call('keys.enable', { key: id });
      expect((await back.decrypt(file))[0]?.error).toBeUndefined();
      rmSync(back.path('open'));
    } finally {
      await back.leave();
    }
  });

  it('takes over the log of before the root key was changed, as far as it holds', async () => {
    const live = await opened();
    await live.call('root.rotate', { credential: { kind: 'recovery-phrase', phrase: vault.phrase } });
    await live.leave();
    const rotated = FILES.map((name) => readFileSync(at(name)));
    for (const [broken, lost] of [
      ['nothing of it', 0],
      ['an entry of before', 1],
      ['all of it', 1],
    ] as const) {
      for (const name of readdirSync(vault.home)) if (name.startsWith('vault.')) rmSync(at(name));
      for (const [n, name] of FILES.entries()) writeFileSync(at(name), rotated[n] ?? '');
      hurt('settings', 'idle-minutes');
      if (broken === 'an entry of before')
        edit((db) => db.exec('UPDATE audit SET mac = zeroblob(length(mac)) WHERE seq = 6'));
      if (broken === 'all of it') rmSync(at('vault.db'));
      const plan = await repaired(vault.home, { phrase: vault.phrase });
      expect(plan?.log.lost ?? 0, broken).toBeGreaterThanOrEqual(broken === 'all of it' ? 0 : lost);
      if (lost === 0) expect(plan?.log.lost).toBe(0);
      if (broken === 'an entry of before') expect(plan?.log.entries).toBe(5);
      const back = await opened();
      expect(await back.call('audit.verify', {}), broken).toMatchObject({ ok: true });
      const { entries } = await back.call('audit.list', { limit: 300 });
      expect(
        entries.every(({ intact }) => intact),
        broken,
      ).toBe(true);
      await back.leave();
    }
  });

  it('takes no state from a backup under an earlier root key, whatever it agrees with', async () => {
    const live = await opened();
    await live.call('root.rotate', { credential: { kind: 'recovery-phrase', phrase: vault.phrase } });
    await live.leave();
    for (const name of readdirSync(stick)) if (!backups.includes(name)) rmSync(join(stick, name));
    rmSync(at('vault.db'));
    const plan = await repaired(vault.home, { phrase: vault.phrase });
    // One file alone says that the keys are as they were: the backup could be anybody's who had the root key of then.
    expect(stepsOf(plan)).toEqual(expect.arrayContaining([`disabled keys/${ids['open']}`]));
    const back = await opened();
    expect(await statesOf(back)).toMatchObject({
      open: 'Disabled',
      shut: 'Disabled',
      leaving: 'PendingDeletion',
    });
    await back.leave();
  });

  it('is cancelled before anything is changed, and leaves nothing of its own', async () => {
    hurt('keys', ids['open'] ?? '');
    const before = readFileSync(at('vault.db'));
    const { claimHome, openRepair } = await import('../../src/main/api/index.ts');
    const claim = await claimHome(vault.home);
    if (claim === undefined) throw new Error('the home is taken');
    const found = await openRepair(claim, { credential: { kind: 'recovery-phrase', phrase: vault.phrase } });
    const stop = new AbortController();
    const told: number[] = [];
    const applied = found?.apply(stop.signal, ({ done }) => {
      told.push(done);
      if (done === 2) stop.abort();
    });
    await expect(applied).rejects.toMatchObject({ code: 'Cancelled' });
    found?.end();
    await claim.release();
    expect(told).toEqual([0, 1, 2]);
    expect(readFileSync(at('vault.db')).equals(before)).toBe(true);
    expect(existsSync(at('vault.db-making'))).toBe(false);
  });
});
