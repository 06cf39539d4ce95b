import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const power = new EventEmitter();
vi.mock('electron', () => ({ powerMonitor: power }));
const { startAutoLock } = await import('../../../src/main/shell/auto-lock.ts');

const vault = (state: { may?: boolean; idle?: boolean; running?: number; opened?: Promise<void> } = {}) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const lock = vi.fn(async () => undefined);
  startAutoLock({
    opened: () => state.opened ?? Promise.resolve(),
    mayLock: () => state.may ?? true,
    idle: () => state.idle ?? false,
    running: () => state.running ?? 0,
    whenQuiet: () => ((state.running ?? 0) > 0 ? promise : Promise.resolve()),
    lock,
  });
  return { lock, quiet: resolve };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  power.removeAllListeners();
});

describe('pitfall 39: locking by itself', () => {
  it.each(['lock-screen', 'suspend', 'user-did-resign-active'])('happens on %s', async (event) => {
    const { lock } = vault();
    power.emit(event);
    await vi.advanceTimersByTimeAsync(0);
    expect(lock).toHaveBeenCalledOnce();
  });

  it('catches a vault that was being unlocked just then', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const state = { may: false, opened: promise };
    const { lock } = vault(state);
    power.emit('lock-screen');
    await vi.advanceTimersByTimeAsync(0);
    expect(lock).not.toHaveBeenCalled();
    state.may = true;
    resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(lock).toHaveBeenCalledOnce();
  });

  it('waits for running jobs', async () => {
    const { lock, quiet } = vault({ running: 1 });
    power.emit('suspend');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lock).not.toHaveBeenCalled();
    quiet();
    await vi.advanceTimersByTimeAsync(0);
    expect(lock).toHaveBeenCalledOnce();
  });

  it('leaves a vault alone whose phrase is being shown', async () => {
    const { lock } = vault({ may: false });
    power.emit('lock-screen');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lock).not.toHaveBeenCalled();
  });

  it('happens when idle, though not while jobs run', async () => {
    const idle = vault({ idle: true });
    const busy = vault({ idle: true, running: 2 });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(idle.lock).toHaveBeenCalled();
    expect(busy.lock).not.toHaveBeenCalled();
  });
});
