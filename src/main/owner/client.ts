import type { Socket } from 'node:net';
import {
  type Answer,
  contract,
  type FileResult,
  type Input,
  type Method,
  type Progress,
} from '../../shared/contract.ts';
import { asKeywardError, fail, type KeywardError } from '../../shared/errors.ts';
import type { CallOptions } from '../api/call-context.ts';
import { relayStreams } from './byte-channel.ts';
import { connectToOwner } from './connect.ts';
import { LineReader } from './line-reader.ts';
import {
  fromLine,
  MAX_ANSWER_LINE,
  MAX_REQUEST_LINE,
  type OwnerHello,
  type OwnerMessage,
  ownerHello,
  ownerMessage,
  PROTOCOL,
  toLine,
} from './wire.ts';

/** An owner has this long to say hello, in milliseconds. */
const HELLO_LIMIT = 5_000;

/** An owner has this long to say how a request ended that was cancelled, in milliseconds. */
const CANCEL_LIMIT = 5_000;

type Waiting = {
  readonly progress: ((progress: Progress) => void) | undefined;
  readonly results: (page: readonly FileResult[]) => void;
  readonly attach: (token: string) => void;
  readonly settle: (answer: Answer<Method>) => void;
};

/** A connection to the process that holds the unlocked vault. */
export class OwnerClient {
  /** Which process it is, and what kind. */
  readonly owner: OwnerHello;
  /** Resolves when the connection is over. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #address: string;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #untaken = 0;
  #ended: KeywardError | undefined;

  private constructor(socket: Socket, address: string, owner: OwnerHello, cutter: LineReader) {
    this.#socket = socket;
    this.#address = address;
    this.owner = owner;
    cutter.most = MAX_ANSWER_LINE;
    socket.on('data', (chunk: Buffer) => this.#take(cutter, chunk));
    socket.on('end', () => socket.end());
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        this.#over(lost());
        resolve();
      });
    });
    this.#take(cutter, Buffer.alloc(0));
  }

  /**
   * Connects to the owner at `address`; `undefined` when nobody listens there or who did is just ending.
   * Throws `OwnerUnreachable` for one that does not answer, may not be reached, or is of another version, and
   * `Cancelled` once `signal` is aborted.
   */
  static async connect(address: string, signal?: AbortSignal): Promise<OwnerClient | undefined> {
    const socket = await connectToOwner(address);
    if (socket === undefined) return undefined;
    const cutter = new LineReader(MAX_REQUEST_LINE);
    const line = await firstLine(socket, cutter, signal);
    if (line === undefined) return undefined;
    const hello = fromLine(ownerHello, line);
    if (hello.keyward !== PROTOCOL) {
      socket.destroy();
      throw fail('holder-of-another-version', { pid: hello.pid });
    }
    return new OwnerClient(socket, address, hello, cutter);
  }

  /**
   * Makes a request; never throws. `OwnerBusy` means that it was not begun and may be made again with another owner, as
   * is one that could not be sent any more; `OwnerUnreachable` that the owner died over it.
   */
  async call<M extends Method>(method: M, input: Input<M>, options: CallOptions = {}): Promise<Answer<M>> {
    try {
      const answer = await this.#request(method, input, options);
      if (!answer.ok) return answer;
      const value = contract[method].output.safeParse(answer.value);
      if (!value.success) throw otherVersion();
      return { ok: true, value: value.data } as Answer<M>;
    } catch (error) {
      return { ok: false, error: asKeywardError(error).toBody() };
    }
  }

  /** Ends the connection; what was under way is cancelled by the owner. */
  close(): void {
    this.#over(lost());
    this.#socket.destroy();
  }

