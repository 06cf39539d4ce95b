import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Limits } from './limits.ts';

/** What whoever speaks on the connections does with one. */
type ConnectionHooks = {
  /** Reads what it sends from now on. */
  readonly admit: (socket: Socket) => void;
  /** Ends one that has begun a request which has not come to its end, with an answer. */
  readonly giveUp: (socket: Socket) => void;
};

/** A connection that is served: since when it idles or its request is awaited, and what it had sent by then. */
type Served = { since: number; bytes: number; readonly requests: Set<IncomingMessage> };

/** While a connection waits: how often to check whether another can give way, in milliseconds. */
const LOOK = 50;

/**
 * Who may speak: a limited number of connections at a time; the others wait, unread, in order of arrival. A
 * connection that idles, or whose request does not come to its end, gives way after `grace`; one that is worked for
 * never does. Who has waited too long, or finds too many waiting, is let in to be refused.
 */
export class Connections {
  readonly #limits: Limits;
  readonly #hooks: ConnectionHooks;
  /** Those longest idle first. */
  readonly #served = new Map<Socket, Served>();
  /** With the time of their coming. */
  readonly #waiting = new Map<Socket, number>();
  readonly #refused = new WeakSet<Socket>();
  readonly #all = new Set<Socket>();
  #isEnding = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits, hooks: ConnectionHooks) {
    this.#limits = limits;
    this.#hooks = hooks;
  }

  /** Takes one that was accepted and not read from yet. */
  take(socket: Socket): void {
    this.#all.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#all.delete(socket);
      this.#waiting.delete(socket);
      this.leave(socket);
    });
    if (this.#isEnding) this.#hooks.admit(socket);
    else if (this.#waiting.size >= this.#limits.waiting) this.#refuse(socket);
    else {
      this.#waiting.set(socket, performance.now());
      this.#fill();
    }
  }

  /** Whether it was let in only to be told to ask again. */
  isRefused(socket: Socket): boolean {
    return this.#refused.has(socket);
  }

  /** Whether somebody waits, so that each connection should end with its answer. */
  get isCrowded(): boolean {
    return this.#waiting.size > 0;
  }

  /** Its request has begun: all of its headers are there. */
  began(socket: Socket, request: IncomingMessage): void {
    const served = this.#served.get(socket);
    if (served === undefined) return;
    served.requests.add(request);
    this.#touch(socket, served);
  }

  /** Its request was answered. */
  answered(socket: Socket, request: IncomingMessage): void {
    const served = this.#served.get(socket);
    if (served === undefined) return;
    served.requests.delete(request);
    this.#touch(socket, served);
  }

  /** It ends: its room is free for another. */
  leave(socket: Socket): void {
    if (this.#served.delete(socket)) this.#fill();
  }

  /**
   * Ends one that idles, unless something from it is on its way: whoever closes on bytes that were not read resets
   * the connection (RFC 9293, section 3.10.7.4), and their sender can't tell whether they were acted upon.
   */
  async endIdle(socket: Socket): Promise<void> {
    const { bytesRead } = socket;
    await turns();
    const isIdle = (this.#served.get(socket)?.requests.size ?? 0) === 0 && socket.bytesRead === bytesRead;
    if (!isIdle || socket.destroyed) return;
    this.leave(socket);
    endPolitely(socket, this.#limits.linger);
  }

  /** Lets all in who wait, and whoever comes from now on, to be told that this is the end. */
  admitAll(): void {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    const waiting = [...this.#waiting.keys()];
    this.#waiting.clear();
    for (const socket of waiting) this.#hooks.admit(socket);
  }

  /** Closes all that are still open. */
  destroyAll(): void {
    for (const socket of this.#all) socket.destroy();
  }

  #touch(socket: Socket, served: Served): void {
    served.since = performance.now();
    served.bytes = socket.bytesRead;
    this.#served.delete(socket);
    this.#served.set(socket, served);
  }

  #fill(): void {
    for (const socket of this.#waiting.keys()) {
      if (this.#served.size >= this.#limits.connections) break;
      this.#waiting.delete(socket);
      this.#served.set(socket, { since: performance.now(), bytes: 0, requests: new Set() });
      this.#hooks.admit(socket);
    }
    if (this.#waiting.size > 0) this.#timer ??= setTimeout(() => this.#look(), LOOK).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [socket, since] of this.#waiting) {
      if (now - since < this.#limits.wait) break;
      this.#waiting.delete(socket);
      this.#refuse(socket);
    }
    let wanted = this.#waiting.size;
    for (const [socket, { since, bytes, requests }] of [...this.#served]) {
      if (wanted === 0 || now - since < this.#limits.grace) break;
      if ([...requests].some(({ complete }) => complete)) continue;
      wanted -= 1;
      if (requests.size === 0 && socket.bytesRead === bytes) void this.endIdle(socket);
      else this.#hooks.giveUp(socket);
    }
    this.#fill();
  }

  #refuse(socket: Socket): void {
    this.#refused.add(socket);
    this.#hooks.admit(socket);
  }
}

/**
 * Ends a connection so that what was written on it arrives: nothing more is sent, and what still comes is read and
 * thrown away until the other side ends too, for `linger` ms at most (RFC 9112, section 9.6).
 */
export function endPolitely(socket: Socket, linger: number): void {
  if (socket.destroyed) return;
  if (socket.writable) socket.end();
  if (socket.readableEnded && socket.writableFinished) {
    socket.destroy();
    return;
  }
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), linger).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => (socket.writableFinished ? socket.destroy() : undefined));
}

/** Two turns of the event loop: one to take a connection, one to read from it. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await nextTurn();
}
