import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBackups } from '../../src/main/backup/list.ts';
import type { Input, Output } from '../../src/shared/contract.ts';
import { NewMachine } from '../support/backups.ts';
import { LiveVault, only } from '../support/live-vault.ts';

type Plan = Output<'backup.compare'>;

let first: LiveVault;
let second: LiveVault;
let machine: NewMachine;
let stick: string;

/** Two laptops of one vault: the second restored from a backup of the first, both with a key called `shared`. */
beforeEach(async () => {
  stick = mkdtempSync(join(tmpdir(), 'keyward-stick-'));
  first = await LiveVault.make(tmpdir(), false);
  await create(first, 'shared');
  await first.call('backup.create', { folder: stick });
  machine = new NewMachine();
  await machine.restore(stick, first.phrase);
  second = await machine.open(first.phrase);
});
afterEach(async () => {
  await second.leave();
  machine.end();
  await first.end();
  rmSync(stick, { recursive: true, force: true });
});

const create = (vault: LiveVault, alias: string) => vault.call('keys.create', { alias, description: '' });
const keyOf = async (vault: LiveVault, key: string) => vault.call('keys.describe', { key });
const aws = (vault: LiveVault, operation: 'PutKeyPolicy' | 'CreateGrant' | 'RevokeGrant', input: object) =>
  vault.call('kms.call', { operation, input: input as Input<'kms.call'>['input'] });

/** A backup of a vault, made now. */
async function backupOf(vault: LiveVault): Promise<string> {
  return (await vault.call('backup.create', { folder: stick })).path;
}

async function compare(from: LiveVault, to: LiveVault, path?: string): Promise<{ plan: Plan; path: string }> {
  const backup = path ?? (await backupOf(from));
  return { plan: await to.call('backup.compare', { from: backup, phrase: first.phrase }), path: backup };
}

async function merge(from: LiveVault, to: LiveVault, take: string[] = []): Promise<Plan> {
  const { plan, path } = await compare(from, to);
  return to.call('backup.merge', { from: path, phrase: first.phrase, plan: plan.plan, take });
}

async function refusal(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return (error as { code?: string } | undefined)?.code ?? 'done';
}

const kinds = ({ changes }: Plan) => changes.map(({ kind }) => kind).sort();

