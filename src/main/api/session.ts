import type { AuditVerdict } from '../../shared/audit-contract.ts';
import { type Answer, contract, type Method } from '../../shared/contract.ts';
import type { PersonalCredential } from '../../shared/credential.ts';
import { asKeywardError, fail, type KeywardError } from '../../shared/errors.ts';
import { type Finding, toldAtUnlock } from '../../shared/findings.ts';
import type { JobFacts } from '../../shared/job-contract.ts';
import { compareCheckpoint, keepCheckpoint } from '../home/audit-checkpoint.ts';
import { markDamaged } from '../home/damage-mark.ts';
import { newerKeysFindings } from '../home/newer-keys.ts';
import { throttled } from '../jobs/throttle.ts';
import { confirmOwner } from '../unlock/confirm.ts';
import type { RootKey } from '../unlock/root-key.ts';
import { fileJobKinds } from '../vault/job-kinds.ts';
import type { CallContext, OpenVault } from './call-context.ts';
import { runDrill } from './drill.ts';
import { EndpointHost } from './endpoint-host.ts';
import { fileServicesOf } from './file-services.ts';
import { invalidInput } from './invalid-input.ts';
import { Mutex } from './mutex.ts';
import { openStatus } from './open-status.ts';
import { refusedInRescue } from './rescue.ts';
import { isAllowedInRescue } from './rescue-methods.ts';
import type { RootChanges } from './root-changes.ts';
import { callerOf, type Services } from './services.ts';
import { endLog } from './session-entries.ts';
import { readable, type SessionFacts } from './session-facts.ts';
import { StepDown } from './step-down.ts';

/** What ends with the vault locked. */
const ENDS: readonly Method[] = ['vault.lock', 'root.rotate', 'protectors.revoke'];

/** What a vault still answers once a row of it was found damaged. */
const STILL_ANSWERED: readonly Method[] = ['vault.lock', 'vault.status'];

/** The unlocked vault in this process. Every call goes through `call`; `close` locks. */
export class Session implements OpenVault {
  /** Resolves when the vault is locked, whoever locked it. */
  readonly locked: Promise<void>;
  readonly #services: Services;
  readonly #root: RootKey;
  readonly #facts: SessionFacts;
  readonly #handlers: { readonly [M in Method]: unknown };
  readonly #since = new Date().toISOString();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #endpoint = new EndpointHost();
  readonly #confirmations = new Mutex();
  readonly #fileServices: ReturnType<typeof fileServicesOf>;
  readonly #stepDown: StepDown;
  readonly #resolveLocked: () => void;
  #closing: Promise<void> | undefined;
  #damage: KeywardError | undefined;
  /** As last read: it holds on where the vault can't be read any more. */
  #idleMinutes = 0;
  /** The vault is getting another root key. */
  #isAlone = false;

