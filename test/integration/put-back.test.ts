import {
  copyFileSync,
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
import { claimHome, initVault, openSession, type Session } from '../../src/main/api/index.ts';
import { findBackups } from '../../src/main/backup/list.ts';
import { backupName, encodeManifest, signManifest } from '../../src/main/backup/manifest.ts';
import { successionOf } from '../../src/main/backup/succession.ts';
import { randomUuid } from '../../src/main/crypto/bytes.ts';
import { newSigningKey, signBytes } from '../../src/main/crypto/sign.ts';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { MemoryKeychain } from '../../src/main/unlock/keychain.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { Input, Method, Output } from '../../src/shared/contract.ts';
import { fromErrorBody, KeywardError } from '../../src/shared/errors.ts';
import { errno } from '../support/faults.ts';
import { CHEAP } from '../support/live-vault.ts';

const FILES = ['vault.db', 'vault.keys'];

/** A folder whose disk does not answer. */
let silent: string | undefined;
vi.mock('../../src/main/disk/volume.ts', async (original) => {
  const real = await original<typeof import('../../src/main/disk/volume.ts')>();
  return {
    ...real,
    volumeAt: (path: string) => (path === silent ? new Promise(() => undefined) : real.volumeAt(path)),
  };
});

let folder: string;
let home: string;
let keychain: MemoryKeychain;
let phrase: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-put-back-'));
  home = join(folder, 'home');
  mkdirSync(join(folder, 'stick'));
  keychain = new MemoryKeychain();
});
afterEach(() => {
  silent = undefined;
  setFaultHook(undefined);
  rmSync(folder, { recursive: true, force: true });
});

async function init(withKeychain: boolean): Promise<void> {
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error('claimed');
  const passphrase = Buffer.from('a passphrase for tests');
  const made = await initVault(claim, {
    ...{ throwAway: false, passphrase, keychain: withKeychain },
    parts: { keychain, cost: CHEAP },
  });
  phrase = made.phrase;
  await claim.release();
}

/** Opens the vault, does something, locks it. */
async function opened(
  act: (session: Session) => Promise<unknown>,
  putBackRead?: string | true,
  kind: 'command' | 'window' = 'command',
  clock?: Clock,
): Promise<void> {
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error('claimed');
  try {
    const credential = {
      ...{ kind: 'recovery-phrase' as const, phrase },
      ...(putBackRead === undefined ? {} : { putBackRead }),
    };
    const when = clock === undefined ? {} : { clock };
    const session = await openSession(claim, { credential, kind, keychain, ...when });
    try {
      await act(session);
    } finally {
      await session.close();
    }
  } finally {
    await claim.release();
  }
}

