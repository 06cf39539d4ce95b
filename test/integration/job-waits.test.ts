import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { Obstacles } from '../../src/main/vault/obstacles.ts';
import { KeywardError } from '../../src/shared/errors.ts';
import type { JobFacts } from '../../src/shared/job-contract.ts';
import { errno, gateBelow } from '../support/faults.ts';
import { oneVault } from '../support/one-vault.ts';

const vault = await oneVault();
afterEach(() => setFaultHook(undefined));

async function started(input: Record<string, unknown>): Promise<() => Promise<JobFacts>> {
  const { id } = await vault.call('jobs.start', {
    kind: 'encrypt',
    input: { overwrite: false, each: false, ...input },
  });
  return async () => (await vault.call('jobs.show', { job: id })).job;
}

/** Waits until a job is so. */
const until = (job: () => Promise<JobFacts>, facts: Partial<JobFacts>) =>
  vi.waitFor(async () => expect(await job()).toMatchObject(facts), { timeout: 60_000, interval: 50 });

it('a job on a full disk waits for room, goes on by itself and does every file', async () => {
  const sources = ['a', 'b', 'c'].map((name) => vault.path(name));
  for (const path of sources) writeFileSync(path, randomBytes(100_000));
  let refused = 0;
  gateBelow(vault.files, ({ op, path }) => {
    if (op !== 'write' || !path.includes('b.keyward')) return undefined;
    refused++;
    throw errno('ENOSPC');
  });
  const job = await started({ sources });
  await until(job, { state: 'waiting', reason: 'disk-full' });
  expect(refused).toBe(1);
  setFaultHook(undefined);
  await until(job, { state: 'done', outcomes: [{ outcome: 'done', count: 3 }] });
  expect(vault.list()).toEqual(['a', 'a.keyward', 'b', 'b.keyward', 'c', 'c.keyward']);
  expect((await job()).reason).toBeUndefined();
});

it('a drive that was pulled is waited for until it is back; a folder that was removed is not', async ({
  skip,
}) => {
  const [backing, drive] = [vault.path('backing'), vault.path('drive')];
  for (const folder of [backing, drive]) mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', 'keyward-test', backing]).status !== 0)
    return skip('needs the right to mount (root)');
  onTestFinished(() => {
    for (const folder of [drive, backing]) spawnSync('umount', ['-l', folder]);
  });
  mkdirSync(join(backing, 'papers'));
  const plug = () => spawnSync('mount', ['--bind', backing, drive]);
  plug();
  const file = { path: join(drive, 'papers', 'a'), below: '', size: 1 };
  const obstacles = new Obstacles({ home: vault.home });
  await obstacles.note(file);
  const failed = new KeywardError('SourceNotFound', 'It is not there.', { path: file.path, errno: 'ENOENT' });
  expect(await obstacles.of(failed, file)).toBeUndefined();
  spawnSync('umount', ['-l', drive]);
  const pulled = await obstacles.of(failed, file);
  expect(pulled?.reason).toBe('drive-gone');
  expect(await pulled?.isOver()).toBe(false);
  plug();
  expect(await pulled?.isOver()).toBe(true);
  rmSync(join(drive, 'papers'), { recursive: true });
  expect(await obstacles.of(failed, file)).toBeUndefined();
  const silent = new KeywardError('IoFailed', 'It is gone.', { path: file.path, errno: 'ENODEV' });
  expect((await obstacles.of(silent, file))?.reason).toBe('drive-gone');
});

it('what fails for another reason is a failure at once, and so is a full disk to a caller who waits', async () => {
  const job = await started({ sources: [vault.path('not there')] });
  await until(job, { state: 'failed' });
  writeFileSync(vault.path('x'), randomBytes(10_000));
  gateBelow(vault.files, ({ op, path }) => {
    if (op === 'write' && path.includes('x.keyward')) throw errno('ENOSPC');
    return undefined;
  });
  const [result] = await vault.encrypt(vault.path('x'));
  expect(result?.error?.code).toBe('DiskFull');
});
