import type { BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { ELECTRON_SURFACE } from '../../src/main/shell/electron-surface.ts';
import { app } from './app.ts';
import { HostContents } from './contents.ts';
import { eventsOf, HostEmitter, preventable } from './emitter.ts';

const all = new Set<HostWindow>();

/** `BrowserWindow` of the module: a target of Chromium of the wanted size; the frame around it is not drawn. */
export class HostWindow extends HostEmitter {
  readonly webContents: HostContents;
  /** What main asked for, for tests. */
  readonly options: BrowserWindowConstructorOptions;
  #bounds: Rectangle;
  #destroyed = false;

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super('BrowserWindow', eventsOf(ELECTRON_SURFACE.BrowserWindow));
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    const preferences = options.webPreferences ?? {};
    if (
      preferences.contextIsolation === false ||
      preferences.sandbox === false ||
      preferences.nodeIntegration
    ) {
      throw new Error('The host shows only isolated and sandboxed pages without Node');
    }
    this.options = options;
    const { width = 800, height = 600, x = 0, y = 0 } = options;
    this.#bounds = { x, y, width, height };
    this.webContents = new HostContents({ width, height, preferences });
    this.webContents.loaded = () => {
      this.webContents.loaded = () => undefined;
      this.emit('ready-to-show');
    };
    this.webContents.gone = () => this.#end();
    all.add(this);
    app.emit('web-contents-created', preventable({}), this.webContents);
  }

  static getAllWindows(): HostWindow[] {
    return [...all];
  }

  async loadURL(url: string): Promise<void> {
    await this.webContents.load(url);
  }

  /** A headless window has no front to be brought to: this and the next two do nothing. */
  show(): void {}

  focus(): void {}

  restore(): void {}

  isMinimized(): boolean {
    return false;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  /** Whether pictures of the screen would show nothing of it, for tests. */
  isContentProtected = false;

  setContentProtection(isProtected: boolean): void {
    this.isContentProtected = isProtected;
  }

  getBounds(): Rectangle {
    return { ...this.#bounds };
  }

  /** As the user's click on the window's close button does; a listener may prevent it. */
  close(): void {
    if (this.#destroyed) return;
    const event = preventable({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    void this.webContents.closeTarget();
    this.#end();
  }

  #end(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    all.delete(this);
    this.emit('closed');
    if (all.size === 0) app.windowsClosed();
  }
}

app.closeWindows = () => {
  for (const window of all) window.close();
  return all.size === 0;
};
