import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const vault = await oneVault();

/** Runs SQL from outside, as someone with the file and an editor can. */
function tamper(sql: string, ...params: (string | Buffer)[]): void {
  const db = new Database(join(vault.home, 'vault.db'));
  db.prepare(sql).run(...params);
  db.close();
}

const rows = () => {
  const db = new Database(join(vault.home, 'vault.db'), { readonly: true });
  const all = db.prepare('SELECT message_id AS id, sealed FROM catalog').all();
  db.close();
  return all as { id: Buffer; sealed: Buffer }[];
};

/** An encrypted file, and beside it a copy of what it was before a rewrap; gives the sealed row of then too. */
async function rewrapped(name: string) {
  writeFileSync(vault.path(name), `content of ${name}`);
  const before = new Set(rows().map(({ id }) => id.toString('hex')));
  const file = only(await vault.encrypt(vault.path(name))).output ?? '';
  rmSync(vault.path(name));
  const row = rows().find(({ id }) => !before.has(id.toString('hex')));
  if (row === undefined) throw new Error('the file was not entered');
  copyFileSync(file, `${file}.old`);
  await vault.call('files.rewrap', { sources: [file], each: false });
  return { file, old: `${file}.old`, row };
}

const findings = async () => (await vault.call('vault.status', {})).findings ?? [];

async function told(): Promise<number> {
  const { entries } = await vault.call('audit.list', { limit: 100, event: 'CatalogChanged' });
  return entries.length;
}

describe('the catalog of files', () => {
  it('is never the reason that a file can not be used: a damaged row is a note, for every command', async () => {
    const { file, row } = await rewrapped('a');
    tamper('UPDATE catalog SET sealed = zeroblob(304) WHERE message_id = ?', row.id);
    const note = /knew of .*a\.keyward is damaged, so an older header could not be told.* Rewrap/;
    expect((await vault.verify(file)).notes?.join()).toMatch(note);
    const plain = only(await vault.decrypt(file));
    expect(plain).toMatchObject({ status: 'done' });
    expect(plain.notes?.join()).toMatch(note);
    expect(readFileSync(vault.path('a'), 'utf8')).toBe('content of a');
    expect(only((await vault.call('files.reencrypt', { sources: [file], each: false })).results).status).toBe(
      'done',
    );
    const again = await rewrapped('b');
    tamper('UPDATE catalog SET sealed = zeroblob(304) WHERE message_id = ?', again.row.id);
    await vault.call('files.rewrap', { sources: [again.file], each: false });
    expect((await vault.verify(again.file)).notes ?? []).toEqual([]);
    const [key] = (await vault.call('keys.list', {})).keys;
    await expect(vault.call('keys.files', { key: key?.keyId ?? '' })).resolves.toMatchObject({
      files: expect.any(Number),
    });
  });

  it.each([
    ['removed', (id: Buffer) => tamper('DELETE FROM catalog WHERE message_id = ?', id)],
    [
      'put back from before a rewrap',
      (id: Buffer, sealed: Buffer) =>
        tamper('UPDATE catalog SET sealed = ? WHERE message_id = ?', sealed, id),
    ],
  ])(
    'a row that was %s is noticed at the next unlock, told once by the log, and closes nothing',
    async (_how, act) => {
      const { file, old, row } = await rewrapped('c');
      const before = await told();
      await vault.reopen(() => act(row.id, row.sealed));
      expect(await findings()).toMatchObject([
        { kind: 'CatalogChanged', message: expect.stringMatching(/Rewrap/) },
      ]);
      expect(await told()).toBe(before + 1);
      // The header of before the rewrap is no longer told by what is known of the file, so it is said that it can't be.
      copyFileSync(old, file);
      const result = await vault.verify(file);
      expect(result.status).toBe('done');
      expect(result.notes?.join()).toMatch(/catalog was changed from outside before .* could not be told/);
      // A rewrap, and whatever is encrypted from now on, is believed again.
      await vault.call('files.rewrap', { sources: [file], each: false });
      expect((await vault.verify(file)).notes ?? []).toEqual([]);
      await vault.reopen();
      expect(await findings()).toEqual([]);
      expect(await told()).toBe(before + 1);
      expect((await vault.verify(file)).notes ?? []).toEqual([]);
    },
  );

  it('is not found changed by what the vault itself does with it', async () => {
    const { file } = await rewrapped('d');
    await vault.call('files.reencrypt', { sources: [file], each: false });
    await vault.encrypt(vault.files, { each: true, out: vault.path('out') });
    await vault.reopen();
    expect(await findings()).toEqual([]);
  });
});
