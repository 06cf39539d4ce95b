import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/main/crypto/hash.ts';
import { ARGON2_FLOOR, setArgon2Floor } from '../../../src/main/crypto/passphrase.ts';
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
import { asKeywardError } from '../../../src/shared/errors.ts';
import { reopen, tamper, testClock } from '../store/support.ts';
import { makeVault, PASSPHRASE, PHRASE, passphrase, unlock } from './support.ts';
import { CHEAP, recordsOf, VAULT_ID } from './vault.ts';

const recovery = (phrase: string) => ({ kind: 'recovery-phrase', phrase }) as const;
const all = () => ({
  passphrase: Buffer.from(PASSPHRASE),
  recoveryPhrase: PHRASE,
  keychain: new MemoryKeychain(),
});

/** How long a refusal takes, in milliseconds, and what it is. */
async function refusal(act: () => Promise<unknown>): Promise<{ code: string; ms: number }> {
  const start = performance.now();
  const error: unknown = await act().then(
    () => ({ code: 'none' }),
    (reason: unknown) => reason,
  );
  return { code: (error as { code: string }).code, ms: performance.now() - start };
}

function edit(store: Store, kind: string, change: (record: Buffer) => void, checksum: boolean): void {
  const row = store.read((tx) =>
    tx.get<{ record: Buffer }>('SELECT record FROM protectors WHERE kind = ?', kind),
  );
  const record = Buffer.from(row?.record ?? '');
  change(record);
  if (checksum) sha256(record.subarray(0, -32)).copy(record, record.length - 32);
  tamper(store.path, 'UPDATE protectors SET record = ? WHERE kind = ?', record, kind);
}

describe('protectors', () => {
  it('all open the same root key, after the vault was closed', async () => {
    const wanted = all();
    const { store, purpose } = await makeVault(wanted);
    store.close();
    const again = reopen(store.path);
    const keys = [
      await unlock(again, passphrase(PASSPHRASE)),
      await unlock(again, recovery(PHRASE)),
      await unlock(again, recovery(`  ${PHRASE.toUpperCase().replaceAll(' ', '\n ')} `)),
      await unlock(again, { kind: 'keychain' }, wanted.keychain),
    ];
    for (const key of keys) expect(key).toEqual(purpose);
    expect(again.read(listProtectors).map((p) => [p.kind, p.createdAt])).toEqual([
      ['keychain', '2025-01-01T00:00:00.000Z'],
      ['passphrase', '2025-01-01T00:00:00.000Z'],
      ['recovery-phrase', '2025-01-01T00:00:00.000Z'],
    ]);
  });

  it('are never the keychain alone, and never an empty passphrase', async () => {
    const root = RootKey.create(VAULT_ID);
    const keychain = new MemoryKeychain();
    for (const wanted of [{}, { keychain }, { passphrase: Buffer.alloc(0) }]) {
      await expect(createProtectors(root, wanted, testClock())).rejects.toMatchObject({ code: 'Usage' });
    }
    expect(await keychain.get(VAULT_ID)).toBeUndefined();
  });

  it('can be added later, and are then part of what is verified', async () => {
    const { store, purpose } = await makeVault({ passphrase: Buffer.from(PASSPHRASE) });
    const root = await openRootKey(store, passphrase(PASSPHRASE), new MemoryKeychain());
    const records = recordsOf(root);
    store.read((tx) => records.verifyAll(tx));
    const phrase = newRecoveryPhrase();
    const more = await addProtectors(root, { recoveryPhrase: phrase }, testClock());
    store.write((tx) => storeProtectors(tx, records, more));
    expect(await unlock(store, recovery(phrase))).toEqual(purpose);
  });

  it('leave neither passphrase, phrase, its entropy nor the keychain’s secret on the disk', async () => {
    const keychain = new MemoryKeychain();
    const phrase = newRecoveryPhrase();
    const { store } = await makeVault({
      passphrase: Buffer.from(PASSPHRASE),
      recoveryPhrase: phrase,
      keychain,
    });
    store.checkpoint();
    const bytes = readFileSync(store.path);
    const secret = await keychain.get(VAULT_ID);
    expect(secret).toHaveLength(44);
    for (const canary of [PASSPHRASE, phrase, phrase.slice(0, 20), recoveryEntropy(phrase), secret ?? '']) {
      expect(bytes.includes(canary)).toBe(false);
    }
    expect(bytes.includes(Buffer.from(secret ?? '', 'base64'))).toBe(false);
  });

  it('make phrases of 24 words, a new one each time', () => {
    const [a, b] = [newRecoveryPhrase(), newRecoveryPhrase()];
    expect(a.split(' ')).toHaveLength(24);
    expect(a).not.toBe(b);
  });
});

