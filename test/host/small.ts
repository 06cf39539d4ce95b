import type { MenuItemConstructorOptions } from 'electron';
import { ELECTRON_SURFACE } from '../../src/main/shell/electron-surface.ts';
import { eventsOf, HostEmitter } from './emitter.ts';

type Source = 'system' | 'light' | 'dark';

class HostTheme extends HostEmitter {
  #source: Source = 'system';
  /** For the pages of this host, to follow the theme. */
  readonly followers = new Set<() => void>();

  constructor() {
    super('nativeTheme', eventsOf(ELECTRON_SURFACE.nativeTheme));
  }

  get themeSource(): Source {
    return this.#source;
  }

  set themeSource(source: Source) {
    const before = this.shouldUseDarkColors;
    this.#source = source;
    if (this.shouldUseDarkColors === before) return;
    for (const follow of this.followers) follow();
    this.emit('updated');
  }

  /** The system this host pretends to run on is a light one. */
  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark';
  }
}

/** `nativeTheme` of the module; pages see it as `prefers-color-scheme`. */
export const nativeTheme = new HostTheme();

class HostPower extends HostEmitter {
  constructor() {
    super('powerMonitor', eventsOf(ELECTRON_SURFACE.powerMonitor));
  }
}

/** `powerMonitor` of the module; a test emits its events. */
export const powerMonitor = new HostPower();

/** `dialog` of the module: nobody answers unless a test replaces a method, so every dialog is dismissed. */
export const dialog = {
  async showOpenDialog(..._args: unknown[]) {
    return { canceled: true, filePaths: [] as string[] };
  },
  async showSaveDialog(..._args: unknown[]) {
    return { canceled: true, filePath: '' };
  },
  async showMessageBox(...args: unknown[]) {
    const options = args.at(-1) as Electron.MessageBoxOptions;
    return { response: options.cancelId ?? 0, checkboxChecked: options.checkboxChecked ?? false };
  },
  showErrorBox(title: string, content: string): void {
    console.error(`${title}: ${content}`);
  },
};

let board = '';

/** `clipboard` of the module: a board of the host's own, so that tests leave the machine's alone. */
export const clipboard = {
  readText: async (): Promise<string> => board,
  async writeText(text: string): Promise<void> {
    board = text;
  },
  clear(): void {
    board = '';
  },
};

/** `shell` of the module: nothing is opened; `shown` keeps what would have been. */
export const shell = {
  shown: [] as string[],
  showItemInFolder(path: string): void {
    shell.shown.push(path);
  },
};

/** A menu as main described it; a test calls `click` of an item. */
export class HostMenu {
  static #application: HostMenu | null = null;
  readonly items: readonly MenuItemConstructorOptions[];

  constructor(items: readonly MenuItemConstructorOptions[]) {
    this.items = items;
  }

  static buildFromTemplate(template: readonly MenuItemConstructorOptions[]): HostMenu {
    return new HostMenu(template);
  }

  static setApplicationMenu(menu: HostMenu | null): void {
    HostMenu.#application = menu;
  }

  static getApplicationMenu(): HostMenu | null {
    return HostMenu.#application;
  }
}
