import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { BackupPlan } from '../../src/main/api/backup-plan.ts';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { Scheduler } from '../../src/main/jobs/scheduler.ts';
import { errno } from '../support/faults.ts';
import { LiveVault } from '../support/live-vault.ts';

const DAY = 86_400_000;

let vault: LiveVault;
let stick: string;
beforeEach(async () => {
  vault = await LiveVault.make(tmpdir(), false);
  stick = mkdtempSync(join(tmpdir(), 'keyward-stick-'));
});
afterEach(async () => {
  setFaultHook(undefined);
  await vault.end();
  rmSync(stick, { recursive: true, force: true });
});

const made = () => readdirSync(stick).filter((name) => name.endsWith('.json')).length;
const folders = async () => (await vault.call('backup.folders', {})).folders;

describe('backups that make themselves', () => {
  it('come at the lock after a change of keys, of who may use them and of the ways in, and not without one', async () => {
    await vault.call('backup.addFolder', { folder: stick });
    await vault.reopen();
    expect(made()).toBe(1);
    await vault.reopen();
    expect(made()).toBe(1);
    const [{ keyId } = { keyId: '' }] = (await vault.call('keys.list', {})).keys;
    const changes = [
      () => vault.call('keys.create', { alias: 'other', description: '' }),
      () => vault.call('keys.rotate', { key: 'my-files' }),
      () => vault.call('keys.disable', { key: 'other' }),
      () => vault.call('keys.scheduleDeletion', { key: 'other', days: 7 }),
      () => vault.call('clients.create', { name: 'script', policy: null }),
      () => vault.call('clients.revoke', { name: 'script' }),
      () => vault.call('kms.call', { operation: 'CreateGrant', input: grant(keyId) }),
      () => vault.call('config.set', { name: 'idle-minutes', value: '9' }),
    ];
    for (const [index, change] of changes.entries()) {
      await change();
      await vault.reopen();
      expect(made(), `change ${index}`).toBe(2 + index);
    }
    expect(await folders()).toMatchObject([
      { path: stick, state: 'there', last: { sequence: 1 + changes.length } },
    ]);
    expect((await vault.call('vault.status', {})).findings).toBeUndefined();
  });

  it('come once a day when something else changed', async () => {
    await vault.call('backup.addFolder', { folder: stick });
    await vault.reopen();
    expect(made()).toBe(1);
    const at = (time: number) => ({ now: () => time });
    await vault.reopen(undefined, at(Date.now() + DAY - 60_000));
    await vault.reopen(undefined, at(Date.now() + DAY + 60_000));
    expect(made()).toBe(1);
    await vault.reopen();
    expect(made()).toBe(2);
  });

  it('wait for a folder that is away, and are told until then', async () => {
    await vault.call('backup.addFolder', { folder: stick });
    await vault.reopen();
    renameSync(stick, `${stick}-away`);
    await vault.call('keys.rotate', { key: 'my-files' });
    await vault.reopen();
    expect(await folders()).toMatchObject([{ state: 'away', last: { sequence: 1 } }]);
    renameSync(`${stick}-away`, stick);
    expect(made()).toBe(1);
    await vault.reopen();
    expect(made()).toBe(2);
    expect(await folders()).toMatchObject([{ state: 'there', last: { sequence: 2 } }]);
  });

  it('that fail are no reason to stay open, and are tried again', async () => {
    await vault.call('backup.addFolder', { folder: stick });
    setFaultHook(({ op, path }) => {
      if (op === 'create' && path.startsWith(stick)) throw errno('EIO');
      return undefined;
    });
    await vault.reopen();
    setFaultHook(undefined);
    expect(made()).toBe(0);
    await vault.reopen();
    expect(made()).toBe(1);
  });

  it('are of a folder that was named, until that is taken back', async () => {
    await vault.call('backup.addFolder', { folder: stick });
    await vault.call('backup.removeFolder', { folder: stick });
    await expect(vault.call('backup.removeFolder', { folder: stick })).rejects.toMatchObject({
      code: 'BackupNotFound',
    });
    await vault.reopen();
    expect(made()).toBe(0);
  });
});

describe('the plan of backups', () => {
  /** A plan over a clock of the test's, whose backups are counted. */
  function planned(createDue: () => Promise<number>) {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const facts = { head: 1 };
    const backups = { createDue: vi.fn(createDue) };
    const clock = { now: () => Date.now() };
    const plan = new BackupPlan({ backups, clock, principal: 'arn', head: () => facts.head });
    const scheduler = new Scheduler(clock);
    scheduler.add({ name: 'backups', lease: 3_600_000, run: (signal) => plan.look(signal) });
    onTestFinished(() => scheduler.end());
    scheduler.begin();
    return { plan, backups, facts };
  }

  it('makes one soon after a change, and then none for a minute', async () => {
    const { backups, facts } = planned(async () => 1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(backups.createDue).toHaveBeenCalledTimes(1);
    for (let second = 0; second < 50; second += 5) {
      facts.head += 1;
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(backups.createDue).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(backups.createDue).toHaveBeenCalledTimes(2);
  });

  it('looks once a minute while nothing changes, for a disk that may be back', async () => {
    const { backups } = planned(async () => 0);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(backups.createDue.mock.calls.length).toBe(5);
  });

  it('holds a lock up for no longer than it may', async () => {
    const { plan } = planned(() => new Promise(() => undefined));
    let done = false;
    void plan.last(400).then(() => {
      done = true;
    });
    await vi.advanceTimersByTimeAsync(399);
    expect(done).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(done).toBe(true);
  });
});

function grant(keyId: string) {
  return { KeyId: keyId, GranteePrincipal: 'arn:aws:iam::000000000000:user/cli', Operations: ['Decrypt'] };
}