describe('what is wrong has its own answer, each in under 2 seconds (pitfall 33)', () => {
  it('at the cost that real vaults use', async () => {
    const { store } = await makeVault({ ...all(), cost: ARGON2_FLOOR });
    const broken = new MemoryKeychain();
    broken.breakWith('no-service');
    const answers = [
      await refusal(() => unlock(store, passphrase('wrong'))),
      await refusal(() => unlock(store, recovery(newRecoveryPhrase()))),
      await refusal(() => unlock(store, { kind: 'keychain' }, broken)),
      await refusal(() => unlock(store, { kind: 'keychain' })),
    ];
    edit(store, 'passphrase', (record) => record.fill(0, 20, 24), false);
    answers.push(await refusal(() => unlock(store, passphrase(PASSPHRASE))));
    expect(answers.map((a) => a.code)).toEqual([
      'WrongPassphrase',
      'WrongRecoveryPhrase',
      'KeychainUnavailable',
      'ProtectorMissing',
      'ProtectorDamaged',
    ]);
    for (const answer of answers) expect(answer.ms).toBeLessThan(2_000);
  });

  it('a way that the vault does not have', async () => {
    const { store } = await makeVault({ passphrase: Buffer.from(PASSPHRASE) });
    for (const credential of [recovery(PHRASE), { kind: 'keychain' } as const]) {
      await expect(unlock(store, credential)).rejects.toMatchObject({
        code: 'ProtectorMissing',
        details: { kind: credential.kind },
      });
    }
  });

  it('a keychain entry of another vault', async () => {
    const { store } = await makeVault(all());
    const keychain = new MemoryKeychain();
    await keychain.set(VAULT_ID, Buffer.alloc(32, 1).toString('base64'));
    await expect(unlock(store, { kind: 'keychain' }, keychain)).rejects.toMatchObject({
      code: 'ProtectorMissing',
    });
  });

  it('a phrase mistyped: says which word by its place, never the word', async () => {
    const { store } = await makeVault(all());
    const cases: [string, RegExp][] = [
      [PHRASE.replace('abandon', 'secretword'), /word 1 is not on the list/],
      [PHRASE.replace('abandon abandon', 'xx yy'), /words 1, 2 are not/],
      ['abandon art', /2 words instead of 24/],
      [`${'abandon '.repeat(23)}zoo`, /do not belong together/],
    ];
    for (const [phrase, message] of cases) {
      const error: unknown = await unlock(store, recovery(phrase)).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'WrongRecoveryPhrase', reason: 'not-a-recovery-phrase' });
      expect(errorText(asKeywardError(error))).toMatch(message);
      expect(JSON.stringify(error)).not.toMatch(/secretword|abandon/);
    }
  });
});

