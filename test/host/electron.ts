import type Electron from 'electron';
import type { ELECTRON_SURFACE } from '../../src/main/shell/electron-surface.ts';
import { app } from './app.ts';
import { ipcMain } from './ipc.ts';
import { protocol, session } from './session.ts';
import { clipboard, dialog, HostMenu, nativeTheme, powerMonitor, shell } from './small.ts';
import { HostWindow } from './window.ts';

/*
 * The module that the built main finds under the name `electron`. What is in the surface list and not here
 * does not type-check.
 */

type Surface = typeof ELECTRON_SURFACE;
/** The members of `T` that the list names; events apart, HostEmitter holds those against the list. */
type Part<T, Names extends readonly string[]> = Pick<T, Extract<Names[number], keyof T>>;
/** For parts whose own members are parts again: the names, without their types. */
type Named<Names extends readonly string[]> = {
  [K in Exclude<Names[number], `on:${string}` | `${string}.${string}` | 'constructor'>]: unknown;
};

app satisfies Part<Electron.App, Surface['app']>;
protocol satisfies Part<Electron.Protocol, Surface['protocol']>;
dialog satisfies Named<Surface['dialog']>;
shell satisfies Part<Electron.Shell, Surface['shell']>;
clipboard satisfies Part<Electron.Clipboard, Surface['clipboard']>;
nativeTheme satisfies Part<Electron.NativeTheme, Surface['nativeTheme']>;
powerMonitor satisfies Part<Electron.PowerMonitor, Surface['powerMonitor']>;
ipcMain satisfies Named<Surface['ipcMain']>;
session satisfies Named<Surface['session']>;
HostMenu satisfies Named<Surface['Menu']>;
({}) as HostWindow satisfies Named<Surface['BrowserWindow']>;
({}) as HostWindow['webContents'] satisfies Named<Surface['webContents']>;
({}) as HostWindow['webContents']['mainFrame'] satisfies Named<Surface['WebFrameMain']>;
({}) as ReturnType<typeof session.fromPartition> satisfies Named<Surface['session.fromPartition()']>;

export {
  app,
  clipboard,
  dialog,
  HostMenu as Menu,
  HostWindow as BrowserWindow,
  ipcMain,
  nativeTheme,
  powerMonitor,
  protocol,
  session,
  shell,
};

// After main's own top-level code, as Electron does.
setImmediate(() => {
  app.startHost().catch((error) => {
    console.error(String(error));
    process.exit(1);
  });
});
