import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { claimHome, openSession } from '../../src/main/api/index.ts';
import { findBackups } from '../../src/main/backup/list.ts';
import { isKeywardError } from '../../src/shared/errors.ts';
import { LiveVault } from '../support/live-vault.ts';
import { SEED, sampled } from '../support/random.ts';
import { repaired } from '../support/repairs.ts';

/*
 * No single edit of either file of a vault, with what follows on it, a rescue and a repair, gives anybody a right that the
 * vault had taken away.
 */

const LEVEL = process.env['KEYWARD_TEST_LEVEL'] ?? 'quick';
const EDITS = { quick: 8, full: 20, long: Number.POSITIVE_INFINITY }[LEVEL] ?? 8;
const DAY = 86_400_000;

type Row = { room: string; id: string; body: Buffer; mac: Buffer };

const vault = await LiveVault.make(tmpdir(), false);
const folder = join(vault.home, '..');
const stick = join(folder, 'stick');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ARN = 'arn:aws:iam::000000000000:user';
const ids: { [name: string]: string } = {};
for (const name of ['shut', 'strict', 'granted', 'gone', 'waiting', 'turned', 'other']) {
  ids[name] = (await vault.call('keys.create', { alias: `alias/${name}`, description: name })).keyId;
  writeFileSync(vault.path(name), `a diary under ${name}`);
  await vault.encrypt(vault.path(name), { key: name });
}
await vault.call('clients.create', { name: 'stranger', policy: null });
await vault.call('clients.create', { name: 'friend', policy: null });
const kms = (operation: 'CreateGrant' | 'RevokeGrant', input: { [name: string]: string | string[] }) =>
  vault.call('kms.call', { operation, input: { KeyId: ids['granted'] ?? '', ...input } });
const phrase = { kind: 'recovery-phrase', phrase: vault.phrase } as const;
const { shares } = await vault.call('recovery.split', { shares: 3, threshold: 2, credential: phrase });
const older = (await vault.call('keys.describe', { key: 'turned' })).currentVersion ?? '';
await vault.call('keys.rotate', { key: 'turned' });
const { output } = await kms('CreateGrant', { GranteePrincipal: `${ARN}/friend`, Operations: ['Decrypt'] });

/** The database as it was before anything was taken away. */
let before = Buffer.alloc(0);
/** Rows of each state that the vault has been in, as they stood in either file. */
const olds: Row[] = [];
function remember(): void {
  const db = new Database(join(vault.home, 'vault.db'), { readonly: true });
  olds.push(...(db.prepare('SELECT room, id, body, mac FROM records').all() as Row[]));
  db.close();
}
await vault.reopen(() => {
  remember();
  before = readFileSync(join(vault.home, 'vault.db'));
});

// What the vault takes away.
await vault.call('keys.disable', { key: 'shut' });
await vault.call('clients.revoke', { name: 'stranger' });
await kms('RevokeGrant', { GrantId: String(output['GrantId']) });
const Statement = [
  { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'kms:*', Resource: '*' },
  { Effect: 'Deny', Principal: { AWS: `${ARN}/friend` }, Action: 'kms:Decrypt', Resource: '*' },
];
await vault.call('keys.putPolicy', {
  key: 'strict',
  policy: JSON.stringify({ Version: '2012-10-17', Statement }),
});
await vault.call('protectors.set', {
  how: 'replace',
  secret: { kind: 'passphrase', bytes: Buffer.from('quite another passphrase').toString('base64') },
  credential: phrase,
});
await vault.call('recovery.unsplit', { credential: phrase });
await vault.call('config.set', { name: 'open-files-without-audit', value: 'off' });
await vault.call('keys.setVersion', { key: 'turned', version: older, enabled: false });
await vault.call('keys.scheduleDeletion', { key: 'gone', days: 7 });
await vault.call('keys.scheduleDeletion', { key: 'waiting', days: 30 });
for (const days of [8, 10]) await vault.reopen(remember, { now: () => Date.now() + days * DAY });
await vault.leave();
remember();

