import type { Readable, Writable } from 'node:stream';
import type { Protocol } from '../../node_modules/playwright-core/types/protocol.js';

export type { Protocol };

type Methods = keyof Protocol.CommandParameters;
type Listener = (event: never, sessionId: string | undefined) => void;
type Message = {
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
  #next = 1;

  constructor(write: Writable, read: Readable) {
    this.#write = write;
    write.on('error', () => undefined);
    let rest = '';
    read.setEncoding('utf8');
    read.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#receive(JSON.parse(part) as Message);
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
      this.#write.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });
  }

  /** Calls `listener` for every such event, of all sessions. */
  on<E extends keyof Protocol.Events>(
    name: E,
    listener: (event: Protocol.Events[E], sessionId: string | undefined) => void,
  ): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  #receive({ id, method, params, result, error, sessionId }: Message): void {
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