async function call<M extends Method>(session: Session, method: M, input: Input<M>): Promise<Output<M>> {
  const answer = await session.call(method, input, {
    client: 'cli',
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  if (!answer.ok) throw fromErrorBody(answer.error);
  return answer.value;
}

/** Revokes the passphrase and opens the vault again: its device is another one then. */
async function revoked(): Promise<void> {
  const fresh = { kind: 'recovery-phrase' as const, phrase };
  const bytes = Buffer.from('another passphrase for tests').toString('base64');
  const secret = { kind: 'passphrase' as const, bytes };
  await opened((session) =>
    call(session, 'protectors.revoke', { kind: 'passphrase', secret, credential: fresh }),
  );
}

async function devicesIn(place: string): Promise<string[]> {
  const devices = (await findBackups(place)).map(({ manifest }) => manifest?.device.id);
  return [...new Set(devices)].filter((id) => id !== undefined);
}

const work = (session: Session) =>
  call(session, 'keys.create', { alias: `key-${Date.now()}`, description: '' });
const nothing = async () => undefined;
const bytes = () => FILES.map((name) => readFileSync(join(home, name)).toString('base64'));

function keep(): () => void {
  const kept = join(folder, 'kept');
  mkdirSync(kept);
  for (const name of FILES) copyFileSync(join(home, name), join(kept, name));
  return () => {
    for (const name of FILES) copyFileSync(join(kept, name), join(home, name));
    for (const end of ['-wal', '-shm']) rmSync(join(home, `vault.db${end}`), { force: true });
  };
}

/** The refusal of an unlock, by which nothing was written. */
async function refusal(): Promise<KeywardError> {
  const before = bytes();
  const error = await opened(nothing).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(bytes()).toEqual(before);
  if (!(error instanceof KeywardError)) throw new Error('it opened');
  return error;
}

describe('a vault whose database and second file were put back', () => {
  it('is noticed by the head that the keychain kept, and goes on once that was read', async () => {
    await init(true);
    await opened(work);
    const putBack = keep();
    await opened(work);
    putBack();
    const error = await refusal();
    expect(error.code).toBe('VaultPutBack');
    expect(error.message).toContain('at the last lock its log had');
    await expect(opened(nothing, 'another token')).rejects.toMatchObject({ code: 'VaultPutBack' });
    await opened(async (session) => {
      const { entries } = await call(session, 'audit.list', { event: 'AcceptPutBackVault', limit: 5 });
      expect(entries).toHaveLength(1);
      expect(await call(session, 'audit.verify', {})).toMatchObject({ ok: false });
    }, String(error.details['token']));
    // The lock kept a new head.
    await opened(nothing);
  });

  it('is noticed by its own newest backup, and told once', async () => {
    await init(false);
    const stick = join(folder, 'stick');
    await opened((session) => call(session, 'backup.addFolder', { folder: stick }));
    const putBack = keep();
    await opened(work);
    await opened((session) => call(session, 'backup.create', { folder: stick }));
    putBack();
    const error = await refusal();
    expect(error.code).toBe('VaultPutBack');
    expect(error.message).toContain('when it made the backup');
    await opened(nothing, String(error.details['token']));
    await opened(nothing);
  });

  it('is noticed by the backups of one folder, whatever keeps another from answering', async () => {
    await init(false);
    const [stick, away] = [join(folder, 'stick'), join(folder, 'away')];
    mkdirSync(away);
    for (const one of [away, stick])
      await opened((session) => call(session, 'backup.addFolder', { folder: one }));
    const putBack = keep();
    await opened(work);
    await opened((session) => call(session, 'backup.create', { folder: stick }));
    putBack();
    rmSync(away, { recursive: true });
    rmSync(join(folder, 'kept'), { recursive: true });
    silent = away;
    expect((await refusal()).code).toBe('VaultPutBack');
    silent = undefined;
    mkdirSync(away);
    // What has the name of a newer backup, and is none or can not be read.
    const [newest] = await findBackups(stick);
    const manifest = newest?.manifest;
    if (manifest === undefined) throw new Error('no backup');
    const nameOf = (sequence: number) => join(stick, `${backupName({ ...manifest, sequence })}.json`);
    mkdirSync(nameOf(4_000));
    writeFileSync(nameOf(3_000), '{}');
    setFaultHook(({ path }) => {
      if (path === nameOf(3_000)) throw errno('EIO');
      return undefined;
    });
    expect((await refusal()).code).toBe('VaultPutBack');
  });

  it('is noticed after ways in were revoked twice, by the newest backup of the device that came of it', async () => {
    await init(false);
    const stick = join(folder, 'stick');
    await opened((session) => call(session, 'backup.addFolder', { folder: stick }));
    const putBack = keep();
    await revoked();
    const first = await devicesIn(stick);
    await revoked();
    // None of the devices before has a backup there any more.
    expect([first.length, await devicesIn(stick)]).toEqual([
      1,
      [expect.not.stringContaining(first[0] ?? '')],
    ]);
    await opened(nothing);
    putBack();
    const error = await refusal();
    expect(error.code).toBe('VaultPutBack');
    expect(error.message).toContain('when it made the backup');
    await opened(async (session) => {
      const { findings } = await call(session, 'health.check', { full: false });
      expect(findings.map(({ kind }) => kind)).toContain('VaultPutBack');
    }, String(error.details['token']));
    await opened(nothing);
  });

  it('is not said to be by the backup of a device for which it never answered', async () => {
    await init(false);
    const stick = join(folder, 'stick');
    await opened((session) => call(session, 'backup.addFolder', { folder: stick }));
    await opened((session) => call(session, 'backup.create', { folder: stick }));
    const putBack = keep();
    await revoked();
    const [found] = await findBackups(stick);
    const { signature: _, ...manifest } = found?.manifest ?? expect.fail('no manifest');
    const [before] = manifest.device.succeeds ?? expect.fail('no predecessor');
    if (before === undefined) expect.fail('no predecessor');
    // Somebody who has neither key gives out a device of theirs for the next one.
    const stranger = newSigningKey();
    const sign = (message: Buffer) => signBytes(stranger.seed, message);
    const device = { id: randomUuid(), publicKey: stranger.publicKey.toString('base64') };
    const succeeds = successionOf(manifest.vault, before, device, { now: Date.now(), sign });
    for (const name of readdirSync(stick)) rmSync(join(stick, name));
    for (const line of [succeeds, [before]]) {
      const forged = signManifest({ ...manifest, device: { ...device, succeeds: line } }, sign);
      writeFileSync(join(stick, `${backupName(forged)}.json`), encodeManifest(forged));
      expect(await devicesIn(stick)).toEqual([device.id]);
      putBack();
      await opened(nothing);
      rmSync(join(stick, `${backupName(forged)}.json`));
    }
  });

  it('shreds no key before that was told once more: it may have been taken back since', async () => {
    await init(true);
    const at = (days: number) => ({ now: () => Date.now() + days * 86_400_000 });
    let key = '';
    await opened(async (session) => {
      key = (await call(session, 'keys.create', { alias: 'alias/kept', description: '' })).keyId;
      await call(session, 'keys.scheduleDeletion', { key, days: 7 });
    });
    await opened(nothing, undefined, 'command', at(8));
    const putBack = keep();
    await opened((session) => call(session, 'keys.cancelDeletion', { key }), undefined, 'command', at(8.5));
    putBack();
    await opened(
      async (session) =>
        expect((await call(session, 'keys.describe', { key })).state).toBe('PendingDeletion'),
      true,
      'command',
      at(10),
    );
  });

  it('goes on with no job that a lock had held up: it was done since', async () => {
    await init(true);
    const [source, target] = [join(folder, 'letter'), join(folder, 'letter.keyward')];
    writeFileSync(source, 'dear');
    const states = async (session: Session) =>
      (await call(session, 'jobs.list', {})).jobs.map(({ state }) => state);
    await opened((session) =>
      call(session, 'jobs.start', {
        kind: 'encrypt',
        input: { sources: [source], overwrite: true, each: false },
      }),
    );
    expect(existsSync(target)).toBe(false);
    const putBack = keep();
    await opened(
      (session) => vi.waitFor(async () => expect(await states(session)).toEqual(['done'])),
      undefined,
      'window',
    );
    expect(existsSync(target)).toBe(true);
    writeFileSync(target, 'something else by now');
    putBack();
    const error = await refusal();
    await opened(
      async (session) => {
        expect(await states(session)).toEqual(['failed']);
        expect(await call(session, 'audit.verify', {})).toMatchObject({ ok: false });
      },
      String(error.details['token']),
      'window',
    );
    expect(readFileSync(target, 'utf8')).toBe('something else by now');
  });

  it('is noticed by a file that was rewrapped since', async () => {
    await init(false);
    const source = join(folder, 'file');
    const encrypted = `${source}.keyward`;
    writeFileSync(source, 'content');
    await opened((session) =>
      call(session, 'files.encrypt', { sources: [source], overwrite: false, each: false }),
    );
    const putBack = keep();
    await opened(async (session) => {
      await call(session, 'keys.rotate', { key: 'my-files' });
      await call(session, 'files.rewrap', { sources: [encrypted], each: false });
    });
    putBack();
    const error = await refusal();
    expect(error.code).toBe('VaultPutBack');
    expect(error.message).toContain(`${encrypted} was rewrapped 1 times more`);
    await opened(nothing, true);
    await opened(nothing);
  });

  it('says nothing of a vault that is its newest self', async () => {
    await init(true);
    const stick = join(folder, 'stick');
    await opened(async (session) => {
      await call(session, 'backup.addFolder', { folder: stick });
      await call(session, 'backup.create', { folder: stick });
    });
    for (let time = 0; time < 3; time++) await opened(work);
    await expect(opened(nothing)).resolves.toBeUndefined();
  });
});
