import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { openRootKey } from '../../../src/main/unlock/open.ts';
import { RootKey } from '../../../src/main/unlock/root-key.ts';
import type { Credential } from '../../../src/shared/credential.ts';
import { freshStore, tamper } from '../store/support.ts';
import { PASSPHRASE, PHRASE, passphrase } from './support.ts';
import { fillVault, VAULT_ID } from './vault.ts';

type Protector = { readonly id: string; readonly kind: string; readonly record: string };

type Frozen = {
  readonly purpose: string;
  readonly keychain: string;
  readonly protectors: readonly Protector[];
};

type Old = Protector & { readonly set: string; readonly purpose: string };

const vectors = (name: string) => readFileSync(join(import.meta.dirname, '../../vectors', name), 'utf8');
const frozen = JSON.parse(vectors('protectors.json')) as Frozen;
const old = (JSON.parse(vectors('old-passphrases.json')) as { readonly protectors: readonly Old[] })
  .protectors;

/** A vault with the frozen protectors; they are older than its records, which is no matter before these are verified. */
function frozenVault(protectors: readonly Protector[]) {
  const store = freshStore();
  fillVault(store, RootKey.create(VAULT_ID), []);
  for (const { id, kind, record } of protectors) {
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
    const root = await openRootKey(frozenVault(frozen.protectors), credential, keychain);
    expect(root.purposeKey('frozen').toString('hex')).toBe(frozen.purpose);
  });
});

describe('passphrases that version 0.1.0 took as the bytes that they were', () => {
  it.each(old)(
    'open as they were set, and in the other normalisation (pitfall 65): $id',
    async (protector) => {
      const { set, purpose } = protector;
      const store = frozenVault([protector]);
      // A byte-order mark that got into one can't be typed: whoever has it has the file too.
      const others = set.startsWith('\ufeff') ? [] : [set.normalize('NFC'), set.normalize('NFD')];
      for (const given of [set, ...others]) {
        const root = await openRootKey(store, passphrase(given), new MemoryKeychain());
        expect(root.purposeKey('frozen').toString('hex')).toBe(purpose);
      }
    },
  );
});
