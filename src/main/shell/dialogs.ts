import {
  type BrowserWindow,
  dialog,
  type MessageBoxOptions,
  type OpenDialogOptions,
  type SaveDialogOptions,
} from 'electron';

const ASKED = {
  files: {
    title: 'Choose files to encrypt or decrypt',
    buttonLabel: 'Choose',
    properties: ['openFile', 'multiSelections', 'showHiddenFiles'],
  },
  folder: {
    title: 'Choose a folder',
    buttonLabel: 'Choose',
    properties: ['openDirectory', 'showHiddenFiles'],
  },
  target: {
    title: 'Where should the files go?',
    buttonLabel: 'Put them here',
    properties: ['openDirectory', 'createDirectory'],
  },
  backups: {
    title: 'Where should backups go?',
    buttonLabel: 'Put them here',
    properties: ['openDirectory', 'createDirectory'],
  },
  restore: {
    title: 'Choose the folder that your backup is in',
    buttonLabel: 'Look in here',
    properties: ['openDirectory', 'showHiddenFiles'],
  },
  parameters: {
    title: 'Where should the wrapping key and the import token go?',
    buttonLabel: 'Put them here',
    properties: ['openDirectory', 'createDirectory'],
  },
  material: {
    title: 'Choose the wrapped key material',
    buttonLabel: 'Choose',
    properties: ['openFile', 'showHiddenFiles'],
  },
  token: {
    title: 'Choose the import token that came with the wrapping key',
    buttonLabel: 'Choose',
    properties: ['openFile', 'showHiddenFiles'],
  },
  shares: {
    title: 'Choose the files with your shares',
    buttonLabel: 'Choose',
    properties: ['openFile', 'multiSelections', 'showHiddenFiles'],
  },
} satisfies { readonly [what: string]: OpenDialogOptions };

/** Asks for files, a folder, or a folder to write to; empty when cancelled. */
export async function choosePaths(
  parent: BrowserWindow | undefined,
  what: keyof typeof ASKED,
): Promise<readonly string[]> {
  const asked = ASKED[what];
  const { canceled, filePaths } = await (parent === undefined
    ? dialog.showOpenDialog(asked)
    : dialog.showOpenDialog(parent, asked));
  return canceled ? [] : filePaths;
}

const SAVED = {
  'public-key': {
    title: 'Where should the public key go?',
    buttonLabel: 'Save',
    filters: [{ name: 'Public key', extensions: ['pem'] }],
  },
  paper: {
    title: 'Where should the paper go?',
    buttonLabel: 'Save',
    filters: [{ name: 'PDF', extensions: ['pdf'] }],
  },
} satisfies { readonly [what: string]: SaveDialogOptions };

/** Asks where to save something under a name like `name`; undefined when cancelled. */
export async function chooseSave(
  parent: BrowserWindow | undefined,
  what: keyof typeof SAVED,
  name: string,
): Promise<string | undefined> {
  const asked: SaveDialogOptions = {
    ...SAVED[what],
    defaultPath: name,
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  };
  const { canceled, filePath } = await (parent === undefined
    ? dialog.showSaveDialog(asked)
    : dialog.showSaveDialog(parent, asked));
  return canceled || filePath === '' ? undefined : filePath;
}

/** Asks whether to close while jobs run; true: stop them and close. */
export async function confirmClose(parent: BrowserWindow | undefined, jobs: number): Promise<boolean> {
  const asked: MessageBoxOptions = {
    type: 'question',
    message: jobs === 1 ? 'A job is still running.' : `${jobs} jobs are still running.`,
    detail: 'Closing stops it. Your originals stay as they are; unfinished copies are removed.',
    buttons: ['Keep running', 'Stop and close'],
    defaultId: 0,
    cancelId: 0,
  };
  const { response } = await (parent === undefined
    ? dialog.showMessageBox(asked)
    : dialog.showMessageBox(parent, asked));
  return response === 1;
}
