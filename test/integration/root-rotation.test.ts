import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimHome, openSession } from '../../src/main/api/index.ts';
import { AuditLog } from '../../src/main/audit/log.ts';
import { Backups } from '../../src/main/backup/backups.ts';
import { findBackups } from '../../src/main/backup/list.ts';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import type { Input } from '../../src/shared/contract.ts';
import type { Credential } from '../../src/shared/credential.ts';
import { isKeywardError, KeywardError } from '../../src/shared/errors.ts';
import { NewMachine } from '../support/backups.ts';
import { LiveVault, only } from '../support/live-vault.ts';

type Fresh = Input<'root.rotate'>['credential'];

let vault: LiveVault;
let stick: string;
let machine: NewMachine;

beforeEach(async () => {
  vault = await LiveVault.make(tmpdir(), false);
  stick = mkdtempSync(join(tmpdir(), 'keyward-stick-'));
  machine = new NewMachine();
});
afterEach(async () => {
  await vault.end();
  rmSync(stick, { recursive: true, force: true });
  machine.end();
});

const passphrase = (): Fresh => ({
  kind: 'passphrase',
  bytes: Buffer.from(vault.passphrase).toString('base64'),
});
const phrase = (): Fresh => ({ kind: 'recovery-phrase', phrase: vault.phrase });

/** What an unlock with this says: `open`, or the code of its error. */
async function unlock(home: string, credential: Credential): Promise<string> {
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error('somebody else has the home');
  try {
    const session = await openSession(claim, { credential, kind: 'command' });
    await session.close();
    return 'open';
  } catch (error) {
    if (isKeywardError(error)) return error.code;
    throw error;
  } finally {
    await claim.release();
  }
}

function encrypted(name: string, text: string): Promise<string> {
  writeFileSync(vault.path(name), text);
  return vault.encrypt(vault.path(name)).then((results) => only(results).output ?? '');
}

async function decrypted(file: string): Promise<string | undefined> {
  const result = only(await vault.decrypt(file, { overwrite: true }));
  return result.status === 'done' ? readFileSync(result.output ?? '', 'utf8') : result.error?.code;
}