describe('merging the backup of a second laptop', () => {
  it('brings its keys and versions, opens its files, and makes the latest version current on both', async () => {
    await create(second, 'made-there');
    await first.call('keys.rotate', { key: 'shared' });
    const there = await second.call('keys.rotate', { key: 'shared' });
    const content = randomBytes(500);
    for (const key of ['made-there', 'shared']) {
      writeFileSync(second.path(key), content);
      only(await second.encrypt(second.path(key), { key }));
    }
    const plan = await merge(second, first);
    expect(kinds(plan)).toEqual(['current', 'key', 'version']);
    expect(plan.files).toBe(2);
    for (const key of ['made-there', 'shared']) {
      copyFileSync(second.path(`${key}.keyward`), first.path(`${key}.keyward`));
      expect(only(await first.decrypt(first.path(`${key}.keyward`))).status).toBe('done');
      expect(readFileSync(first.path(key)).equals(content)).toBe(true);
    }
    const united = await keyOf(first, 'shared');
    expect(united.versions).toBe(3);
    expect(united.currentVersion).toBe(there.currentVersion);
    // The other way round, both have the same.
    expect(kinds(await merge(first, second))).toEqual(['version']);
    expect((await keyOf(second, 'shared')).history).toEqual(united.history);
    expect(await first.call('audit.verify', {})).toMatchObject({ ok: true });
    const { entries } = await first.call('audit.list', { event: 'MergeBackup', limit: 5 });
    expect(entries).toMatchObject([{ requestParameters: { sequence: 1, changes: { key: 1 } } }]);
    expect((await first.call('keys.files', { key: 'made-there' })).files).toBe(1);
  });

  it('lasts: the vault opens again with what came, and its second file has it', async () => {
    await create(second, 'made-there');
    await merge(second, first);
    await first.reopen(() => rmSync(join(first.home, 'vault.db')));
    expect((await keyOf(first, 'made-there')).aliases).toEqual(['alias/made-there']);
  });

  it('and a restore tell anew of a key that is due to be shredded, and shred it a day later at the earliest', async () => {
    const DAY = 86_400_000;
    const at = (days: number) => ({ now: () => Date.now() + days * DAY });
    const { keyId } = await create(second, 'due');
    await second.call('keys.scheduleDeletion', { key: keyId, days: 7 });
    await second.reopen(undefined, at(8));
    const path = await backupOf(second);
    const third = new NewMachine();
    try {
      await third.restore(path, first.phrase);
      const restored = await third.open(first.phrase);
      const { plan } = await compare(second, first, path);
      await first.call('backup.merge', { from: path, phrase: first.phrase, plan: plan.plan, take: [] });
      for (const vault of [first, restored]) {
        await vault.reopen(undefined, at(10));
        expect((await keyOf(vault, keyId)).state).toBe('PendingDeletion');
        await vault.reopen(undefined, at(12));
        await expect(keyOf(vault, keyId)).rejects.toMatchObject({ code: 'NotFoundException' });
      }
      await restored.leave();
    } finally {
      third.end();
    }
  });

  it('never brings back what was shredded, revoked or disabled here, and names it', async () => {
    for (const vault of [first, second])
      await vault.call('clients.create', { name: 'builder', policy: null });
    await first.call('clients.revoke', { name: 'builder' });
    await first.call('keys.disable', { key: 'shared' });
    const plan = await merge(second, first);
    expect(plan.kept).toMatchObject([{ kind: 'client', name: 'builder', why: 'it was revoked here' }]);
    expect((await keyOf(first, 'shared')).state).toBe('Disabled');
    expect((await first.call('clients.list', {})).clients).toMatchObject([
      { name: 'builder', revokedAt: expect.any(String) },
    ]);
  });

  it('never brings back a key that was shredded here; one that was shredded there goes a day later', async () => {
    const { keyId } = await keyOf(first, 'shared');
    await first.call('keys.scheduleDeletion', { key: 'shared', days: 7 });
    for (const day of [8, 10]) await first.reopen(undefined, { now: () => Date.now() + day * 86_400_000 });
    expect(await refusal(keyOf(first, keyId))).toBe('NotFoundException');
    const plan = await merge(second, first);
    expect(plan.kept).toMatchObject([{ kind: 'key', id: keyId, why: 'it was shredded here' }]);
    expect(plan.changes).toEqual([]);
    expect(await refusal(keyOf(first, keyId))).toBe('NotFoundException');

    expect(kinds(await merge(first, second))).toEqual(['to-be-shredded']);
    expect((await keyOf(second, keyId)).state).toBe('PendingDeletion');
  });

  it('takes over what was taken away there', async () => {
    const grant = { KeyId: (await keyOf(first, 'shared')).arn, Operations: ['Decrypt'] };
    const principal = 'arn:aws:iam::000000000000:user/builder';
    await first.call('clients.create', { name: 'builder', policy: null });
    const { output } = await aws(first, 'CreateGrant', { ...grant, GranteePrincipal: principal });
    await create(first, 'other');
    await merge(first, second, ['client:builder', ...(await grantIds(first, second))]);
    expect((await second.call('keys.grants', { key: 'shared' })).grants).toHaveLength(1);

    await aws(second, 'RevokeGrant', { KeyId: grant.KeyId, GrantId: output['GrantId'] });
    await second.call('clients.revoke', { name: 'builder' });
    await second.call('keys.disable', { key: 'other' });
    await second.call('keys.scheduleDeletion', { key: 'shared', days: 7 });
    expect(kinds(await merge(second, first))).toEqual([
      'client-revoked',
      'deletion',
      'disabled',
      'grant-revoked',
    ]);
    expect((await keyOf(first, 'shared')).state).toBe('PendingDeletion');
    expect((await keyOf(first, 'other')).state).toBe('Disabled');
    expect((await first.call('keys.grants', { key: 'shared' })).grants).toEqual([]);
    expect((await first.call('clients.list', {})).clients).toMatchObject([{ revokedAt: expect.any(String) }]);
  });

  async function grantIds(from: LiveVault, to: LiveVault): Promise<string[]> {
    const { plan } = await compare(from, to);
    return plan.differences.filter(({ kind }) => kind === 'grant').map(({ id }) => id);
  }

  it('shows policies, aliases and settings that differ, and keeps its own unless told to take them', async () => {
    await second.call('config.set', { name: 'idle-minutes', value: '99' });
    await second.call('keys.addAlias', { key: 'shared', alias: 'second-name' });
    await second.call('keys.setDescription', { key: 'shared', description: 'there' });
    const { plan, path } = await compare(second, first);
    expect(plan.changes).toEqual([]);
    expect(plan.differences.map(({ kind }) => kind).sort()).toEqual(['alias', 'description', 'setting']);
    const take = ['alias:alias/second-name', 'setting:idle-minutes'];
    await first.call('backup.merge', { from: path, phrase: first.phrase, plan: plan.plan, take });
    expect((await first.call('config.list', {}))['idle-minutes']).toBe(99);
    const key = await keyOf(first, 'second-name');
    expect(key.aliases.sort()).toEqual(['alias/second-name', 'alias/shared']);
    expect(key.description).not.toBe('there');
  });

  it('joins denials of a policy that differs, and asks for the rest', async () => {
    const { keyId } = await keyOf(second, 'shared');
    await second.call('clients.create', { name: 'builder', policy: null });
    const root = { AWS: 'arn:aws:iam::000000000000:root' };
    const allow = { Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' };
    const deny = {
      Effect: 'Deny',
      Principal: { AWS: 'arn:aws:iam::000000000000:user/builder' },
      Action: 'kms:Decrypt',
      Resource: '*',
    };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow, deny] });
    await aws(second, 'PutKeyPolicy', { KeyId: keyId, Policy: policy });
    const plan = await merge(second, first);
    expect(kinds(plan)).toEqual(['denial']);
    const { policy: after } = await first.call('keys.policy', { key: 'shared' });
    expect(JSON.parse(after).Statement).toContainEqual(deny);
  });
});

