import { app } from 'electron';

/** What quitting asks and does, in this order. */
type Ending = {
  readonly may: () => Promise<boolean>;
  readonly lock: () => Promise<void>;
  readonly closeWindow: () => void;
};

/** Every way out leads here: ask if jobs run, lock the vault, then go. */
export function quitInOrder(ending: Ending): void {
  let state: 'open' | 'asking' | 'ended' = 'open';
  const end = async () => {
    state = 'asking';
    if (!(await ending.may())) {
      state = 'open';
      return;
    }
    try {
      await ending.lock();
    } finally {
      state = 'ended';
      ending.closeWindow();
      app.quit();
    }
  };
  app.on('before-quit', (event) => {
    if (state === 'ended') return;
    event.preventDefault();
    if (state === 'open') end();
  });
}
