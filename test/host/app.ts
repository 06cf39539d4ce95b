import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ELECTRON_SURFACE } from '../../src/main/shell/electron-surface.ts';
import { eventsOf, HostEmitter, preventable } from './emitter.ts';
import { type Engine, startEngine } from './engine.ts';

class HostApp extends HostEmitter {
  readonly #ready = Promise.withResolvers<void>();
  readonly #paths = new Map<string, string>([
    ['userData', join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'Keyward')],
  ]);
  #started = false;
  #isReady = false;
  #quitting = false;
  #endLock: () => void = () => undefined;
  /** Whether main called `enableSandbox`, for tests. */
  sandboxed = false;
  /** Set by the windows: asks all of them to close; true if none is left. */
  closeWindows: () => boolean = () => true;
  /** Called when Chromium is up. */
  started: (engine: Engine) => Promise<void> | void = () => undefined;

  constructor() {
    super('app', eventsOf(ELECTRON_SURFACE.app));
  }

  enableSandbox(): void {
    if (this.#isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.sandboxed = true;
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  getPath(name: string): string {
    const found = this.#paths.get(name) ?? (name === 'sessionData' ? this.#paths.get('userData') : undefined);
    if (found === undefined) throw new Error(`The host does not offer app.getPath('${name}')`);
    return found;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  /** Starts Chromium; main's own top-level code has run by now, so its paths are set. */
  async startHost(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const engine = await startEngine(join(this.getPath('sessionData'), 'Chromium'));
    await this.started(engine);
    this.#isReady = true;
    this.#ready.resolve();
  }

  quit(): void {
    if (this.#quitting) return;
    const event = preventable({});
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    this.#quitting = true;
    if (!this.closeWindows()) {
      this.#quitting = false;
      return;
    }
    this.#endLock();
    setImmediate(() => process.exit(0));
  }

  /** The last window has closed. */
  windowsClosed(): void {
    if (this.#quitting) return;
    if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
    else this.quit();
  }

  /** One instance for each user-data folder; a second one hands its arguments over and gets `false`. */
  requestSingleInstanceLock(): boolean {
    const folder = join(this.getPath('userData'), 'Singleton');
    const lock = join(folder, 'lock');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (let tries = 0; tries < 2; tries++) {
      try {
        writeFileSync(lock, String(process.pid), { flag: 'wx' });
        this.#hear(folder);
        return true;
      } catch {
        if (isAlive(Number(readFileSync(lock, 'utf8')))) {
          writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify([process.argv, process.cwd()]));
          return false;
        }
        rmSync(lock, { force: true });
      }
    }
    return false;
  }

  #hear(folder: string): void {
    const watcher = watch(folder, () => {
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
        try {
          const [argv, cwd] = JSON.parse(readFileSync(join(folder, name), 'utf8')) as [string[], string];
          rmSync(join(folder, name));
          this.emit('second-instance', preventable({}), argv, cwd, undefined);
        } catch {
          // Half written: the next change of the folder brings it.
        }
      }
    });
    watcher.unref();
    this.#endLock = () => {
      watcher.close();
      rmSync(folder, { recursive: true, force: true });
    };
    process.on('exit', this.#endLock);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** `app` of the module. */
export const app = new HostApp();
