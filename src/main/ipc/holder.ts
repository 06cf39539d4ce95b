import type { z } from 'zod';
import type { BridgeOutput, bridge, WindowStatus } from '../../shared/bridge.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Input, Method, Output } from '../../shared/contract.ts';
import type { Credential } from '../../shared/credential.ts';
import { fail, fromErrorBody, type KeywardError } from '../../shared/errors.ts';
import type { JobFacts } from '../../shared/job-contract.ts';
import { type CallOptions, contextOf } from '../api/call-context.ts';
import type { RestoredVault } from '../api/restore.ts';
import { WindowEndpoint } from './endpoint.ts';
import type { HomeClaim, VaultPorts, WindowVault } from './session.ts';

type Asked = z.output<(typeof bridge)['vault.unlock']['input']>;
/** What unlocks; files with shares were read. */
type Unlock =
  | Exclude<Asked, { kind: 'shares' }>
  | {
      readonly kind: 'shares';
      readonly shares: readonly string[];
      readonly putBackRead?: string | undefined;
      readonly withoutAudit?: true | undefined;
    };
/** What the owner shows once more. */
type Shown = z.output<(typeof bridge)['vault.stepUp']['input']>;

/** The page looks at these by itself, which is no use of the vault. */
const LOOKS: readonly Method[] = ['vault.status', 'jobs.list', 'jobs.show'];

/**
 * Holds the vault for the window: claims the home when it unlocks, serves the vault to commands meanwhile,
 * and lets go of all of it at lock, whoever locks.
 */