describe('a new root key', () => {
  it('opens by the passphrase that was shown and by the phrase on its paper; files, log, clients and folders are as before', async () => {
    const file = await encrypted('letter.txt', 'before');
    await vault.call('clients.create', { name: 'robot', policy: null });
    await vault.call('backup.addFolder', { folder: stick });
    const told: number[] = [];
    const progress = ({ done }: { done: number }) => told.push(done);
    const { removed, backups, unreached } = await vault.call(
      'root.rotate',
      { credential: passphrase() },
      { progress },
    );
    expect([removed, unreached, backups.length]).toEqual([[], [], 1]);
    await expect(vault.call('vault.status', {})).rejects.toMatchObject({ code: 'VaultLocked' });
    await vault.leave();
    expect(await unlock(vault.home, { kind: 'passphrase', bytes: Buffer.from(vault.passphrase) })).toBe(
      'open',
    );
    const wrong = Buffer.from('another passphrase');
    expect(await unlock(vault.home, { kind: 'passphrase', bytes: wrong })).toBe('WrongPassphrase');
    await vault.reopen();
    expect(await decrypted(file)).toBe('before');
    const { jobs } = await vault.call('jobs.list', {});
    expect(jobs.map(({ kind, state }) => ({ kind, state }))).toContainEqual({
      kind: 'encrypt',
      state: 'done',
    });
    const verdict = await vault.call('audit.verify', {});
    expect(verdict).toMatchObject({ ok: true });
    const { entries } = await vault.call('audit.list', { limit: 100 });
    const paths = entries.map(({ file: about }) => about);
    expect(entries.every(({ intact }) => intact)).toBe(true);
    expect(paths).toContain(vault.path('letter.txt'));
    expect(entries.map(({ eventName }) => eventName)).toContain('RotateRootKey');
    const byFile = await vault.call('audit.list', { event: 'GenerateDataKey', limit: 10 });
    expect(byFile.entries.length).toBeGreaterThan(0);
    expect((await vault.call('clients.list', {})).clients).toHaveLength(1);
    expect((await vault.call('backup.folders', {})).folders.map(({ path }) => path)).toEqual([stick]);
    const { findings = [] } = await vault.call('vault.status', {});
    expect(findings).toEqual([]);
    await machine.restore(stick, vault.phrase);
    expect(machine.hasVault).toBe(true);
  });

  it('leaves nothing of the old one that opens it: no row, no byte of the second file', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'keyward-copy-'));
    try {
      await vault.leave();
      cpSync(vault.home, copy, { recursive: true });
      await vault.reopen();
      await vault.call('root.rotate', { credential: passphrase() });
      await vault.leave();
      const pieces = (home: string) => {
        const bytes = readFileSync(join(home, 'vault.keys')).toString('latin1');
        return new Set(bytes.match(/"wrapped":"[^"]+"|"sealed(?:Seed)?":"[^"]+"/g));
      };
      const [before, after] = [pieces(copy), pieces(vault.home)];
      expect(before.size).toBeGreaterThan(1);
      expect([...after].filter((piece) => before.has(piece))).toEqual([]);
      await vault.reopen();
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('stands once it is written, whatever fails behind it: the session ends, and the next unlock does the rest', async () => {
    const file = await encrypted('letter.txt', 'before');
    setFaultHook(({ op, path }) => {
      if (op === 'create' && path.includes('vault.keys')) {
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      }
      return undefined;
    });
    try {
      await vault.call('root.rotate', { credential: passphrase() });
      await expect(vault.call('vault.status', {})).rejects.toMatchObject({ code: 'VaultLocked' });
    } finally {
      setFaultHook(undefined);
    }
    await vault.leave();
    await vault.reopen();
    expect(await decrypted(file)).toBe('before');
    expect(await vault.call('audit.verify', {})).toMatchObject({ ok: true });
    await vault.leave();
    await vault.reopen();
    expect((await vault.call('vault.status', {})).findings ?? []).not.toContainEqual(
      expect.objectContaining({ kind: 'KeysFileRenewed' }),
    );
  });

  it('says that it stands where what is to follow fails', async () => {
    const append = AuditLog.prototype.append;
    vi.spyOn(AuditLog.prototype, 'append').mockImplementation(function (this: AuditLog, tx, event) {
      if (event.eventName === 'Lock') throw new KeywardError('DiskFull', 'The disk is full.');
      return append.call(this, tx, event);
    });
    try {
      await expect(vault.call('root.rotate', { credential: passphrase() })).rejects.toMatchObject({
        code: 'AuditUnwritable',
        message: expect.stringContaining('has a new root key'),
        details: { rotated: true },
      });
    } finally {
      vi.restoreAllMocks();
    }
    await vault.leave();
    await vault.reopen();
    const { entries } = await vault.call('audit.list', { event: 'RotateRootKey', limit: 1 });
    expect(entries).toHaveLength(1);
  });

  it('takes away a passphrase that was not shown, and says so', async () => {
    const { removed, protectors } = await vault.call('root.rotate', { credential: phrase() });
    expect(removed).toEqual([{ kind: 'passphrase', why: 'it was not entered' }]);
    expect(protectors.map(({ kind }) => kind)).toEqual(['recovery-phrase']);
    await vault.leave();
    const old = Buffer.from(vault.passphrase);
    expect(await unlock(vault.home, { kind: 'passphrase', bytes: old })).toBe('ProtectorMissing');
    await vault.reopen();
  });

  it('is refused for the wrong owner, which is logged, and the vault stays open', async () => {
    const bytes = Buffer.from('not this one').toString('base64');
    await expect(
      vault.call('root.rotate', { credential: { kind: 'passphrase', bytes } }),
    ).rejects.toMatchObject({ code: 'WrongPassphrase' });
    const { entries } = await vault.call('audit.list', { event: 'RotateRootKey', limit: 1 });
    expect(entries[0]).toMatchObject({ errorCode: 'WrongPassphrase' });
  });

  it('twice over keeps the log of both former times readable', async () => {
    await encrypted('first.txt', 'one');
    await vault.call('root.rotate', { credential: phrase() });
    await vault.reopen();
    await encrypted('second.txt', 'two');
    await vault.call('root.rotate', { credential: phrase() });
    await vault.reopen();
    expect(await vault.call('audit.verify', {})).toMatchObject({ ok: true });
    const { entries } = await vault.call('audit.list', { limit: 200 });
    const paths = entries.map(({ file }) => file);
    expect(paths).toEqual(expect.arrayContaining([vault.path('first.txt'), vault.path('second.txt')]));
  });
});