  #request(method: Method, input: unknown, options: CallOptions): Promise<Answer<Method>> {
    // Whatever ended the connection, this request was never sent.
    if (this.#ended !== undefined) throw fail('holder-just-ended');
    const id = this.#next++;
    const line = toLine({
      ...{ type: 'request', id, method, input },
      ...(options.as === undefined ? {} : { as: options.as }),
      ...(options.results === undefined ? {} : { pages: true }),
    });
    if (Buffer.byteLength(line) > MAX_REQUEST_LINE) {
      throw fail('request-names-too-many-files');
    }
    let late: NodeJS.Timeout | undefined;
    const stop = () => {
      this.#socket.write(toLine({ type: 'cancel', id }));
      late ??= setTimeout(() => this.#giveUp(id), CANCEL_LIMIT);
    };
    options.signal?.addEventListener('abort', stop, { once: true });
    return new Promise<Answer<Method>>((resolve, reject) => {
      let relay: ReturnType<typeof relayStreams> | undefined;
      let taken: Promise<void> | undefined;
      this.#waiting.set(id, {
        progress: options.progress,
        results: (page) => {
          const before = taken ?? Promise.resolve();
          // Nothing more is read before a page is taken.
          this.#untaken++;
          this.#socket.pause();
          taken = before
            .then(() => options.results?.(page))
            .finally(() => {
              if (--this.#untaken === 0) this.#socket.resume();
            });
          taken.catch(stop);
        },
        attach: (token) => {
          if (options.streams === undefined) return;
          relay = relayStreams(this.#address, token, options.streams, options.signal);
          relay.failed.then(stop);
        },
        settle: (answer) => {
          if (relay !== undefined) relay.finish(answer).then(resolve, reject);
          else if (taken === undefined) resolve(answer);
          else taken.then(() => resolve(answer), reject);
        },
      });
      this.#socket.write(line);
      if (options.signal?.aborted) stop();
    }).finally(() => {
      clearTimeout(late);
      options.signal?.removeEventListener('abort', stop);
    });
  }

  #take(cutter: LineReader, chunk: Buffer): void {
    try {
      cutter.push(chunk);
      for (let line = cutter.next(); line !== undefined; line = cutter.next()) {
        this.#message(fromLine(ownerMessage, line));
      }
    } catch (error) {
      this.#over(asKeywardError(error));
      this.#socket.destroy();
    }
  }

  #message(message: OwnerMessage): void {
    if (message.type === 'bye') {
      this.#over(fail('holder-just-ended'));
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (message.type === 'progress') waiting?.progress?.(message.progress);
    else if (message.type === 'results') waiting?.results(message.results);
    else if (message.type === 'attach') waiting?.attach(message.token);
    else {
      this.#waiting.delete(message.id);
      waiting?.settle(message.answer as Answer<Method>);
    }
  }

  /** Waits no longer for the answer to a request that was cancelled: an owner that is stopped never gives one. */
  #giveUp(id: number): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.settle({ ok: false, error: cancelled().toBody() });
  }

  #over(reason: KeywardError): void {
    this.#ended ??= reason;
    const error = this.#ended.toBody();
    for (const waiting of this.#waiting.values()) waiting.settle({ ok: false, error });
    this.#waiting.clear();
  }
}

/** Says hello and reads the answer; `undefined` when the other end closes instead. */
function firstLine(
  socket: Socket,
  cutter: LineReader,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const done = (act: () => void) => {
      clearTimeout(late);
      socket.off('data', take).off('close', closed).off('end', closed);
      signal?.removeEventListener('abort', stop);
      act();
    };
    const closed = () =>
      done(() => {
        socket.destroy();
        resolve(undefined);
      });
    const take = (chunk: Buffer) => {
      cutter.push(chunk);
      try {
        const line = cutter.next();
        if (line !== undefined) done(() => resolve(line));
      } catch (error) {
        done(() => reject(error));
      }
    };
    const late = setTimeout(() => {
      done(() => {
        socket.destroy();
        reject(fail('holder-does-not-answer'));
      });
    }, HELLO_LIMIT);
    const stop = () =>
      done(() => {
        socket.destroy();
        reject(cancelled());
      });
    signal?.addEventListener('abort', stop, { once: true });
    socket.on('data', take).on('close', closed).on('end', closed);
    if (signal?.aborted === true) return stop();
    socket.write(toLine({ keyward: PROTOCOL }));
  });
}

function cancelled(): KeywardError {
  return fail('cancelled-while-waiting-for-holder');
}

function lost(): KeywardError {
  return fail('connection-to-holder-lost');
}

function otherVersion(): KeywardError {
  return fail('holder-of-an-unknown-version');
}
