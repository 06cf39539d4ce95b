import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as Listener } from 'node:net';
import type { Duplex } from 'node:stream';
import { KeywardError } from '../../shared/errors.ts';
import { randomUuid } from '../crypto/bytes.ts';
import { LIMITS, type Limits } from './limits.ts';
import { unreadableAnswer } from './malformed-request.ts';
import { Refusals } from './refusals.ts';
import {
  answerTo,
  type EndpointDeps,
  type HttpAnswer,
  refusedOutright,
  stopping,
} from './request-handler.ts';
import { CONTENT_TYPE, errorAnswer } from './wire.ts';

const ADDRESS = '127.0.0.1';

/** Once nothing was asked for so long, in milliseconds, the endpoint that stops closes its connections. */
const SETTLE = 20;

/** Answers that are on their way when the endpoint stops have this long, in milliseconds. */
const FLUSH = 100;

/**
 * The KMS endpoint: AWS KMS's protocol over HTTP on 127.0.0.1, for an unlocked vault. It serves from `listen` to
 * `stop`.
 */
export class Endpoint {
  readonly #deps: EndpointDeps;
  readonly #limits: Limits;
  readonly #refusals: Refusals;
  readonly #http: Server;
  readonly #stop = new AbortController();
  /** Answers the requests in flight, if nothing has answered them yet, and forgets them. */
  readonly #flying = new Map<() => void, IncomingMessage>();
  /** Connections that were told that they end: nothing more is taken from them. */
  readonly #ending = new WeakSet<Duplex>();
  #port = 0;
  #arrivals = 0;
  #connections = 0;
  #hasShut: () => void = () => undefined;
  readonly #isShut = new Promise<void>((resolve) => {
    this.#hasShut = resolve;
  });
  #stopped: Promise<void> | undefined;

  private constructor(deps: EndpointDeps, limits: Limits) {
    this.#deps = deps;
    this.#limits = limits;
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
    this.#http.maxConnections = limits.connections;
    // Node would leave out the headers beyond a number; their size is bounded.
    this.#http.maxHeadersCount = 0;
    this.#http.timeout = limits.silence;
    this.#http.on('connection', () => {
      this.#connections += 1;
    });
    this.#http.on('request', (request, response) => this.#take(request, response));
    this.#http.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#unreadable(error, socket));
    this.#http.on('checkContinue', (request, response) => {
      this.#take(request, response, () => response.writeContinue());
    });
  }

  /**
   * Listens on 127.0.0.1 at `port`, 0 for one that the system chooses. Throws `PortInUse`, `PermissionDenied`,
   * `IoFailed`.
   */
  static async listen(deps: EndpointDeps, port: number, limits: Limits = LIMITS): Promise<Endpoint> {
    const endpoint = new Endpoint(deps, limits);
    await new Promise<void>((resolve, reject) => {
      endpoint.#http.once('error', (cause: NodeJS.ErrnoException) => reject(notListening(port, cause)));
      endpoint.#http.listen({ host: ADDRESS, port, exclusive: true }, resolve);
    });
    const address = endpoint.#http.address();
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
    const closed = this.#shut(end);
    await this.#isShut;
    for (let before = -1; this.#flying.size > 0 || before !== this.#arrivals; ) {
      if (performance.now() > end) break;
      before = this.#arrivals;
      await pause(SETTLE);
      await turns();
    }
    for (const giveUp of this.#flying.keys()) giveUp();
    // Ends connections that idle, and the checks of time, which would hold on to all this.
    this.#http.close();
    await Promise.race([closed, pause(FLUSH)]);
    this.#http.closeAllConnections();
    await closed;
    this.#refusals.end();
  }

  /**
   * Ends listening in a moment in which nobody waits to be let in, since the system resets who does. Who asks before
   * is answered after, so that nobody comes again meanwhile. Resolves when all connections are closed.
   */
  async #shut(end: number): Promise<void> {
    for (let before = -1; before !== this.#connections && performance.now() < end; ) {
      before = this.#connections;
      await turns();
    }
    // `close` of an HTTP server would cut off what is just being asked on connections that idle.
    const closed = new Promise<void>((resolve) => Listener.prototype.close.call(this.#http, () => resolve()));
    this.#hasShut();
    await closed;
  }

  #take(request: IncomingMessage, response: ServerResponse, goOn: () => void = () => undefined): void {
    if (this.#ending.has(request.socket)) return;
    this.#arrivals += 1;
    const requestId = randomUuid();
    response.setHeader('x-amzn-RequestId', requestId);
    if (this.#stop.signal.aborted) {
      void this.#isShut.then(() => this.#send(response, { ...errorAnswer(stopping()), last: true }));
      return;
    }
    const refused = refusedOutright(request, this.#port) ?? this.#busy();
    if (refused !== undefined) {
      this.#send(response, refused);
      return;
    }
    const giveUp = () => this.#land(response, { ...errorAnswer(stopping()), last: true }, giveUp);
    this.#flying.set(giveUp, request);
    goOn();
    void answerTo(this.#deps, request, requestId, this.#stop.signal).then((answer) =>
      this.#land(response, answer, giveUp),
    );
  }

  /** Hangs up on what can't be read, with an answer unless one is on its way. What was whole before is answered. */
  #unreadable({ code }: NodeJS.ErrnoException, socket: Duplex): void {
    const isTold = this.#ending.has(socket);
    this.#ending.add(socket);
    if ([...this.#flying.values()].some((request) => request.socket === socket && request.complete)) return;
    if (!isTold && socket.writable && code !== 'ECONNRESET')
      socket.write(unreadableAnswer(code, this.#limits));
    socket.end(() => socket.destroy());
  }

  /** Answers, unless the client is gone or was answered before. */
  #land(response: ServerResponse, answer: HttpAnswer, giveUp: () => void): void {
    if (!response.headersSent && !response.destroyed) this.#send(response, answer);
    this.#flying.delete(giveUp);
  }

  #busy(): HttpAnswer | undefined {
    if (this.#flying.size < this.#limits.requests) return undefined;
    return { ...errorAnswer(new KeywardError('ThrottlingException', 'Rate exceeded')), last: true };
  }

  #send(response: ServerResponse, { status, body, last, refused }: HttpAnswer): void {
    if (refused !== undefined) this.#refusals.note(refused);
    const bytes = Buffer.from(body);
    const { req: request } = response;
    if (last === true || this.#stop.signal.aborted || this.#ending.has(request.socket)) {
      response.setHeader('Connection', 'close');
      this.#ending.add(request.socket);
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
      return new KeywardError(
        'PortInUse',
        `Something listens at ${at} already. Choose another port, or none to get a free one.`,
        { port },
        cause,
      );
    case 'EACCES':
      return new KeywardError(
        'PermissionDenied',
        `Keyward may not listen at ${at}: the system keeps low ports. Choose a port above 1023.`,
        { port },
        cause,
      );
    default:
      return new KeywardError('IoFailed', `Could not listen at ${at}: ${cause.message}.`, { port }, cause);
  }
}

/** Two turns of the event loop: one to take a connection, one to read from it. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
