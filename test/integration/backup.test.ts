import { randomBytes, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { verifyBackups } from '../../src/main/api/without-session.ts';
import { Device } from '../../src/main/backup/device.ts';
import { renewDevice } from '../../src/main/backup/enroll.ts';
import { findBackups } from '../../src/main/backup/list.ts';
import { backupName, encodeManifest, readManifest, signManifest } from '../../src/main/backup/manifest.ts';
import { keptOf, pruneBackups, removeReplaced } from '../../src/main/backup/prune.ts';
import { openBackup } from '../../src/main/backup/restore.ts';
import { ageEncrypt } from '../../src/main/crypto/age.ts';
import { sha256 } from '../../src/main/crypto/hash.ts';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import type { RecoveryIdentity } from '../../src/main/unlock/recovery-identity.ts';
import { phraseIdentity } from '../../src/main/unlock/recovery-recipients.ts';
import { NewMachine } from '../support/backups.ts';
import { LoopDisk } from '../support/disks.ts';
import { errno } from '../support/faults.ts';
import { LiveVault, only } from '../support/live-vault.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { freshStore, testKey, testRecords } from '../unit/store/support.ts';

let vault: LiveVault;
let other: LiveVault;
let identity: RecoveryIdentity;
let stick: string;
let machine: NewMachine;

beforeAll(async () => {
  vault = await LiveVault.make(tmpdir(), false);
  other = await LiveVault.make(tmpdir(), false);
  identity = await phraseIdentity(vault.phrase);
});
beforeEach(() => {
  stick = mkdtempSync(join(tmpdir(), 'keyward-stick-'));
  machine = new NewMachine();
});
afterEach(() => {
  setFaultHook(undefined);
  rmSync(stick, { recursive: true, force: true });
  machine.end();
});
afterAll(async () => {
  await vault.end();
  await other.end();
});

const full = !['quick', undefined].includes(process.env['KEYWARD_TEST_LEVEL']);
const never = new AbortController().signal;
const ALL_KNOWN = { known: () => true, isShredded: () => false };
const backup = (folder = stick) => vault.call('backup.create', { folder });
const manifestOf = (path: string) => path.replace(/\.age$/, '.json');
const states = async (folder: string) =>
  (await verifyBackups(folder, never, () => undefined)).map(({ state }) => state);

/** What restoring throws, and that nothing came of it. */
async function refusal(from: string, phrase = vault.phrase): Promise<string> {
  const error = await machine.restore(from, phrase).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(machine.hasVault).toBe(false);
  expect(readdirSync(machine.home).filter((name) => name !== 'run')).toEqual([]);
  return (error as { code?: string } | undefined)?.code ?? 'restored';
}

describe('a backup, when everything else is lost', () => {
  it('opens every file of the vault, under every version of its keys, and knows the vault again', async () => {
    const lost = await LiveVault.make(tmpdir(), false);
    onTestFinished(() => lost.end());
    const contents = new Map<string, Buffer>();
    for (const name of ['first', 'second', 'third']) {
      contents.set(name, randomBytes(1_000));
      writeFileSync(lost.path(name), contents.get(name) ?? '');
      only(await lost.encrypt(lost.path(name)));
      await lost.call('keys.rotate', { key: 'my-files' });
    }
    await lost.call('config.set', { name: 'idle-minutes', value: '7' });
    const keys = await lost.call('keys.list', {});
    const head = (await lost.call('vault.status', {})).auditHead;
    const { path } = await lost.call('backup.create', { folder: stick });

    const restored = await machine.restore(path, lost.phrase);
    expect(restored).toMatchObject({ keys: 1, files: 3, passedOver: [], backup: { path, sequence: 1 } });
    const back = await machine.open(lost.phrase);
    try {
      expect(await back.call('keys.list', {})).toEqual(keys);
      expect((await back.call('config.list', {}))['idle-minutes']).toBe(7);
      for (const [name, content] of contents) {
        copyFileSync(lost.path(`${name}.keyward`), back.path(`${name}.keyward`));
        expect(only(await back.decrypt(back.path(`${name}.keyward`))).status).toBe('done');
        expect(readFileSync(back.path(name)).equals(content)).toBe(true);
      }
      expect((await back.call('keys.files', { key: 'my-files' })).files).toBe(3);
      expect(await back.call('audit.verify', {})).toMatchObject({ ok: true });
      const { entries } = await back.call('audit.list', { event: 'RestoreVault', limit: 5 });
      expect(entries).toMatchObject([{ seq: 1, requestParameters: { head, sequence: 1 } }]);
      // What the log of before told of a key.
      const { output } = await back.call('kms.call', {
        operation: 'GetKeyLastUsage',
        input: { KeyId: 'alias/my-files' },
      });
      expect(output).toMatchObject({ KeyLastUsage: { Operation: 'Decrypt' } });
      // It is a device of its own, and makes backups of its own.
      const again = await back.call('backup.create', { folder: stick });
      expect(again.sequence).toBe(1);
      expect(basename(again.path)).not.toBe(basename(path));
      expect((await back.call('vault.status', {})).protectors?.map(({ kind }) => kind).sort()).toEqual([
        'passphrase',
        'recovery-phrase',
      ]);
    } finally {
      await back.leave();
    }
  });

  it('restores by the folder from the newest whole one, and tells what it passed over', async () => {
    const { path: older } = await backup();
    const { path: newer } = await backup();
    truncateSync(newer, 100);
    const { backup: used, passedOver, folders } = await machine.restore(stick, vault.phrase);
    expect(folders).toEqual([]);
    expect(used.path).toBe(older);
    expect(passedOver).toMatchObject([{ path: newer, why: expect.stringContaining('cut short') }]);
  });

  it('is for the new phrase once that was replaced, and an older one for the old', async () => {
    const renewed = await LiveVault.make(tmpdir(), false);
    onTestFinished(() => renewed.end());
    const { path: older } = await renewed.call('backup.create', { folder: stick });
    const { phrase } = await renewed.call('protectors.newPhrase', {});
    const credential = {
      kind: 'passphrase',
      bytes: Buffer.from(renewed.passphrase).toString('base64'),
    } as const;
    await renewed.call('protectors.set', {
      how: 'replace',
      secret: { kind: 'recovery-phrase', phrase },
      credential,
    });
    const { path } = await renewed.call('backup.create', { folder: stick });
    expect(await refusal(path, renewed.phrase)).toBe('WrongRecoveryPhrase');
    expect(await refusal(older, phrase)).toBe('WrongRecoveryPhrase');
    expect((await machine.restore(path, phrase)).keys).toBe(1);
  });

  it('is for older age where that is wanted, and restores alike', async () => {
    const { path, kind } = await vault.call('backup.create', { folder: stick, kind: 'x25519' });
    expect(kind).toBe('x25519');
    expect(readFileSync(path, 'latin1')).toContain('-> X25519 ');
    expect(readFileSync(path, 'latin1')).not.toContain('mlkem');
    expect((await machine.restore(path, vault.phrase)).keys).toBe(1);
  });
});

describe('what is refused before a byte is written', () => {
  it('a wrong phrase, and a backup of another vault', async () => {
    const { path } = await backup();
    expect(await refusal(path, other.phrase)).toBe('WrongRecoveryPhrase');
    expect(await refusal(stick, other.phrase)).toBe('WrongRecoveryPhrase');
    expect(await refusal(path, 'abandon '.repeat(24))).toBe('WrongRecoveryPhrase');
  });

  it('one that was cut, whose manifest is missing, or which is not there', async () => {
    const { path } = await backup();
    expect(await refusal(join(stick, 'none.age'))).toBe('BackupNotFound');
    truncateSync(path, 1_000);
    expect(await refusal(path)).toBe('BackupDamaged');
    expect(await refusal(stick)).toBe('BackupDamaged');
    rmSync(manifestOf(path));
    expect(await refusal(path)).toBe('BackupDamaged');
    rmSync(path);
    expect(await refusal(stick)).toBe('BackupNotFound');
  });

  it('a manifest beside the age file of another backup', async () => {
    const [first, second] = [await backup(), await backup()];
    copyFileSync(first.path, second.path);
    expect(await refusal(second.path)).toBe('BackupDamaged');
    copyFileSync(manifestOf(first.path), manifestOf(second.path));
    expect(await refusal(second.path)).toBe('BackupDamaged');
  });

  it('pitfall 73: one that somebody planted, made for the right phrase by a device that the phrase never answered for', async () => {
    const { path } = await backup();
    const real = readManifest(readFileSync(manifestOf(path)));
    if (real === undefined) throw new Error('no manifest');
    const { signature: _signature, ...unsigned } = real;
    const store = freshStore();
    const records = testRecords();
    const device = new Device(records, real.vault, testKey('device'));
    const facts = store.write((tx) => {
      records.create(tx);
      return device.create(tx, 1);
    });
    const age = await ageEncrypt(Buffer.from('{}'), real.recipients);
    // With its own certificate, with none, and with that of the true device.
    for (const certificate of [undefined, real.device.certificate]) {
      const planted = {
        ...unsigned,
        device: { ...facts, ...(certificate === undefined ? {} : { certificate }) },
        sha256: sha256(age).toString('hex'),
        bytes: age.length,
      };
      const manifest = store.read((tx) => signManifest(planted, (message) => device.sign(tx, message)));
      const folder = mkdtempSync(join(tmpdir(), 'keyward-planted-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      writeFileSync(join(folder, `${backupName(manifest)}.age`), age);
      writeFileSync(join(folder, `${backupName(manifest)}.json`), encodeManifest(manifest));
      expect(await states(folder)).toEqual(['whole']);
      expect(await refusal(folder)).toBe('BackupNotCertified');
    }
  });

  it('any byte of the manifest or of the age file flipped', async () => {
    const { path } = await backup();
    for (const file of [path, manifestOf(path)]) {
      const bytes = readFileSync(file);
      // A sample of them from a random byte on; `test:long` takes each.
      const step = { long: 1, full: 7 }[process.env['KEYWARD_TEST_LEVEL'] ?? ''] ?? 37;
      const start = Math.floor(Math.random() * step);
      console.log(`flipped: every ${step}. byte of ${bytes.length}, from byte ${start} on`);
      for (let at = start; at < bytes.length; at += step) {
        // The line's end behind a manifest is the one byte that says nothing.
        if (file.endsWith('.json') && at === bytes.length - 1) continue;
        const bad = Buffer.from(bytes);
        bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
        writeFileSync(file, bad);
        await expect(openBackup(path, identity), `${basename(file)} byte ${at}`).rejects.toMatchObject({
          code: expect.stringMatching(/^(BackupDamaged|BackupNotCertified|WrongRecoveryPhrase)$/),
        });
      }
      writeFileSync(file, bytes);
    }
    const { root } = await openBackup(path, identity);
    root.wipe();
    const bad = readFileSync(path);
    bad[bad.length >> 1] = (bad[bad.length >> 1] ?? 0) ^ 1;
    writeFileSync(path, bad);
    expect(await refusal(path)).toBe('BackupDamaged');
  }, 120_000);

  it('a home that has a vault', async () => {
    const { path } = await backup();
    await machine.restore(path, vault.phrase);
    const before = readFileSync(join(machine.home, 'vault.db'));
    await expect(machine.restore(path, vault.phrase)).rejects.toMatchObject({ code: 'VaultExists' });
    expect(readFileSync(join(machine.home, 'vault.db')).equals(before)).toBe(true);
  });

  it('a backup of a vault to throw away, and one into the home itself', async () => {
    const passing = await LiveVault.make();
    onTestFinished(() => passing.end());
    await expect(passing.call('backup.create', { folder: stick })).rejects.toMatchObject({
      code: 'NoRecoveryRecipient',
    });
    mkdirSync(join(vault.home, 'inside'));
    for (const folder of [vault.home, join(vault.home, 'inside')]) {
      await expect(backup(folder)).rejects.toMatchObject({ code: 'TargetInVault' });
    }
    await expect(backup(join(stick, 'none'))).rejects.toMatchObject({ code: 'SourceNotFound' });
    expect(readdirSync(stick)).toEqual([]);
  });
});

describe('a disk that fails at any one step', () => {
  it('of making a backup leaves the older one good, and no half one that counts', async () => {
    await backup();
    let failed = 0;
    for (let failing = 1; ; failing++) {
      let steps = 0;
      setFaultHook(({ path }) => {
        if (path.startsWith(stick) && ++steps === failing) throw errno('EIO');
        return undefined;
      });
      const made = await backup().catch((error: unknown) => error);
      setFaultHook(undefined);
      expect((await states(stick)).filter((state) => state === 'whole').length).toBeGreaterThan(0);
      const { document, root } = await openBackup(stick, identity);
      expect(document.material.length).toBe(1);
      root.wipe();
      if (steps < failing) break;
      if (made instanceof Error) failed += 1;
    }
    expect(failed).toBeGreaterThan(10);
    await backup();
    expect(readdirSync(stick).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
    expect(new Set(await states(stick))).toEqual(new Set(['whole']));
  });

  it('of restoring leaves a whole vault or none', async () => {
    const { path } = await backup();
    let failed = 0;
    for (let failing = 1; ; failing += full ? 1 : 5) {
      const empty = new NewMachine();
      let steps = 0;
      setFaultHook((step) => {
        if (step.path.startsWith(empty.folder) && ++steps === failing) throw errno('EIO');
        return undefined;
      });
      const made = await empty.restore(path, vault.phrase).catch((error: unknown) => error);
      setFaultHook(undefined);
      if (made instanceof Error) {
        failed += 1;
        expect(empty.hasVault, made.message).toBe(false);
      } else {
        const back = await empty.open(vault.phrase);
        expect((await back.call('keys.list', {})).keys.length).toBe(1);
        await back.leave();
      }
      empty.end();
      if (steps < failing) break;
    }
    expect(failed).toBeGreaterThan(full ? 15 : 3);
  });

  it('as a full stick does leaves the older one good', async (context) => {
    const disk = SmallDisk.mount(256);
    if (disk === undefined) return context.skip('mounting a small disk needs root');
    onTestFinished(() => disk.unmount());
    const { path } = await backup(disk.folder);
    disk.fill();
    await expect(backup(disk.folder)).rejects.toMatchObject({ code: 'DiskFull' });
    expect(await states(disk.folder)).toEqual(['whole']);
    disk.free();
    expect((await machine.restore(path, vault.phrase)).keys).toBe(1);
  });

  it('as a stick does that is pulled leaves the older one good when it is back', async (context) => {
    const disk = LoopDisk.make('ext4', 16);
    if (disk === undefined) return context.skip('a loop device needs root and its programs');
    onTestFinished(() => disk.end());
    await backup(disk.folder);
    let pulled = false;
    setFaultHook(({ op, path }) => {
      if (op !== 'rename' || !path.startsWith(disk.folder)) return undefined;
      pulled = true;
      throw errno('EIO');
    });
    await expect(backup(disk.folder)).rejects.toMatchObject({ code: 'IoFailed' });
    setFaultHook(undefined);
    disk.disconnect();
    expect(pulled).toBe(true);
    expect(await states(disk.folder)).toEqual([]);
    expect(disk.connect()).toBe(true);
    expect(await states(disk.folder)).toEqual(['whole']);
    expect((await machine.restore(disk.folder, vault.phrase)).backup.sequence).toBeGreaterThan(0);
  });
});

it('a backup that nothing could be restored from is not written, nor told as made', async () => {
  const far = await LiveVault.make(tmpdir(), false);
  onTestFinished(() => far.end());
  await far.reopen(undefined, { now: () => Date.UTC(10_500, 1, 1) });
  await expect(far.call('backup.create', { folder: stick })).rejects.toMatchObject({ code: 'BackupDamaged' });
  expect(readdirSync(stick)).toEqual([]);
  expect((await far.call('vault.status', {})).findings).toContainEqual(
    expect.objectContaining({ kind: 'NoBackup' }),
  );
});

describe('what is kept', () => {
  it('is the newest ten of one day, and everything while keys have vanished that nobody shredded', async () => {
    const { path: oldest } = await backup();
    const aside = [oldest, manifestOf(oldest)].map((path) => ({ path, bytes: readFileSync(path) }));
    for (let count = 0; count < 9; count++) expect((await backup()).pruned).toBe(0);
    expect((await backup()).pruned).toBe(1);
    expect(await states(stick)).toEqual(Array.from({ length: 10 }, () => 'whole'));
    for (const { path, bytes } of aside) writeFileSync(path, bytes);
    const [newest] = await findBackups(stick);
    if (newest?.manifest === undefined) throw new Error('no backup');
    const { vault: id, device } = newest.manifest;
    const own = { vault: id, device: device.id, publicKey: device.publicKey };
    expect(await pruneBackups(stick, own, { known: () => false, isShredded: () => false })).toBe(0);
    expect(await pruneBackups(stick, { ...own, device: randomUUID() }, ALL_KNOWN)).toBe(0);
    // One that is not whole is nobody's to remove.
    truncateSync(oldest, 10);
    expect(await pruneBackups(stick, own, ALL_KNOWN)).toBe(0);
    writeFileSync(oldest, aside[0]?.bytes ?? '');
    expect(await pruneBackups(stick, own, ALL_KNOWN)).toBe(1);
  });

  it('is, after a revocation too, what has a key that the vault does not know', async () => {
    const { path } = await backup();
    const { path: made } = await backup();
    const device = (await findBackups(stick))[0]?.manifest?.device;
    if (device === undefined) throw new Error('no backup');
    expect(await removeReplaced(made, [device], { known: () => false })).toEqual({
      removed: 0,
      left: [path],
    });
    expect(await removeReplaced(made, [device], ALL_KNOWN)).toEqual({ removed: 1, left: [] });
    expect(existsSync(made)).toBe(true);
  });

  it('is an age file whose manifest is lost: it may be all that is left of a key', async () => {
    const { path } = await backup();
    rmSync(manifestOf(path));
    await backup();
    expect(existsSync(path)).toBe(true);
    // What a crash left between the names of both goes.
    const { path: other } = await backup();
    renameSync(manifestOf(other), `${manifestOf(other)}.0123456789abcdef.unfinished`);
    await backup();
    expect(readdirSync(stick).filter((name) => name.startsWith(basename(other, '.age')))).toEqual([]);
  });

  it('is, of many days, one of each of seven and of twelve months', () => {
    const days = Array.from({ length: 500 }, (_, day) => ({
      created: new Date(Date.UTC(2026, 10, 30) - day * 86_400_000).toISOString(),
    }));
    const kept = [...keptOf(days)].map(({ created }) => created.slice(0, 10));
    // The ten newest have the seven days; of the current month its newest is among them.
    expect(kept.length).toBe(10 + 11);
    expect(kept.slice(10)).toEqual([
      ...['2026-10-31', '2026-09-30', '2026-08-31', '2026-07-31', '2026-06-30', '2026-05-31'],
      ...['2026-04-30', '2026-03-31', '2026-02-28', '2026-01-31', '2025-12-31'],
    ]);
    const hours = Array.from({ length: 240 }, (_, hour) => ({
      created: new Date(Date.UTC(2026, 10, 30, 23) - hour * 3_600_000).toISOString(),
    }));
    expect(new Set([...keptOf(hours)].map(({ created }) => created.slice(0, 10))).size).toBe(7);
  });
});

describe('a vault from before there were backups', () => {
  it('becomes a device at an unlock by phrase, once, and another phrase takes over', async () => {
    const store = freshStore();
    const records = testRecords();
    store.write((tx) => records.create(tx));
    const device = new Device(records, randomUUID(), testKey('device'));
    const clock = { now: () => 1 };
    expect(await renewDevice(store, device, { kind: 'recovery-phrase', phrase: vault.phrase }, clock)).toBe(
      true,
    );
    const first = store.read((tx) => device.facts(tx));
    expect(await renewDevice(store, device, { kind: 'recovery-phrase', phrase: vault.phrase }, clock)).toBe(
      false,
    );
    expect(first?.certificate?.certifier).toBe(identity.recipients.certifier);
    expect(await renewDevice(store, device, { kind: 'recovery-phrase', phrase: other.phrase }, clock)).toBe(
      true,
    );
    const second = store.read((tx) => device.facts(tx));
    expect(second?.id).toBe(first?.id);
    expect(second?.certificate?.certifier).not.toBe(identity.recipients.certifier);
  });
});

describe('what is known of backups', () => {
  it('status tells where the newest is, and that there is none', async () => {
    const fresh = await LiveVault.make(tmpdir(), false);
    onTestFinished(() => fresh.end());
    const before = await fresh.call('vault.status', {});
    expect(before.findings).toMatchObject([{ kind: 'NoBackup' }]);
    expect(before.backups).toEqual({ folders: [] });
    const { path, created } = await fresh.call('backup.create', { folder: stick });
    const after = await fresh.call('vault.status', {});
    expect(after.findings).toBeUndefined();
    expect(after.backups?.last).toMatchObject({ path: stick, sequence: 1 });
    expect(Date.parse(after.backups?.last?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(created));
    const { entries } = await fresh.call('audit.list', { event: 'CreateBackup', limit: 5 });
    expect(entries).toMatchObject([{ file: path, requestParameters: { sequence: 1 } }]);
  });

  it('no backup takes the name of another, also of a vault that was put back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-put-back-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    let copy = Buffer.alloc(0);
    const database = join(vault.home, 'vault.db');
    await vault.reopen(() => {
      copy = readFileSync(database);
    });
    const first = await backup(folder);
    await vault.reopen(() => writeFileSync(database, copy));
    const second = await backup(folder);
    expect(second.sequence).toBe(first.sequence + 1);
    expect(await states(folder)).toEqual(['whole', 'whole']);
  });

  it('a file tells which backups hold its key', async () => {
    const { listBackups } = await import('../../src/main/api/without-session.ts');
    const { path } = await backup();
    await other.call('backup.create', { folder: stick });
    const [key] = (await vault.call('keys.list', {})).keys;
    expect((await listBackups(stick, [key?.keyId ?? ''])).map((one) => one.path)).toEqual([path]);
    expect(await listBackups(stick, [randomUUID()])).toEqual([]);
  });
});
