import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { packCredential, unpackCredential } from '../../src/cli/vault/handover.ts';
import { isKeywardError } from '../../src/shared/errors.ts';
import { CommandHome } from '../support/command.ts';
import { LiveVault, only } from '../support/live-vault.ts';
import { repaired } from '../support/repairs.ts';

/* A rescue logs nothing: where files are not to be opened without the log, it takes the owner's word (rule 11). */

type Files = { readonly database: Buffer; readonly second: Buffer };

const vault = await LiveVault.make();
const folder = join(vault.home, '..');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [path, second] = ['vault.db', 'vault.keys'].map((name) => join(vault.home, name)) as [string, string];
writeFileSync(vault.path('diary'), 'a diary');
only(await vault.encrypt(vault.path('diary')));
const read = (): Files => ({ database: readFileSync(path), second: readFileSync(second) });
const states: { [state: string]: Files } = {};
for (const state of ['never said', 'off', 'on again']) {
  if (state !== 'never said')
    await vault.call('config.set', {
      name: 'open-files-without-audit',
      value: state === 'off' ? 'off' : 'on',
    });
  await vault.reopen(() => {
    states[state] = read();
  });
}
await vault.leave();

let files: Files;
beforeEach(() => rmSync(vault.path('diary'), { force: true }));

function put(state: string): void {
  const found = states[state];
  if (found === undefined) throw new Error(state);
  files = found;
  for (const name of ['vault.db-wal', 'vault.db-shm']) rmSync(join(vault.home, name), { force: true });
  writeFileSync(path, files.database);
  writeFileSync(second, files.second);
}

function sql(text: string): void {
  const db = new Database(path);
  db.exec(text);
  db.close();
}

const cutDatabase = () => writeFileSync(path, files.database.subarray(0, 6_000));
const noDatabase = () => rmSync(path);
const cutSecond = () => writeFileSync(second, files.second.subarray(0, files.second.length - 40));
const anotherRow = () => sql("UPDATE records SET mac = zeroblob(32) WHERE room = 'aliases'");
const SETTING = "room = 'settings' AND id = 'open-files-without-audit'";

/** What an unlock for rescue comes to: a file that decrypts, or the code of the refusal. */
async function rescued(withoutAudit = false): Promise<string> {
  const live = await LiveVault.at(folder, vault.phrase, withoutAudit).catch((error: unknown) => error);
  if (!(live instanceof LiveVault)) {
    if (isKeywardError(live, 'AuditUnwritable')) expect(live.details).toEqual({ rescue: true });
    if (isKeywardError(live)) return live.code;
    throw live;
  }
  try {
    expect((await live.call('vault.status', {})).rescue).toBe(true);
    return only(await live.decrypt(live.path('diary.keyward'))).error?.code ?? 'opened';
  } finally {
    await live.leave();
  }
}

describe('a rescue', () => {
  it.each<[string, string, () => void]>([
    ['never said', 'the database is cut', cutDatabase],
    ['never said', 'the database is gone', noDatabase],
    ['never said', 'another row does not hold', anotherRow],
    ['on again', 'the database is cut', cutDatabase],
    [
      'on again',
      'the row itself was edited',
      () => sql(`UPDATE records SET body = CAST('false' AS BLOB) WHERE ${SETTING}`),
    ],
  ])('opens files where the setting is on (%s) and %s', async (state, _what, hurt) => {
    put(state);
    hurt();
    expect(await rescued()).toBe('opened');
  });

  it.each<[string, string, () => void]>([
    ['off', 'the database is cut', cutDatabase],
    ['off', 'the database is gone', noDatabase],
    ['off', 'another row does not hold', anotherRow],
    [
      'off',
      'the row itself was edited',
      () => sql(`UPDATE records SET body = CAST('true' AS BLOB) WHERE ${SETTING}`),
    ],
    ['off', 'the row itself is gone', () => sql(`DELETE FROM records WHERE ${SETTING}`)],
    [
      'off',
      'the row itself is gone from both files',
      () => {
        sql(`DELETE FROM records WHERE ${SETTING}`);
        writeFileSync(second, states['never said']?.second ?? '');
      },
    ],
    [
      'never said',
      'neither file tells',
      () => {
        cutDatabase();
        cutSecond();
      },
    ],
    [
      'off',
      'a second file of before stands beside a database that is cut',
      () => {
        cutDatabase();
        writeFileSync(second, Buffer.concat([files.second, Buffer.from('x')]));
      },
    ],
  ])('takes the word of the owner where it is not (%s) and %s', async (state, _what, hurt) => {
    put(state);
    hurt();
    const before = [readFileSync(second)];
    expect(await rescued()).toBe('AuditUnwritable');
    expect([readFileSync(second)]).toEqual(before);
    expect(await rescued(true)).toBe('opened');
  });

  it('is repaired without that word: nothing is given out by it, and the setting stays off', async () => {
    put('off');
    cutDatabase();
    expect(await repaired(vault.home, { phrase: vault.phrase })).toBeDefined();
    const live = await LiveVault.at(folder, vault.phrase);
    expect((await live.call('config.list', {}))['open-files-without-audit']).toBe(false);
    await live.leave();
  });
});

describe('the word of the owner', () => {
  it('goes to the process that holds the vault', () => {
    const credentials = [
      { kind: 'recovery-phrase', phrase: 'some words', withoutAudit: true },
      { kind: 'passphrase', bytes: Buffer.from('a passphrase'), withoutAudit: true, putBackRead: 'token' },
      { kind: 'shares', shares: ['one', 'two'], withoutAudit: true },
      { kind: 'shares', shares: ['one', 'two'], putBackRead: true },
      { kind: 'keychain' },
    ] as const;
    for (const one of credentials) expect(unpackCredential(packCredential(one))).toEqual(one);
  });

  it('is a flag of the command, where nobody can be asked; without it the message says so', async () => {
    const home = await CommandHome.make();
    try {
      writeFileSync(join(home.files, 'diary'), 'a diary');
      expect((await home.run(['encrypt', join(home.files, 'diary'), ...home.unlocking])).code).toBe(0);
      rmSync(join(home.files, 'diary'));
      expect((await home.run(['config', 'open-files-without-audit', 'off', ...home.unlocking])).code).toBe(0);
      const database = join(home.home, 'vault.db');
      writeFileSync(database, readFileSync(database).subarray(0, 6_000));
      const sealed = join(home.files, 'diary.keyward');
      const refused = await home.run(['decrypt', sealed, ...home.unlocking]);
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.out).error).toMatchObject({
        code: 'AuditUnwritable',
        message: expect.stringContaining('keyward unlock --without-audit'),
      });
      expect((await home.run(['unlock', '--without-audit', ...home.unlocking])).code).toBe(0);
      const opened = await home.run(['decrypt', sealed]);
      expect(JSON.parse(opened.out)).toMatchObject({ ok: true, rescue: true });
      expect(readFileSync(join(home.files, 'diary'), 'utf8')).toBe('a diary');
    } finally {
      await home.lockAndEnd();
    }
  });
});
