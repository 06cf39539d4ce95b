import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';
import { isKeywardError } from '../../src/shared/errors.ts';
import { LiveVault } from '../support/live-vault.ts';

const SEED = Number(process.env['KEYWARD_TEST_SEED'] ?? randomInt(2 ** 31));
const LEVEL = process.env['KEYWARD_TEST_LEVEL'] ?? 'quick';
const FLIPS = { quick: 60, full: 600, long: Number.POSITIVE_INFINITY }[LEVEL] ?? 60;

/** What a damaged vault may be called. */
const ANSWERS = ['VaultDamaged', 'VaultNewer', 'ProtectorDamaged', 'ProtectorMissing', 'AuditBroken'];

const vault = await LiveVault.make();
for (const name of ['one', 'two', 'three', 'four', 'five']) {
  await vault.call('keys.create', { alias: `alias/${name}`, description: name });
}
writeFileSync(vault.path('a'), 'a diary');
await vault.encrypt(vault.path('a'));
const keys = await vault.call('keys.list', {});
await vault.leave();
const path = join(vault.home, 'vault.db');
const whole = readFileSync(path);
afterAll(() => rmSync(join(vault.home, '..'), { recursive: true, force: true }));

/** Opens the vault with other bytes for its database; gives its error, `undefined` if it opened and read rightly. */
async function outcome(bytes: Buffer, beside: () => void = () => undefined): Promise<string | undefined> {
  for (const ending of ['-wal', '-shm']) rmSync(path + ending, { recursive: true, force: true });
  writeFileSync(path, bytes);
  beside();
  let opened: LiveVault;
  try {
    opened = await LiveVault.at(join(vault.home, '..'), vault.phrase);
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    expect(readFileSync(path).equals(bytes), `${error.code}: ${error.message} wrote something, ${path}`).toBe(
      true,
    );
    expect(error.message).toMatch(/[Rr]estore|Install|remove|Unlock|Run "/);
    return `${error.code}: ${error.message}`;
  }
  try {
    expect(await opened.call('keys.list', {})).toEqual(keys);
    rmSync(vault.path('back'), { force: true });
    const [back] = await opened.decrypt(vault.path('a.keyward'), { out: vault.path('back') });
    return back?.status === 'done' ? undefined : `${back?.error?.code}: ${back?.error?.message}`;
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    return `${error.code}: ${error.message}`;
  } finally {
    await opened.leave();
  }
}

it('the vault of these tests opens as it is', async () => {
  expect(await outcome(whole)).toBeUndefined();
});

it('one flipped byte anywhere is VaultDamaged or its like, or changes nothing that is read (pitfall 59)', async () => {
  console.log(`flips: seed ${SEED}`);
  let state = SEED;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const isAll = FLIPS >= whole.length;
  for (let n = 0; n < Math.min(FLIPS, whole.length); n += 1) {
    // A third of the samples in the file's header and in the heads of pages, where the most different things go wrong.
    const page = random(whole.length / 4_096) * 4_096;
    const at = isAll ? n : ([random(100), page + random(12), random(whole.length)][n % 3] ?? 0);
    const bit = 1 << random(8);
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(at) ^ bit, at);
    const said = await outcome(bytes);
    const hint = `byte ${at} ^ ${bit}, seed ${SEED}: ${said}`;
    expect(said === undefined || ANSWERS.includes(said.split(':')[0] ?? ''), hint).toBe(true);
  }
}, 600_000);

it.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
  ['cut by 2,000 bytes', (bytes) => bytes.subarray(0, -2_000), /2000 bytes are missing/],
  ['cut by a page', (bytes) => bytes.subarray(0, -4_096), /4096 bytes are missing/],
  ['cut to 50 bytes', (bytes) => bytes.subarray(0, 50), /cut to 50 bytes/],
  ['empty', () => Buffer.alloc(0), /it is empty/],
  ['of noise', () => Buffer.alloc(20_000, 0x5a), /does not begin as one/],
  ['with a page of zeros', (bytes) => Buffer.from(bytes).fill(0, 4_096, 8_192), /damaged/],
  ['with every page but the first of noise', (bytes) => Buffer.from(bytes).fill(0x5a, 4_096), /damaged/],
])('a database %s is VaultDamaged, says what it is, and nothing is written', async (_what, change, words) => {
  const said = await outcome(change(whole));
  expect(said).toMatch(/^VaultDamaged/);
  expect(said).toMatch(words);
});

it.each<[string, () => void]>([
  ['noise', () => writeFileSync(`${path}-wal`, Buffer.alloc(5_000, 0x5a))],
  ['a journal of another version', () => writeFileSync(`${path}-wal`, foreignJournal())],
  ['a folder', () => mkdirSync(`${path}-wal`)],
])('%s in place of the journal is passed over or VaultDamaged', async (_what, beside) => {
  const said = await outcome(whole, beside);
  expect(said === undefined || said.startsWith('VaultDamaged'), said).toBe(true);
});

it.each([
  ['CREATE TRIGGER gone AFTER INSERT ON audit BEGIN DELETE FROM leases; END', 'trigger gone'],
  ['CREATE VIEW more AS SELECT * FROM records', 'view more'],
  ['CREATE INDEX more ON records (mac)', 'index more'],
  ['CREATE TABLE more (x)', 'table more'],
  ['DROP TABLE leases', 'table leases'],
  ['ALTER TABLE leases ADD COLUMN x TEXT', 'table leases'],
])('a schema that was changed is VaultDamaged at the unlock: %s', async (sql, object) => {
  for (const ending of ['-wal', '-shm']) rmSync(path + ending, { recursive: true, force: true });
  writeFileSync(path, whole);
  const db = new Database(path);
  db.exec(sql);
  db.close();
  const said = await outcome(readFileSync(path));
  expect(said).toMatch(/^VaultDamaged/);
  expect(said).toContain(object);
});

/** The head of a journal as SQLite has it, with a version that there is not. */
function foreignJournal(): Buffer {
  const head = Buffer.alloc(32 + 24 + 4_096);
  head.writeUInt32BE(0x377f0682, 0);
  head.writeUInt32BE(3_007_001, 4);
  head.writeUInt32BE(4_096, 8);
  let [one, two] = [0, 0];
  for (let at = 0; at < 24; at += 8) {
    one = (one + head.readUInt32LE(at) + two) >>> 0;
    two = (two + head.readUInt32LE(at + 4) + one) >>> 0;
  }
  head.writeUInt32BE(one, 24);
  head.writeUInt32BE(two, 28);
  return head;
}
