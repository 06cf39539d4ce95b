import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';
import { readContents } from '../../src/main/store/keys-file/contents.ts';
import type { KeywardError } from '../../src/shared/errors.ts';
import { LiveVault } from '../support/live-vault.ts';
import { numbers, SEED, sampled } from '../support/random.ts';

const LEVEL = process.env['KEYWARD_TEST_LEVEL'] ?? 'quick';
const FLIPS = { quick: 20, full: 100, long: Number.POSITIVE_INFINITY }[LEVEL] ?? 60;

const vault = await LiveVault.make();
for (const name of ['one', 'two', 'three', 'four', 'five']) {
  await vault.call('keys.create', { alias: `alias/${name}`, description: name });
}
for (const key of ['my-files', 'one', 'two', 'three', 'four', 'five']) {
  writeFileSync(vault.path(key), `a diary under ${key}`);
  await vault.encrypt(vault.path(key), { key });
  rmSync(vault.path(key));
}
const encrypted = vault.list();
const { keys } = await vault.call('keys.list', {});
await vault.leave();
const [path, second] = ['vault.db', 'vault.keys'].map((name) => join(vault.home, name)) as [string, string];
const [whole, secondWhole] = [path, second].map((name) => readFileSync(name)) as [Buffer, Buffer];
afterAll(() => rmSync(join(vault.home, '..'), { recursive: true, force: true }));

type Outcome = { rescue: boolean; told: string };

/**
 * Opens the vault with other bytes for its two files (null: missing), decrypts every file, and says how it
 * opened. Nothing may be written to a vault that is open for rescue.
 */
async function outcome(
  bytes: Buffer | null,
  secondBytes: Buffer | null = secondWhole,
  beside: () => void = () => undefined,
): Promise<Outcome> {
  for (const ending of ['-wal', '-shm']) rmSync(path + ending, { recursive: true, force: true });
  for (const [name, content] of [
    [path, bytes],
    [second, secondBytes],
  ] as const) {
    if (content === null) rmSync(name, { force: true });
    else writeFileSync(name, content);
  }
  beside();
  const opened = await LiveVault.at(join(vault.home, '..'), vault.phrase);
  let rescue = false;
  let told = '';
  try {
    const status = await opened.call('vault.status', {});
    rescue = status.rescue === true;
    told = (status.findings ?? []).map(({ message }) => message).join('\n');
    for (const name of encrypted) {
      const key = name.replace('.keyward', '');
      const [result] = await opened.decrypt(vault.path(name));
      expect(result?.error?.message ?? 'done', `${name}: ${told}`).toBe('done');
      expect(readFileSync(vault.path(key)).toString()).toBe(`a diary under ${key}`);
      rmSync(vault.path(key));
    }
    for (const read of [
      () => opened.call('audit.verify', {}),
      () => opened.call('audit.list', { limit: 50 }),
    ])
      await read().catch(({ code }: KeywardError) => expect(code, told).not.toBe('Internal'));
    if (rescue) {
      await expect(opened.call('keys.create', { alias: 'alias/new', description: '' })).rejects.toMatchObject(
        {
          code: 'VaultDamaged',
          details: { rescue: true },
        },
      );
    }
  } finally {
    await opened.leave();
  }
  if (rescue) {
    for (const [name, content] of [
      [path, bytes],
      [second, secondBytes],
    ] as const) {
      const now = existsSync(name) ? readFileSync(name) : undefined;
      expect(now === undefined ? content === null : content?.equals(now), `${name} was written`).toBe(true);
    }
  }
  return { rescue, told };
}

it('the vault of these tests opens as it is', async () => {
  expect(await outcome(whole)).toEqual({ rescue: false, told: '' });
});

function* places(
  length: number,
  heads: boolean,
  most = FLIPS,
): Generator<readonly [at: number, bit: number]> {
  console.log(`flips: seed ${SEED}`);
  const random = numbers(SEED);
  const isAll = most >= length;
  for (let n = 0; n < Math.min(most, length); n += 1) {
    // A third of the samples in the file's header and in the heads of pages, where the most different things go wrong.
    const page = random(length / 4_096) * 4_096;
    const sampled = heads ? [random(100), page + random(12), random(length)][n % 3] : random(length);
    yield [isAll ? n : (sampled ?? 0), 1 << random(8)];
  }
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ bit, at);
  return copy;
}

