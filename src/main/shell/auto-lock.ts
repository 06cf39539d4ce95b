import { powerMonitor } from 'electron';

/** What locking by itself looks at and does. */
export type AutoLock = {
  readonly opened: () => Promise<void>;
  readonly mayLock: () => boolean;
  readonly idle: () => boolean;
  readonly running: () => number;
  readonly whenQuiet: () => Promise<void>;
  readonly lock: () => Promise<void>;
};

/** How often the idle time is looked at, in milliseconds. */
const LOOK_EVERY = 5_000;

/**
 * Locks when the vault was left alone for long enough, when the screen locks or another user takes it
 * over, and when the machine goes to sleep. Running jobs are finished first: they were asked for, and a half-done one helps nobody.
 */
export function startAutoLock(vault: AutoLock): void {
  const lockWhenQuiet = async () => {
    // Whoever leaves while the vault is being unlocked does not want to find it open.
    await vault.opened();
    if (!vault.mayLock()) return;
    await vault.whenQuiet();
    await vault.lock();
  };
  powerMonitor.on('lock-screen', lockWhenQuiet);
  powerMonitor.on('suspend', lockWhenQuiet);
  // Another user takes the screen over; only macOS tells it apart from a locked one.
  powerMonitor.on('user-did-resign-active', lockWhenQuiet);
  setInterval(() => {
    if (vault.running() === 0 && vault.idle()) vault.lock();
  }, LOOK_EVERY).unref();
}
