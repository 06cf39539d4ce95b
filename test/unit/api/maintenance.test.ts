import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Claim, claimHome, initVault, openSession, type Session } from '../../../src/main/api/index.ts';
import { SpaceReserve } from '../../../src/main/disk/reserve.ts';
import { Store, type Tx } from '../../../src/main/store/database.ts';
import type { Input, Method, Output } from '../../../src/shared/contract.ts';
import { fromErrorBody, KeywardError } from '../../../src/shared/errors.ts';
import { CHEAP } from '../../support/live-vault.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TICK = 5_000;
const PASSPHRASE = 'a passphrase for tests';

let folder: string;
let claim: Claim;
let session: Session;
/** How far the clock stands ahead of the real one, in milliseconds. */
let ahead: number;

function open(): Promise<Session> {
  return openSession(claim, {
    credential: { kind: 'passphrase', bytes: Buffer.from(PASSPHRASE) },
    kind: 'background',
    clock: { now: () => Date.now() + ahead },
  });
}

async function reopen(): Promise<void> {
  await session.close();
  session = await open();
}

/** Lets time go by in an open vault, hour by hour. */
function pass(milliseconds: number): void {
  for (let left = milliseconds; left > 0; left -= HOUR) {
    const step = Math.min(HOUR, left);
    ahead += step;
    vi.advanceTimersByTime(TICK);
  }
}

async function call<M extends Method>(method: M, input: Input<M>): Promise<Output<M>> {
  const signal = new AbortController().signal;
  const answer = await session.call(method, input, { client: 'cli', signal, progress: () => undefined });
  if (!answer.ok) throw fromErrorBody(answer.error);
  return answer.value;
}

async function eventsOf(event: string) {
  return (await call('audit.list', { limit: 50, event })).entries;
}

async function made(alias: string): Promise<string> {
  return (await call('keys.create', { alias, description: '' })).keyId;
}

async function keyIds(): Promise<string[]> {
  return (await call('keys.list', {})).keys.map(({ keyId }) => keyId);
}

/** Fills the disk: nothing is committed until the function that it gives is called. */
function breakDisk(): () => void {
  const { group, write } = Store.prototype;
  const failing =
    (act: (tx: Tx) => unknown) =>
    (tx: Tx): never => {
      act(tx);
      throw new KeywardError('DiskFull', 'The disk is full.');
    };
  const spies = [
    vi.spyOn(Store.prototype, 'group').mockImplementation(function (this: Store, act) {
      return group.call(this, failing(act)) as Promise<never>;
    }),
    vi.spyOn(Store.prototype, 'write').mockImplementation(function (this: Store, act) {
      return write.call(this, failing(act)) as never;
    }),
  ];
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  ahead = 0;
  folder = mkdtempSync(join(tmpdir(), 'keyward-keeping-'));
  const claimed = await claimHome(join(folder, 'home'));
  if (claimed === undefined) throw new Error('the home is taken');
  claim = claimed;
  const passphrase = Buffer.from(PASSPHRASE);
  await initVault(claim, { throwAway: true, keychain: false, passphrase, parts: { cost: CHEAP } });
  session = await open();
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await session.close();
  await claim.release();
  rmSync(folder, { recursive: true, force: true });
});

