import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimHome, initVault, openSession, type Session } from '../../../src/main/api/index.ts';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import type { Input, Method } from '../../../src/shared/contract.ts';
import type { Role } from '../../../src/shared/roles.ts';

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
    parts: { cost: { memoryKiB: 8_192, passes: 1, lanes: 1 } },
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