describe('a phrase that has leaked, revoked', () => {
  it('opens neither the vault nor new backups nor new files; what it opens still is what it opened before', async () => {
    const old = vault.phrase;
    const before = await encrypted('before.txt', 'old secret');
    await vault.call('backup.addFolder', { folder: stick });
    await vault.call('backup.create', { folder: stick });
    const away = mkdtempSync(join(tmpdir(), 'keyward-away-'));
    await vault.call('backup.create', { folder: away });
    const copy = join(machine.folder, 'stolen');
    mkdirSync(copy);
    cpSync(stick, copy, { recursive: true });
    const { phrase: next } = await vault.call('protectors.newPhrase', {});
    const done = await vault.call('protectors.revoke', {
      kind: 'recovery-phrase',
      secret: { kind: 'recovery-phrase', phrase: next },
      credential: passphrase(),
    });
    expect(done).toMatchObject({ rotated: 1, unrotated: [], removed: [], deleted: 1 });
    expect(done.unreached).toEqual([{ path: away, why: expect.any(String) }]);
    await vault.leave();
    expect(await unlock(vault.home, { kind: 'recovery-phrase', phrase: old })).toBe('WrongRecoveryPhrase');
    expect(await unlock(vault.home, { kind: 'recovery-phrase', phrase: next })).toBe('open');
    Object.assign(vault, { phrase: next });
    await vault.reopen();
    const after = await encrypted('after.txt', 'new secret');
    expect(await decrypted(before)).toBe('old secret');
    // New backups are not for the old phrase, and the old ones of this device are gone.
    await expect(machine.restore(stick, old)).rejects.toMatchObject({ code: 'WrongRecoveryPhrase' });
    expect((await findBackups(stick)).map(({ manifest }) => manifest?.sequence)).toHaveLength(1);
    // A copy that was taken before opens what was there before, and nothing since.
    await machine.restore(copy, old);
    const thief = await machine.open(old);
    try {
      const opens = async (file: string) => only(await thief.decrypt(file, { out: machine.folder }));
      expect(await opens(before)).toMatchObject({ status: 'done' });
      expect(await opens(after)).toMatchObject({ status: 'failed' });
    } finally {
      await thief.leave();
      rmSync(away, { recursive: true, force: true });
    }
    const { findings = [] } = await vault.call('vault.status', {});
    expect(findings.map(({ kind }) => kind)).not.toContain('RevocationUnfinished');
    // Nor does a vault that is restored from one of the new backups, which were made on the way.
    const again = new NewMachine();
    try {
      await again.restore(stick, next);
      const back = await again.open(next);
      const status = await back.call('vault.status', {});
      await back.leave();
      expect((status.findings ?? []).map(({ kind }) => kind)).not.toContain('RevocationUnfinished');
    } finally {
      again.end();
    }
  });

  it('that was stopped before its end is gone on with: no backup of before it stays', async () => {
    await vault.call('backup.addFolder', { folder: stick });
    await vault.call('backup.create', { folder: stick });
    const revoke = (signal: AbortSignal, progress: () => void) =>
      vault.call(
        'protectors.revoke',
        {
          kind: 'passphrase',
          secret: { kind: 'passphrase', bytes: Buffer.from('another passphrase').toString('base64') },
          credential: phrase(),
        },
        { signal, progress },
      );
    const unfinished = async () =>
      ((await vault.call('vault.status', {})).findings ?? []).some(
        ({ kind }) => kind === 'RevocationUnfinished',
      );
    // Stopped at the first key, by a lock: the vault is under its new root key by then.
    const stop = new AbortController();
    const locked = new KeywardError('VaultLocked', 'The vault was locked.');
    let steps = 0;
    vi.spyOn(Backups.prototype, 'folders').mockImplementationOnce(async function (this: Backups) {
      steps += 1;
      stop.abort(locked);
      return this.folders();
    });
    await expect(revoke(stop.signal, () => undefined)).rejects.toMatchObject({ details: { rotated: true } });
    expect(steps).toBe(1);
    await vault.leave();
    await vault.reopen();
    expect(await unfinished()).toBe(true);
    const { deleted } = await revoke(new AbortController().signal, () => undefined);
    expect(deleted).toBe(1);
    await vault.leave();
    await vault.reopen();
    expect(await unfinished()).toBe(false);
    const own = (await findBackups(stick)).map(({ manifest }) => manifest?.device.id);
    expect(new Set(own).size).toBe(1);
  });

  it('asks for the phrase where the passphrase has leaked, and makes the device another one', async () => {
    await expect(
      vault.call('protectors.revoke', { kind: 'passphrase', credential: passphrase() }),
    ).rejects.toMatchObject({ code: 'Usage' });
    await vault.call('backup.create', { folder: stick });
    const bytes = Buffer.from('quite another passphrase').toString('base64');
    await vault.call('protectors.revoke', {
      kind: 'passphrase',
      secret: { kind: 'passphrase', bytes },
      credential: phrase(),
    });
    await vault.leave();
    const [old, next] = [Buffer.from(vault.passphrase), Buffer.from('quite another passphrase')];
    expect(await unlock(vault.home, { kind: 'passphrase', bytes: old })).toBe('WrongPassphrase');
    expect(await unlock(vault.home, { kind: 'passphrase', bytes: next })).toBe('open');
    await vault.reopen();
    await vault.call('backup.create', { folder: stick });
    const devices = (await findBackups(stick)).map(({ manifest }) => manifest?.device.id);
    expect(new Set(devices).size).toBe(2);
    await machine.restore(stick, vault.phrase);
  });
});

