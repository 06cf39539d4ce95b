import type { Method } from '../../shared/contract.ts';
import type { CallContext, OpenVault } from '../api/call-context.ts';
import { newToken } from '../api/new-token.ts';
import { openSession } from '../api/open-session.ts';
import type { Session } from '../api/session.ts';
import type { SessionOptions } from '../api/session-facts.ts';
import type { Claim } from '../home/claim.ts';
import { exitProcess } from '../home/exit-process.ts';
import { socketAddress } from '../home/paths.ts';
import { OwnerServer } from './server.ts';

/** How the vault is held. */
type HeldVaultOptions = SessionOptions & {
  /** Called at what another process asks, but for a look at the state. */
  readonly used?: () => void;
  /** Ends the process, and the keys with it; by default `exitProcess`. */
  readonly lastResort?: () => void;
};

/**
 * Of each kind of owner: how long a lock may take before the process must go, in milliseconds (a command's own work is
 * cancelled by its caller instead); whether it counts its use by the requests of others alone, and so ends when it was
 * idle; whether it lives on after a lock, and so need not wait for what is kept beside the vault.
 */
const KINDS = {
  window: { lockLimit: 5_000, endsIdle: false, livesOn: true },
  background: { lockLimit: 1_000, endsIdle: true, livesOn: false },
  command: { lockLimit: undefined, endsIdle: false, livesOn: false },
} as const satisfies { readonly [K in SessionOptions['kind']]: unknown };

type HeldSession = OpenVault & Pick<Session, 'rescue' | 'warnings' | 'close'>;

type Parts = {
  readonly claim: Pick<Claim, 'release'>;
  readonly session: HeldSession;
  readonly server: Pick<OwnerServer, 'ended' | 'busy' | 'drain' | 'close'>;
};

/**
 * The unlocked vault in the process that holds it, whichever face that is: the claim on its home, its session, and the
 * socket by which other processes use it.
 */
export class HeldVault {
  readonly session: HeldSession;
  /** Resolves when others are served no more: the vault was locked, or idle for too long. */
  readonly ended: Promise<unknown>;
  readonly #parts: Parts;
  readonly #options: Pick<HeldVaultOptions, 'kind' | 'lastResort'>;
  #closing: Promise<void> | undefined;
  #settled: Promise<void> = Promise.resolve();

  /** Of parts that are there already; see `open`. */
  constructor(parts: Parts, options: Pick<HeldVaultOptions, 'kind' | 'lastResort'>) {
    this.#parts = parts;
    this.#options = options;
    this.session = parts.session;
    this.ended = parts.server.ended;
  }

  /**
   * Unlocks the vault of a claimed home and serves it. The claim is released at `close`, or here if this fails. Throws
   * what `openSession` throws, and `OwnerUnreachable` if the socket can't be made.
   */
  static async open(claim: Claim, options: HeldVaultOptions): Promise<HeldVault> {
    const { kind, clock, used, lastResort = lastExit } = options;
    let session: Session | undefined;
    try {
      session = await openSession(claim, options);
      const served = servedOf(session, KINDS[kind].endsIdle, used);
      const server = await OwnerServer.listen(served, socketAddress(claim.home), {
        ...{ kind, newToken, lastResort },
        ...(clock === undefined ? {} : { clock }),
      });
      return new HeldVault({ claim, session, server }, options);
    } catch (error) {
      await session?.close();
      await claim.release();
      throw error;
    }
  }

  /** Requests of other processes in flight. */
  get busy(): number {
    return this.#parts.server.busy;
  }

  /** Resolves when what is kept beside the vault of a lock is kept too: a keychain may take its time. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** Resolves when no other process is being served; new requests are refused meanwhile. */
  drain(): Promise<void> {
    return this.#parts.server.drain();
  }

  /**
   * Locks: the keys go first, others then hear of it, and the home is let go of last. Where it takes too long the
   * process ends, and the keys with it. Safe to call twice.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { kind, lastResort = lastExit } = this.#options;
    const { lockLimit, livesOn } = KINDS[kind];
    const last = lockLimit === undefined ? undefined : setTimeout(lastResort, lockLimit);
    this.#settled = this.session.close();
    await this.session.locked;
    clearTimeout(last);
    await this.#parts.server.close();
    if (!livesOn) await this.#settled;
    await this.#parts.claim.release();
  }
}

/** What other processes reach of the session. */
function servedOf(session: HeldSession, endsIdle: boolean, used?: () => void) {
  return {
    get idleMinutes() {
      return endsIdle ? session.idleMinutes : null;
    },
    call: <M extends Method>(method: M, input: unknown, caller: CallContext) => {
      if (method !== 'vault.status') used?.();
      return session.call(method, input, caller);
    },
    locked: session.locked,
  };
}

function lastExit(): never {
  return exitProcess(1);
}
