import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/main/crypto/hash.ts';
import type { Store } from '../../../src/main/store/database.ts';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { openRootKey } from '../../../src/main/unlock/open.ts';
import {
  addProtectors,
  createProtectors,
  listProtectors,
  storeProtectors,
} from '../../../src/main/unlock/protectors.ts';
import { RootKey } from '../../../src/main/unlock/root-key.ts';
import { newRecoveryPhrase, recoveryEntropy } from '../../../src/main/unlock/secret.ts';
import { errorText } from '../../../src/messages/errors.ts';
import type { Credential } from '../../../src/shared/credential.ts';
import { asKeywardError } from '../../../src/shared/errors.ts';
import { tamper, testClock } from '../store/support.ts';
import { makeVault, PASSPHRASE, PHRASE, passphrase, unlock } from './support.ts';
import { CHEAP, recordsOf, VAULT_ID } from './vault.ts';

const phrase = (text: string): Credential => ({ kind: 'recovery-phrase', phrase: text });
const KEYCHAIN: Credential = { kind: 'keychain' };

async function refusal(
  act: Promise<unknown>,
): Promise<{ code: unknown; message: unknown; details: unknown }> {
  try {
    await act;
  } catch (error) {
    if (error instanceof Error) {
      return {
        code: Reflect.get(error, 'code'),
        message: errorText(asKeywardError(error)),
        details: Reflect.get(error, 'details'),
      };
    }
  }
  throw new Error('it was not refused');
}

async function vault(keychain?: MemoryKeychain): Promise<Store> {
  const wanted = { passphrase: Buffer.from(PASSPHRASE), recoveryPhrase: PHRASE };
  return (await makeVault(keychain === undefined ? wanted : { ...wanted, keychain })).store;
}

function idOf(store: Store, kind: string): string {
  return (
    store.read((tx) => tx.get<{ id: string }>('SELECT id FROM protectors WHERE kind = ?', kind))?.id ?? ''
  );
}

function change(store: Store, kind: string, at: number): void {
  const row = store.read((tx) =>
    tx.get<{ record: Buffer }>('SELECT record FROM protectors WHERE kind = ?', kind),
  );
  const record = Buffer.from(row?.record ?? '');
  record[at] = (record[at] ?? 0) ^ 1;
  sha256(record.subarray(0, -32)).copy(record, record.length - 32);
  tamper(store.path, 'UPDATE protectors SET record = ? WHERE kind = ?', record, kind);
}

describe('what is said to whoever can’t unlock', () => {
  it('the passphrase is wrong', async () => {
    expect(await refusal(unlock(await vault(), passphrase('wrong')))).toEqual({
      code: 'WrongPassphrase',
      message: 'The passphrase is wrong. Nothing is damaged: try again, or use the recovery phrase.',
      details: {},
    });
  });

  it('the phrase is another vault’s', async () => {
    expect(await refusal(unlock(await vault(), phrase(newRecoveryPhrase())))).toEqual({
      code: 'WrongRecoveryPhrase',
      message:
        'This is a recovery phrase, but not of this vault. Nothing is damaged: check that it is the right sheet.',
      details: {},
    });
  });

  it('the vault was not made for this way', async () => {
    const withPhrase = await makeVault({ recoveryPhrase: PHRASE });
    const withPassphrase = await makeVault({ passphrase: Buffer.from(PASSPHRASE) });
    const answers = [
      await refusal(unlock(withPhrase.store, passphrase(PASSPHRASE))),
      await refusal(unlock(withPassphrase.store, phrase(PHRASE))),
      await refusal(unlock(await vault(), KEYCHAIN)),
    ];
    expect(answers).toEqual([
      {
        code: 'ProtectorMissing',
        message: 'This vault has no passphrase. Unlock it with the recovery phrase.',
        details: { kind: 'passphrase' },
      },
      {
        code: 'ProtectorMissing',
        message: 'This vault has no recovery phrase. Unlock it with the passphrase.',
        details: { kind: 'recovery-phrase' },
      },
      {
        code: 'ProtectorMissing',
        message:
          "This vault was not set up for the system's keychain. Unlock it with the passphrase or the recovery phrase.",
        details: { kind: 'keychain' },
      },
    ]);
  });

  it('the keychain has no entry, or one that does not open', async () => {
    const keychain = new MemoryKeychain();
    const store = await vault(keychain);
    expect(await refusal(unlock(store, KEYCHAIN))).toEqual({
      code: 'ProtectorMissing',
      message:
        "The system's keychain has no entry for this vault. Unlock with the passphrase or the recovery phrase.",
      details: { kind: 'keychain' },
    });
    await keychain.set(VAULT_ID, Buffer.alloc(32, 1).toString('base64'));
    expect(await refusal(unlock(store, KEYCHAIN, keychain))).toEqual({
      code: 'ProtectorMissing',
      message:
        "The system's keychain has an entry for this vault that does not open it. Unlock with the passphrase or the recovery phrase.",
      details: { kind: 'keychain' },
    });
  });

  it('the record is damaged: a right secret whose root key does not open', async () => {
    const store = await vault();
    const protector = idOf(store, 'recovery-phrase');
    change(store, 'recovery-phrase', 150);
    expect(await refusal(unlock(store, phrase(PHRASE)))).toEqual({
      code: 'ProtectorDamaged',
      message: `The vault's record of this way to unlock it (protector ${protector}) is damaged, so what you entered may be right. Unlock in another way.`,
      details: { protector },
    });
  });

  it('a protector is another vault’s', async () => {
    const store = await vault();
    const protector = idOf(store, 'passphrase');
    change(store, 'passphrase', 30);
    expect(await refusal(unlock(store, phrase(PHRASE)))).toEqual({
      code: 'VaultDamaged',
      message: `The vault is damaged: its protector ${protector} belongs to another vault, or the vault's own id was changed.`,
      details: { row: 'vault', protector },
    });
  });

  it('of two passphrases one is damaged: the other opens, and a wrong one may have been right', async () => {
    const store = await vault();
    const root = await openRootKey(store, passphrase(PASSPHRASE), new MemoryKeychain());
    const damaged = idOf(store, 'passphrase');
    const more = await addProtectors(root, { passphrase: Buffer.from('second'), cost: CHEAP }, testClock());
    const records = recordsOf(root);
    store.read((tx) => records.verifyAll(tx));
    store.write((tx) => storeProtectors(tx, records, more));
    tamper(store.path, "UPDATE protectors SET record = x'00' WHERE id = ?", damaged);
    expect((await openRootKey(store, passphrase('second'), new MemoryKeychain())).purposeKey('x')).toEqual(
      root.purposeKey('x'),
    );
    expect(await refusal(unlock(store, passphrase('wrong')))).toMatchObject({
      code: 'ProtectorDamaged',
      details: { protector: damaged },
    });
  });

  it('a damaged record of another kind is no reason to doubt a wrong passphrase', async () => {
    const store = await vault();
    tamper(store.path, "UPDATE protectors SET record = x'00' WHERE kind = 'recovery-phrase'");
    expect(await refusal(unlock(store, passphrase('wrong')))).toMatchObject({ code: 'WrongPassphrase' });
  });

  it('a protector was changed or removed, seen once the vault is open', async () => {
    const texts: [string, string][] = [
      [
        "UPDATE protectors SET record = x'00' WHERE kind = 'passphrase'",
        'is not the one that Keyward stored',
      ],
      ["DELETE FROM protectors WHERE kind = 'passphrase'", 'was removed'],
    ];
    for (const [sql, what] of texts) {
      const store = await vault();
      const id = idOf(store, 'passphrase');
      tamper(store.path, sql);
      expect(await refusal(unlock(store, phrase(PHRASE)))).toEqual({
        code: 'VaultDamaged',
        message: `The vault was changed from outside: its protector ${id} ${what}.`,
        details: { row: `protectors/${id}` },
      });
    }
  });
});

