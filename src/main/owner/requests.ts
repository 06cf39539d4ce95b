import type { Socket } from 'node:net';
import { type Answer, contract, type Method } from '../../shared/contract.ts';
import { asKeywardError, fail, type KeywardError } from '../../shared/errors.ts';
import type { Role } from '../../shared/roles.ts';
import type { CallContext } from '../api/call-context.ts';
import { pieces, pieceWriter } from './byte-stream.ts';
import type { Connection } from './connection.ts';
import type { ServedSession } from './served-session.ts';

/** A client has this long to bring the bytes it announced, in milliseconds. */
const ATTACH_LIMIT = 10_000;

type Attached = { readonly socket: Socket; readonly before: Buffer };

/** A request as a client makes it; see `clientMessage`. */
type Asked = {
  readonly id: number;
  readonly method: Method;
  readonly input: unknown;
  readonly as: Role | undefined;
  readonly pages: true | undefined;
};

/** One request of one client while it is being worked on. */
type RunningRequest = { readonly connection: Connection; readonly id: number; cancel(): void };

/**
 * The requests in flight: starts them at the session, passes progress on, brings byte streams together with
 * the request they belong to, cancels.
 */
export class Requests {
  readonly #session: ServedSession;
  readonly #newToken: () => string;
  readonly #running = new Set<RunningRequest>();
  readonly #awaited = new Map<string, (attached: Attached) => void>();

  /** `newToken` gives unguessable text, one for each byte stream. */
  constructor(session: ServedSession, newToken: () => string) {
    this.#session = session;
    this.#newToken = newToken;
  }

  /** How many are in flight. */
  get count(): number {
    return this.#running.size;
  }

  /** Works on a request and sends its answer. Never throws. */
  async run(connection: Connection, { id, method, input, as, pages }: Asked): Promise<void> {
    const abort = new AbortController();
    const running = { connection, id, cancel: () => abort.abort() };
    this.#running.add(running);
    try {
      const caller: CallContext = {
        client: 'cli',
        ...(as === undefined ? {} : { as }),
        signal: abort.signal,
        progress: (progress) => connection.send({ type: 'progress', id, progress }),
        ...(pages !== true
          ? {}
          : { results: (page) => connection.sent({ type: 'results', id, results: [...page] }) }),
      };
      const answer =
        'streams' in contract[method]
          ? await this.#withBytes(connection, id, method, input, caller)
          : await this.#session.call(method, input, caller);
      connection.send({ type: 'answer', id, answer });
    } catch (error) {
      connection.send({ type: 'answer', id, answer: { ok: false, error: asKeywardError(error).toBody() } });
    } finally {
      this.#running.delete(running);
    }
  }

  /** Cancels one request of a connection, or all of them. */
  cancel(connection: Connection, id?: number): void {
    for (const running of this.#running) {
      if (running.connection === connection && (id === undefined || running.id === id)) running.cancel();
    }
  }

  /** Whether a connection still waits for an answer. */
  waits(connection: Connection): boolean {
    return [...this.#running].some((running) => running.connection === connection);
  }

  /** Cancels everything. */
  cancelAll(): void {
    for (const running of this.#running) running.cancel();
  }

  /** Takes the connection that brings the bytes of a request; one that nobody asked for is cut. */
  attach(token: string, socket: Socket, before: Buffer): void {
    const taker = this.#awaited.get(token);
    this.#awaited.delete(token);
    if (taker === undefined) socket.destroy();
    else taker({ socket, before });
  }

  async #withBytes(
    connection: Connection,
    id: number,
    method: Method,
    input: unknown,
    caller: CallContext,
  ): Promise<Answer<Method>> {
    const { socket, before } = await this.#attached(connection, id, caller.signal);
    const stop = () => socket.destroy();
    caller.signal.addEventListener('abort', stop, { once: true });
    if (caller.signal.aborted) stop();
    const upload = pieces(socket, before);
    try {
      const output = pieceWriter(socket);
      const streams = { input: upload, output };
      const answer = await this.#session.call(method, input, { ...caller, streams });
      if (answer.ok) await ended(output);
      return answer;
    } finally {
      await takenOver(socket, upload);
      caller.signal.removeEventListener('abort', stop);
    }
  }

  #attached(connection: Connection, id: number, signal: AbortSignal): Promise<Attached> {
    const token = this.#newToken();
    return new Promise((resolve, reject) => {
      const end = (error: KeywardError) => {
        clearTimeout(late);
        this.#awaited.delete(token);
        reject(error);
      };
      const stop = () => end(fail('request-cancelled'));
      const late = setTimeout(() => end(fail('stream-did-not-arrive')), ATTACH_LIMIT);
      signal.addEventListener('abort', stop, { once: true });
      this.#awaited.set(token, (attached) => {
        clearTimeout(late);
        signal.removeEventListener('abort', stop);
        resolve(attached);
      });
      connection.send({ type: 'attach', id, token });
    });
  }
}

/**
 * Ends a stream's connection so that nothing that was written into it is lost: closing one while bytes of the other
 * end lie there unread resets it (unix(7)), and the reset overtakes what the other end has not read yet. So what
 * still comes up is read and dropped until the other end, which has everything then, closes. A cancel ends the wait.
 */
async function takenOver(socket: Socket, upload: AsyncGenerator<Buffer>): Promise<void> {
  if (socket.closed) return;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.end();
  // A read of the call's own that is under way comes first.
  upload.return(undefined).then(
    () => socket.resume(),
    () => socket.resume(),
  );
  await closed;
}

/** Ends a stream and waits until it is flushed. */
function ended(output: NonNullable<CallContext['streams']>['output']): Promise<void> {
  return new Promise((resolve, reject) => {
    if (output.writableFinished) return resolve();
    output.once('error', reject).once('finish', resolve);
    if (output.destroyed) reject(fail('stream-left'));
    else if (!output.writableEnded) output.end();
  });
}
