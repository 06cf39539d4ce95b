import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimHome, initVault, openSession, type Session } from '../../../src/main/api/index.ts';
import * as Passphrases from '../../../src/main/crypto/passphrase.ts';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import type { Input, Method } from '../../../src/shared/contract.ts';
import type { Role } from '../../../src/shared/roles.ts';
import { CHEAP } from '../../support/live-vault.ts';

const passphrase = Buffer.from('a passphrase');
const home = () => join(folder, 'home');
let folder: string;
let session: Session;
let end: () => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-access-'));
  const claim = await claimHome(home());
  if (claim === undefined) throw new Error('the home is taken');
  const keychain = new MemoryKeychain();
  await initVault(claim, {
    ...{ passphrase, keychain: false, throwAway: true },
    parts: { cost: CHEAP },
  });
  session = await openSession(claim, {
    ...{ credential: { kind: 'passphrase', bytes: passphrase }, kind: 'window', keychain },
  });
  end = async () => {
    await session.close();
    await claim.release();
  };
});

afterEach(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
});

const call = <M extends Method>(method: M, input: Input<M>, as?: Role) =>
  session.call(method, input, {
    client: 'window',
    signal: new AbortController().signal,
    progress: () => undefined,
    ...(as === undefined ? {} : { as }),
  });

async function codeOf<M extends Method>(method: M, input: Input<M>, as?: Role): Promise<string> {
  const answer = await call(method, input, as);
  return answer.ok ? 'ok' : answer.error.code;
}

const stepUp = (text: string) => ({
  credential: { kind: 'passphrase' as const, bytes: Buffer.from(text).toString('base64') },
});

describe('a call as a role', () => {
  it.each<[Role, Method, object, string]>([
    ['operator', 'kms.call', { operation: 'GenerateRandom', input: { NumberOfBytes: 1 } }, 'ok'],
    ['operator', 'keys.list', {}, 'ok'],
    ['operator', 'audit.list', { limit: 1 }, 'ok'],
    ['operator', 'config.set', { name: 'idle-minutes', value: '5' }, 'AccessDeniedException'],
    ['operator', 'keys.disable', { key: 'my-files' }, 'AccessDeniedException'],
    ['operator', 'clients.create', { name: 'x', policy: null }, 'AccessDeniedException'],
    ['operator', 'clients.list', {}, 'AccessDeniedException'],
    ['auditor', 'audit.verify', {}, 'ok'],
    ['auditor', 'clients.list', {}, 'ok'],
    ['auditor', 'clients.create', { name: 'x', policy: null }, 'AccessDeniedException'],
    ['auditor', 'config.list', {}, 'ok'],
    [
      'auditor',
      'kms.call',
      { operation: 'GenerateRandom', input: { NumberOfBytes: 1 } },
      'AccessDeniedException',
    ],
  ])('%s: %s %j: %s', async (role, method, input, wanted) => {
    expect(await codeOf(method, input as Input<typeof method>, role)).toBe(wanted);
    expect(await codeOf(method, input as Input<typeof method>)).toBe('ok');
  });

  it('does not serve the endpoint', async () => {
    const serving = { port: 0, unsigned: false };
    expect(await codeOf('endpoint.serve', serving, 'operator')).toBe('AccessDeniedException');
    // Whoever may gets as far as the stream that this call does not bring.
    expect(await codeOf('endpoint.serve', serving)).toBe('Usage');
  });

  it('that is refused leaves its mark in the log', async () => {
    await call('config.set', { name: 'idle-minutes', value: '5' }, 'auditor');
    const answer = await call('audit.list', { limit: 1 });
    expect(answer).toMatchObject({
      ok: true,
      value: {
        entries: [
          {
            eventName: 'SetConfig',
            principal: 'arn:aws:iam::000000000000:user/auditor',
            errorCode: 'AccessDeniedException',
          },
        ],
      },
    });
  });
});

describe('stepping down', () => {
  it('holds until the owner shows who it is', async () => {
    expect(await codeOf('vault.stepDown', { role: 'operator' })).toBe('ok');
    expect(await call('vault.status', {})).toMatchObject({ value: { owner: { role: 'operator' } } });
    expect(await codeOf('keys.disable', { key: 'my-files' })).toBe('AccessDeniedException');
    expect(await codeOf('vault.stepUp', stepUp('a guess'))).toBe('WrongPassphrase');
    expect(await codeOf('keys.disable', { key: 'my-files' })).toBe('AccessDeniedException');
    expect(await codeOf('vault.stepUp', stepUp('a passphrase'))).toBe('ok');
    expect(await codeOf('keys.disable', { key: 'my-files' })).toBe('ok');
    const answer = await call('audit.list', { limit: 50 });
    const events = answer.ok ? answer.value.entries.map((entry) => [entry.eventName, entry.errorCode]) : [];
    expect(events).toEqual(
      expect.arrayContaining([
        ['StepDown', undefined],
        ['StepUp', 'WrongPassphrase'],
        ['StepUp', undefined],
      ]),
    );
  });

  it('goes further down, but not up by another step or by a call as another role', async () => {
    await call('vault.stepDown', { role: 'auditor' });
    await call('vault.stepDown', { role: 'operator' });
    expect(await call('vault.status', {})).toMatchObject({ value: { owner: { role: 'auditor' } } });
    const input = { operation: 'GenerateRandom' as const, input: { NumberOfBytes: 1 } };
    expect(await codeOf('kms.call', input, 'operator')).toBe('AccessDeniedException');
  });
});

describe('guesses at stepping up', () => {
  it('are taken one after the other, and those that wait fall away at lock', async () => {
    await call('vault.stepDown', { role: 'operator' });
    let [running, most, begun] = [0, 0, 0];
    const original = Passphrases.passphraseKey;
    vi.spyOn(Passphrases, 'passphraseKey').mockImplementation(async (...given) => {
      begun += 1;
      most = Math.max(most, ++running);
      try {
        return await original(...given);
      } finally {
        running -= 1;
      }
    });
    const guesses = Array.from({ length: 6 }, () => codeOf('vault.stepUp', stepUp('a guess')));
    expect(await Promise.all(guesses)).toEqual(Array.from({ length: 6 }, () => 'WrongPassphrase'));
    expect([begun, most]).toEqual([6, 1]);
    const waiting = Array.from({ length: 50 }, () => codeOf('vault.stepUp', stepUp('a guess')));
    await expect.poll(() => running).toBe(1);
    const before = begun;
    await session.close();
    expect(begun - before).toBeLessThan(4);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['WrongPassphrase', 'Cancelled']));
  });

  it('do not undo a step down that came while they were looked at', async () => {
    await call('vault.stepDown', { role: 'operator' });
    const up = codeOf('vault.stepUp', stepUp('a passphrase'));
    await call('vault.stepDown', { role: 'auditor' });
    expect(await up).toBe('Cancelled');
    expect(await call('vault.status', {})).toMatchObject({ value: { owner: { role: 'auditor' } } });
  });
});

describe('the status', () => {
  it('does not promise a lock for being idle where there is none', async () => {
    const idle = async () => {
      const status = await call('vault.status', {});
      return status.ok ? status.value.owner?.idleMinutes : status.error.code;
    };
    expect(await idle()).toBe(15);
    const input = new PassThrough();
    const serving = session.call(
      'endpoint.serve',
      { port: 0, unsigned: false },
      {
        client: 'cli',
        signal: new AbortController().signal,
        progress: () => undefined,
        streams: { input, output: new PassThrough() },
      },
    );
    await expect.poll(idle).toBeNull();
    input.end();
    await serving;
    expect(await idle()).toBe(15);
  });
});