const [path, second] = ['vault.db', 'vault.keys'].map((name) => join(vault.home, name)) as [string, string];
const [whole, secondWhole] = [path, second].map((name) => readFileSync(name)) as [Buffer, Buffer];

function restored(): void {
  for (const name of readdirSync(vault.home))
    if (name.startsWith('vault.') && name !== 'vault.db-reserve') rmSync(join(vault.home, name));
  writeFileSync(path, whole);
  writeFileSync(second, secondWhole);
}

/** Every right that was taken away is still away; `told` names the edit. */
async function requireNothingBack(told: string): Promise<boolean> {
  expect(await sharesOpen(), told).toBe(false);
  const live = await LiveVault.at(folder, vault.phrase, true).catch((error: unknown) => {
    if (isKeywardError(error)) return undefined;
    throw error;
  });
  if (live === undefined) return false;
  try {
    const refused = async (act: () => Promise<unknown>) =>
      expect(
        await act().then(
          () => 'done',
          () => 'refused',
        ),
        told,
      ).toBe('refused');
    writeFileSync(live.path('new'), 'new');
    rmSync(live.path('new.keyward'), { force: true });
    const [encrypted] = await live.encrypt(live.path('new'), { key: ids['shut'] ?? '' }).catch(() => []);
    expect(encrypted?.error ?? encrypted === undefined, told).toBeTruthy();
    await refused(() => live.call('keys.describe', { key: ids['gone'] ?? '' }));
    rmSync(live.path('gone'), { force: true });
    const [shredded] = await live.decrypt(live.path('gone.keyward')).catch(() => []);
    expect(shredded?.error ?? shredded === undefined, told).toBeTruthy();
    const { clients } = await live.call('clients.list', {}).catch(() => ({ clients: [] }));
    const stranger = clients.find(({ name }) => name === 'stranger');
    expect(stranger === undefined || stranger.revokedAt !== undefined, told).toBe(true);
    const { grants } = await live
      .call('keys.grants', { key: ids['granted'] ?? '' })
      .catch(() => ({ grants: [] }));
    expect(grants, told).toEqual([]);
    const may = await live
      .call('keys.explain', { key: ids['strict'] ?? '', principal: 'friend', action: 'Decrypt' })
      .catch(() => undefined);
    expect(may?.allowed ?? false, told).toBe(false);
    const waiting = await live.call('keys.describe', { key: ids['waiting'] ?? '' }).catch(() => undefined);
    expect(waiting?.state ?? 'PendingDeletion', told).toBe('PendingDeletion');
    const turned = await live.call('keys.describe', { key: ids['turned'] ?? '' }).catch(() => undefined);
    const revoked = turned?.history.find(({ version }) => version === older);
    expect(revoked === undefined || revoked.disabledAt !== undefined, told).toBe(true);
    const { protectors } = await live.call('protectors.list', {});
    expect(
      protectors.map(({ kind }) => kind),
      told,
    ).not.toContain('shares');
    if ((await live.call('vault.status', {})).rescue === true) return true;
    expect((await live.call('config.list', {}))['open-files-without-audit'], told).toBe(false);
    rmSync(stick, { recursive: true, force: true });
    mkdirSync(stick);
    await live.call('backup.create', { folder: stick }).catch(() => undefined);
    for (const { manifest } of await findBackups(stick)) expect(manifest?.recipients, told).toHaveLength(1);
    return true;
  } finally {
    await live.leave();
  }
}

/** Whether the shares that were taken away open it, if only for rescue. */
async function sharesOpen(): Promise<boolean> {
  const claim = await claimHome(vault.home);
  if (claim === undefined) throw new Error('somebody else has the home');
  const credential = { kind: 'shares', shares: shares.slice(0, 2), withoutAudit: true } as const;
  try {
    await (await openSession(claim, { credential, kind: 'command' })).close();
    return true;
  } catch (error) {
    if (isKeywardError(error)) return false;
    throw error;
  } finally {
    await claim.release();
  }
}