describe('shares', () => {
  const split = () => vault.call('recovery.split', { shares: 5, threshold: 3, credential: phrase() });

  it('open the vault, any three of five, also under a new root key; two do not', async () => {
    const { shares } = await split();
    expect(shares).toHaveLength(5);
    const [a = '', b = '', c = '', d = '', e = ''] = shares;
    const opens = (...some: string[]) => unlock(vault.home, { kind: 'shares', shares: some });
    await vault.leave();
    expect(await opens(a, c, e)).toBe('open');
    expect(await opens(e.toLowerCase().replaceAll('-', ' '), b, d, a)).toBe('open');
    expect(await opens(a, b)).toBe('WrongShares');
    await vault.reopen();
    await vault.call('root.rotate', { credential: phrase() });
    await vault.leave();
    expect(await opens(d, b, a)).toBe('open');
    await vault.reopen();
  });

  it('restore from a backup into an empty home, which then opens by phrase and by shares too', async () => {
    const file = await encrypted('kept.txt', 'kept');
    const { shares } = await split();
    await vault.call('backup.create', { folder: stick });
    await machine.restore(stick, [shares[4] ?? '', shares[1] ?? '', shares[2] ?? '']);
    expect(await unlock(machine.home, { kind: 'shares', shares: shares.slice(0, 3) })).toBe('open');
    const there = await machine.open(vault.phrase);
    try {
      expect(only(await there.decrypt(file, { out: machine.folder }))).toMatchObject({ status: 'done' });
      // Its own backups answer to both again, now that both have opened it.
      const own = join(machine.folder, 'own');
      mkdirSync(own);
      await there.call('backup.create', { folder: own });
      const [made] = await findBackups(own);
      expect(made?.manifest?.device.certificates).toHaveLength(1);
      expect(made?.manifest?.device.certificate).toBeDefined();
    } finally {
      await there.leave();
    }
  });

  it('of a set that was replaced open nothing, and go when they are taken away', async () => {
    const first = await split();
    const second = await split();
    await vault.leave();
    const opens = (shares: string[]) => unlock(vault.home, { kind: 'shares', shares });
    expect(await opens(first.shares.slice(0, 3))).toBe('WrongShares');
    expect(await opens(second.shares.slice(0, 3))).toBe('open');
    await vault.reopen();
    await vault.call('recovery.unsplit', { credential: phrase() });
    await vault.leave();
    expect(await opens(second.shares.slice(0, 3))).toBe('ProtectorMissing');
    expect(existsSync(join(vault.home, 'vault.db'))).toBe(true);
    expect(readdirSync(stick)).toEqual([]);
    await vault.reopen();
  });
});
