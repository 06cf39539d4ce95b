import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { Store } from '../../../src/main/store/database.ts';
import { readIdentity } from '../../../src/main/store/identity.ts';
import { Records } from '../../../src/main/store/records.ts';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { openRootKey } from '../../../src/main/unlock/open.ts';
import { verifyUnlocked } from '../../../src/main/unlock/verify.ts';
import { freshFolder, tamper } from './support.ts';

// A vault that the program before the tree of hashes made.
const frozen = JSON.parse(
  readFileSync(new URL('../../vectors/vault-schema-2.json', import.meta.url), 'utf8'),
) as { passphrase: string; database: string };

function oldVault(): string {
  const path = join(freshFolder(), 'vault.db');
  writeFileSync(path, gunzipSync(Buffer.from(frozen.database, 'base64')), { mode: 0o600 });
  return path;
}

/** Unlocks as an owner does, as far as the records go. */
async function unlocked<T>(path: string, act: (store: Store, records: Records) => T): Promise<T> {
  const store = Store.open(path, 'existing');
  try {
    const credential = { kind: 'passphrase', bytes: Buffer.from(frozen.passphrase) } as const;
    const root = await openRootKey(store, credential, new MemoryKeychain());
    const records = new Records({ row: root.purposeKey('record'), set: root.purposeKey('record-set') });
    expect(verifyUnlocked(store, records).id).toBe(store.read(readIdentity).id);
    return act(store, records);
  } finally {
    store.close();
  }
}

it('a vault from before the tree is verified, moved into it once, and stays what it was', async () => {
  const path = oldVault();
  const Key = z.looseObject({ state: z.string() });
  const states = (store: Store, records: Records) =>
    store.read((tx) => {
      records.verifyAll(tx);
      expect(records.isTreeWhole(tx)).toBe(true);
      return records.list(tx, 'keys', Key).map(({ body }) => body.state);
    });
  expect((await unlocked(path, states)).sort()).toEqual(['Disabled', 'Enabled']);
  const trees = (store: Store) =>
    store.read((tx) => [tx.all('SELECT * FROM tree_roots'), tx.all('SELECT * FROM record_set')]);
  const [roots, sets] = await unlocked(path, trees);
  expect([roots?.length, sets]).toEqual([1, []]);
  // The second unlock has nothing to move.
  expect(await unlocked(path, trees)).toEqual([roots, sets]);
  // What the set was is nothing any more: it can't be put back in the place of the tree.
  tamper(path, 'DELETE FROM tree_roots');
  await expect(unlocked(path, states)).rejects.toMatchObject({
    code: 'VaultDamaged',
    details: { row: 'record_set' },
  });
});

it.each([
  ["UPDATE records SET body = CAST('{}' AS BLOB) WHERE room = 'keys'", /^keys\//],
  ["DELETE FROM records WHERE room = 'keys'", /^record_set$/],
  ['UPDATE record_set SET count = count + 1', /^record_set$/],
  ['DELETE FROM record_set', /^record_set$/],
])('a vault from before the tree that was changed is refused, and not moved: %s', async (sql, row) => {
  const path = oldVault();
  tamper(path, sql);
  const refusal = { code: 'VaultDamaged', details: { row: expect.stringMatching(row) } };
  await expect(unlocked(path, () => undefined)).rejects.toMatchObject(refusal);
  const store = Store.open(path, 'existing');
  expect(store.read((tx) => tx.all('SELECT * FROM tree_roots'))).toEqual([]);
  store.close();
});
