import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clock } from '../../src/main/health/clock.ts';
import { drillDue } from '../../src/main/health/drill.ts';
import { keyDates } from '../../src/main/health/key-dates.ts';
import { findingStep } from '../../src/messages/finding-steps.ts';
import { byGravity, type Finding } from '../../src/shared/findings.ts';
import { CommandHome } from '../support/command.ts';
import { LiveVault } from '../support/live-vault.ts';

const DAY = 86_400_000;
const kindsOf = (findings: readonly Pick<Finding, 'kind'>[]) => findings.map(({ kind }) => kind);
/** Depends on where the test runs. */
const SURROUNDINGS = ['CoreDumpsAllowed', 'DiskLow', 'BackupOnSameDisk'];

describe('the health of an open vault', async () => {
  const vault = await LiveVault.make(undefined, false);
  afterAll(() => vault.end());
  const check = async (full = false) => {
    const { findings } = await vault.call('health.check', { full });
    return findings.filter(({ kind }) => !SURROUNDINGS.includes(kind));
  };

  it('tells that there is no backup, with its next step, until there is one', async () => {
    const [only, ...more] = await check();
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      kind: 'NoBackup',
      level: 'warning',
    });
    expect(findingStep('NoBackup')).toContain('backup');
    const stick = join(vault.home, '..', 'stick');
    mkdirSync(stick);
    await vault.call('backup.addFolder', { folder: stick });
    await vault.call('backup.create', { folder: stick });
    expect(kindsOf(await check())).toEqual(['NoDrill']);
    await vault.call('backup.drill', { phrase: vault.phrase });
    expect(await check(true)).toEqual([]);
  });

  it('tells of backups that are gone, unless they may be on a disk that is away', async () => {
    const stick = join(vault.home, '..', 'stick');
    const [kept, away] = [`${stick}-kept`, `${stick}-away`];
    cpSync(stick, kept, { recursive: true });
    for (const name of readdirSync(stick)) rmSync(join(stick, name));
    expect(kindsOf(await check())).toEqual(['NoSecondCopy']);
    renameSync(stick, away);
    expect(kindsOf(await check())).toEqual([]);
    renameSync(away, stick);
    for (const name of readdirSync(kept)) cpSync(join(kept, name), join(stick, name));
    expect(kindsOf(await check())).toEqual([]);
  });

  it('tells of a vault that one secret alone opens, and of a folder that others can reach', async () => {
    const credential = { kind: 'recovery-phrase', phrase: vault.phrase } as const;
    await vault.call('protectors.remove', { kind: 'passphrase', credential });
    chmodSync(join(vault.home, 'vault.db'), 0o644);
    expect(kindsOf(await check()).sort()).toEqual(['HomeOpenToOthers', 'OneWayIn']);
    chmodSync(join(vault.home, 'vault.db'), 0o600);
  });

  it('is told how far a full check is, which can be cancelled', async () => {
    const told: number[] = [];
    await vault.call('health.check', { full: true }, { progress: ({ done }) => told.push(done) });
    expect(told.at(-1)).toBe(3);
    const signal = AbortSignal.abort();
    await expect(vault.call('health.check', { full: true }, { signal })).rejects.toMatchObject({
      code: 'Cancelled',
    });
  });

  it('tells of a key that is to be deleted', async () => {
    await vault.call('keys.create', { alias: 'alias/leaving', description: '' });
    await vault.call('keys.scheduleDeletion', { key: 'leaving', days: 7 });
    const [found] = (await check()).filter(({ kind }) => kind === 'KeyDeletionNear');
    expect(found?.message).toContain('leaving');
  });
});

