import { describe, expect, it, vi } from 'vitest';
import type { OpenVault } from '../../../src/main/api/call-context.ts';
import type { RestoredVault } from '../../../src/main/api/restore.ts';
import { VaultHolder } from '../../../src/main/ipc/holder.ts';
import type { HomeClaim, VaultPorts } from '../../../src/main/ipc/session.ts';
import type { Credential } from '../../../src/shared/credential.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import type { RepairPlan } from '../../../src/shared/repair-contract.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const how = { signal: new AbortController().signal, progress: () => undefined };
const locked = { home: '/h', state: 'locked', software: '1', runtime: 'Node' } as const;

function world(
  options: {
    passphrase?: string;
    others?: boolean;
    throwAway?: Buffer;
    idleMinutes?: number;
    served?: boolean;
    whole?: boolean;
  } = {},
) {
  const events: string[] = [];
  const seen: string[] = [];
  let now = 0;
  let listens = options.served ?? false;
  let unlock: () => void = () => undefined;
  const session = (): OpenVault & { close(): Promise<void> } => {
    const { promise, resolve } = Promise.withResolvers<void>();
    unlock = resolve;
    return {
      idleMinutes: options.idleMinutes ?? 15,
      call: async (method, _input, { streams }) => {
        events.push(`call ${method}`);
        if (method === 'vault.status') {
          const endpoint = listens ? { endpoint: { url: 'http://127.0.0.1:1', since: 'now' } } : {};
          return { ok: true, value: { ...locked, state: 'unlocked', ...endpoint } } as never;
        }
        if (method === 'endpoint.serve' && streams !== undefined) {
          listens = true;
          streams.output.write('{}\n');
          for await (const _ of streams.input);
          listens = false;
          return { ok: true, value: { stopped: true } } as never;
        }
        return {
          ok: false,
          error: { code: 'DisabledException', message: 'It is disabled.', details: {} },
        } as never;
      },
      watchJobs: () => () => undefined,
      locked: promise,
      close: async () => {
        events.push('close session');
        resolve();
      },
    };
  };
  const ports: VaultPorts<HomeClaim> = {
    claim: async () => {
      if (options.others) return undefined;
      events.push('claim');
      return {
        release: async () => {
          events.push('release');
        },
      };
    },
    init: async (_claim, { passphrase }) => {
      seen.push(passphrase.toString());
      return { phrase: 'one two', protectors: ['passphrase'] };
    },
    hold: async (claim, credential: Credential) => {
      const typed = credential.kind === 'passphrase' ? credential.bytes.toString() : credential.kind;
      seen.push(typed);
      if (typed !== (options.passphrase ?? 'open')) throw new KeywardError('WrongPassphrase', 'Not it.');
      const opened = session();
      return {
        session: opened,
        busy: 0,
        settled: Promise.resolve(),
        close: async () => {
          await opened.close();
          await opened.locked;
          await claim.release();
        },
      };
    },
    throwAwayPassphrase: async () => options.throwAway,
    passphrases: { strength: async () => expect.unreachable(), generate: () => expect.unreachable() },
    lockedStatus: async () => locked,
    inspect: async () => {
      throw new Error('not asked here');
    },
    restore: async (_claim, { from, phrase, passphrase }) => {
      seen.push(from, String(phrase), passphrase.toString());
      if (phrase !== 'right words') throw new KeywardError('WrongRecoveryPhrase', 'Not those.');
      return { passedOver: [] } as unknown as RestoredVault;
    },
    openRepair: async (_claim, { credential }) => {
      seen.push(`repair by ${credential.kind}`);
      if (options.whole) return undefined;
      return {
        plan: { steps: [] } as unknown as RepairPlan,
        apply: async () => {
          events.push('repair');
          return { aside: ['/h/vault.db.damaged'] };
        },
        end: () => events.push('end repair'),
      };
    },
    backups: { isVault: () => false, verify: async () => [] },
    pages: { kit: () => expect.unreachable(), shares: () => expect.unreachable() },
    holder: async () => (options.others ? { pid: 7, kind: 'background' } : undefined),
    lockHolder: async () => {
      events.push('lock holder');
      options.others = false;
    },
  };
  const holder = new VaultHolder(ports, { now: () => now });
  holder.onLocked = () => events.push('locked');
  const pass = (minutes: number) => {
    now += minutes * 60_000;
  };
  return { holder, events, seen, pass, lockedByOther: () => unlock() };
}