export class VaultHolder<C extends HomeClaim> {
  /** Called when the vault was locked and everything of it is gone. */
  onLocked: () => void = () => undefined;
  /** Called with how a job of the open vault stands, whoever began it. */
  onJob: (facts: JobFacts) => void = () => undefined;
  /** The KMS endpoint, as far as the window has started it. */
  readonly #endpoint = new WindowEndpoint((port, streams) =>
    this.call('endpoint.serve', { port, unsigned: false }, { streams }),
  );
  readonly #ports: VaultPorts<C>;
  readonly #clock: Clock;
  #held: WindowVault | undefined;
  #letting: Promise<void> | undefined;
  #settled: Promise<void> = Promise.resolve();
  #opening: Promise<void> | undefined;
  #showingPhrase = false;
  #lastUse: number;

  constructor(ports: VaultPorts<C>, clock: Clock) {
    this.#ports = ports;
    this.#clock = clock;
    this.#lastUse = clock.now();
  }

  get unlocked(): boolean {
    return this.#held !== undefined;
  }

  /** Whether the vault may lock by itself: not while a new recovery phrase is on the screen, which is shown once. */
  get mayLockItself(): boolean {
    return this.#held !== undefined && !this.#showingPhrase;
  }

  /** The vault's state, with the process that holds it if that is another one. */
  async status(): Promise<WindowStatus> {
    if (this.#held !== undefined) {
      const { endpoint, ...open } = await this.call('vault.status', {});
      if (endpoint === undefined) return open;
      return { ...open, endpoint: { ...endpoint, by: this.#endpoint.serving ? 'window' : 'command' } };
    }
    const status = await this.#ports.lockedStatus();
    const holder = await this.#ports.holder();
    return holder === undefined ? status : { ...status, state: 'elsewhere', holder };
  }

  /** Makes the vault and unlocks it; the phrase is given out this once. Wipes `passphrase`. */
  async init(passphrase: Uint8Array, keychain: boolean): Promise<BridgeOutput<'vault.init'>> {
    const bytes = Buffer.from(passphrase.buffer, passphrase.byteOffset, passphrase.byteLength);
    try {
      return await this.#claimed(async (claim) => {
        const made = await this.#ports.init(claim, { passphrase: bytes, keychain });
        await this.#open(claim, { kind: 'passphrase', bytes });
        this.#showingPhrase = true;
        return { phrase: made.phrase, keychain: made.protectors.includes('keychain') };
      });
    } finally {
      bytes.fill(0);
    }
  }

  /** Makes the vault of a backup and unlocks it. `phrase`: its bytes, or shares. Wipes both secrets. Throws as `restoreVault`. */
  async restore(
    from: string,
    phrase: Uint8Array | readonly string[],
    passphrase: Uint8Array,
    keychain: boolean,
  ): Promise<RestoredVault> {
    const bytes = bufferOf(passphrase);
    try {
      return await this.#claimed(async (claim) => {
        const words = phrase instanceof Uint8Array ? bufferOf(phrase).toString('utf8') : phrase;
        const restored = await this.#ports.restore(claim, {
          from,
          phrase: words,
          passphrase: bytes,
          keychain,
        });
        await this.#open(claim, { kind: 'passphrase', bytes });
        return restored;
      });
    } finally {
      bytes.fill(0);
      if (phrase instanceof Uint8Array) phrase.fill(0);
    }
  }

  /** Unlocks the vault; wipes the secret. Throws what the unlock room throws, and `OwnerBusy`. */
  async unlock(how: Unlock): Promise<WindowStatus> {
    if (this.#held === undefined) {
      try {
        await this.#claimed((claim) => this.#unlock(claim, how));
      } finally {
        if ('secret' in how) how.secret.fill(0);
      }
    }
    return this.status();
  }

  /** Resolves when no unlocking is under way, whatever came of it. */
  async opened(): Promise<void> {
    await this.#opening;
  }

  /** Locks, also what is just being unlocked; running jobs are cancelled. Resolves when the keys are gone. */
  async lock(): Promise<void> {
    await this.opened();
    if (this.#held !== undefined) await this.#letGo(this.#held);
  }

  /** Locks, and waits for what is kept of a lock beside the vault too, which the end of the process would cut off. */
  async end(): Promise<void> {
    await this.lock();
    await this.#settled;
  }

  /** Takes back a step down, by who the owner is. Wipes the secret. Throws what the unlock room throws. */
  async stepUp(shown: Shown): Promise<WindowStatus> {
    try {
      await this.call('vault.stepUp', { credential: freshUnlock(shown) });
    } finally {
      shown.secret.fill(0);
    }
    return this.status();
  }

  /**
   * Sets a passphrase, in place of the one that there is, by who the owner is. Wipes both secrets. Throws what the
   * unlock room throws.
   */
  async changePassphrase(shown: Shown, passphrase: Uint8Array): Promise<WindowStatus> {
    try {
      const { protectors } = await this.call('protectors.list', {});
      const how = protectors.some(({ kind }) => kind === 'passphrase') ? 'replace' : 'add';
      const secret = { kind: 'passphrase', bytes: bufferOf(passphrase).toString('base64') } as const;
      await this.call('protectors.set', { how, secret, credential: freshUnlock(shown) });
    } finally {
      shown.secret.fill(0);
      passphrase.fill(0);
    }
    return this.status();
  }

  /** Asks the process that holds the vault to lock it. */
  async takeOver(): Promise<WindowStatus> {
    await this.#ports.lockHolder();
    return this.status();
  }

  /** Asks the vault; throws the answer's error, or `VaultLocked`. */
  async call<M extends Method>(method: M, input: Input<M>, options: CallOptions = {}): Promise<Output<M>> {
    const held = this.#held;
    if (held === undefined) {
      throw fail('vault-locked');
    }
    const counts = !LOOKS.includes(method);
    if (counts) {
      this.used();
      // What is printed of it is part of showing it.
      if (method !== 'recovery.kit') this.#showingPhrase = false;
    }
    const answer = await held.session.call(method, input, contextOf('window', options));
    if (counts) this.used();
    if (!answer.ok) throw fromErrorBody(answer.error);
    return answer.value;
  }

  /** Notes that somebody uses the vault. */
  used(): void {
    this.#lastUse = this.#clock.now();
  }

  /** Starts the endpoint; see `WindowEndpoint.start`. */
  async startEndpoint(port: number): Promise<WindowStatus> {
    await this.#endpoint.start(port);
    return this.status();
  }

  /** Stops the endpoint; see `WindowEndpoint.stop`. */
  async stopEndpoint(): Promise<WindowStatus> {
    await this.#endpoint.stop();
    return this.status();
  }

  /**
   * Whether the vault was left alone for as long as its settings allow; requests of commands count as use, and so
   * does an endpoint that listens.
   */
  get idle(): boolean {
    if (this.#held === undefined || !this.mayLockItself || this.#endpoint.serving) return false;
    if (this.#held.busy > 0) return false;
    const minutes = this.#held.session.idleMinutes;
    return minutes !== null && minutes > 0 && this.#clock.now() - this.#lastUse >= minutes * 60_000;
  }

  async #claimed<T>(act: (claim: C) => Promise<T>): Promise<T> {
    if (this.#opening !== undefined || this.#held !== undefined) throw busy();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#opening = promise;
    let claim: C | undefined;
    try {
      await this.#letting;
      claim = await this.#ports.claim();
      if (claim === undefined) throw busy();
      return await act(claim);
    } catch (error) {
      if (this.#held === undefined) await claim?.release();
      throw error;
    } finally {
      this.#opening = undefined;
      resolve();
    }
  }

  async #unlock(claim: C, how: Unlock): Promise<void> {
    if (how.kind !== 'throw-away') return this.#open(claim, credentialOf(how));
    const bytes = await this.#ports.throwAwayPassphrase();
    if (bytes === undefined) throw noneKept();
    try {
      await this.#open(claim, { kind: 'passphrase', bytes });
    } finally {
      bytes.fill(0);
    }
  }

  async #open(claim: C, credential: Credential): Promise<void> {
    const held = await this.#ports.hold(claim, credential, () => this.used());
    this.#held = held;
    this.used();
    held.session.watchJobs((facts) => {
      this.used();
      this.onJob(facts);
    });
    held.session.locked.then(() => this.#letGo(held));
  }

  #letGo(held: WindowVault): Promise<void> {
    if (this.#held !== held) return this.#letting ?? Promise.resolve();
    this.#held = undefined;
    this.#showingPhrase = false;
    this.#letting = (async () => {
      await held.close();
      this.#settled = held.settled;
      this.onLocked();
    })();
    return this.#letting;
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** What the owner shows once more, as the contract takes it. */
export function freshUnlock({ kind, secret }: Shown): Input<'vault.stepUp'>['credential'] {
  return kind === 'passphrase'
    ? { kind, bytes: bufferOf(secret).toString('base64') }
    : { kind, phrase: bufferOf(secret).toString('utf8') };
}

function credentialOf(how: Exclude<Unlock, { kind: 'throw-away' }>): Credential {
  const read = how.putBackRead === undefined ? {} : { putBackRead: how.putBackRead };
  if (how.kind === 'keychain') return { kind: 'keychain', ...read };
  const said = { ...read, ...(how.withoutAudit === true ? { withoutAudit: true as const } : {}) };
  if (how.kind === 'shares') return { kind: 'shares', shares: how.shares, ...said };
  const bytes = Buffer.from(how.secret.buffer, how.secret.byteOffset, how.secret.byteLength);
  return how.kind === 'passphrase'
    ? { kind: 'passphrase', bytes, ...said }
    : { kind: 'recovery-phrase', phrase: bytes.toString('utf8'), ...said };
}

function noneKept(): KeywardError {
  return fail('passphrase-not-beside-vault');
}

function busy(): KeywardError {
  return fail('vault-held-elsewhere');
}