  /** `handlers`: what each method of the contract does. */
  constructor(
    services: Services,
    root: RootKey,
    facts: SessionFacts,
    handlers: { readonly [M in Method]: unknown },
  ) {
    this.#handlers = handlers;
    this.#services = services;
    this.#root = root;
    this.#facts = facts;
    this.#fileServices = fileServicesOf(services, facts.realHome);
    services.jobs.register(Object.values(fileJobKinds(this.#fileServices)));
    this.#stepDown = new StepDown(services.audit);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.locked = promise;
    this.#resolveLocked = resolve;
    void facts.checks.damaged.then((damage) => this.#shut(damage));
  }

  /** Minutes without requests after which the owner locks; null: never. */
  get idleMinutes(): number | null {
    this.#idleMinutes = readable(() => this.#services.settings()['idle-minutes']) ?? this.#idleMinutes;
    return this.#idleMinutes || null;
  }

  /** Of a vault that is open for rescue only: what is told of it, one by one. */
  get rescue(): readonly Finding[] | undefined {
    const { rescue, checks } = this.#facts;
    return rescue === undefined ? undefined : [...checks.findings];
  }

  /** Why the vault is open for rescue only, or what a look at every record finds; `undefined`: all of them hold. */
  async damage(): Promise<KeywardError | undefined> {
    const { rescue, checks } = this.#facts;
    return rescue ?? (await Promise.race([checks.damaged, checks.whole.then(() => undefined)]));
  }

  /** What every command that unlocks tells beside its results, of a vault that is open as it should be. */
  get warnings(): readonly Finding[] {
    const { rescue, home } = this.#facts;
    return rescue === undefined ? toldAtUnlock(newerKeysFindings(home)) : [];
  }

  /** Calls `watcher` for every job, whoever began it, until the function that it returns is called. */
  watchJobs(watcher: (facts: JobFacts) => void): () => void {
    return this.#services.jobs.watch(watcher);
  }

  /** Runs one method of the contract: input and output are validated, errors become data; it never throws. */
  async call<M extends Method>(method: M, input: unknown, context: CallContext): Promise<Answer<M>> {
    try {
      // One more lock waits for the one that is under way.
      if (this.#closing !== undefined && method !== 'vault.lock') throw lockedError();
      if (this.#isAlone && !STILL_ANSWERED.includes(method)) throw renewing();
      if (this.#damage !== undefined && !STILL_ANSWERED.includes(method)) throw this.#damage;
      const work = this.#handle(method, input, context);
      // A lock waits for what is running, but not for itself.
      if (ENDS.includes(method)) return { ok: true, value: await work };
      this.#running.add(work);
      try {
        return { ok: true, value: await work };
      } finally {
        this.#running.delete(work);
      }
    } catch (error) {
      return { ok: false, error: asKeywardError(this.#damage ?? error).toBody() };
    }
  }

  /**
   * Locks: cancels jobs, ends the audit segment, wipes the keys and closes the database; `locked` says when. It
   * resolves only when the keychain has answered too, which may be much later. Safe to call twice.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * A row of the open vault does not hold: nothing is written any more, what runs is ended, and all calls but a look at
   * the state and a lock are refused with it. The next unlock checks all rows before it opens, and so turns to rescue.
   */
  #shut(damage: KeywardError): void {
    if (this.#closing !== undefined) return;
    this.#damage = damage;
    this.#services.store.refuseWrites(damage);
    this.#facts.maintenance.end();
    this.#services.jobs.stop(damage);
    this.#stop.abort(damage);
    markDamaged(this.#facts.home);
  }

  async #handle<M extends Method>(method: M, input: unknown, context: CallContext) {
    if (!Object.hasOwn(contract, method)) throw fail('no-such-method', { method: String(method) });
    const shape = contract[method];
    const parsed = shape.input.safeParse(input);
    if (!parsed.success) throw invalidInput(method, parsed.error);
    const { rescue: damage } = this.#facts;
    if (damage !== undefined && (context.as !== undefined || !isAllowedInRescue(method, parsed.data)))
      throw refusedInRescue(damage);
    const caller = callerOf(this.#facts.identity, context.client, this.#stepDown.roleOf(context.as));
    const { needs } = shape;
    if (needs !== 'asks' && needs !== 'open') this.#services.kms.require(caller, needs);
    const handler = this.#handlers[method] as (...args: readonly unknown[]) => Promise<unknown>;
    const signal = AbortSignal.any([context.signal, this.#stop.signal]);
    const confirm = (credential: PersonalCredential) => this.#confirm(credential, signal);
    const { realHome: home } = this.#facts;
    const ctx = {
      ...{ services: this.#services, home, fileServices: this.#fileServices },
      endpoint: this.#endpoint,
      drill: runDrill.bind(undefined, { services: this.#services, files: this.#fileServices, home }),
      status: () =>
        openStatus(this.#services, this.#facts, {
          since: this.#since,
          idleMinutes: this.idleMinutes,
          role: this.#stepDown.role,
          endpoint: this.#endpoint.facts,
          damage: this.#damage,
        }),
      lock: () => {
        void this.close();
        return this.locked;
      },
      confirm,
      alone: <T>(act: (roots: RootChanges) => Promise<T>) => this.#alone(act),
      protectors: this.#facts.protectors,
      stepDown: this.#stepDown,
      anchored: (verdict: AuditVerdict) => {
        const { store, audit } = this.#services;
        const { keychain, identity } = this.#facts;
        return compareCheckpoint(store, keychain, identity.id, audit, verdict);
      },
    };
    const progress = throttled(context.progress);
    const output = await handler(ctx, parsed.data, {
      caller,
      signal,
      progress: progress.tell,
      ...(context.results === undefined ? {} : { results: context.results }),
      ...(context.streams === undefined ? {} : { streams: context.streams }),
    }).finally(progress.flush);
    return shape.output.parse(output) as Extract<Answer<M>, { ok: true }>['value'];
  }

  /** One after the other: each takes the memory and the time that make guessing slow, as at an unlock. */
  #confirm(credential: PersonalCredential, signal: AbortSignal): Promise<void> {
    return this.#confirmations.take(signal, () =>
      confirmOwner(this.#services.store, this.#root, credential, this.#facts.keychain),
    );
  }

  /** Nothing of this session may write once the vault has another root key, so it ends with it. */
  async #alone<T>(act: (roots: RootChanges) => Promise<T>): Promise<T> {
    const { roots } = this.#facts;
    const isBusy = this.#running.size > 0 || this.#services.jobs.running > 0;
    if (roots === undefined || this.#isAlone || isBusy) throw renewing();
    this.#isAlone = true;
    try {
      return await act(roots);
    } finally {
      this.#isAlone = false;
      if (roots.isSpent) await this.close();
    }
  }

  async #close(): Promise<void> {
    this.#facts.maintenance.end();
    const { jobs } = this.#services;
    const locked = fail('vault-was-locked');
    jobs.lock(locked);
    this.#stop.abort(locked);
    await Promise.allSettled([...this.#running, this.#facts.checks.end()]);
    await jobs.end();
    const isSpent = this.#facts.roots?.isSpent === true;
    const mayWrite = this.#damage === undefined && this.#facts.rescue === undefined && !isSpent;
    if (mayWrite) await this.#facts.maintenance.backUp(this.#facts.kind === 'command');
    const checkpoint =
      this.#facts.rescue === undefined && !isSpent ? endLog(this.#services, this.#facts) : undefined;
    this.#services.wipe();
    this.#root.wipe();
    this.#services.store.close();
    this.#resolveLocked();
    // A keychain may take its time, or ask its user: nothing of the vault is open by then.
    if (checkpoint !== undefined) await keepCheckpoint(this.#facts.keychain, checkpoint);
  }
}

function renewing(): KeywardError {
  return fail('root-key-needs-vault-alone');
}

function lockedError(): KeywardError {
  return fail('vault-locked');
}
