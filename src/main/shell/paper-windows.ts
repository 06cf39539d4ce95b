import { BrowserWindow, type Session } from 'electron';
import type { PaperSize } from '../../shared/recovery-bridge.ts';
import { lockedSession } from './lockdown.ts';
import { PAPER, WEB_PREFERENCES } from './preferences.ts';

const SIZE = { width: 900, height: 900 };

/** What became of a wish to print; `why`: what the system said where it was not the user's own will. */
type Printed = { readonly printed: boolean; readonly why?: string };

/** What Electron calls it when the user closes the dialog that asks for a printer. */
const CANCELLED = 'Print job canceled';

/**
 * Windows for documents that are printed: HTML without scripts, which may fetch nothing, in a session of their own. A
 * document is served from memory to the window that was opened for it, and is forgotten with that.
 */
export class PaperWindows {
  readonly #documents = new Map<string, Uint8Array>();
  readonly #windows = new Set<BrowserWindow>();
  readonly #shown = new Map<string, BrowserWindow>();
  #session: Session | undefined;

  /** Shows a document; one that is shown already comes to the front. */
  async show(id: string, html: Uint8Array): Promise<void> {
    const shown = this.#shown.get(id);
    if (shown !== undefined) {
      shown.focus();
      return;
    }
    const { window, loaded } = this.#open(html, true);
    this.#shown.set(id, window);
    window.on('closed', () => this.#shown.delete(id));
    // Closed before it was there: so it was wanted no longer.
    await loaded.catch((error: unknown) => {
      if (!window.isDestroyed()) throw error;
    });
  }

  /** Closes the window of a document, if it has one. */
  close(id: string): void {
    this.#shown.get(id)?.destroy();
  }

  /** Closes all windows, also those that nobody sees. */
  closeAll(): void {
    for (const window of [...this.#windows]) window.destroy();
  }

  /** Has the system ask for a printer, and prints a document on paper of this size. */
  print(html: Uint8Array, pageSize: PaperSize): Promise<Printed> {
    return this.#unseen(html, (window) => {
      const { promise, resolve } = Promise.withResolvers<Printed>();
      window.on('closed', () => resolve({ printed: false }));
      window.webContents.print({ printBackground: true, pageSize }, (printed, why) =>
        resolve(printed || why === CANCELLED ? { printed } : { printed, why }),
      );
      return promise;
    });
  }

  /** A document as a PDF of this size. */
  pdf(html: Uint8Array, pageSize: PaperSize): Promise<Uint8Array> {
    const margins = { top: 0, bottom: 0, left: 0, right: 0 };
    return this.#unseen(html, ({ webContents }) =>
      webContents.printToPDF({ printBackground: true, pageSize, margins }),
    );
  }

  async #unseen<T>(html: Uint8Array, act: (window: BrowserWindow) => Promise<T>): Promise<T> {
    const { window, loaded } = this.#open(html, false);
    try {
      await loaded;
      return await act(window);
    } finally {
      window.destroy();
    }
  }

  #open(html: Uint8Array, show: boolean): { readonly window: BrowserWindow; readonly loaded: Promise<void> } {
    this.#session ??= this.#serve();
    const name = crypto.randomUUID();
    const copy = Uint8Array.from(html);
    this.#documents.set(name, copy);
    const window = new BrowserWindow({
      ...SIZE,
      show,
      backgroundColor: '#ffffff',
      webPreferences: { ...WEB_PREFERENCES, partition: PAPER.partition, javascript: false },
    });
    this.#windows.add(window);
    window.on('closed', () => {
      this.#windows.delete(window);
      copy.fill(0);
      this.#documents.delete(name);
    });
    return { window, loaded: window.loadURL(`${PAPER.protocol}//${PAPER.host}/${name}`) };
  }

  #serve(): Session {
    const session = lockedSession(PAPER);
    session.protocol.handle('app', ({ url }) => {
      const html = this.#documents.get(URL.parse(url)?.pathname.slice(1) ?? '');
      const headers = {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        'Cache-Control': 'no-store',
      };
      if (html === undefined) return new Response(null, { status: 404, headers });
      return new Response(Uint8Array.from(html), { headers });
    });
    return session;
  }
}