describe('a set of shares that was taken away', () => {
  const credential = () => ({ kind: 'recovery-phrase', phrase: first.phrase }) as const;
  const split = (vault: LiveVault) =>
    vault.call('recovery.split', { shares: 3, threshold: 2, credential: credential() });
  const ways = async (vault: LiveVault) =>
    (await vault.call('protectors.list', {})).protectors.map(({ kind }) => kind).sort();
  const recipientsOf = async (path: string) =>
    (await findBackups(path)).map(({ manifest }) => manifest?.recipients.length);

  it('there ends here too: it opens neither the vault nor new backups', async () => {
    await split(first);
    const third = new NewMachine();
    await third.restore((await first.call('backup.create', { folder: stick })).path, first.phrase);
    const live = await third.open(first.phrase);
    expect(await ways(live)).toContain('shares');
    await live.call('recovery.unsplit', { credential: credential() });
    const { plan } = await compare(live, first);
    expect(plan.changes).toMatchObject([{ kind: 'recovery-ended', name: 'the set of shares' }]);
    await merge(live, first);
    expect(await ways(first)).toEqual(['passphrase', 'recovery-phrase']);
    const folder = mkdtempSync(join(tmpdir(), 'keyward-stick-'));
    await first.call('backup.create', { folder });
    expect(await recipientsOf(folder)).toEqual([1]);
    await first.reopen();
    // What it says is known by then, and a set that is made later is another one.
    await split(first);
    const again = await compare(live, first);
    expect(again.plan.changes).toEqual([]);
    expect(await ways(first)).toContain('shares');
    rmSync(folder, { recursive: true });
    await live.leave();
    third.end();
  });

  it('comes back by no older backup: neither merged nor restored beside a newer one', async () => {
    await split(first);
    await split(second);
    const older = await backupOf(first);
    await first.call('recovery.unsplit', { credential: credential() });
    await merge(second, first);
    expect(await ways(first)).toEqual(['passphrase', 'recovery-phrase']);
    const newer = await backupOf(first);
    const third = new NewMachine();
    const made = await third.restore(older, first.phrase);
    expect(made.united.find(({ path }) => path === newer)?.changes).toMatchObject([
      { kind: 'recovery-ended', name: 'the set of shares' },
    ]);
    expect(made.protectors).toEqual(['passphrase', 'recovery-phrase']);
    const back = await third.open(first.phrase);
    expect(await ways(back)).toEqual(['passphrase', 'recovery-phrase']);
    const folder = mkdtempSync(join(tmpdir(), 'keyward-stick-'));
    await back.call('backup.create', { folder });
    expect(await recipientsOf(folder)).toEqual([1]);
    rmSync(folder, { recursive: true });
    await back.leave();
    third.end();
  });

  it('a phrase that was replaced there stays here, where it is the only one, and that is told', async () => {
    const { phrase } = await second.call('protectors.newPhrase', {});
    await second.call('protectors.set', {
      how: 'replace',
      secret: { kind: 'recovery-phrase', phrase },
      credential: credential(),
    });
    const { path: newer } = await second.call('backup.create', { folder: stick });
    const plan = await first.call('backup.compare', { from: newer, phrase, formerPhrase: true });
    expect(plan.notes).toEqual([expect.stringContaining('was replaced or taken away there')]);
    await first.call('backup.merge', { from: newer, phrase, formerPhrase: true, plan: plan.plan, take: [] });
    expect(await ways(first)).toEqual(['passphrase', 'recovery-phrase']);
    await first.reopen();
  });
});

