import type { ConsoleMessage, Page } from 'playwright-core';
import { findBrowser } from './chromium.ts';
import { electronBinary, launchElectron } from './launch-electron.ts';
import { launchHost } from './launch-host.ts';

/** What a launcher is told. */
export type LaunchOptions = {
  /** Path of the built main; for a real Electron also the program of an unpacked build. */
  readonly main: string;
  /** Becomes the process's environment over the present one. */
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
};

/** What both launchers give; `launch` builds the rest on it. */
export type Launched = {
  readonly kind: 'host' | 'electron';
  /** Pages as they open, those already open first. */
  onPage(listener: (page: Page) => void): void;
  /**
   * Calls a function in the main process with the `electron` module and one argument that JSON can carry. The
   * function travels as text: nothing from outside its body.
   */
  evaluate<A, R>(
    act: (electron: typeof Electron.CrossProcessExports, argument: A) => R | Promise<R>,
    argument: A,
  ): Promise<R>;
  /** What the main process has written to its outputs so far. */
  output(): string;
  /** Resolves with the exit code when the main process has ended. */
  readonly ended: Promise<number | null>;
  /** Ends the main process at once, as kill -9 does. */
  kill(): void;
};

/** The running app, whichever way it was launched. */
export type App = Launched & {
  /** The page of the window that is open now; waits for one. */
  page(): Promise<Page>;
  /** Console errors and warnings, uncaught errors and broken Content-Security-Policy rules of all pages. */
  readonly complaints: string[];
  /** Drops files or folders on the middle of an element, as the desktop does. */
  drop(page: Page, selector: string, paths: readonly string[], act?: 'hover' | 'drop'): Promise<void>;
  /** Answers every later dialog of this method with `answer`, and starts to keep what they were asked. */
  answer(method: 'showOpenDialog' | 'showSaveDialog' | 'showMessageBox', answer: object): Promise<void>;
  /** What dialogs were asked and what was handed to `shell.showItemInFolder`, since `answer` or `watchShell`. */
  asked(): Promise<{ method: string; options: unknown }[]>;
  /** Keeps calls of `shell.showItemInFolder` instead of opening a file manager. */
  watchShell(): Promise<void>;
  /** Quits as a user would, and waits for the end of the process. */
  quit(): Promise<void>;
};

/** Why the window cannot be tested here; undefined if it can. */
export function whyNot(): string | undefined {
  if (wanted() === 'electron') {
    return electronBinary() === undefined
      ? 'no Electron binary: none installed, ELECTRON_OVERRIDE_DIST_PATH not set'
      : undefined;
  }
  const browser = findBrowser();
  return 'missing' in browser ? browser.missing : undefined;
}

/** Which launcher KEYWARD_LAUNCHER asks for; the host unless told otherwise. */
export function wanted(): 'host' | 'electron' {
  return process.env['KEYWARD_LAUNCHER'] === 'electron' ? 'electron' : 'host';
}

/** Starts the app. Throws with the process's output if it ends before it is up. */
export async function launch(options: LaunchOptions): Promise<App> {
  const launched = await (wanted() === 'electron' ? launchElectron(options) : launchHost(options));
  const complaints: string[] = [];
  const pages: Page[] = [];
  const waiting: (() => void)[] = [];
  launched.onPage((page) => {
    pages.push(page);
    page.setDefaultTimeout(10_000);
    page.on('console', (message: ConsoleMessage) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('close', () => pages.splice(pages.indexOf(page), 1));
    for (const go of waiting.splice(0)) go();
  });
  const page = async (): Promise<Page> => {
    const end = launched.ended.then((code) => {
      throw new Error(`The app ended with ${code}:\n${launched.output()}`);
    });
    end.catch(() => undefined);
    for (;;) {
      const found = pages.at(-1);
      if (found !== undefined) {
        await found.waitForLoadState();
        if (found.url() !== 'about:blank') return found;
      }
      const next = new Promise<void>((resolve) => {
        waiting.push(resolve);
        setTimeout(resolve, 20);
      });
      await Promise.race([next, end]);
    }
  };
  return {
    ...launched,
    complaints,
    page,
    async drop(target, selector, paths, act = 'drop') {
      const box = await target.locator(selector).first().boundingBox();
      if (box === null) throw new Error(`Nothing to drop on: ${selector}`);
      const session = await target.context().newCDPSession(target);
      const place = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
      const data = { items: [], files: [...paths], dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', ...(act === 'drop' ? (['drop'] as const) : [])] as const) {
        await session.send('Input.dispatchDragEvent', { type, ...place, data });
      }
      await session.detach();
    },
    answer: (method, answer) =>
      launched.evaluate(
        ({ dialog }, given) => {
          const scope = globalThis as { keywardAsked?: { method: string; options: unknown }[] };
          scope.keywardAsked ??= [];
          const { keywardAsked } = scope;
          (dialog as unknown as Record<string, unknown>)[given.method] = async (...args: unknown[]) => {
            keywardAsked.push({ method: given.method, options: args.at(-1) });
            return given.answer;
          };
        },
        { method, answer },
      ),
    watchShell: () =>
      launched.evaluate(({ shell }) => {
        const scope = globalThis as { keywardAsked?: { method: string; options: unknown }[] };
        scope.keywardAsked ??= [];
        const { keywardAsked } = scope;
        shell.showItemInFolder = (path) => {
          keywardAsked.push({ method: 'showItemInFolder', options: path });
        };
      }, null),
    asked: () =>
      launched.evaluate(
        () => (globalThis as { keywardAsked?: { method: string; options: unknown }[] }).keywardAsked ?? [],
        null,
      ),
    async quit() {
      await launched.evaluate(({ app }) => setImmediate(() => app.quit()) && undefined, null);
      await launched.ended;
    },
  };
}
