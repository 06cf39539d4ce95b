import type { makeBridgeEnd } from './bridge.ts';
import type { makeCodec } from './codec.ts';

/** What the preload's world gets from the host. */
export type IsolatedSetting = {
  /** Name of the event by which the two worlds of one document meet. */
  readonly secret: string;
  /** Name of the function that carries messages to the host; it exists in this world only. */
  readonly binding: string;
  /** Name, on this world's global, of the object that takes messages from the host. */
  readonly inbox: string;
};

/** What the host calls in the preload's world; values are texts of the codec. */
export type Inbox = {
  answer(id: number, ok: boolean, text: string): void;
  deliver(channel: string, text: string): void;
};

/**
 * The preload's world: a CommonJS scope in which `require` knows nothing but `electron`, over a narrow channel
 * to the host. Sent to the page as text: it must not use anything from outside its own body.
 */
export function isolatedWorld(
  make: typeof makeBridgeEnd,
  codecOf: typeof makeCodec,
  setting: IsolatedSetting,
  preload: (require: (name: string) => unknown, module: { exports: object }, exports: object) => void,
): void {
  const codec = codecOf();
  const scope = globalThis as unknown as { [name: string]: unknown };
  const post = scope[setting.binding] as (text: string) => void;
  const node = document.createElement('div');
  const end = make(node, 'to-page', 'to-preload');
  document.dispatchEvent(new MouseEvent(setting.secret, { relatedTarget: node }));

  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (reason: Error) => void }>();
  const listeners = new Map<string, ((event: object, ...args: unknown[]) => void)[]>();
  let next = 1;
  const inbox: Inbox = {
    answer(id, ok, text) {
      const call = pending.get(id);
      pending.delete(id);
      const value = codec.decode(text);
      if (ok) call?.resolve(value);
      else call?.reject(new Error(String(value)));
    },
    deliver(channel, text) {
      const args = codec.decode(text) as unknown[];
      for (const listener of [...(listeners.get(channel) ?? [])]) {
        listener({ sender: ipcRenderer, ports: [] }, ...args);
      }
    },
  };
  scope[setting.inbox] = inbox;

  const ipcRenderer = {
    async invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      const text = codec.encode(args);
      const id = next++;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        post(JSON.stringify({ what: 'invoke', id, channel, text }));
      });
    },
    on(channel: string, listener: (event: object, ...args: unknown[]) => void) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    off(channel: string, listener: (event: object, ...args: unknown[]) => void) {
      const left = [...(listeners.get(channel) ?? [])];
      const at = left.lastIndexOf(listener);
      if (at >= 0) left.splice(at, 1);
      listeners.set(channel, left);
      return ipcRenderer;
    },
    listenerCount: (channel: string): number => listeners.get(channel)?.length ?? 0,
  };
  const electron = {
    ipcRenderer: { ...ipcRenderer, removeListener: ipcRenderer.off },
    contextBridge: {
      exposeInMainWorld(key: string, api: unknown): void {
        const refusal = end.ask('expose', key, end.pack(api));
        if (typeof refusal === 'string') throw new Error(refusal);
      },
    },
    webUtils: {
      getPathForFile(file: File): string {
        if (!(file instanceof File)) {
          throw new TypeError('getPathForFile expected to receive a File object but one was not provided');
        }
        const answer = { path: '' };
        // The host hears of this stop, asks Chromium for the path of `file` and writes it into `answer`.
        // biome-ignore lint/suspicious/noDebugger: a question that needs its answer at once
        debugger;
        return answer.path;
      },
    },
  };
  const module = { exports: {} };
  preload(
    (name) => {
      if (name === 'electron') return electron;
      throw new Error(`module not found: ${name}`);
    },
    module,
    module.exports,
  );
}
