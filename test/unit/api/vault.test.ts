import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Claim,
  claimHome,
  initVault,
  openSession,
  resolveHome,
  type Session,
  socketAddress,
} from '../../../src/main/api/index.ts';
import { lockedStatus } from '../../../src/main/api/without-session.ts';
import { setFaultHook } from '../../../src/main/disk/fault-hook.ts';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import type { Method } from '../../../src/shared/contract.ts';

const COST = { memoryKiB: 8192, passes: 1, lanes: 1 };
const passphrase = Buffer.from('a passphrase');
const byPassphrase = { kind: 'passphrase', bytes: passphrase } as const;

let folder: string;
let home: string;
const claims: Claim[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-api-'));
  home = join(folder, 'home');
});

afterEach(async () => {
  setFaultHook(undefined);
  for (const claim of claims.splice(0)) await claim.release();
  rmSync(folder, { recursive: true, force: true });
});

async function claimed(): Promise<Claim> {
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error('the home is taken');
  claims.push(claim);
  return claim;
}

/** Takes a secret only when it is told to, however long that may be. */
class SlowKeychain extends MemoryKeychain {
  #ready: Promise<void> = Promise.resolve();

  /** From now on nothing is kept until the function that it gives is called. */
  holdBack(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ready = promise;
    return resolve;
  }

  override async set(account: string, secret: string): Promise<void> {
    await this.#ready;
    await super.set(account, secret);
  }
}

const options = { throwAway: true, passphrase, keychain: false, parts: { cost: COST } };

async function opened(): Promise<Session> {
  const claim = await claimed();
  await initVault(claim, options);
  return openSession(claim, { credential: byPassphrase, kind: 'command' });
}

function call<M extends Method>(session: Session, method: M, input: unknown) {
  const signal = new AbortController().signal;
  return session.call(method, input, { client: 'cli', signal, progress: () => undefined });
}

