import { describe, expect, it } from 'vitest';
import { confirmOwner } from '../../../src/main/unlock/confirm.ts';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { openRootKey } from '../../../src/main/unlock/open.ts';
import { addProtectors } from '../../../src/main/unlock/protectors.ts';
import { RootKey } from '../../../src/main/unlock/root-key.ts';
import { tamper, testClock } from '../store/support.ts';
import { makeVault, PASSPHRASE, PHRASE, passphrase } from './support.ts';
import { CHEAP, VAULT_ID } from './vault.ts';

const keychain = new MemoryKeychain();
const both = { passphrase: Buffer.from(PASSPHRASE), recoveryPhrase: PHRASE };

describe('a fresh unlock of an open vault', () => {
  it('is given for the passphrase or the phrase of this vault, and leaves the open root key as it was', async () => {
    const { store, purpose } = await makeVault(both);
    const root = await openRootKey(store, passphrase(PASSPHRASE), keychain);
    await confirmOwner(store, root, { kind: 'passphrase', bytes: Buffer.from(PASSPHRASE) }, keychain);
    await confirmOwner(store, root, { kind: 'recovery-phrase', phrase: PHRASE }, keychain);
    expect(root.purposeKey('test')).toEqual(purpose);
  });

  it('is refused for a wrong passphrase', async () => {
    const { store } = await makeVault(both);
    const root = await openRootKey(store, passphrase(PASSPHRASE), keychain);
    const wrong = { kind: 'passphrase', bytes: Buffer.from('wrong') } as const;
    await expect(confirmOwner(store, root, wrong, keychain)).rejects.toMatchObject({
      code: 'WrongPassphrase',
    });
  });

  it('is refused for a protector put in meanwhile: it opens a root key, but not this one', async () => {
    const { store } = await makeVault(both);
    const root = await openRootKey(store, passphrase(PASSPHRASE), keychain);
    const [mine] = await addProtectors(
      RootKey.create(VAULT_ID),
      { passphrase: Buffer.from('mine'), cost: CHEAP },
      testClock(),
    );
    tamper(
      store.path,
      "UPDATE protectors SET id = ?, record = ? WHERE kind = 'passphrase'",
      mine?.id ?? '',
      mine?.record ?? '',
    );
    const credential = { kind: 'passphrase', bytes: Buffer.from('mine') } as const;
    await expect(confirmOwner(store, root, credential, keychain)).rejects.toMatchObject({
      code: 'VaultDamaged',
      reason: 'protector-changed-while-open',
      details: { row: 'protectors' },
    });
  });
});