describe('a vault that stays open for months', () => {
  it('rotates on the day, each time', async () => {
    await call('keys.setRotation', { key: 'my-files', days: 90 });
    pass(90 * DAY - HOUR);
    expect((await call('keys.describe', { key: 'my-files' })).versions).toBe(1);
    pass(2 * HOUR);
    expect((await call('keys.describe', { key: 'my-files' })).versions).toBe(2);
    pass(91 * DAY);
    expect((await call('keys.describe', { key: 'my-files' })).versions).toBe(3);
    expect(await eventsOf('RotateKey')).toHaveLength(2);
  });

  it('shreds nothing before somebody has unlocked it twice, a day apart', async () => {
    const key = await made('going');
    await call('keys.scheduleDeletion', { key, days: 7 });
    pass(60 * DAY);
    expect(await eventsOf('DeleteKeyDue')).toEqual([]);
    await reopen();
    expect(await eventsOf('DeleteKeyDue')).toHaveLength(1);
    pass(2 * DAY);
    expect(await keyIds()).toContain(key);
    await reopen();
    expect(await keyIds()).not.toContain(key);
    expect(await call('audit.verify', {})).toMatchObject({ ok: true });
  });

  it('rotates on the day also after its clock was set back', async () => {
    await call('keys.setRotation', { key: 'my-files', days: 90 });
    ahead -= 365 * DAY;
    pass(HOUR);
    await call('keys.setRotation', { key: 'my-files', days: 90 });
    pass(90 * DAY + HOUR);
    expect((await call('keys.describe', { key: 'my-files' })).versions).toBe(2);
  });

  it('does none of it once it is locked', async () => {
    await call('keys.setRotation', { key: 'my-files', days: 90 });
    await session.close();
    const written = vi.spyOn(Store.prototype, 'write');
    const read = vi.spyOn(Store.prototype, 'read');
    pass(91 * DAY);
    expect(written).not.toHaveBeenCalled();
    expect(read).not.toHaveBeenCalled();
  });

  it('waits with what is due while the log can’t be written', async () => {
    await call('keys.setRotation', { key: 'my-files', days: 90 });
    pass(90 * DAY - HOUR);
    const mend = breakDisk();
    pass(DAY);
    mend();
    expect((await call('keys.describe', { key: 'my-files' })).versions).toBe(1);
    vi.advanceTimersByTime(TICK);
    expect((await call('keys.describe', { key: 'my-files' })).versions).toBe(2);
  });
});

describe('a log that can’t be written (pitfall 46)', () => {
  it('is told of in the status until it can, and written without being asked', async () => {
    expect((await call('vault.status', {})).auditTrouble).toBeUndefined();
    const mend = breakDisk();
    await expect(call('keys.rotate', { key: 'my-files' })).rejects.toMatchObject({ code: 'AuditUnwritable' });
    await call('keys.describe', { key: 'my-files' });
    const since = new Date().toISOString().slice(0, 10);
    expect((await call('vault.status', {})).auditTrouble).toEqual({
      because: 'DiskFull',
      since: expect.stringContaining(since),
      held: 1,
    });
    vi.advanceTimersByTime(12 * TICK);
    expect((await call('vault.status', {})).auditTrouble?.held).toBe(1);
    mend();
    const refill = vi.spyOn(SpaceReserve.prototype, 'fill');
    vi.advanceTimersByTime(TICK);
    expect((await call('vault.status', {})).auditTrouble).toBeUndefined();
    expect(refill).toHaveBeenCalled();
    const { entries } = await call('audit.list', { limit: 3 });
    expect(entries.map(({ eventName }) => eventName)).toEqual(['AuditResumed', 'DescribeKey', 'AuditGap']);
    expect(entries[0]?.requestParameters).toMatchObject({ because: 'DiskFull' });
    expect(await call('audit.verify', {})).toMatchObject({ ok: true });
  });

  it('keeps nobody from stepping down; the entry follows', async () => {
    const mend = breakDisk();
    expect(await call('vault.stepDown', { role: 'auditor' })).toEqual({ role: 'auditor', logged: false });
    expect((await call('vault.status', {})).owner?.role).toBe('auditor');
    await expect(call('config.set', { name: 'idle-minutes', value: '5' })).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    const credential = {
      kind: 'passphrase',
      bytes: Buffer.from(PASSPHRASE).toString('base64'),
    } as const;
    await expect(call('vault.stepUp', { credential })).rejects.toMatchObject({ code: 'AuditUnwritable' });
    expect((await call('vault.status', {})).owner?.role).toBe('auditor');
    mend();
    await call('vault.stepUp', { credential });
    const [entry] = await eventsOf('StepDown');
    expect(entry).toMatchObject({ requestParameters: { role: 'auditor' } });
  });
});
