import { afterEach, describe, expect, it, vi } from 'vitest';
import { HeldVault } from '../../../src/main/owner/held-vault.ts';

type Kind = 'window' | 'background' | 'command';

/** A vault whose keys go when `keys` resolves, and whose keychain answers when `keychain` does. */
function held(kind: Kind, { hangs = false } = {}) {
  const events: string[] = [];
  const keychain = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const vault = new HeldVault(
    {
      claim: { release: async () => void events.push('home') },
      session: {
        ...{ idleMinutes: 15, rescue: undefined, warnings: [], locked: locked.promise },
        call: () => Promise.reject(new Error('not asked here')),
        watchJobs: () => () => undefined,
        close: async () => {
          events.push('keys');
          if (!hangs) locked.resolve();
          await keychain.promise;
        },
      },
      server: {
        ...{ ended: new Promise<'locked'>(() => undefined), busy: 0, drain: async () => undefined },
        close: async () => void events.push('socket'),
      },
    },
    { kind, lastResort: () => void events.push('last resort') },
  );
  return { vault, events, keychainAnswers: keychain.resolve };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a held vault', () => {
  it.each(['window', 'background', 'command'] as const)(
    'of a %s locks in order: keys, socket, home, and once',
    async (kind) => {
      const { vault, events, keychainAnswers } = held(kind);
      keychainAnswers();
      await Promise.all([vault.close(), vault.close()]);
      expect(events).toEqual(['keys', 'socket', 'home']);
    },
  );

  it('is let go of by a process that lives on before its keychain has answered, and by one that ends only then', async () => {
    const living = held('window');
    await living.vault.close();
    expect(living.events).toEqual(['keys', 'socket', 'home']);
    const settled = living.vault.settled.then(() => living.events.push('settled'));
    living.keychainAnswers();
    await settled;
    for (const kind of ['background', 'command'] as const) {
      const ending = held(kind);
      const closed = ending.vault.close();
      await new Promise((resolve) => setImmediate(resolve));
      expect(ending.events).toEqual(['keys', 'socket']);
      ending.keychainAnswers();
      await closed;
      expect(ending.events).toEqual(['keys', 'socket', 'home']);
    }
  });

  it.each([
    ['window', 5_000],
    ['background', 1_000],
  ] as const)('of a %s ends with its process where the lock takes %d ms', async (kind, limit) => {
    vi.useFakeTimers();
    const { vault, events } = held(kind, { hangs: true });
    void vault.close();
    await vi.advanceTimersByTimeAsync(limit - 1);
    expect(events).toEqual(['keys']);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toEqual(['keys', 'last resort']);
  });

  it('leaves no timer behind a lock that was done in time', async () => {
    vi.useFakeTimers();
    const { vault, keychainAnswers } = held('background');
    keychainAnswers();
    await vault.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
