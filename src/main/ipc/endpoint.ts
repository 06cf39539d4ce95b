import { PassThrough, Writable } from 'node:stream';
import { fail, type KeywardError } from '../../shared/errors.ts';
import type { CallContext } from '../api/call-context.ts';

/** Serves the KMS endpoint at a port, 0 for a free one: it says by a line that it listens, and ends with its input. */
export type Serve = (port: number, streams: NonNullable<CallContext['streams']>) => Promise<unknown>;

/** The KMS endpoint as far as the window has started it: it listens from `start` to `stop`, or until the vault locks. */
export class WindowEndpoint {
  readonly #serve: Serve;
  #serving: { readonly input: PassThrough; readonly ended: Promise<void> } | undefined;

  constructor(serve: Serve) {
    this.#serve = serve;
  }

  /** Whether the window serves it; a command may serve it as well, in the window's process. */
  get serving(): boolean {
    return this.#serving !== undefined;
  }

  /**
   * Resolves when it listens at `port`, 0 for one that is free. Throws what the owner throws: `PortInUse`,
   * `AlreadyExistsException` while it listens already, `AccessDeniedException` for roles that may not.
   */
  async start(port: number): Promise<void> {
    const input = new PassThrough();
    const { promise: listens, resolve } = Promise.withResolvers<void>();
    const output = new Writable({
      write(_line, _encoding, done) {
        resolve();
        done();
      },
    });
    const call = this.#serve(port, { input, output });
    let over = false;
    const ended = call.then(nothing, nothing).then(() => {
      over = true;
      if (this.#serving?.input === input) this.#serving = undefined;
    });
    await Promise.race([listens, call]);
    if (!over) this.#serving = { input, ended };
  }

  /** Stops it; calls in flight are finished or refused first. Throws `NotFoundException` if the window serves none. */
  async stop(): Promise<void> {
    const serving = this.#serving;
    if (serving === undefined) throw notOurs();
    serving.input.end();
    await serving.ended;
  }
}

function nothing(): void {
  // How the call ended is told to who started or locked.
}

function notOurs(): KeywardError {
  return fail('no-endpoint-of-window');
}
