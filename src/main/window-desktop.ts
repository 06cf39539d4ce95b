import { join } from 'node:path';
import { shell } from 'electron';
import type { Desktop } from './ipc/desktop.ts';
import type { Appearance } from './shell/appearance.ts';
import { choosePaths, chooseSave } from './shell/dialogs.ts';
import type { PaperWindows } from './shell/paper-windows.ts';
import type { SecretClipboard } from './shell/secret-clipboard.ts';
import type { PageWindow } from './shell/window.ts';
import { readChosen, readChosenText, saveChosen, writeBeside } from './window-files.ts';

/** What the desktop of the window is made of; `home`: the vault's folder. */
type Parts = {
  readonly window: PageWindow;
  readonly home: string;
  readonly appearance: Appearance;
  readonly printer: PaperWindows;
  readonly clipboard: SecretClipboard;
};

/** Binds what only the shell can do to the shell's parts, and what it reads and writes to the disk. */
export function windowDesktop({ window, home, appearance, printer, clipboard }: Parts): Desktop {
  return {
    choose: (what) => choosePaths(window.window, what),
    save: async (what, name, content) => {
      const path = await chooseSave(window.window, what, name);
      if (path !== undefined) await saveChosen(path, typeof content === 'string' ? content : await content());
      return path;
    },
    read: readChosen,
    readText: readChosenText,
    write: writeBeside,
    paper: printer,
    show: (path) => shell.showItemInFolder(path),
    showHome: () => shell.showItemInFolder(join(home, 'vault.db')),
    secretShown: (shown) => window.protect(shown),
    copySecret: (secret) => clipboard.copy(secret),
    theme: (wanted) => appearance.choose(wanted),
  };
}
