import type { z } from 'zod';
import type { AfterRotation, BridgeOutput, bridge, WindowStatus } from '../../shared/bridge.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Input, Method, Output } from '../../shared/contract.ts';
import type { Credential } from '../../shared/credential.ts';
import { fail, fromErrorBody, type KeywardError } from '../../shared/errors.ts';
import type { JobFacts } from '../../shared/job-contract.ts';
import type { RepairPlan } from '../../shared/repair-contract.ts';
import { type CallContext, type CallOptions, contextOf } from '../api/call-context.ts';
import type { RestoredVault } from '../api/restore.ts';
import {
  bufferOf,
  credentialOf,
  freshUnlock,
  readOf,
  repairCredential,
  type Shown,
  type Unlock,
} from './credentials.ts';
import { WindowEndpoint } from './endpoint.ts';
import type { HomeClaim, VaultPorts, WindowVault } from './session.ts';
import { WindowRepair } from './window-repair.ts';

type RestoreInput = Omit<
  z.output<(typeof bridge)['vault.restore']['input']>,
  'from' | 'phrase' | 'shares'
> & {
  readonly from: string;
  readonly phrase: Uint8Array | readonly string[];
};

/** The page looks at these by itself, which is no use of the vault. */
const LOOKS: readonly Method[] = ['vault.status', 'jobs.list', 'jobs.show'];

/** A planned repair, which holds the keys, is left after so many minutes. */
const PLAN_MINUTES = 15;

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
  /** What followed a new root key, told with the state until it was read. */
  rotation: AfterRotation | undefined;
  readonly #atLock: (() => void)[] = [];
  readonly #repair: WindowRepair<C>;
  readonly #ports: VaultPorts<C>;
  readonly #clock: Clock;
  #held: WindowVault | undefined;
  #letting: Promise<void> | undefined;
  #settled: Promise<void> = Promise.resolve();
  #opening: Promise<void> | undefined;
  #showingPhrase = false;
  #isToRepair = false;
  #looking: Promise<unknown> = Promise.resolve();
  #rotating: Promise<unknown> = Promise.resolve();
  #lastUse: number;

  constructor(ports: VaultPorts<C>, clock: Clock) {
    this.#ports = ports;
    this.#repair = new WindowRepair(ports.openRepair);
    this.#clock = clock;
    this.#lastUse = clock.now();
  }

  get unlocked(): boolean {
    return this.#held !== undefined;
  }

  /** Whether the vault may lock by itself: not while a new recovery phrase is on the screen, which is shown once. */
  get mayLockItself(): boolean {
    return this.#repair.waits || (this.#held !== undefined && !this.#showingPhrase);
  }

  /** The vault's state, with the process that holds it if that is another one. */
  async status(): Promise<WindowStatus> {
    const { rotation } = this;
    const told = rotation === undefined ? {} : { rotation };
    if (this.#held !== undefined) {
      const looking = this.call('vault.status', {});
      this.#looking = looking.catch(nothing);
      const { endpoint, ...open } = await looking;
      if (endpoint === undefined) return { ...open, ...told };
      return {
        ...{ ...open, ...told },
        endpoint: { ...endpoint, by: this.#endpoint.serving ? 'window' : 'command' },
      };
    }
    const status = await this.#ports.lockedStatus();
    const holder = await this.#ports.holder();
    if (holder !== undefined) return { ...status, state: 'elsewhere', holder };
    return { ...status, ...told, ...(this.#isToRepair ? { toRepair: true } : {}) };
  }

  /** A new recovery phrase, which is shown once, is on the screen until the next call. */
  showPhrase(): void {
    this.#showingPhrase = true;
  }

  /** Has something done whenever the vault was locked. */
  atLock(act: () => void): void {
    this.#atLock.push(act);
  }

  /** Makes the vault and unlocks it; the phrase is given out this once. Wipes `passphrase`. */
  async init(passphrase: Uint8Array, keychain: boolean): Promise<BridgeOutput<'vault.init'>> {
    const bytes = Buffer.from(passphrase.buffer, passphrase.byteOffset, passphrase.byteLength);
    try {
      return await this.#claimed(async (claim) => {
        const made = await this.#ports.init(claim, { passphrase: bytes, keychain });
        await this.#open(claim, { kind: 'passphrase', bytes });
        this.#showingPhrase = true;
        return {
          phrase: new TextEncoder().encode(made.phrase),
          keychain: made.protectors.includes('keychain'),
        };
      });
    } finally {
      bytes.fill(0);
    }
  }

  /** Makes the vault of a backup and unlocks it. `phrase`: its bytes, or shares. Wipes both secrets. Throws as `restoreVault`. */
  async restore(
    { from, phrase, passphrase, keychain }: RestoreInput,
    { signal, progress }: Pick<CallContext, 'signal' | 'progress'>,
  ): Promise<RestoredVault> {
    const bytes = bufferOf(passphrase);
    try {
      return await this.#claimed(async (claim) => {
        const words = phrase instanceof Uint8Array ? bufferOf(phrase).toString('utf8') : phrase;
        const restored = await this.#ports.restore(claim, {
          from,
          phrase: words,
          passphrase: bytes,
          ...{ keychain, signal, tell: progress },
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
    else if (await this.#repair.leave()) this.onLocked();
  }

  /** Locks a vault that is open for rescue, and has the locked page offer to repair it. */
  async beginRepair(): Promise<void> {
    this.#isToRepair = true;
    await this.lock();
  }

  /** What a repair would do; see `WindowRepair.plan`. Wipes the secret. Throws also `OwnerBusy`. */
  async planRepair(shown: Shown, from: string | undefined): Promise<RepairPlan | undefined> {
    const credential = repairCredential(shown);
    this.used();
    try {
      return await this.#claimed((claim) =>
        this.#repair.plan(claim, { credential, ...(from === undefined ? {} : { from }) }),
      );
    } finally {
      shown.secret.fill(0);
    }
  }

  /** Does what was planned; see `WindowRepair.apply`. */
  async applyRepair(how: Pick<CallContext, 'signal' | 'progress'>): Promise<readonly string[]> {
    const aside = await this.#repair.apply(how);
    this.#isToRepair = false;
    return aside;
  }

  /** Leaves the vault as it is. */
  async leaveRepair(): Promise<void> {
    this.#isToRepair = false;
    await this.#repair.leave();
  }

  /**
   * Gives the vault a new root key by a call of `root.rotate` or `protectors.revoke`, which locks it; what followed is told
   * with the state from then on.
   */
  async rotate(act: () => Promise<AfterRotation>): Promise<void> {
    // The page looks at the state by itself, and nothing may be under way.
    await this.#looking;
    const rotating = act();
    this.#rotating = rotating.catch(nothing);
    this.rotation = await rotating;
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
    if (this.#repair.waits) return this.#clock.now() - this.#lastUse >= PLAN_MINUTES * 60_000;
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
      await this.#repair.leave();
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
      await this.#open(claim, { kind: 'passphrase', bytes, ...readOf(how) });
    } finally {
      bytes.fill(0);
    }
  }

  async #open(claim: C, credential: Credential): Promise<void> {
    const held = await this.#ports.hold(claim, credential, () => this.used());
    this.#held = held;
    this.#isToRepair = false;
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
      for (const act of this.#atLock) act();
      await this.#rotating;
      this.onLocked();
    })();
    return this.#letting;
  }
}

function nothing(): void {
  // Who waits for it hears how it ended.
}

function noneKept(): KeywardError {
  return fail('passphrase-not-beside-vault');
}

function busy(): KeywardError {
  return fail('vault-held-elsewhere');
}
