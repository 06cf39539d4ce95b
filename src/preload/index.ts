import { contextBridge, ipcRenderer, webUtils } from 'electron';

/*
 * The bridge's names come from src/shared/bridge.ts at build time; the schemas stay in the main process. This
 * file requires nothing but electron and keeps no secrets.
 */
declare const __BRIDGE_METHODS__: readonly string[];

const listeners = new Set<(event: unknown) => void>();
const tell = (event: unknown) => {
  for (const listener of listeners) listener(event);
};

ipcRenderer.on('keyward/event', (_sent, event: unknown) => tell(event));

// A drop is handled here, where the page can't make one up: only the user's own carries paths.
window.addEventListener(
  'drop',
  async (event) => {
    event.preventDefault();
    if (!event.isTrusted || event.dataTransfer === null) return;
    const all = [...event.dataTransfer.files].map((file) => webUtils.getPathForFile(file));
    const paths = all.filter((path) => path !== '');
    const outcome: unknown = await ipcRenderer.invoke('keyward/drop', {
      paths,
      unnamed: all.length - paths.length,
    });
    tell({ type: 'drop', outcome });
  },
  true,
);

const methods = __BRIDGE_METHODS__.map((name) => [
  name,
  (input: unknown): Promise<unknown> => ipcRenderer.invoke(`keyward:${name}`, input),
]);

contextBridge.exposeInMainWorld('keyward', {
  ...Object.fromEntries(methods),
  subscribe: (listener: (event: unknown) => void) => {
    // A wrapper of its own, so that subscribing one function twice and ending one keeps the other.
    const own = (event: unknown) => listener(event);
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  },
});