describe('the home', () => {
  it('is where KEYWARD_HOME says, made for the user alone', async () => {
    expect(resolveHome({ KEYWARD_HOME: home })).toBe(home);
    const usual = resolveHome({});
    expect(isAbsolute(usual)).toBe(true);
    for (const nothing of ['', 'share']) expect(resolveHome({ XDG_DATA_HOME: nothing })).toBe(usual);
    await claimed();
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  it('that others could look into is closed to them', async () => {
    mkdirSync(home);
    chmodSync(home, 0o755);
    await claimed();
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  it('in a synced folder is refused', async () => {
    home = join(folder, 'Dropbox', 'vault');
    await expect(claimHome(home)).rejects.toMatchObject({ code: 'VaultHomeUnsafe' });
  });

  it('has one owner: a second claim gets nothing until the first is released', async () => {
    const first = await claimed();
    expect(await claimHome(home)).toBeUndefined();
    await first.release();
    await claimed();
  });

  it('with a path too long for a socket still has an address that fits', () => {
    const address = socketAddress(join(folder, 'x'.repeat(200)));
    expect(Buffer.byteLength(address)).toBeLessThanOrEqual(100);
    expect(address).not.toBe(socketAddress(join(folder, 'y'.repeat(200))));
  });
});

describe('making a vault', () => {
  it('leaves a home that only its user can read, and nothing of the making', async () => {
    const claim = await claimed();
    const made = await initVault(claim, options);
    expect(made.phrase.split(' ')).toHaveLength(24);
    expect(made.defaultKey.aliases).toEqual(['alias/my-files']);
    expect(readdirSync(home).sort()).toEqual(['run', 'vault.db', 'vault.keys']);
    for (const name of ['vault.db', 'vault.keys'])
      expect(statSync(join(home, name)).mode & 0o777).toBe(0o600);
  });

  it('fails whole: without the last rename there is no vault, and the next try succeeds', async () => {
    const claim = await claimed();
    setFaultHook((step) => {
      if (step.op === 'rename' && step.path.includes('vault.db'))
        throw Object.assign(new Error('no'), { code: 'EIO' });
      return undefined;
    });
    await expect(initVault(claim, options)).rejects.toMatchObject({ code: 'IoFailed' });
    setFaultHook(undefined);
    expect((await lockedStatus(home)).state).toBe('none');
    await initVault(claim, options);
    expect(existsSync(join(home, 'vault.db-making'))).toBe(false);
  });

  it('keeps the phrase before there is a vault, and makes none where that fails', async () => {
    const claim = await claimed();
    const keepPhrase = async () => {
      expect(existsSync(join(home, 'vault.db'))).toBe(false);
      throw new Error('the stick was pulled out');
    };
    await expect(initVault(claim, { ...options, keepPhrase })).rejects.toThrow('pulled out');
    expect((await lockedStatus(home)).state).toBe('none');
    setFaultHook((step) => {
      if (step.op === 'syncFolder' && step.path === home)
        throw Object.assign(new Error('no'), { code: 'EIO' });
      return undefined;
    });
    await expect(initVault(claim, options)).rejects.toMatchObject({ code: 'IoFailed' });
    setFaultHook(undefined);
    expect((await lockedStatus(home)).state).toBe('none');
  });

  it('never replaces one, and never makes one that a keychain alone opens', async () => {
    const claim = await claimed();
    await initVault(claim, options);
    await expect(initVault(claim, options)).rejects.toMatchObject({ code: 'VaultExists' });
  });

  it.each([
    [{ account: '12345' }, 'account-malformed'],
    [{ region: 'Local !' }, 'region-malformed'],
  ])('refuses %o', async (wrong, reason) => {
    const claim = await claimed();
    await expect(initVault(claim, { ...options, ...wrong })).rejects.toMatchObject({ reason });
    expect(existsSync(join(home, 'vault.db'))).toBe(false);
  });
});

describe('a session', () => {
  it('opens by passphrase, recovery phrase and keychain, and the log says by which', async () => {
    const keychain = new MemoryKeychain();
    const claim = await claimed();
    const { phrase } = await initVault(claim, {
      ...options,
      keychain: true,
      parts: { cost: COST, keychain },
    });
    const ways = [byPassphrase, { kind: 'recovery-phrase', phrase } as const, { kind: 'keychain' } as const];
    for (const credential of ways) {
      const session = await openSession(claim, { credential, kind: 'command', keychain });
      const answer = await call(session, 'audit.list', { limit: 1, event: 'Unlock' });
      expect(answer).toMatchObject({
        value: { entries: [{ requestParameters: { with: credential.kind } }] },
      });
      await session.close();
    }
  });

  it('opens by the phrase while the keychain denies its entry, which stays for when it is allowed (pitfall 36)', async () => {
    const keychain = new MemoryKeychain();
    const claim = await claimed();
    const parts = { cost: COST, keychain };
    const { phrase, vaultId } = await initVault(claim, { ...options, keychain: true, parts });
    const entry = await keychain.get(vaultId);
    keychain.breakWith('denied');
    const byKeychain = { credential: { kind: 'keychain' }, kind: 'command', keychain } as const;
    await expect(openSession(claim, byKeychain)).rejects.toMatchObject({
      code: 'KeychainUnavailable',
      reason: 'keychain-unavailable',
    });
    const credential = { kind: 'recovery-phrase', phrase } as const;
    await (await openSession(claim, { credential, kind: 'command', keychain })).close();
    keychain.breakWith(undefined);
    expect(await keychain.get(vaultId)).toBe(entry);
    const session = await openSession(claim, byKeychain);
    expect(await call(session, 'keys.list', {})).toMatchObject({ ok: true });
    await session.close();
  });

  it('keeps the head of the log in the keychain at lock', async () => {
    const keychain = new MemoryKeychain();
    const claim = await claimed();
    const { vaultId } = await initVault(claim, {
      ...options,
      keychain: true,
      parts: { cost: COST, keychain },
    });
    const session = await openSession(claim, { credential: byPassphrase, kind: 'command', keychain });
    await session.close();
    const kept: unknown = JSON.parse((await keychain.get(`${vaultId}/audit-head`)) ?? '{}');
    const again = await openSession(claim, { credential: byPassphrase, kind: 'command', keychain });
    const status = await call(again, 'vault.status', {});
    expect(kept).toMatchObject({ seq: (status.ok ? (status.value.auditHead?.seq ?? 0) : 0) - 1 });
    await again.close();
  });

  it('is locked without waiting for the keychain, which keeps the head when it gets to it', async () => {
    const keychain = new SlowKeychain();
    const claim = await claimed();
    const { vaultId } = await initVault(claim, {
      ...options,
      keychain: true,
      parts: { cost: COST, keychain },
    });
    const session = await openSession(claim, { credential: byPassphrase, kind: 'command', keychain });
    const answers = keychain.holdBack();
    expect(await call(session, 'vault.lock', {})).toEqual({ ok: true, value: { locked: true } });
    await session.locked;
    // Nothing of it is open any longer, so that the vault can be unlocked anew.
    const again = await openSession(claim, { credential: byPassphrase, kind: 'command', keychain });
    expect(await keychain.get(`${vaultId}/audit-head`)).toBeUndefined();
    answers();
    await session.close();
    expect(await keychain.get(`${vaultId}/audit-head`)).toContain('"seq"');
    await again.close();
  });

  it('tells when an older copy of the whole vault was put back, where the keychain remembers', async () => {
    const keychain = new MemoryKeychain();
    const claim = await claimed();
    await initVault(claim, { ...options, keychain: true, parts: { cost: COST, keychain } });
    const database = join(home, 'vault.db');
    const older = readFileSync(database);
    const open = () => openSession(claim, { credential: byPassphrase, kind: 'command', keychain });
    const session = await open();
    await call(session, 'keys.rotate', { key: 'my-files' });
    expect(await call(session, 'audit.verify', {})).toMatchObject({ value: { ok: true } });
    await session.close();
    writeFileSync(database, older);
    const error = await open().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'VaultPutBack' });
    const credential = { ...byPassphrase, putBackRead: true as const };
    const back = await openSession(claim, { credential, kind: 'command', keychain });
    expect(await call(back, 'audit.verify', {})).toMatchObject({
      value: { ok: false, why: expect.stringContaining('put back') },
    });
    await back.close();
  });

  it('answers wrong input and unknown methods with errors, never by throwing', async () => {
    const session = await opened();
    const hostile = JSON.parse('{"sources":["/x"],"overwrite":false,"each":false,"__proto__":{"a":1},"b":2}');
    expect(await call(session, 'files.encrypt', hostile)).toMatchObject({
      ok: false,
      error: { code: 'ValidationException' },
    });
    expect(await call(session, 'nothing.such' as Method, {})).toMatchObject({ error: { code: 'Usage' } });
    expect(await call(session, 'toString' as Method, {})).toMatchObject({
      error: { code: 'Usage' },
    });
    await session.close();
  });

  it('ends at lock: calls are refused, the key material is out of reach, the log holds', async () => {
    const session = await opened();
    expect(await call(session, 'vault.lock', {})).toEqual({ ok: true, value: { locked: true } });
    await session.locked;
    expect(await call(session, 'keys.list', {})).toMatchObject({ error: { code: 'VaultLocked' } });
    const again = await openSession(claims[0] as Claim, { credential: byPassphrase, kind: 'command' });
    expect(await call(again, 'audit.verify', {})).toMatchObject({ value: { ok: true } });
    await again.close();
  });

  it('is locked by each of two locks at once', async () => {
    const session = await opened();
    const locks = [call(session, 'vault.lock', {}), call(session, 'vault.lock', {})];
    expect(await Promise.all(locks)).toEqual(
      Array.from(locks, () => ({ ok: true, value: { locked: true } })),
    );
    expect(await call(session, 'vault.lock', {})).toEqual({ ok: true, value: { locked: true } });
  });

  it('cancels a running job at lock and leaves nothing of it', async () => {
    const session = await opened();
    const big = join(folder, 'big');
    writeFileSync(big, Buffer.alloc(200_000_000));
    const job = call(session, 'files.encrypt', { sources: [big], overwrite: false, each: false });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await session.close();
    expect(await job).toMatchObject({ value: { results: [{ status: 'cancelled' }] } });
    expect(readdirSync(folder).sort()).toEqual(['big', 'home']);
  });

  it('settings: known names and fitting values only', async () => {
    const session = await opened();
    expect(await call(session, 'config.set', { name: 'idle-minutes', value: '7' })).toMatchObject({
      value: { 'idle-minutes': 7 },
    });
    for (const [name, value] of [
      ['idle-minutes', '-1'],
      ['idle-minutes', '2000'],
      ['open-files-without-audit', 'perhaps'],
      ['colour', 'red'],
      ['toString', 'red'],
    ]) {
      expect(await call(session, 'config.set', { name, value })).toMatchObject({ error: { code: 'Usage' } });
    }
    expect(await call(session, 'config.set', { name: 'default-key', value: 'alias/none' })).toMatchObject({
      error: { code: 'NotFoundException' },
    });
    const mac = { alias: 'mac', description: '', spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' };
    await call(session, 'keys.create', mac);
    expect(await call(session, 'config.set', { name: 'default-key', value: 'mac' })).toMatchObject({
      error: { code: 'InvalidKeyUsageException' },
    });
    // The name that people use is kept as the alias that it stands for.
    await call(session, 'keys.create', { alias: 'invoices', description: '' });
    expect(await call(session, 'config.set', { name: 'default-key', value: 'invoices' })).toMatchObject({
      value: { 'default-key': 'alias/invoices' },
    });
    await session.close();
  });

  it('answers an operation with one entry in the log, not three', async () => {
    const session = await opened();
    const seq = async () => {
      const status = await call(session, 'vault.status', {});
      return status.ok ? (status.value.auditHead?.seq ?? 0) : 0;
    };
    const before = await seq();
    await call(session, 'keys.rotate', { key: 'my-files' });
    expect(await seq()).toBe(before + 1);
    await session.close();
  });
});
