import { describe, expect, it } from 'vitest';
import { WEB_PREFERENCES } from '../../../src/main/shell/preferences.ts';

describe('webPreferences', () => {
  it('are this literal, frozen', () => {
    expect(Object.isFrozen(WEB_PREFERENCES)).toBe(true);
    expect(WEB_PREFERENCES).toEqual({
      partition: 'keyward-window',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      plugins: false,
      safeDialogs: true,
      disableDialogs: true,
      spellcheck: false,
    });
  });
});
