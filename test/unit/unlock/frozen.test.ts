import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { type Credential, openRootKey } from '../../../src/main/unlock/open.ts';
import { RootKey } from '../../../src/main/unlock/root-key.ts';
import { freshStore, tamper } from '../store/support.ts';
import { PASSPHRASE, PHRASE, passphrase } from './support.ts';
import { fillVault, VAULT_ID } from './vault.ts';

type Frozen = {
  readonly purpose: string;
  readonly keychain: string;
  readonly protectors: readonly { readonly id: string; readonly kind: string; readonly record: string }[];
};

const path = join(import.meta.dirname, '../../vectors/protectors.json');
const frozen = JSON.parse(readFileSync(path, 'utf8')) as Frozen;

/** A vault with the frozen protectors; they are older than its records, which is no matter before these are verified. */
function frozenVault() {
  const store = freshStore();
  fillVault(store, RootKey.create(VAULT_ID), []);
  for (const { id, kind, record } of frozen.protectors) {
    const bytes = Buffer.from(record, 'base64');
    tamper(store.path, 'INSERT INTO protectors (id, kind, record) VALUES (?, ?, ?)', id, kind, bytes);
  }
  return store;
}

describe('protectors made by version 0.1.0', () => {
  const credentials: Credential[] = [
    passphrase(PASSPHRASE),
    { kind: 'recovery-phrase', phrase: PHRASE },
    { kind: 'keychain' },
  ];
  it.each(credentials)('open with the $kind, and give the same purpose keys', async (credential) => {
    const keychain = new MemoryKeychain();
    await keychain.set(VAULT_ID, frozen.keychain);
    const root = await openRootKey(frozenVault(), credential, keychain);
    expect(root.purposeKey('frozen').toString('hex')).toBe(frozen.purpose);
  });
});
