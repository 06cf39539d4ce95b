import { Menu, type MenuItemConstructorOptions } from 'electron';

/** The application menu: what text fields and windows need, locking, and no way into developer tools. */
export function setMenu(lock: () => void, platform: NodeJS.Platform = process.platform): void {
  const lockItem: MenuItemConstructorOptions = {
    label: 'Lock now',
    accelerator: 'CmdOrCtrl+Shift+L',
    click: () => lock(),
  };
  const first: MenuItemConstructorOptions =
    platform === 'darwin'
      ? {
          label: 'Keyward',
          submenu: [
            { role: 'about' },
            { type: 'separator' },
            lockItem,
            { type: 'separator' },
            { role: 'hide' },
            { role: 'hideOthers' },
            { role: 'unhide' },
            { type: 'separator' },
            { role: 'quit' },
          ],
        }
      : { label: '&Keyward', submenu: [lockItem, { type: 'separator' }, { role: 'quit' }] };
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      first,
      { role: 'editMenu' },
      {
        label: '&View',
        submenu: [
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { type: 'separator' },
          { role: 'togglefullscreen' },
        ],
      },
      { role: 'windowMenu' },
    ]),
  );
}
