import type { Readable, Writable } from 'node:stream';
import type { Protocol } from '../../node_modules/playwright-core/types/protocol.js';
import { inTurn } from './turns.ts';

export type { Protocol };

type Methods = keyof Protocol.CommandParameters;
type Listener = (event: never, sessionId: string | undefined) => void;
/** One message of the protocol, of either side. */
export type Message = {
  id?: number;
  method?: string;
  params?: never;
  result?: unknown;
  error?: { message: string };
  sessionId?: string;
};

/** A DevTools connection over the two pipes that Chromium reads and writes; it ends when the pipes close. */
export class Cdp {
  readonly #write: Writable;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (reason: Error) => void }>();
  readonly #listeners = new Map<string, Listener[]>();
  readonly #tunnelled = new Map<number, { id: number | undefined; sessionId: string | undefined }>();
  #tunnel: ((message: Message) => boolean) | undefined;
  #next = 1;

  constructor(write: Writable, read: Readable) {
    this.#write = write;
    write.on('error', () => undefined);
    const receive = inTurn((message: Message) => this.#receive(message));
    let rest = '';
    read.setEncoding('utf8');
    read.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) receive(JSON.parse(part) as Message);
    });
    read.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium has ended'));
      this.#waiting.clear();
    });
  }

  /** One command, to the browser or to a session of a page; rejects with Chromium's own message. */
  send<M extends Methods>(
    method: M,
    params: Protocol.CommandParameters[M],
    sessionId?: string,
  ): Promise<Protocol.CommandReturnValues[M]> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject: (why) => reject(new Error(`${method}: ${why.message}`)) });
      this.#post({ id, method, params: params as never, ...(sessionId ? { sessionId } : {}) });
    });
  }

  /**
   * Lets a second client use the same connection with a browser session of its own, from which its page
   * sessions descend. `receive` gets what is meant for it; the function returned sends for it.
   */
  async tunnel(receive: (message: Message) => void): Promise<(message: Message) => void> {
    const { sessionId: root } = await this.send('Target.attachToBrowserTarget', {});
    const own = new Set([root]);
    this.#tunnel = (message) => {
      const { id, sessionId, method, params } = message;
      const asked = id === undefined ? undefined : this.#tunnelled.get(id);
      if (id !== undefined && asked === undefined) return false;
      if (id === undefined && (sessionId === undefined || !own.has(sessionId))) return false;
      if (method === 'Target.attachedToTarget')
        own.add((params as unknown as { sessionId: string }).sessionId);
      this.#tunnelled.delete(id ?? 0);
      const { sessionId: _, ...plain } = message;
      const session = asked === undefined ? sessionId : asked.sessionId;
      receive({
        ...plain,
        ...(asked?.id === undefined ? {} : { id: asked.id }),
        ...(session === undefined || session === root ? {} : { sessionId: session }),
      });
      return true;
    };
    return (message) => {
      const id = this.#next++;
      this.#tunnelled.set(id, { id: message.id, sessionId: message.sessionId });
      this.#post({ ...message, id, sessionId: message.sessionId ?? root });
    };
  }

  #post(message: Message): void {
    this.#write.write(`${JSON.stringify(message)}\0`);
  }

  /** Calls `listener` for every such event, of all sessions. */
  on<E extends keyof Protocol.Events>(
    name: E,
    listener: (event: Protocol.Events[E], sessionId: string | undefined) => void,
  ): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  #receive(message: Message): void {
    if (this.#tunnel?.(message)) return;
    const { id, method, params, result, error, sessionId } = message;
    if (id === undefined) {
      for (const listener of this.#listeners.get(method ?? '') ?? []) listener(params as never, sessionId);
      return;
    }
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) call?.resolve(result as never);
    else call?.reject(new Error(error.message));
  }
}