describe('what is said to whoever makes a vault', () => {
  const make = (wanted: Parameters<typeof createProtectors>[1]) =>
    refusal(createProtectors(RootKey.create(VAULT_ID), wanted, testClock()));

  it('the keychain alone is not enough, nor an empty passphrase', async () => {
    expect(await make({ keychain: new MemoryKeychain() })).toMatchObject({
      code: 'Usage',
      message:
        "A vault needs a passphrase or a recovery phrase: the system's keychain can be lost with the system.",
    });
    expect(await make({ passphrase: Buffer.alloc(0) })).toMatchObject({
      code: 'Usage',
      message: 'The passphrase is empty. Choose one.',
    });
  });
});

describe('the list of protectors', () => {
  it('has damaged ones too, at no time', async () => {
    const store = await vault();
    tamper(store.path, "UPDATE protectors SET record = x'00' WHERE kind = 'passphrase'");
    expect(store.read(listProtectors)).toMatchObject([
      { kind: 'passphrase', createdAt: '1970-01-01T00:00:00.000Z' },
      { kind: 'recovery-phrase', createdAt: '2025-01-01T00:00:00.000Z' },
    ]);
  });
});

describe('a phrase that is none', () => {
  const wrong = (text: string) => refusal((async () => recoveryEntropy(text))());

  it('is told by its words, however they are spaced', async () => {
    expect(await wrong('  abandon \n\t art ')).toEqual({
      code: 'WrongRecoveryPhrase',
      message: 'This is not a recovery phrase: it has 2 words instead of 24.',
      details: { words: 2, unknownAt: [] },
    });
    expect(await wrong(PHRASE.replace('abandon abandon', 'xx yy'))).toEqual({
      code: 'WrongRecoveryPhrase',
      message: 'This is not a recovery phrase: words 1, 2 are not on the list. Check how they are spelled.',
      details: { words: 24, unknownAt: [1, 2] },
    });
    expect(await wrong(PHRASE.replace('art', 'xx'))).toMatchObject({
      message: 'This is not a recovery phrase: word 24 is not on the list. Check how it is spelled.',
      details: { words: 24, unknownAt: [24] },
    });
  });
});

describe('a passphrase in memory', () => {
  it('is overwritten where it was copied to, whether it was right or not', async () => {
    const store = await vault();
    for (const text of ['a canary that is right'.repeat(3), 'a canary that is wrong'.repeat(3)]) {
      // Not from the pool of small buffers, in which the copy would stand.
      const bytes = Buffer.alloc(text.length, text);
      const pools = [Buffer.from('probe').buffer];
      await openRootKey(store, { kind: 'passphrase', bytes }, new MemoryKeychain()).catch(() => undefined);
      pools.push(Buffer.from('probe').buffer);
      for (const pool of pools) expect(Buffer.from(pool).includes(bytes)).toBe(false);
    }
  });
});

describe('the root key', () => {
  it('says that the vault is locked once it was wiped', () => {
    const root = RootKey.create(VAULT_ID);
    root.wipe();
    expect(() => root.purposeKey('a')).toThrow(expect.objectContaining({ reason: 'vault-locked' }));
  });
});
