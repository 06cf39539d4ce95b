import { createServer, type Server } from 'node:net';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Method } from '../../shared/contract.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { pause } from '../disk/abortable.ts';
import { setMode, unlinkFile } from '../disk/tree.ts';
import { Connection } from './connection.ts';
import { Requests } from './requests.ts';
import type { ServedSession } from './served-session.ts';
import { type ClientMessage, isMethod, type OwnerHello, PROTOCOL } from './wire.ts';

/** The idle time is looked at this often, in milliseconds, so that a lid closed overnight counts too. */
const IDLE_LOOK = 5_000;

/** A lock has this long to be done before the process itself must go, in milliseconds. */
const LOCK_LIMIT = 900;

/** Clients have this long to hear that the owner ends, in milliseconds. */
const FAREWELL_LIMIT = 1_000;

/** Requests that are served at one time; further ones are refused. */
const MAX_REQUESTS = 256;

/** Requests that neither keep the vault awake nor are refused while the owner drains. */
const ALWAYS: readonly Method[] = ['vault.status', 'vault.lock'];

/** How an owner serves. */
export type OwnerOptions = {
  readonly kind: OwnerHello['kind'];
  /** Unguessable text, a new one at each call. */
  readonly newToken: () => string;
  /** Called when a lock that was asked for is not done in time: ends the process, and the keys with it. */
  readonly lastResort: () => void;
  readonly clock?: Clock;
};

/**
 * Serves an unlocked vault to other processes of the same user over a socket (0600) that only the holder of
 * the home's claim makes. It ends by `close`, after `drain`, when the vault is locked, or when it was idle.
 */
export class OwnerServer {
  /** Resolves when it serves no more: the vault was locked, nobody used it any longer, or it was closed. */
  readonly ended: Promise<'locked' | 'idle' | 'closed'>;
  readonly #requests: Requests;
  readonly #options: OwnerOptions;
  readonly #session: ServedSession;
  readonly #clock: Clock;
  readonly #net: Server;
  readonly #connections = new Set<Connection>();
  readonly #idle: NodeJS.Timeout;
  #lastUse: number;
  #draining = false;
  #stopping = false;
  #finish: (why: 'locked' | 'idle' | 'closed') => void = () => undefined;
  #onQuiet: (() => void) | undefined;

  private constructor(session: ServedSession, options: OwnerOptions, net: Server) {
    this.#session = session;
    this.#options = options;
    this.#net = net;
    this.#clock = options.clock ?? systemClock;
    this.#requests = new Requests(session, options.newToken);
    this.#lastUse = this.#clock.now();
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#idle = setInterval(() => this.#lookIdle(), idleLook(session.idleMinutes));
    session.locked.then(() => this.#stop('locked'));
  }

  /**
   * Listens at `address`; a socket file that a dead owner left there is removed first, which is safe only
   * under the home's claim. Throws `OwnerUnreachable` if the socket can't be made.
   */
  static async listen(session: ServedSession, address: string, options: OwnerOptions): Promise<OwnerServer> {
    const file = process.platform !== 'win32';
    if (file) await unlinkFile(address);
    const net = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      net.once('error', (cause) =>
        reject(fail('socket-not-made', { address, why: cause.message }, { path: address }, cause)),
      );
      net.listen(address, resolve);
    });
    if (file) await setMode(address, 0o600);
    const server = new OwnerServer(session, options, net);
    const hello = { keyward: PROTOCOL, pid: process.pid, kind: options.kind };
    net.on('connection', (socket) =>
      Connection.accept(socket, {
        hello: () => (server.#stopping ? undefined : hello),
        open: (connection) => {
          server.#connections.add(connection);
        },
        message: (connection, message) => server.#message(connection, message),
        attach: (token, bytes, before) => server.#requests.attach(token, bytes, before),
        gone: (connection) => server.#gone(connection),
      }),
    );
    return server;
  }

  /**
   * For an owner whose own work is done: serves what others have begun, refuses new requests with
   * `OwnerBusy`, and resolves when nothing is in flight. A lock ends the wait.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#requests.count > 0) {
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve;
        this.ended.then(() => resolve());
      });
    }
  }

  /** Requests of others in flight. */
  get busy(): number {
    return this.#requests.count;
  }

  /** Stops serving; what is in flight is cancelled. The session stays the caller's to close. */
  async close(): Promise<void> {
    await this.#stop('closed');
    await this.ended;
  }

  #message(connection: Connection, message: ClientMessage): void {
    if (message.type === 'cancel') {
      this.#requests.cancel(connection, message.id);
      return;
    }
    const { id, method, input, as, pages } = message;
    const refused = this.#refusal(method);
    if (refused !== undefined) {
      connection.send({ type: 'answer', id, answer: { ok: false, error: refused.toBody() } });
      return;
    }
    if (!isMethod(method)) return;
    if (method === 'vault.lock') {
      this.#requests.cancelAll();
      this.#lockInTime();
    }
    const counts = !ALWAYS.includes(method);
    if (counts) this.#lastUse = this.#clock.now();
    this.#requests.run(connection, { id, method, input, as, pages }).then(() => {
      if (counts) this.#lastUse = this.#clock.now();
      if (this.#draining && this.#requests.count === 0) this.#onQuiet?.();
    });
  }

  #refusal(method: string): KeywardError | undefined {
    if (!isMethod(method)) {
      return fail('request-unknown');
    }
    if (ALWAYS.includes(method)) return undefined;
    // A command ends with its own work; an endpoint within it would keep it, and end with it.
    if (method === 'endpoint.serve' && this.#options.kind === 'command') {
      return fail('another-command-at-work');
    }
    if (this.#draining || this.#requests.count >= MAX_REQUESTS) {
      return fail('holder-busy');
    }
    return undefined;
  }

  /** A lock stops the jobs at once and does not wait for ever: the keys go with the process if need be. */
  #lockInTime(): void {
    const last = setTimeout(() => this.#options.lastResort(), LOCK_LIMIT);
    this.#session.locked.then(() => clearTimeout(last));
  }

  #gone(connection: Connection): void {
    this.#connections.delete(connection);
    this.#requests.cancel(connection);
  }

  #lookIdle(): void {
    const minutes = this.#session.idleMinutes;
    if (minutes === null || this.#requests.count > 0) return;
    if (this.#clock.now() - this.#lastUse >= minutes * 60_000) this.#stop('idle');
  }

  async #stop(why: 'locked' | 'idle' | 'closed'): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#idle);
    this.#draining = true;
    this.#net.close();
    if (why !== 'idle') this.#requests.cancelAll();
    // What was cancelled gets a moment to say so to its caller.
    for (let waited = 0; this.#requests.count > 0 && waited < 300; waited += 10) await pause(10);
    for (const connection of this.#connections) {
      // The farewell promises that nothing unanswered was begun; who still waits is cut off without it.
      if (this.#requests.waits(connection)) connection.destroy();
      else connection.end();
    }
    // A process that ends resets what it has not read, and with it the farewell; so who listens hears it first.
    for (let waited = 0; this.#connections.size > 0 && waited < FAREWELL_LIMIT; waited += 10) await pause(10);
    this.#finish(why);
  }
}

function idleLook(minutes: number | null): number {
  return minutes === null ? IDLE_LOOK : Math.max(10, Math.min(IDLE_LOOK, minutes * 15_000));
}
