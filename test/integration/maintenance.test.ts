import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { claimHome, initVault, openSession } from '../../src/main/api/index.ts';
import { CHEAP } from '../support/live-vault.ts';

const DAY = 86_400_000;
const CALL = { client: 'cli', signal: new AbortController().signal, progress: () => undefined } as const;

it('an unlock rotates what is overdue; the log still lists what was done to a key that was shredded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-upkeep-'));
  const claim = await claimHome(join(folder, 'home'));
  if (claim === undefined) throw new Error('the home is taken');
  try {
    const passphrase = Buffer.from('a passphrase for tests');
    const { phrase } = await initVault(claim, {
      throwAway: true,
      keychain: false,
      passphrase,
      parts: { cost: CHEAP },
    });
    const later = (days: number) => ({ now: () => Date.now() + days * DAY });
    const open = (days: number) =>
      openSession(claim, {
        credential: { kind: 'recovery-phrase', phrase },
        kind: 'command',
        clock: later(days),
      });
    const call = async (session: Awaited<ReturnType<typeof open>>) => {
      const answer = await session.call('keys.describe', { key: 'my-files' }, CALL);
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.value;
    };
    const first = await open(0);
    expect((await call(first)).versions).toBe(1);
    await first.call('keys.setRotation', { key: 'my-files', days: 90 }, CALL);
    await first.close();
    const second = await open(89);
    expect((await call(second)).versions).toBe(1);
    await second.close();
    const third = await open(400);
    expect((await call(third)).versions).toBe(2);
    const made = await third.call('keys.create', { alias: 'gone', description: '' }, CALL);
    const keyId = made.ok ? made.value.keyId : '';
    await third.call('keys.scheduleDeletion', { key: keyId, days: 7 }, CALL);
    await third.close();
    for (const days of [408, 410]) await (await open(days)).close();
    const last = await open(411);
    expect(await last.call('keys.describe', { key: keyId }, CALL)).toMatchObject({ ok: false });
    const log = await last.call('audit.list', { limit: 100 }, CALL);
    if (!log.ok) throw new Error(log.error.message);
    const ofKey = log.value.entries.filter(({ keyArns }) => keyArns[0]?.endsWith(keyId));
    expect(ofKey.map(({ eventName }) => eventName)).toContain('DeleteKey');
    expect(ofKey[0]?.keyNames).toEqual(ofKey[0]?.keyArns);
    await last.close();
  } finally {
    await claim.release();
    rmSync(folder, { recursive: true, force: true });
  }
});
