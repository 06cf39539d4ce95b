import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Claim, claimHome, initVault, openSession, type Session } from '../../../src/main/api/index.ts';
import { wireServices } from '../../../src/main/api/services.ts';
import { databasePath, keysPath } from '../../../src/main/home/paths.ts';
import { Store } from '../../../src/main/store/database.ts';
import { readIdentity } from '../../../src/main/store/identity.ts';
import { keychainUnavailable, MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { openRootKey } from '../../../src/main/unlock/open.ts';
import { certifierOf } from '../../../src/main/unlock/recovery-identity.ts';
import { recoverySets } from '../../../src/main/unlock/recovery-recipients.ts';
import { newRecoveryPhrase, recoveryEntropy } from '../../../src/main/unlock/secret.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import type { Input, Method, Output } from '../../../src/shared/contract.ts';
import type { Credential } from '../../../src/shared/credential.ts';
import { fromErrorBody } from '../../../src/shared/errors.ts';
import type { Role } from '../../../src/shared/roles.ts';
import { CHEAP } from '../../support/live-vault.ts';

const OLD = 'the old passphrase';
const NEW = 'the new passphrase';

let folder: string;
let claim: Claim;
let keychain: MemoryKeychain;
let phrase: string;
let vaultId: string;
let session: Session;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-protectors-'));
  const claimed = await claimHome(join(folder, 'home'));
  if (claimed === undefined) throw new Error('the home is taken');
  claim = claimed;
  keychain = new MemoryKeychain();
  const made = await initVault(claim, {
    ...{ passphrase: Buffer.from(OLD), keychain: true, throwAway: false },
    parts: { cost: CHEAP, keychain },
  });
  ({ phrase, vaultId } = made);
  session = await opened({ kind: 'recovery-phrase', phrase });
});

afterEach(async () => {
  await session.close();
  await claim.release();
  rmSync(folder, { recursive: true, force: true });
});

function opened(credential: Credential): Promise<Session> {
  return openSession(claim, { credential, kind: 'command', keychain, cost: CHEAP });
}

async function call<M extends Method>(method: M, input: Input<M>, as?: Role): Promise<Output<M>> {
  const answer = await session.call(method, input, {
    client: 'cli',
    signal: new AbortController().signal,
    progress: () => undefined,
    ...(as === undefined ? {} : { as }),
  });
  if (!answer.ok) throw fromErrorBody(answer.error);
  return answer.value;
}

const secretOf = (text: string) =>
  ({ kind: 'passphrase', bytes: Buffer.from(text).toString('base64') }) as const;
const words = (text: string) => ({ kind: 'recovery-phrase', phrase: text }) as const;
const typed = (text: string) => ({ kind: 'passphrase', bytes: Buffer.from(text) }) as const;

/** Which of these open the vault, which is locked for that and opened again by the last that does. */
async function opening(...ways: readonly Credential[]): Promise<boolean[]> {
  await session.close();
  const answers: boolean[] = [];
  for (const way of ways) {
    try {
      const tried = await opened(way);
      answers.push(true);
      await session.close();
      session = tried;
    } catch {
      answers.push(false);
    }
    await session.close();
  }
  const lasting = ways[answers.lastIndexOf(true)];
  if (lasting !== undefined) session = await opened(lasting);
  return answers;
}

/** By whom the recovery sets that backups are made for certify devices. The vault is locked for that and opened again. */
async function certifiers(): Promise<string[]> {
  await session.close();
  const store = Store.open(databasePath(claim.home), 'existing');
  const root = await openRootKey(store, typed(OLD), keychain);
  const stored = { store, keysFile: keysPath(claim.home) };
  const services = wireServices(stored, root, store.read(readIdentity), systemClock);
  const sets = store.read((tx) => {
    services.records.open(tx);
    return recoverySets(tx, services.records);
  });
  store.close();
  session = await opened(typed(OLD));
  return sets.map(({ certifier }) => certifier);
}

const certifierOfPhrase = (text: string) => certifierOf(recoveryEntropy(text));

const kinds = async () => (await call('protectors.list', {})).protectors.map(({ kind }) => kind);