async function oldPassphraseOpens(): Promise<boolean> {
  const plan = await repaired(vault.home, { phrase: '', passphrase: vault.passphrase, dryRun: true }).then(
    () => true,
    (error: unknown) => {
      if (isKeywardError(error)) return false;
      throw error;
    },
  );
  return plan;
}

type Edit = { readonly told: string; readonly act: () => void };

function sql(told: string, text: string, ...values: readonly (string | Buffer)[]): Edit {
  return {
    told,
    act: () => {
      const db = new Database(path);
      db.prepare(text).run(...values);
      db.close();
    },
  };
}

function edits(): Edit[] {
  const db = new Database(path, { readonly: true });
  const rows = db.prepare('SELECT room, id, body, mac FROM records').all() as Row[];
  db.close();
  const now = new Map(rows.map((row) => [`${row.room}/${row.id}`, row]));
  const found: Edit[] = [];
  const put = 'INSERT OR REPLACE INTO records (room, id, body, mac) VALUES (?, ?, ?, ?)';
  for (const { room, id, body, mac } of rows) {
    const name = `${room}/${id}`;
    const flipped = Buffer.from(body);
    flipped.writeUInt8(flipped.readUInt8(flipped.length >> 1) ^ 1, flipped.length >> 1);
    found.push(sql(`${name} flipped`, put, room, id, flipped, mac));
    found.push(sql(`${name} removed`, 'DELETE FROM records WHERE room = ? AND id = ?', room, id));
    const other = rows.find((row) => row.room === room && row.id !== id);
    if (other !== undefined)
      found.push(sql(`${name} copied from ${other.id}`, put, room, id, other.body, other.mac));
  }
  for (const { room, id, body, mac } of olds) {
    if (now.get(`${room}/${id}`)?.mac.equals(mac)) continue;
    found.push(sql(`${room}/${id} put back`, put, room, id, body, mac));
  }
  for (let at = 0; at < secondWhole.length; at += 97) {
    const bytes = Buffer.from(secondWhole);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    found.push({ told: `byte ${at} of the second file flipped`, act: () => writeFileSync(second, bytes) });
  }
  return found;
}

describe('rights that were taken away (pitfall 59)', () => {
  it('are away in the vault of these tests', async () => {
    restored();
    expect(await requireNothingBack('no edit')).toBe(true);
    expect(await oldPassphraseOpens()).toBe(false);
  });

  it('come back by no single edit, in rescue or after a repair', async () => {
    let repairs = 0;
    const all = edits();
    console.log(`edits: seed ${SEED}, ${all.length} in all`);
    for (const { told, act } of sampled(all, EDITS)) {
      const name = `${told}, seed ${SEED}`;
      restored();
      act();
      await requireNothingBack(`${name}: before`);
      expect(await oldPassphraseOpens(), name).toBe(false);
      const plan = await repaired(vault.home, { phrase: vault.phrase });
      if (plan === undefined) continue;
      repairs += 1;
      expect(await requireNothingBack(`${name}: repaired`), name).toBe(true);
      expect(await oldPassphraseOpens(), name).toBe(false);
    }
    console.log(`edits: ${repairs} repairs`);
    expect(repairs).toBeGreaterThan(0);
  }, 3_600_000);

  it('come back by no repair after a database of before was put in its place, a part of which does not hold', async () => {
    const PAGE = 4_096;
    const pages = Array.from({ length: Math.ceil(before.length / PAGE) }, (_, at): Edit => {
      const end = Math.min((at + 2) * PAGE, before.length);
      const old = Buffer.from(before).fill(0x5a, at * PAGE, end);
      return {
        told: `a database of before, with pages ${at} and ${at + 1} broken`,
        act: () => writeFileSync(path, old),
      };
    });
    for (const { told, act } of sampled(pages, EDITS)) {
      const name = `${told}, seed ${SEED}`;
      restored();
      act();
      expect(await repaired(vault.home, { phrase: vault.phrase }), name).toBeDefined();
      expect(await requireNothingBack(name)).toBe(true);
      expect(await oldPassphraseOpens(), name).toBe(false);
    }
  }, 3_600_000);
});
