import { BrowserWindow, nativeTheme, type Rectangle, type WebContents } from 'electron';
import { EVENT_CHANNEL, type WindowEvent } from '../../shared/bridge.ts';
import { PAGE, WEB_PREFERENCES } from './preferences.ts';

/** The page's background before its first picture, so that nothing flashes; the tokens of docs/design.md. */
const BACKGROUND = { light: '#f8f7f5', dark: '#191817' } as const;

const SIZE = { width: 1_180, height: 760 };
const SMALLEST = { minWidth: 760, minHeight: 520 };

/** The one window. At lock its page is replaced by a fresh process, so that nothing of the old one stays. */
export class PageWindow {
  readonly #preload: string;
  readonly #close: () => void;
  #window: BrowserWindow | undefined;

  /** `close` is what the user's closing of the window means. */
  constructor(preload: string, close: () => void) {
    this.#preload = preload;
    this.#close = close;
  }

  /** The page that may speak to us. */
  get contents(): WebContents | undefined {
    return this.#window?.webContents;
  }

  /** The window itself, as the parent of dialogs. */
  get window(): BrowserWindow | undefined {
    return this.#window;
  }

  /** Opens the window; if it is open, brings it to the front. */
  open(): void {
    if (this.#window === undefined) {
      this.#window = this.#make();
      return;
    }
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.focus();
  }

  /** Puts a new window with a new process in the place of the old one. */
  replace(): void {
    const old = this.#window;
    if (old === undefined) return;
    this.#window = this.#make(old.getBounds());
    old.destroy();
  }

  /** Whether pictures of the screen are to show nothing of the window, where the system can do that. A new page begins without. */
  protect(isProtected: boolean): void {
    this.#window?.setContentProtection(isProtected);
  }

  /** Tells the page. */
  tell(event: WindowEvent): void {
    const contents = this.contents;
    if (contents !== undefined && !contents.isDestroyed()) contents.send(EVENT_CHANNEL, event);
  }

  /** Closes without asking. */
  destroy(): void {
    this.#window?.destroy();
  }

  #make(bounds: Partial<Rectangle> = SIZE): BrowserWindow {
    const window = new BrowserWindow({
      ...bounds,
      ...SMALLEST,
      show: false,
      title: 'Keyward',
      backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
      webPreferences: { ...WEB_PREFERENCES, preload: this.#preload },
    });
    window.once('ready-to-show', () => window.show());
    window.on('close', (event) => {
      event.preventDefault();
      this.#close();
    });
    window.on('closed', () => {
      if (this.#window === window) this.#window = undefined;
    });
    // A page that died is shown again, locked or not; main's state is untouched by it.
    window.webContents.on('render-process-gone', () => {
      if (this.#window === window) this.replace();
    });
    window.loadURL(PAGE.url);
    return window;
  }
}
