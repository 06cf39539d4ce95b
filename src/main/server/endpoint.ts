import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createListener, type Server as Listener, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { randomUuid } from '../crypto/bytes.ts';
import { BodyBudget } from './body-budget.ts';
import { Connections, endPolitely, turns } from './connections.ts';
import { LIMITS, type Limits } from './limits.ts';
import { tryAgainAnswer, unreadableAnswer } from './malformed-request.ts';
import { Refusals } from './refusals.ts';
import {
  answerTo,
  type EndpointDeps,
  type HttpAnswer,
  refusedOutright,
  stopping,
} from './request-handler.ts';
import { CONTENT_TYPE, errorAnswer, throttled } from './wire.ts';

const ADDRESS = '127.0.0.1';

/** How long a stopping endpoint waits without a request before it closes its connections, in milliseconds. */
const SETTLE = 20;

/** Answers that are on their way when the endpoint stops have this long, in milliseconds. */
const FLUSH = 100;

/** How many connections the system queues until they are accepted. */
const BACKLOG = 1_024;

/**
 * The KMS endpoint: AWS KMS's protocol over HTTP on 127.0.0.1, for an unlocked vault. It serves from `listen` to
 * `stop`.
 */
export class Endpoint {
  readonly #deps: EndpointDeps;
  readonly #limits: Limits;
  readonly #refusals: Refusals;
  /** Takes connections, which are read once there is room. */
  readonly #listener: Listener;
  readonly #connections: Connections;
  readonly #http: Server;
  readonly #bodies: BodyBudget;
  readonly #stop = new AbortController();
  /** Answers the requests in flight, if nothing has answered them yet, and forgets them. */
  readonly #flying = new Map<(answer: HttpAnswer) => void, IncomingMessage>();
  /** Connections that were told that they end: nothing more is taken from them. */
  readonly #ending = new WeakSet<Duplex>();
  /** The last request of a connection that was taken: a connection ends behind the answer to it, not before. */
  readonly #latest = new WeakMap<Duplex, IncomingMessage>();
  #port = 0;
  #arrivals = 0;
  #comings = 0;
  #hasShut: () => void = () => undefined;
  readonly #isShut = new Promise<void>((resolve) => {
    this.#hasShut = resolve;
  });
  #stopped: Promise<void> | undefined;

  private constructor(deps: EndpointDeps, limits: Limits) {
    this.#deps = deps;
    this.#limits = limits;
    this.#bodies = new BodyBudget(limits.bodyBytes);
    this.#refusals = new Refusals(
      () => deps.clock.now(),
      (span) => deps.refused?.(span),
    );
    this.#http = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headers,
      requestTimeout: limits.request,
      keepAliveTimeout: limits.idle,
      connectionsCheckingInterval: Math.min(1_000, limits.headers),
      // The guard answers for the host, in AWS's form.
      requireHostHeader: false,
    });
    // Node would leave out the headers beyond a number; their size is bounded.
    this.#http.maxHeadersCount = 0;
    this.#http.timeout = limits.silence;
    // The time that a client is told is over before the connection is: who keeps to it never meets the end.
    this.#http.keepAliveTimeoutBuffer = limits.idle;
    this.#http.on('timeout', (socket: Socket) => this.#quiet(socket));
    this.#http.on('request', (request, response) => this.#take(request, response));
    this.#http.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#unreadable(error, socket));
    this.#http.on('checkContinue', (request, response) => {
      this.#take(request, response, () => response.writeContinue());
    });
    // Starts its checks of time, which it does when it listens by itself.
    this.#http.emit('listening');
    this.#connections = new Connections(limits, {
      admit: (socket) => this.#admit(socket),
      giveUp: (socket) => this.#giveUp(socket),
    });
    this.#listener = createListener(
      { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
      (socket) => {
        this.#comings += 1;
        this.#connections.take(socket);
      },
    );
  }

  /**
   * Listens on 127.0.0.1 at `port`, 0 for one that the system chooses. Throws `PortInUse`, `PermissionDenied`,
   * `IoFailed`.
   */
  static async listen(deps: EndpointDeps, port: number, limits: Limits = LIMITS): Promise<Endpoint> {
    const endpoint = new Endpoint(deps, limits);
    await new Promise<void>((resolve, reject) => {
      const listener = endpoint.#listener;
      listener.once('error', (cause: NodeJS.ErrnoException) => reject(notListening(port, cause)));
      listener.listen({ host: ADDRESS, port, exclusive: true, backlog: BACKLOG }, resolve);
    });
    const address = endpoint.#listener.address();
    if (typeof address === 'object' && address !== null) endpoint.#port = address.port;
    return endpoint;
  }

  /** Where it listens, such as `http://127.0.0.1:43121`. */
  get url(): string {
    return `http://${ADDRESS}:${this.#port}`;
  }

  /**
   * Stops: nobody can connect any more; what is in flight is finished within `drain` or answered
   * `KeyUnavailableException`, as is whatever else is asked on open connections; then they are closed. Safe to call
   * twice.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    const end = performance.now() + this.#limits.drain;
    this.#stop.abort();
    this.#connections.admitAll();
    const closed = this.#shut(end);
    await this.#isShut;
    for (let before = -1; this.#flying.size > 0 || before !== this.#arrivals; ) {
      if (performance.now() > end) break;
      before = this.#arrivals;
      await pause(SETTLE);
      await turns();
    }
    for (const land of this.#flying.keys()) land({ ...errorAnswer(stopping()), last: true });
    // Ends connections that idle, and the checks of time, which would hold on to all this.
    this.#http.close();
    await Promise.race([closed, pause(FLUSH)]);
    this.#connections.destroyAll();
    await closed;
    this.#refusals.end();
  }

  /**
   * Ends listening in a moment in which nobody waits to be let in, since the system resets who does. Who asks before
   * is answered after, so that nobody comes again meanwhile. Resolves when all connections are closed.
   */
  async #shut(end: number): Promise<void> {
    for (let before = -1; before !== this.#comings && performance.now() < end; ) {
      before = this.#comings;
      await turns();
    }
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    this.#hasShut();
    await closed;
  }

  /** Has a connection read, by HTTP. */
  #admit(socket: Socket): void {
    // Node calls it behind the last answer, and would reset who sent more than was read.
    socket.destroySoon = () => {
      this.#connections.leave(socket);
      endPolitely(socket, this.#limits.linger);
    };
    this.#http.emit('connection', socket);
    socket.resume();
  }

  /** Ends a connection on which nothing moves. */
  #quiet(socket: Socket): void {
    const isAwaited = [...this.#flying.values()].some((request) => request.socket === socket);
    if (isAwaited || socket.bytesRead === 0 || !socket.writable) socket.destroy();
    else void this.#connections.endIdle(socket);
  }

  /** Tells who has begun a request, and does not send it to its end, to ask again: others wait. */
  #giveUp(socket: Socket): void {
    const answer = { ...errorAnswer(throttled()), last: true } as const;
    const lands = [...this.#flying].filter(([, request]) => request.socket === socket).map(([land]) => land);
    for (const land of lands) land(answer);
    if (lands.length === 0) this.#hangUp(socket, tryAgainAnswer());
  }

  #take(request: IncomingMessage, response: ServerResponse, goOn: () => void = () => undefined): void {
    const { socket } = request;
    if (this.#ending.has(socket)) return;
    this.#arrivals += 1;
    this.#latest.set(socket, request);
    this.#connections.began(socket, request);
    response.once('close', () => this.#connections.answered(socket, request));
    const requestId = randomUuid();
    response.setHeader('x-amzn-RequestId', requestId);
    if (this.#stop.signal.aborted) {
      void this.#isShut.then(() => this.#send(response, { ...errorAnswer(stopping()), last: true }));
      return;
    }
    const refused = refusedOutright(request, this.#port) ?? this.#busy(socket);
    if (refused !== undefined) {
      this.#send(response, refused);
      return;
    }
    const land = (answer: HttpAnswer) => {
      // Unless the client is gone or was answered before.
      if (!response.headersSent && !response.destroyed) this.#send(response, answer);
      this.#flying.delete(land);
    };
    this.#flying.set(land, request);
    goOn();
    void answerTo(this.#deps, request, requestId, {
      stop: this.#stop.signal,
      bodies: this.#bodies,
    }).then(land);
  }

  /** Hangs up on what can't be read, with an answer unless one is on its way. What was whole before is answered. */
  #unreadable({ code }: NodeJS.ErrnoException, socket: Duplex): void {
    if ([...this.#flying.values()].some((request) => request.socket === socket && request.complete)) {
      this.#ending.add(socket);
      return;
    }
    if (socket instanceof Socket)
      this.#hangUp(socket, code === 'ECONNRESET' ? '' : unreadableAnswer(code, this.#limits));
  }

  /** Ends a connection, with an answer unless one is on its way. */
  #hangUp(socket: Socket, answer: string): void {
    if (!this.#ending.has(socket) && socket.writable && answer !== '') socket.write(answer);
    this.#ending.add(socket);
    this.#connections.leave(socket);
    endPolitely(socket, this.#limits.linger);
  }

  #busy(socket: Socket): HttpAnswer | undefined {
    if (this.#flying.size < this.#limits.requests && !this.#connections.isRefused(socket)) return undefined;
    return { ...errorAnswer(throttled()), last: true };
  }

  #send(response: ServerResponse, { status, body, last, refused }: HttpAnswer): void {
    if (refused !== undefined) this.#refusals.note(refused);
    const bytes = Buffer.from(body);
    const { req: request } = response;
    const { socket } = request;
    if (last === true || this.#stop.signal.aborted || this.#connections.isCrowded) this.#ending.add(socket);
    if (this.#ending.has(socket) && this.#latest.get(socket) === request) {
      response.setHeader('Connection', 'close');
    }
    if (status === 405) response.setHeader('Allow', 'POST');
    response.writeHead(status, {
      'Content-Type': CONTENT_TYPE,
      'Content-Length': bytes.length,
      'Cache-Control': 'no-store',
      // AWS's clients set their clocks by it.
      Date: new Date(this.#deps.clock.now()).toUTCString(),
    });
    response.write(bytes);
    void sentWhole(request, this.#limits.linger).then(() => response.end());
  }
}

/**
 * Resolves once a request was sent to its end, after `linger` ms at the latest; the rest of it is thrown away. Who is
 * hung up on in the middle of a body may never read the answer (RFC 9112, section 9.6).
 */
function sentWhole(request: IncomingMessage, linger: number): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, linger);
    function done() {
      clearTimeout(timer);
      resolve();
    }
    request.once('end', done);
    request.once('close', done);
    request.resume();
  });
}

function notListening(port: number, cause: NodeJS.ErrnoException): KeywardError {
  const at = `${ADDRESS}:${port}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return fail('port-taken', { at }, { port }, cause);
    case 'EACCES':
      return fail('port-not-permitted', { at }, { port }, cause);
    default:
      return fail('port-not-listened', { at, why: cause.message }, { port }, cause);
  }
}