it('one flipped byte anywhere in the database: every file decrypts, nothing is written, what broke is named (pitfall 59)', async () => {
  let rescues = 0;
  for (const [at, bit] of places(whole.length, true)) {
    try {
      const { rescue, told } = await outcome(flipped(whole, at, bit));
      if (!rescue) continue;
      rescues += 1;
      expect(told).toMatch(/its row|The row|its protector|database|a row of its table|protector [0-9a-f]/);
    } catch (error) {
      throw new Error(`byte ${at} ^ ${bit}, seed ${SEED}: ${error}`, { cause: error });
    }
  }
  console.log(`flips: ${rescues} of ${Math.min(FLIPS, whole.length)} needed rescue`);
  expect(rescues).toBeGreaterThan(0);
}, 3_600_000);

it('the row of each key and each version that a flip hits is named, and read from the second file', async () => {
  writeFileSync(path, whole);
  const db = new Database(path, { readonly: true });
  const sql = "SELECT room, id, body FROM records WHERE room IN ('keys', 'key-versions')";
  const rows = db.prepare(sql).all() as { room: string; id: string; body: Buffer }[];
  db.close();
  expect(rows).toHaveLength(2 * keys.length);
  for (const { room, id, body } of rows) {
    const at = whole.indexOf(body) + Math.floor(body.length / 2);
    const { rescue, told } = await outcome(flipped(whole, at, 1));
    expect(rescue).toBe(true);
    expect(told).toContain(`The row ${room}/${id} does not hold in vault.db and was read from vault.keys`);
    expect(told.match(/^The row /gm)).toHaveLength(1);
  }
});

it('one flipped byte anywhere in the second file: the vault opens as ever, and the file is made anew', async () => {
  for (const [at, bit] of places(secondWhole.length, false, FLIPS / 4)) {
    const { rescue, told } = await outcome(whole, flipped(secondWhole, at, bit));
    expect(rescue, `byte ${at} ^ ${bit}, seed ${SEED}`).toBe(false);
    expect(told).toContain('vault.keys, was damaged');
    expect(readContents(readFileSync(second)).damaged).toBe(0);
  }
}, 3_600_000);

it.each<[string, Buffer | null]>([
  ['cut by 2,000 bytes', whole.subarray(0, -2_000)],
  ['cut by a page', whole.subarray(0, -4_096)],
  ['cut in the middle', whole.subarray(0, Math.floor(whole.length / 2))],
  ['cut to 50 bytes', whole.subarray(0, 50)],
  ['that is empty', Buffer.alloc(0)],
  ['of noise', Buffer.alloc(20_000, 0x5a)],
  ['whose first page is of zeros', Buffer.from(whole).fill(0, 0, 4_096)],
  ['with a page of zeros', Buffer.from(whole).fill(0, 4_096, 8_192)],
  ['with every page but the first of noise', Buffer.from(whole).fill(0x5a, 4_096)],
  ['that is missing', null],
])('a database %s: every file decrypts in rescue, and nothing is written', async (_what, bytes) => {
  const { rescue, told } = await outcome(bytes);
  expect(rescue).toBe(true);
  expect(told).toMatch(/damaged/);
});

it('each page of the database of zeros in turn: every file decrypts', async () => {
  const count = LEVEL === 'quick' ? 6 : whole.length / 4_096;
  for (let n = 0; n < count; n += 1) {
    const page = LEVEL === 'quick' ? (SEED + n * 7) % (whole.length / 4_096) : n;
    await outcome(Buffer.from(whole).fill(0, page * 4_096, (page + 1) * 4_096));
  }
}, 600_000);