describe('what is told of dates', () => {
  const now = Date.UTC(2026, 0, 1);
  it.each<[string, Parameters<typeof keyDates>[0][number], string[]]>([
    [
      'far off',
      { id: 'k', name: 'a', state: 'Enabled', rotates: now + 30 * DAY, expires: now + 60 * DAY },
      [],
    ],
    [
      'a rotation that is near',
      { id: 'k', name: 'a', state: 'Enabled', rotates: now + 3 * DAY },
      ['KeyRotationNear'],
    ],
    [
      'a rotation that is overdue',
      { id: 'k', name: 'a', state: 'Enabled', rotates: now - 3 * DAY },
      ['KeyRotationOverdue'],
    ],
    ['a key that does not rotate now', { id: 'k', name: 'a', state: 'Disabled', rotates: now - 3 * DAY }, []],
    [
      'material that expires',
      { id: 'k', name: 'a', state: 'Enabled', expires: now + 3 * DAY },
      ['MaterialExpires'],
    ],
    [
      'a deletion that is far off',
      { id: 'k', name: 'a', state: 'PendingDeletion', deletion: now + 20 * DAY },
      [],
    ],
    [
      'a deletion that is near',
      { id: 'k', name: 'a', state: 'PendingDeletion', deletion: now - DAY },
      ['KeyDeletionNear'],
    ],
  ])('%s', (_what, key, kinds) => {
    expect(kindsOf(keyDates([key], now))).toEqual(kinds);
  });

  it('a clock that is behind what was seen', () => {
    expect(kindsOf(clock(now, now + DAY))).toEqual(['ClockBehind']);
    expect(clock(now, now - DAY)).toEqual([]);
    expect(clock(now, undefined)).toEqual([]);
  });

  it.each<[string, Parameters<typeof drillDue>[0], string[]]>([
    ['no drill where there is no backup yet', {}, []],
    ['no drill of a vault with backups', { last: { at: '2025-12-30' } }, ['NoDrill']],
    ['a drill 90 days ago', { drill: { at: new Date(now - 90 * DAY).toISOString() } }, []],
    ['a drill longer ago', { drill: { at: new Date(now - 90 * DAY - 1).toISOString() } }, ['DrillOld']],
  ])('%s', (_what, facts, kinds) => {
    expect(kindsOf(drillDue(facts, now))).toEqual(kinds);
  });

  it('the gravest first', () => {
    const sorted = byGravity([
      { kind: 'LogCut', message: '' },
      { kind: 'NoBackup', message: '' },
      { kind: 'LogBroken', message: '' },
    ]);
    expect(sorted.map(({ level }) => level)).toEqual(['damage', 'warning', 'note']);
  });
});

describe('keyward doctor', async () => {
  const home = await CommandHome.make();
  afterAll(() => home.end());
  const doctor = async (...words: string[]) => {
    const { code, out } = await home.run(['doctor', ...words, '--json']);
    return { code, report: JSON.parse(out) as { unlocked: boolean; findings: Finding[]; error?: unknown } };
  };

  it('asks for nothing, and tells of a locked vault what can be known', async () => {
    const { report } = await doctor();
    expect(report).toMatchObject({ full: false });
    expect(report.error).toBeUndefined();
  });

  it('exits with 0 for a vault that needs nothing, with 1 for a finding, with 5 for damage', async () => {
    const path = join(home.home, 'vault.db');
    const whole = await doctor('--full', ...home.unlocking);
    expect(whole.report.findings.filter(({ kind }) => !SURROUNDINGS.includes(kind))).toEqual([]);
    if (!kindsOf(whole.report.findings).includes('DiskLow')) expect(whole.code).toBe(0);
    chmodSync(path, 0o644);
    const found = await doctor(...home.unlocking);
    expect(found.code).toBe(1);
    expect(kindsOf(found.report.findings)).toContain('HomeOpenToOthers');
    chmodSync(path, 0o600);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, 6_000));
    rmSync(`${path}-wal`, { force: true });
    const damaged = await doctor(...home.unlocking);
    expect(damaged.code).toBe(5);
    expect(kindsOf(damaged.report.findings)).toContain('Rescue');
    expect(damaged.report.findings[0]).toMatchObject({
      level: 'damage',
      next: expect.stringContaining('keyward repair'),
    });
  });
});