describe('an edited protector is refused', () => {
  it('by its id: every column', async () => {
    for (const column of ['id', 'kind', 'record']) {
      const { store } = await makeVault(all());
      const old = store.read((tx) =>
        tx.get<{ id: string }>("SELECT id FROM protectors WHERE kind = 'passphrase'"),
      );
      const value = { id: `${old?.id}!`, kind: 'keychain', record: Buffer.from('rubbish') }[column] ?? '';
      tamper(store.path, `UPDATE protectors SET ${column} = ? WHERE kind = 'passphrase'`, value);
      const id = column === 'id' ? `${old?.id}!` : old?.id;
      await expect(unlock(store, passphrase(PASSPHRASE)), column).rejects.toMatchObject({
        code: 'ProtectorDamaged',
        details: { protector: id },
      });
      // The others open the root key, and what was done is then seen.
      await expect(unlock(store, recovery(PHRASE)), column).rejects.toMatchObject({
        code: 'VaultDamaged',
        details: { row: `protectors/${id}` },
      });
    }
  });

  it('at every byte of its record', async () => {
    const { store } = await makeVault({ recoveryPhrase: PHRASE });
    const row = store.read((tx) => tx.get<{ record: Buffer }>('SELECT record FROM protectors'));
    const record = row?.record ?? Buffer.alloc(0);
    expect(record.length).toBeGreaterThan(200);
    const db = new Database(store.path);
    const update = db.prepare('UPDATE protectors SET record = ?');
    for (let at = 0; at < record.length; at++) {
      const edited = Buffer.from(record);
      edited[at] = (edited[at] ?? 0) ^ 1;
      update.run(edited);
      await expect(unlock(store, recovery(PHRASE)), String(at)).rejects.toMatchObject({
        code: 'ProtectorDamaged',
      });
    }
    update.run(record);
    db.close();
    await unlock(store, recovery(PHRASE));
  });

  it('also where the checksum was made to fit: nothing but the truth opens', async () => {
    const { store } = await makeVault({ recoveryPhrase: PHRASE });
    const codes = new Set<string>();
    for (let at = 8; at < 189; at += 3) {
      const flip = (record: Buffer) => {
        record[at] = (record[at] ?? 0) ^ 1;
      };
      edit(store, 'recovery-phrase', flip, true);
      codes.add((await refusal(() => unlock(store, recovery(PHRASE)))).code);
      edit(store, 'recovery-phrase', flip, true);
    }
    expect([...codes].sort()).toEqual(['ProtectorDamaged', 'VaultDamaged', 'WrongRecoveryPhrase']);
    await unlock(store, recovery(PHRASE));
  });

  it('before its key derivation may exhaust the machine: cost out of bounds, checksum made to fit', async () => {
    const { store } = await makeVault({ passphrase: Buffer.from(PASSPHRASE) });
    const costs: [number, number, number][] = [
      [0xffffffff, 3, 1],
      [1_048_577, 3, 1],
      [65_536, 17, 1],
      [65_536, 3, 9],
      [65_536, 3, 0],
    ];
    for (const cost of costs) {
      const write = (record: Buffer) => {
        for (const [i, value] of cost.entries()) record.writeUInt32BE(value, 81 + 4 * i);
      };
      edit(store, 'passphrase', write, true);
      const answer = await refusal(() => unlock(store, passphrase(PASSPHRASE)));
      expect(answer.code, cost.join()).toBe('ProtectorDamaged');
      expect(answer.ms).toBeLessThan(200);
    }
  });

  it('as weakened where its cost was lowered, checksum made to fit: what was entered may be right', async () => {
    setArgon2Floor(ARGON2_FLOOR);
    try {
      const { store } = await makeVault({ ...all(), cost: ARGON2_FLOOR });
      const costs: [number, number][] = [
        [65_535, 3],
        [65_536, 2],
        [8_192, 1],
        [8_191, 3],
        [65_536, 0],
        [0, 0],
      ];
      for (const cost of costs) {
        const write = (record: Buffer) => {
          for (const [i, value] of cost.entries()) record.writeUInt32BE(value, 81 + 4 * i);
        };
        edit(store, 'passphrase', write, true);
        expect((await refusal(() => unlock(store, passphrase(PASSPHRASE)))).code, cost.join()).toBe(
          'ProtectorWeakened',
        );
      }
      // What opens all the same was set so, and is no lie.
      const root = await openRootKey(store, recovery(PHRASE), new MemoryKeychain());
      const [cheap] = await addProtectors(root, { passphrase: Buffer.from('x'), cost: CHEAP }, testClock());
      tamper(
        store.path,
        "UPDATE protectors SET id = ?, record = ? WHERE kind = 'passphrase'",
        cheap?.id ?? '',
        cheap?.record ?? '',
      );
      expect((await openRootKey(store, passphrase('x'), new MemoryKeychain())).vaultId).toBe(VAULT_ID);
    } finally {
      setArgon2Floor(CHEAP);
    }
  });

  it('when it was removed, put in, or an old one put back', async () => {
    for (const what of ['removed', 'put in', 'put back']) {
      const { store } = await makeVault(all());
      if (what === 'removed') tamper(store.path, "DELETE FROM protectors WHERE kind = 'keychain'");
      if (what === 'put in') {
        tamper(store.path, "INSERT INTO protectors SELECT 'x', 'later-kind', record FROM protectors LIMIT 1");
      }
      if (what === 'put back') {
        const other = await openRootKey(store, recovery(PHRASE), new MemoryKeychain());
        const [old] = await addProtectors(
          other,
          { passphrase: Buffer.from('old'), cost: CHEAP },
          testClock(),
        );
        tamper(
          store.path,
          "UPDATE protectors SET id = ?, record = ? WHERE kind = 'passphrase'",
          old?.id ?? '',
          old?.record ?? '',
        );
        await expect(unlock(store, passphrase('old'))).rejects.toMatchObject({ code: 'VaultDamaged' });
      }
      await expect(unlock(store, recovery(PHRASE)), what).rejects.toMatchObject({
        code: 'VaultDamaged',
        details: { row: expect.stringMatching(/^protectors\//) },
      });
    }
  });
});

describe('the vault’s identity', () => {
  it('is refused by name: every column edited, the row removed', async () => {
    for (const sql of [
      "UPDATE vault SET vault_id = '99999999-2222-4333-8444-555555555555'",
      "UPDATE vault SET account = '111111111111'",
      "UPDATE vault SET region = 'eu-central-1'",
      'UPDATE vault SET throw_away = 1',
      'UPDATE vault SET throw_away = 2',
      'UPDATE vault SET created = created + 1',
      'DELETE FROM vault',
    ]) {
      const { store } = await makeVault({ recoveryPhrase: PHRASE });
      tamper(store.path, sql);
      await expect(unlock(store, recovery(PHRASE)), sql).rejects.toMatchObject({
        code: 'VaultDamaged',
        details: { row: 'vault' },
      });
    }
  });
});

describe('the root key', () => {
  it('gives one key per label and vault, and nothing once it was wiped', () => {
    const root = RootKey.create(VAULT_ID);
    expect(root.purposeKey('a')).toEqual(root.purposeKey('a'));
    expect(root.purposeKey('a')).not.toEqual(root.purposeKey('b'));
    expect(root.purposeKey('a')).toHaveLength(32);
    root.wipe();
    root.wipe();
    expect(() => root.purposeKey('a')).toThrow(expect.objectContaining({ code: 'VaultLocked' }));
  });
});