describe('a way to unlock is replaced', () => {
  it('the passphrase: the new one opens, the old one does not, and its record is in no file of the vault', async () => {
    const salts: Buffer[] = [];
    // Twice, so that the journal has had what is replaced.
    for (const [text, shown] of [
      ['one between', OLD],
      [NEW, 'one between'],
    ] as const) {
      salts.push(saltOf(databasePath(claim.home), 'passphrase'));
      const credential = secretOf(shown);
      const changed = await call('protectors.set', { how: 'replace', secret: secretOf(text), credential });
      expect(changed.protectors.map(({ kind }) => kind)).toEqual([
        'keychain',
        'passphrase',
        'recovery-phrase',
      ]);
    }
    for (const name of ['vault.db', 'vault.db-wal', 'vault.keys']) {
      const bytes = readFileSync(join(claim.home, name));
      const found = salts.map((salt) => bytes.includes(salt));
      expect(found, name).toEqual([false, false]);
    }
    expect(await opening(typed(OLD), typed(NEW), words(phrase), { kind: 'keychain' })).toEqual([
      ...[false, true, true, true],
    ]);
  });

  it('the phrase: backups are made for the new one from then on', async () => {
    const { phrase: next } = await call('protectors.newPhrase', {});
    const before = await certifiers();
    await call('protectors.set', { how: 'replace', secret: words(next), credential: secretOf(OLD) });
    expect([before, await certifiers()]).toEqual([[certifierOfPhrase(phrase)], [certifierOfPhrase(next)]]);
    expect(await opening(words(phrase), words(next))).toEqual([false, true]);
  });

  it('a forgotten passphrase, by the phrase', async () => {
    await call('protectors.set', { how: 'replace', secret: secretOf(NEW), credential: words(phrase) });
    expect(await opening(typed(NEW))).toEqual([true]);
  });

  it('the keychain’s: another secret, which opens', async () => {
    const before = await keychain.get(vaultId);
    await call('protectors.set', { how: 'replace', secret: { kind: 'keychain' }, credential: words(phrase) });
    expect(await keychain.get(vaultId)).not.toBe(before);
    expect(await opening({ kind: 'keychain' })).toEqual([true]);
  });

  it('each with an entry that holds no secret', async () => {
    await call('protectors.set', { how: 'replace', secret: secretOf(NEW), credential: words(phrase) });
    const { entries } = await call('audit.list', { limit: 1 });
    expect(entries[0]).toMatchObject({
      eventName: 'ReplaceProtector',
      requestParameters: { kind: 'passphrase', replaced: [expect.any(String)] },
    });
    expect(JSON.stringify(entries)).not.toContain(NEW);
  });
});

describe('nothing is changed', () => {
  it.each<[string, string, () => Promise<unknown>]>([
    [
      'WrongPassphrase',
      'by somebody else',
      () => call('protectors.set', { how: 'replace', secret: secretOf(NEW), credential: secretOf('x') }),
    ],
    [
      'WrongRecoveryPhrase',
      'by the phrase of another vault',
      () => call('protectors.remove', { kind: 'keychain', credential: words(newRecoveryPhrase()) }),
    ],
    [
      'AlreadyExistsException',
      'by adding what there is',
      () => call('protectors.set', { how: 'add', secret: secretOf(NEW), credential: secretOf(OLD) }),
    ],
    [
      'Usage',
      'for a passphrase that nobody could type',
      () => call('protectors.set', { how: 'replace', secret: secretOf('a\nb'), credential: secretOf(OLD) }),
    ],
    [
      'WrongRecoveryPhrase',
      'for words that are no phrase',
      () => call('protectors.set', { how: 'replace', secret: words('a b'), credential: secretOf(OLD) }),
    ],
    [
      'LastProtector',
      'where the way in that stays was not shown',
      () => call('protectors.remove', { kind: 'passphrase', credential: secretOf(OLD) }),
    ],
    [
      'AccessDeniedException',
      'by a role',
      () => call('protectors.remove', { kind: 'keychain', credential: secretOf(OLD) }, 'operator'),
    ],
  ])('%s %s', async (code, _what, act) => {
    const before = await call('protectors.list', {});
    await expect(act()).rejects.toMatchObject({ code });
    expect(await call('protectors.list', {})).toEqual(before);
    expect(await opening(typed(OLD), words(phrase), { kind: 'keychain' })).toEqual([true, true, true]);
  });

  it('and a refusal is in the log', async () => {
    await call('protectors.set', { how: 'replace', secret: secretOf(NEW), credential: secretOf('x') }).catch(
      () => undefined,
    );
    expect((await call('audit.list', { limit: 1 })).entries[0]).toMatchObject({
      eventName: 'ReplaceProtector',
      errorCode: 'WrongPassphrase',
    });
  });
});

