import type Electron from 'electron';

/**
 * Everything of Electron that Keyward uses, by part and member. A test compares this list with the sources,
 * so that a new use of Electron is a decision; the stand-in for Electron in the tests offers exactly this.
 *
 * Events are listed as `on:<name>` (`once` counts as `on`).
 */
export const ELECTRON_SURFACE = {
  app: [
    'enableSandbox',
    'requestSingleInstanceLock',
    'setPath',
    'whenReady',
    'quit',
    'on:second-instance',
    'on:before-quit',
    'on:web-contents-created',
  ],
  protocol: ['registerSchemesAsPrivileged'],
  BrowserWindow: [
    'constructor',
    'loadURL',
    'show',
    'focus',
    'restore',
    'isMinimized',
    'isDestroyed',
    'getBounds',
    'setContentProtection',
    'destroy',
    'webContents',
    'on:ready-to-show',
    'on:close',
    'on:closed',
  ],
  webContents: [
    'send',
    'mainFrame',
    'isDestroyed',
    'setWindowOpenHandler',
    'print',
    'printToPDF',
    'on:will-navigate',
    'on:will-frame-navigate',
    'on:will-redirect',
    'on:will-attach-webview',
    'on:render-process-gone',
  ],
  session: ['fromPartition'],
  'session.fromPartition()': [
    'protocol.handle',
    'setPermissionRequestHandler',
    'setPermissionCheckHandler',
    'setDevicePermissionHandler',
    'webRequest.onBeforeRequest',
    'on:will-download',
  ],
  ipcMain: ['handle'],
  IpcMainInvokeEvent: ['sender', 'senderFrame'],
  WebFrameMain: ['url'],
  dialog: ['showOpenDialog', 'showSaveDialog', 'showMessageBox', 'showErrorBox'],
  clipboard: ['readText', 'writeText', 'clear'],
  shell: ['showItemInFolder'],
  nativeTheme: ['themeSource', 'shouldUseDarkColors'],
  Menu: ['buildFromTemplate', 'setApplicationMenu'],
  powerMonitor: ['on:suspend', 'on:lock-screen', 'on:user-did-resign-active'],
  contextBridge: ['exposeInMainWorld'],
  ipcRenderer: ['invoke', 'on'],
  webUtils: ['getPathForFile'],
} as const satisfies Surface;

type Surface = {
  readonly app: Members<Electron.App>;
  readonly protocol: Members<Electron.Protocol>;
  readonly BrowserWindow: Members<Electron.BrowserWindow>;
  readonly webContents: Members<Electron.WebContents>;
  readonly session: Members<typeof Electron.session>;
  readonly 'session.fromPartition()': readonly (
    | Member<Electron.Session>
    | `protocol.${keyof Electron.Protocol & string}`
    | `webRequest.${keyof Electron.WebRequest & string}`
  )[];
  readonly ipcMain: Members<Electron.IpcMain>;
  readonly IpcMainInvokeEvent: Members<Electron.IpcMainInvokeEvent>;
  readonly WebFrameMain: Members<Electron.WebFrameMain>;
  readonly dialog: Members<Electron.Dialog>;
  readonly clipboard: Members<Electron.Clipboard>;
  readonly shell: Members<Electron.Shell>;
  readonly nativeTheme: Members<Electron.NativeTheme>;
  readonly Menu: Members<typeof Electron.Menu>;
  readonly powerMonitor: Members<Electron.PowerMonitor>;
  readonly contextBridge: Members<Electron.ContextBridge>;
  readonly ipcRenderer: Members<Electron.IpcRenderer>;
  readonly webUtils: Members<Electron.WebUtils>;
};

type Member<T> = (keyof T & string) | `on:${string}` | 'constructor';
type Members<T> = readonly Member<T>[];
