import { join } from 'node:path';
import { app, BrowserWindow } from 'electron';
import { WEB_PREFERENCES } from './shell/preferences.ts';

app.enableSandbox();
app.whenReady().then(() => {
  const window = new BrowserWindow({
    webPreferences: { ...WEB_PREFERENCES, preload: join(import.meta.dirname, '../preload/index.cjs') },
  });
  window.loadURL('app://bundle/index.html');
});
