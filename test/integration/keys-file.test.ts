import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { readContents } from '../../src/main/store/keys-file/contents.ts';
import { LiveVault } from '../support/live-vault.ts';

type Row = { room: string; id: string; mac: Buffer };

const NOT_KEPT = ['audit', 'message-key-uses', 'sets', 'keys-file'];

let vault: LiveVault;
beforeEach(async () => {
  vault = await LiveVault.make();
});
afterEach(async () => {
  setFaultHook(undefined);
  await vault.end();
});

const file = () => join(vault.home, 'vault.keys');
const contents = () => readContents(readFileSync(file()));

/** Names and MACs of the rows that the file is to hold, from the database itself. */
function inDatabase(): string[] {
  const db = new Database(join(vault.home, 'vault.db'), { readonly: true });
  const rows = db.prepare('SELECT room, id, mac FROM records').all() as Row[];
  db.close();
  return rows
    .filter(({ room }) => !NOT_KEPT.includes(room))
    .map(({ room, id, mac }) => `${room}/${id} ${mac.toString('hex')}`)
    .sort();
}

function inFile(): string[] {
  return [...contents().records]
    .flatMap(([name, { row }]) => (row === undefined ? [] : [`${name} ${row.mac.toString('hex')}`]))
    .sort();
}

describe('the second file (pitfall 59)', () => {
  it('has every change of keys, clients and settings when its call has returned', async () => {
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(inFile()).toEqual(inDatabase());
    await vault.call('keys.create', { alias: 'alias/one', description: 'one' });
    expect(inFile()).toEqual(inDatabase());
    await vault.call('keys.rotate', { key: 'alias/one' });
    expect(inFile()).toEqual(inDatabase());
    await vault.call('keys.disable', { key: 'alias/one' });
    await vault.call('config.set', { name: 'idle-minutes', value: '30' });
    expect(inFile()).toEqual(inDatabase());
    expect(contents().protectors.size).toBe(2);
    const before = readFileSync(file());
    await vault.reopen();
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  it('is written anew at an unlock if it is missing, cut, damaged or of an older state', async () => {
    const older = readFileSync(file());
    await vault.call('keys.create', { alias: 'alias/one', description: 'one' });
    const whole = readFileSync(file());
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(200) ^ 1, 200);
    for (const bytes of [undefined, older, whole.subarray(0, -40), Buffer.alloc(0), flipped]) {
      await vault.reopen(() => (bytes === undefined ? rmSync(file()) : writeFileSync(file(), bytes)));
      expect(inFile()).toEqual(inDatabase());
      const { findings } = await vault.call('vault.status', {});
      const told = bytes !== undefined && bytes !== older;
      expect(findings?.map(({ kind }) => kind)).toEqual(told ? ['KeysFileRenewed'] : undefined);
    }
  });

  it('is kept aside where it knows of later changes than a database that was put back', async () => {
    const copy = join(vault.home, '..', 'copy.db');
    await vault.reopen(() => copyFileSync(join(vault.home, 'vault.db'), copy));
    await vault.call('keys.create', { alias: 'alias/later', description: 'later' });
    const newer = readFileSync(file());
    await vault.reopen(() => copyFileSync(copy, join(vault.home, 'vault.db')));
    const aside = readdirSync(vault.home).filter((name) => name.startsWith('vault.keys.newer-'));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(vault.home, aside[0] ?? '')).equals(newer)).toBe(true);
    const { findings } = await vault.call('vault.status', {});
    expect(findings?.map(({ kind }) => kind)).toEqual(['KeysFileNewer']);
    expect(inFile()).toEqual(inDatabase());
  });

  it('loses at most one record to any flipped byte', async () => {
    const bytes = readFileSync(file());
    const whole = contents();
    const count = whole.records.size + whole.protectors.size + 1;
    const countOf = (damaged: Buffer) => {
      const { records, protectors, change } = readContents(damaged);
      return records.size + protectors.size + (change >= 0 ? 1 : 0);
    };
    for (let at = 0; at < bytes.length; at += 1) {
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
      expect(countOf(bytes), `byte ${at}`).toBe(count - 1);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
    }
  });

  it('has no material any more that was deleted, and its old file was overwritten', async () => {
    await vault.call('clients.create', { name: 'app', policy: null });
    const before = contents().records.get('clients/app')?.row?.body.toString() ?? '';
    const { secret } = JSON.parse(before) as { secret: string };
    expect(readFileSync(file()).includes(secret)).toBe(true);
    let blanked = false;
    setFaultHook(({ op, path }) => {
      if (op === 'rename' && path === file()) blanked = true;
      return undefined;
    });
    await vault.call('clients.revoke', { name: 'app' });
    expect(blanked).toBe(true);
    expect(readFileSync(file()).includes(secret)).toBe(false);
    expect(inFile()).toEqual(inDatabase());
  });

  it('that can not be written costs no change, is told, and is written with the next one', async () => {
    setFaultHook(({ path }) => {
      if (path.startsWith(file())) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return undefined;
    });
    await vault.call('keys.create', { alias: 'alias/one', description: 'one' });
    expect((await vault.call('vault.status', {})).findings?.map(({ kind }) => kind)).toEqual([
      'KeysFileBehind',
    ]);
    expect(inFile()).not.toEqual(inDatabase());
    setFaultHook(undefined);
    await vault.call('keys.create', { alias: 'alias/two', description: 'two' });
    expect((await vault.call('vault.status', {})).findings).toBeUndefined();
    expect(inFile()).toEqual(inDatabase());
    expect(existsSync(`${file()}-making`)).toBe(false);
  });
});
