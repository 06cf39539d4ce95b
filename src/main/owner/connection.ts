import type { Socket } from 'node:net';
import { asKeywardError } from '../../shared/errors.ts';
import { LineReader } from './line-reader.ts';
import {
  type ClientMessage,
  clientHello,
  clientMessage,
  fromLine,
  MAX_HELLO_LINE,
  MAX_REQUEST_LINE,
  type OwnerHello,
  type OwnerMessage,
  PROTOCOL,
  toLine,
} from './wire.ts';

/** A client has this long to say hello, in milliseconds. */
const HELLO_LIMIT = 5_000;

/** Bytes waiting for a slow client beyond which progress is no longer told to it, and results wait. */
const SLOW = 256 * 1024;

/** What the server makes of a connection. */
type ConnectionEvents = {
  /** What a client is greeted with; `undefined`: the owner is ending, and a client tries again elsewhere. */
  hello(): OwnerHello | undefined;
  /** A client that said hello on a control connection. */
  open(connection: Connection): void;
  /** A client's message on a control connection. */
  message(connection: Connection, message: ClientMessage): void;
  /** A second connection that brings the bytes of a request; `before` was already read. */
  attach(token: string, socket: Socket, before: Buffer): void;
  /** The client is gone. */
  gone(connection: Connection): void;
};

/** One client's control connection, seen from the owner. A client that does not keep to the wire is cut off. */
export class Connection {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Takes a new socket: reads its hello and makes it a control connection or hands its bytes on. */
  static accept(socket: Socket, events: ConnectionEvents): void {
    const cutter = new LineReader(MAX_HELLO_LINE);
    const late = setTimeout(() => socket.destroy(), HELLO_LIMIT);
    const connection = new Connection(socket);
    let greeted = false;
    const take = (chunk: Buffer) => {
      try {
        cutter.push(chunk);
        for (let line = cutter.next(); line !== undefined; line = cutter.next()) {
          if (greeted) {
            events.message(connection, fromLine(clientMessage, line));
            continue;
          }
          clearTimeout(late);
          const { keyward, attach } = fromLine(clientHello, line);
          if (attach !== undefined) {
            socket.pause();
            socket.off('data', take);
            events.attach(attach, socket, cutter.rest());
            return;
          }
          const hello = events.hello();
          if (hello === undefined) {
            socket.destroy();
            return;
          }
          greeted = true;
          cutter.most = MAX_REQUEST_LINE;
          socket.write(toLine(hello));
          if (keyward === PROTOCOL) events.open(connection);
          else socket.end();
        }
      } catch (error) {
        // The request's own number is unknown here: the reason goes out as an answer to no request.
        const answer = { ok: false, error: asKeywardError(error).toBody() } as const;
        socket.end(toLine({ type: 'answer', id: 0, answer }));
        socket.off('data', take);
        socket.resume();
      }
    };
    socket.on('data', take);
    socket.on('error', () => undefined);
    socket.on('end', () => greeted && socket.end());
    socket.on('close', () => {
      clearTimeout(late);
      if (greeted) events.gone(connection);
    });
  }

  /** Sends a message; a client too slow to read its progress is spared it. */
  send(message: OwnerMessage): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (message.type === 'progress' && this.#socket.writableLength > SLOW) return;
    this.#socket.write(toLine(message));
  }

  /** As `send`; resolves once the client has taken most of what was sent to it, or is gone. */
  async sent(message: OwnerMessage): Promise<void> {
    this.send(message);
    const socket = this.#socket;
    if (socket.writableLength <= SLOW || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.once('drain', done).once('close', done);
    });
  }

  /** Says that no more requests are taken, and ends the connection once that is on its way. */
  end(): void {
    this.send({ type: 'bye' });
    this.#socket.end();
    this.#socket.resume();
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy();
  }
}