it('without a second file a damaged vault is refused with the next step, or opens with what holds', async () => {
  const said = await outcome(Buffer.alloc(0), null).catch((error: KeywardError) => error);
  expect(said).toMatchObject({ code: 'VaultDamaged' });
  const { rescue } = await outcome(Buffer.from(whole).fill(0, 96, 100).fill(0xff, 20, 21), null);
  expect(rescue).toBe(true);
});

it.each<[string, () => void]>([
  ['noise', () => writeFileSync(`${path}-wal`, Buffer.alloc(5_000, 0x5a))],
  ['a journal of another version', () => writeFileSync(`${path}-wal`, foreignJournal())],
  ['a folder', () => mkdirSync(`${path}-wal`)],
])('%s in place of the journal: every file decrypts', async (_what, beside) => {
  await outcome(whole, secondWhole, beside);
});

it('a value of another type in any column of any table: every file decrypts', async () => {
  const tables = [
    'audit',
    'audit_segments',
    'catalog',
    'jobs',
    'partials',
    'protectors',
    'records',
    'tree_nodes',
  ];
  putBack();
  const db = new Database(path, { readonly: true });
  const cases = tables.flatMap((table) =>
    (db.pragma(`table_info(${table})`) as { name: string }[]).flatMap(({ name }) =>
      [null, 'text', 1.5, Buffer.from([7])].flatMap((value) =>
        [true, false].map((isSchemaAsItWas) => ({ table, column: name, value, isSchemaAsItWas })),
      ),
    ),
  );
  db.close();
  const tried = sampled(cases, FLIPS / 2);
  let put = 0;
  for (const { table, column, value, isSchemaAsItWas } of tried) {
    putBack();
    if (!putValue(table, column, value, isSchemaAsItWas)) continue;
    put += 1;
    const name = `${String(value)}${isSchemaAsItWas ? '' : ', with the schema changed,'} in ${table}.${column}, seed ${SEED}`;
    await outcome(readFileSync(path)).catch((cause: unknown) => {
      throw new Error(`${name}: ${cause}`, { cause });
    });
  }
  // Some can't be put in, as NULL into a primary key.
  expect(put).toBeGreaterThan(tried.length / 2);
}, 3_600_000);

/** Has the database be as it was, without a journal. */
function putBack(): void {
  for (const ending of ['-wal', '-shm']) rmSync(path + ending, { recursive: true, force: true });
  writeFileSync(path, whole);
}

/** Puts a value into the first row of a table, whatever the table allows; false where SQLite can't. */
function putValue(
  table: string,
  column: string,
  value: string | number | Buffer | null,
  isSchemaAsItWas: boolean,
): boolean {
  const db = new Database(path);
  const has = (sql: string) => {
    db.pragma('writable_schema = ON');
    db.prepare('UPDATE sqlite_schema SET sql = ? WHERE name = ?').run(sql, table);
    db.pragma('writable_schema = RESET');
  };
  try {
    db.unsafeMode(true);
    const sql = db.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(table) as string;
    has(
      sql
        .replaceAll(' NOT NULL', '')
        .replace('STRICT, WITHOUT ROWID', 'WITHOUT ROWID')
        .replace(') STRICT', ')'),
    );
    const first = `(SELECT ${column} FROM ${table} LIMIT 1)`;
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ${first}`).run(value);
    if (isSchemaAsItWas) has(sql);
    return true;
  } catch {
    return false;
  } finally {
    db.close();
  }
}

it.each([
  ['CREATE TRIGGER gone AFTER INSERT ON audit BEGIN DELETE FROM leases; END', 'trigger gone'],
  ['CREATE VIEW more AS SELECT * FROM records', 'view more'],
  ['CREATE INDEX more ON records (mac)', 'index more'],
  ['CREATE TABLE more (x)', 'table more'],
  ['DROP TABLE leases', 'table leases'],
  ['ALTER TABLE leases ADD COLUMN x TEXT', 'table leases'],
])('a schema that was changed is named, and opens for rescue only: %s', async (sql, object) => {
  putBack();
  const db = new Database(path);
  db.exec(sql);
  db.close();
  const { rescue, told } = await outcome(readFileSync(path));
  expect(rescue).toBe(true);
  expect(told).toContain(object);
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