describe('a way to unlock is removed', () => {
  it('the keychain’s, and its item with it', async () => {
    await call('protectors.remove', { kind: 'keychain', credential: secretOf(OLD) });
    expect(await kinds()).toEqual(['passphrase', 'recovery-phrase']);
    expect(await keychain.get(vaultId)).toBeUndefined();
    expect(await opening({ kind: 'keychain' }, typed(OLD))).toEqual([false, true]);
  });

  it('also where the keychain can’t be reached', async () => {
    keychain.breakWith('no-bus');
    await call('protectors.remove', { kind: 'keychain', credential: secretOf(OLD) });
    expect(await kinds()).toEqual(['passphrase', 'recovery-phrase']);
  });

  it('of passphrase and phrase one, shown by the other; then that one stays, whatever is shown', async () => {
    await call('protectors.remove', { kind: 'passphrase', credential: words(phrase) });
    expect(await kinds()).toEqual(['keychain', 'recovery-phrase']);
    for (const credential of [words(phrase), secretOf(OLD)]) {
      await expect(call('protectors.remove', { kind: 'recovery-phrase', credential })).rejects.toMatchObject({
        code: 'LastProtector',
      });
    }
    await expect(
      call('protectors.remove', { kind: 'passphrase', credential: words(phrase) }),
    ).rejects.toMatchObject({ code: 'ProtectorMissing' });
    await call('protectors.set', { how: 'add', secret: secretOf(NEW), credential: words(phrase) });
    await call('protectors.remove', { kind: 'recovery-phrase', credential: secretOf(NEW) });
    expect(await opening(words(phrase), typed(NEW), { kind: 'keychain' })).toEqual([false, true, true]);
  });
});

describe('a keychain that fails while its secret is replaced', () => {
  /** What goes wrong with a keychain: from the `step`-th call on, at that call only, or whatever it is given is forgotten. */
  class Failing extends MemoryKeychain {
    #left: number;
    readonly #how: 'fails' | 'fails once' | 'forgets';
    constructor(how: 'fails' | 'fails once' | 'forgets', step: number) {
      super();
      this.#how = how;
      this.#left = step;
    }
    override async set(account: string, secret: string): Promise<void> {
      this.#step();
      if (this.#how !== 'forgets') await super.set(account, secret);
    }
    override async get(account: string): Promise<string | undefined> {
      this.#step();
      return super.get(account);
    }
    #step(): void {
      const now = this.#left--;
      if (this.#how === 'fails' && now === 0) this.breakWith('no-service');
      if (this.#how === 'fails once' && now === 0) throw keychainUnavailable('no-service');
    }
  }

  it.each([
    ['fails', 0, false],
    ['fails', 1, false],
    ['fails', 2, false],
    ['fails once', 1, true],
    // What was there is put back.
    ['fails once', 2, true],
    ['forgets', 0, true],
  ] as const)(
    'it %s at step %i: the other ways open as before, and the keychain’s: %s',
    async (how, step, opens) => {
      const secret = (await keychain.get(vaultId)) ?? '';
      await session.close();
      const failing = new Failing(how, step);
      await MemoryKeychain.prototype.set.call(failing, vaultId, secret);
      keychain = failing;
      session = await opened(words(phrase));
      await expect(
        call('protectors.set', { how: 'replace', secret: { kind: 'keychain' }, credential: words(phrase) }),
      ).rejects.toMatchObject({ code: how === 'forgets' ? 'ProtectorDamaged' : 'KeychainUnavailable' });
      expect(await kinds()).toEqual(['keychain', 'passphrase', 'recovery-phrase']);
      keychain.breakWith(undefined);
      const ways = [{ kind: 'keychain' }, typed(OLD), words(phrase)] as const;
      expect((await opening(...ways)).slice(opens ? 0 : 1)).not.toContain(false);
    },
  );
});

/** The salt in the record of a way to unlock, 32 bytes that stand nowhere else (`recordHeader`). */
function saltOf(path: string, kind: string): Buffer {
  const db = new Database(path, { readonly: true });
  try {
    const record = db.prepare('SELECT record FROM protectors WHERE kind = ?').pluck().get(kind) as Buffer;
    return record.subarray(49, 81);
  } finally {
    db.close();
  }
}
