import type { HostContents } from './contents.ts';
import { makeCodec } from './world/codec.ts';

const codec = makeCodec();

/** A frame as main sees it. */
export class HostFrame {
  readonly id: string;
  url = '';
  parent: HostFrame | null = null;

  constructor(id: string) {
    this.id = id;
  }
}

/** What `ipcMain.handle` hands to a handler. */
export type InvokeEvent = {
  readonly type: 'frame';
  readonly sender: HostContents;
  readonly senderFrame: HostFrame | null;
};
type Handler = (event: InvokeEvent, ...args: unknown[]) => unknown;

const handlers = new Map<string, Handler>();

/** `ipcMain` of the module. */
export const ipcMain = {
  handle(channel: string, handler: Handler): void {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, handler);
  },
};

/** Runs the handler of a channel; the answer as a text of the codec. */
export async function invoke(
  event: InvokeEvent,
  channel: string,
  text: string,
): Promise<{ ok: boolean; text: string }> {
  const failed = (why: unknown) => ({
    ok: false,
    text: codec.encode(`Error invoking remote method '${channel}': ${String(why)}`),
  });
  const handler = handlers.get(channel);
  if (handler === undefined) return failed(new Error(`No handler registered for '${channel}'`));
  try {
    return { ok: true, text: codec.encode(await handler(event, ...(codec.decode(text) as unknown[]))) };
  } catch (error) {
    return failed(error);
  }
}

/** Arguments of `webContents.send` as a text of the codec. */
export const encodeArguments = (args: readonly unknown[]): string => codec.encode(args);