describe('the holder of the vault', () => {
  it('claims to unlock, and wipes the passphrase', async () => {
    const { holder, events } = world();
    const secret = bytesOf('open');
    const status = await holder.unlock({ kind: 'passphrase', secret });
    expect(status.state).toBe('unlocked');
    expect(holder.unlocked).toBe(true);
    expect([...secret]).toEqual([0, 0, 0, 0]);
    expect(events[0]).toBe('claim');
  });

  it('lets go of the home after a wrong passphrase, and wipes that too', async () => {
    const { holder, events } = world();
    const secret = bytesOf('nope');
    await expect(holder.unlock({ kind: 'passphrase', secret })).rejects.toMatchObject({
      code: 'WrongPassphrase',
    });
    expect([...secret]).toEqual([0, 0, 0, 0]);
    expect(events).toEqual(['claim', 'release']);
    expect((await holder.unlock({ kind: 'passphrase', secret: bytesOf('open') })).state).toBe('unlocked');
  });

  it('restores and unlocks by the new passphrase, and wipes phrase and passphrase', async () => {
    const { holder, seen } = world({ passphrase: 'new one' });
    const [phrase, passphrase] = [bytesOf('right words'), bytesOf('new one')];
    await holder.restore({ from: '/stick', phrase, passphrase, keychain: false }, how);
    expect(seen).toEqual(['/stick', 'right words', 'new one', 'new one']);
    expect(holder.unlocked).toBe(true);
    expect([...phrase, ...passphrase].every((byte) => byte === 0)).toBe(true);
  });

  it('lets go of the home after a wrong phrase, and wipes what was typed', async () => {
    const { holder, events } = world();
    const [phrase, passphrase] = [bytesOf('wrong words'), bytesOf('new one')];
    await expect(
      holder.restore({ from: '/stick', phrase, passphrase, keychain: false }, how),
    ).rejects.toMatchObject({ code: 'WrongRecoveryPhrase' });
    expect(events).toEqual(['claim', 'release']);
    expect([...phrase, ...passphrase].every((byte) => byte === 0)).toBe(true);
  });

  it('lets go of the vault first, then of the page', async () => {
    const { holder, events } = world();
    await holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    events.length = 0;
    await holder.lock();
    expect(events).toEqual(['close session', 'release', 'locked']);
    expect(holder.unlocked).toBe(false);
    await expect(holder.call('keys.list', {})).rejects.toMatchObject({ code: 'VaultLocked' });
  });

  it('lets go once when a command locks the vault', async () => {
    const { holder, events, lockedByOther } = world();
    await holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    lockedByOther();
    await vi.waitFor(() => expect(events).toContain('locked'));
    await holder.lock();
    expect(events.filter((event) => event === 'locked')).toHaveLength(1);
    expect(events.filter((event) => event === 'release')).toHaveLength(1);
  });

  it('says who holds the vault elsewhere, and takes it over when asked', async () => {
    const { holder, events } = world({ others: true });
    expect(await holder.status()).toMatchObject({
      state: 'elsewhere',
      holder: { pid: 7, kind: 'background' },
    });
    await expect(holder.unlock({ kind: 'keychain' })).rejects.toMatchObject({ code: 'OwnerBusy' });
    expect(await holder.takeOver()).toMatchObject({ state: 'locked' });
    expect(events).toContain('lock holder');
  });

  it('locks what was just being unlocked', async () => {
    const { holder, events } = world();
    const unlocking = holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    await holder.lock();
    await unlocking;
    expect(holder.unlocked).toBe(false);
    expect(events).toContain('release');
  });

  it('refuses two unlockings at once', async () => {
    const { holder } = world();
    const first = holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    await expect(holder.unlock({ kind: 'passphrase', secret: bytesOf('open') })).rejects.toMatchObject({
      code: 'OwnerBusy',
    });
    await first;
  });

  it('opens a throw-away vault with the passphrase of its folder only', async () => {
    const kept = Buffer.from('open');
    const { holder } = world({ throwAway: kept });
    expect((await holder.unlock({ kind: 'throw-away' })).state).toBe('unlocked');
    expect(kept.every((byte) => byte === 0)).toBe(true);
    await expect(world().holder.unlock({ kind: 'throw-away' })).rejects.toMatchObject({
      code: 'ProtectorMissing',
    });
  });

  it('makes a vault, unlocks it, and does not lock by itself while the phrase is shown', async () => {
    const { holder, seen, pass } = world({ passphrase: 'tin lamp' });
    const passphrase = bytesOf('tin lamp');
    expect(await holder.init(passphrase, false)).toEqual({ phrase: bytesOf('one two'), keychain: false });
    expect(seen).toEqual(['tin lamp', 'tin lamp']);
    expect(passphrase.every((byte) => byte === 0)).toBe(true);
    pass(60);
    expect(holder.mayLockItself).toBe(false);
    expect(holder.idle).toBe(false);
    // The page may look at the state while the phrase is shown; what it asks for next comes after it.
    await holder.status();
    expect(holder.mayLockItself).toBe(false);
    await expect(holder.call('keys.list', {})).rejects.toMatchObject({ code: 'DisabledException' });
    expect(holder.mayLockItself).toBe(true);
    pass(60);
    expect(holder.idle).toBe(true);
  });

  it('pitfall 39: is idle after as long as the settings say without use, never if they say never', async () => {
    const { holder, pass } = world({ idleMinutes: 15 });
    await holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    pass(14);
    expect(holder.idle).toBe(false);
    holder.used();
    pass(14);
    expect(holder.idle).toBe(false);
    // That the page looks at the state by itself is no use.
    await holder.status();
    pass(1);
    expect(holder.idle).toBe(true);
    const never = world({ idleMinutes: 0 });
    await never.holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    never.pass(10_000);
    expect(never.holder.idle).toBe(false);
  });

  it('is not idle while the endpoint listens that the window has started, and says whose it is', async () => {
    const { holder, pass } = world();
    await holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    expect(await holder.startEndpoint(0)).toMatchObject({ endpoint: { by: 'window' } });
    pass(60);
    expect(holder.idle).toBe(false);
    expect(await holder.stopEndpoint()).not.toHaveProperty('endpoint');
    pass(60);
    expect(holder.idle).toBe(true);
    const other = world({ served: true }).holder;
    await other.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    expect(await other.status()).toMatchObject({ endpoint: { by: 'command' } });
    await expect(other.stopEndpoint()).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it('throws the vault’s own errors', async () => {
    const { holder } = world();
    await holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    await expect(holder.call('keys.list', {})).rejects.toMatchObject({ code: 'DisabledException' });
  });

  it('keeps a planned repair and the home until it is done', async () => {
    const { holder, events } = world();
    const secret = bytesOf('right words');
    expect(await holder.planRepair({ kind: 'recovery-phrase', secret }, undefined)).toBeDefined();
    expect([...secret].every((byte) => byte === 0)).toBe(true);
    expect(events).toEqual(['claim']);
    expect(await holder.applyRepair(how)).toEqual(['/h/vault.db.damaged']);
    expect(events).toEqual(['claim', 'repair', 'end repair', 'release']);
    await expect(holder.applyRepair(how)).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it('lets go of a planned repair by a lock, when left alone, at an unlock and where there is nothing to do', async () => {
    const { holder, events, pass } = world();
    const plan = () => holder.planRepair({ kind: 'passphrase', secret: bytesOf('open') }, undefined);
    await plan();
    expect(holder.idle).toBe(false);
    pass(16);
    expect([holder.mayLockItself, holder.idle]).toEqual([true, true]);
    await holder.lock();
    expect(events).toEqual(['claim', 'end repair', 'release', 'locked']);
    events.length = 0;
    await plan();
    await holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    expect(events.slice(0, 4)).toEqual(['claim', 'end repair', 'release', 'claim']);
    await expect(plan()).rejects.toMatchObject({ code: 'OwnerBusy' });
    const whole = world({ whole: true });
    expect(
      await whole.holder.planRepair({ kind: 'passphrase', secret: bytesOf('x') }, undefined),
    ).toBeUndefined();
    expect(whole.events).toEqual(['claim', 'release']);
  });

  it('tells a locked page that a repair was asked for, until the vault is unlocked or that is left', async () => {
    const { holder } = world();
    await holder.unlock({ kind: 'passphrase', secret: bytesOf('open') });
    await holder.beginRepair();
    expect((await holder.status()).toRepair).toBe(true);
    await holder.leaveRepair();
    expect((await holder.status()).toRepair).toBeUndefined();
  });
});