describe('a backup that has nothing to give', () => {
  it('is refused where it is older than the vault: nothing comes back', async () => {
    const path = await backupOf(first);
    await first.call('keys.removeAlias', { alias: 'shared' });
    expect(await refusal(compare(first, first, path))).toBe('BackupOlder');
    // Also one that the vault was once restored from, and one that was merged.
    expect(await refusal(compare(first, second, await firstBackup()))).toBe('BackupOlder');
    await create(second, 'made-there');
    const merged = await merge(second, first);
    await second.call('keys.disable', { key: 'made-there' });
    expect(await refusal(compare(second, first, merged.backup.path))).toBe('BackupOlder');
  });

  it('is refused where the device became another since, by a revocation', async () => {
    const path = await backupOf(first);
    await first.call('keys.disable', { key: 'shared' });
    await first.call('protectors.revoke', {
      kind: 'passphrase',
      secret: { kind: 'passphrase', bytes: Buffer.from('another passphrase').toString('base64') },
      credential: { kind: 'recovery-phrase', phrase: first.phrase },
    });
    await first.reopen();
    expect(await refusal(compare(first, first, path))).toBe('BackupOlder');
  });

  async function firstBackup(): Promise<string> {
    const device = (await first.call('backup.create', { folder: stick })).path;
    return device.replace(/\d{10}\.age$/, '0000000001.age');
  }

  it('is refused where it is of another vault, planted, cut, or opens with no phrase of this one', async () => {
    const other = await LiveVault.make(tmpdir(), false);
    const elsewhere = join(stick, 'other');
    mkdirSync(elsewhere);
    const { path } = await other.call('backup.create', { folder: elsewhere });
    expect(await refusal(first.call('backup.compare', { from: path, phrase: other.phrase }))).toBe(
      'BackupOfOtherVault',
    );
    expect(await refusal(first.call('backup.compare', { from: elsewhere, phrase: first.phrase }))).toBe(
      'BackupOfOtherVault',
    );
    const mine = await backupOf(second);
    expect(await refusal(first.call('backup.compare', { from: mine, phrase: other.phrase }))).toBe(
      'WrongRecoveryPhrase',
    );
    truncateSync(mine, 200);
    expect(await refusal(first.call('backup.compare', { from: mine, phrase: first.phrase }))).toBe(
      'BackupDamaged',
    );
    await other.end();
  });

  it('is refused with a phrase that was replaced, unless nobody else has it', async () => {
    await create(second, 'made-there');
    const path = await backupOf(second);
    const { phrase } = await first.call('protectors.newPhrase', {});
    await first.call('protectors.set', {
      how: 'replace',
      secret: { kind: 'recovery-phrase', phrase },
      credential: { kind: 'passphrase', bytes: Buffer.from(first.passphrase).toString('base64') },
    });
    const input = { from: path, phrase: first.phrase };
    expect(await refusal(first.call('backup.compare', input))).toBe('WrongRecoveryPhrase');
    const plan = await first.call('backup.compare', { ...input, formerPhrase: true });
    expect(kinds(plan)).toEqual(['key']);
  });

  it('is not merged by a plan of before', async () => {
    await create(second, 'made-there');
    const { plan, path } = await compare(second, first);
    await first.call('keys.disable', { key: 'shared' });
    const input = { from: path, phrase: first.phrase, plan: plan.plan, take: [] };
    expect(await refusal(first.call('backup.merge', input))).toBe('VaultChanged');
    expect(await refusal(keyOf(first, 'made-there'))).toBe('NotFoundException');
  });
});

describe('restoring into an empty home', () => {
  it('holds to what any device took away: shredded, disabled, pending, revoked', async () => {
    for (const key of ['to-shred', 'to-disable', 'only-there']) {
      await create(first, key);
      if (key === 'to-disable') await merge(first, second);
    }
    await first.call('clients.create', { name: 'builder', policy: null });
    await merge(first, second, ['client:builder']);
    await second.call('keys.disable', { key: 'to-disable' });
    await second.call('clients.revoke', { name: 'builder' });
    await second.call('keys.scheduleDeletion', { key: 'to-shred', days: 7 });
    const clock = (day: number) => ({ now: () => Date.now() + day * 86_400_000 });
    for (const day of [8, 10]) await second.reopen(undefined, clock(day));
    const folder = mkdtempSync(join(tmpdir(), 'keyward-stick-'));
    const { path } = await second.call('backup.create', { folder });
    await first.call('config.set', { name: 'idle-minutes', value: '7' });
    await backupOf(first);

    const third = new NewMachine();
    const made = await third.restore(stick, first.phrase, { also: [folder] });
    expect(made.united).toMatchObject([{ path }]);
    expect(made.united[0]?.changes.map(({ kind }) => kind).sort()).toEqual([
      'client-revoked',
      'disabled',
      'shredded',
    ]);
    const back = await third.open(first.phrase);
    expect(await refusal(keyOf(back, 'to-shred'))).toBe('NotFoundException');
    expect((await keyOf(back, 'to-disable')).state).toBe('Disabled');
    expect((await keyOf(back, 'only-there')).state).toBe('Enabled');
    expect((await back.call('clients.list', {})).clients).toMatchObject([{ revokedAt: expect.any(String) }]);
    expect((await back.call('config.list', {}))['idle-minutes']).toBe(7);
    // What is shredded stays so in all that comes after.
    const plan = await back.call('backup.compare', { from: await backupOf(first), phrase: first.phrase });
    expect(plan.kept).toMatchObject([{ kind: 'client' }, { kind: 'key', name: 'alias/to-shred' }].reverse());
    await back.leave();
    third.end();
    rmSync(folder, { recursive: true });
  });

  it('from an older backup that is named holds to what a newer one beside it says', async () => {
    const path = await backupOf(first);
    await first.call('keys.disable', { key: 'shared' });
    const newer = await backupOf(first);
    const third = new NewMachine();
    const made = await third.restore(path, first.phrase);
    expect(made.united).toMatchObject([
      { path: newer, changes: [{ kind: 'disabled', name: 'alias/shared' }] },
    ]);
    third.end();
  });
});

describe('shredding a key', () => {
  it('has own backups that hold it replaced, also in a folder that gets none by itself', async () => {
    const { keyId } = await keyOf(first, 'shared');
    await backupOf(first);
    await backupOf(second);
    await first.call('keys.scheduleDeletion', { key: 'shared', days: 7 });
    for (const day of [8, 10]) await first.reopen(undefined, { now: () => Date.now() + day * 86_400_000 });
    // The lock makes what is due.
    await first.reopen();
    const found = await findBackups(stick);
    const holding = found.filter(({ manifest }) => manifest?.keys.includes(keyId));
    const own = (await second.call('backup.create', { folder: stick })).path.slice(
      0,
      -'0000000002.age'.length,
    );
    expect(holding.map(({ path }) => path.slice(0, own.length))).toEqual([own]);
    expect(found).toHaveLength(2);
  });
});
