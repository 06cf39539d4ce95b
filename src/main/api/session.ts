import type { AuditVerdict } from '../../shared/audit-contract.ts';
import { systemClock } from '../../shared/clock.ts';
import { type Answer, contract, type Method, type VaultStatus } from '../../shared/contract.ts';
import type { PersonalCredential } from '../../shared/credential.ts';
import { asKeywardError, isKeywardError, KeywardError } from '../../shared/errors.ts';
import { toldAtUnlock } from '../../shared/findings.ts';
import type { JobFacts } from '../../shared/job-contract.ts';
import { ownEvent } from '../audit/event.ts';
import type { AuditTrouble } from '../audit/log.ts';
import { auditReserve, fillAuditReserve } from '../audit/reserve.ts';
import { renewDevice } from '../backup/enroll.ts';
import { runSelfTests } from '../crypto/selftest.ts';
import { realPath } from '../disk/tree.ts';
import { compareCheckpoint, keepCheckpoint } from '../home/audit-checkpoint.ts';
import type { Claim } from '../home/claim.ts';
import { clearDamaged, isMarkedDamaged, markDamaged } from '../home/damage-mark.ts';
import { isThrowAway } from '../home/database.ts';
import { runtimeName, SOFTWARE } from '../home/locked-status.ts';
import { newerKeysFindings } from '../home/newer-keys.ts';
import { databasePath, hasVault, keysPath, noVault } from '../home/paths.ts';
import { throttled } from '../jobs/throttle.ts';
import { Store } from '../store/database.ts';
import { readIdentity } from '../store/identity.ts';
import { confirmOwner } from '../unlock/confirm.ts';
import { openRootKey } from '../unlock/open.ts';
import { listProtectors } from '../unlock/protectors.ts';
import { renewPhraseSet } from '../unlock/recovery-recipients.ts';
import type { RootKey } from '../unlock/root-key.ts';
import { SystemKeychain } from '../unlock/system-keychain.ts';
import { verifyUnlocked } from '../unlock/verify.ts';
import { fileJobKinds } from '../vault/job-kinds.ts';
import { BackgroundChecks } from './background-checks.ts';
import { backupState } from './backup-state.ts';
import type { CallContext, OpenVault } from './call-context.ts';
import { removeScratch, runDrill } from './drill.ts';
import { EndpointHost } from './endpoint-host.ts';
import { fileServicesOf } from './file-services.ts';
import { HANDLERS } from './handlers/files.ts';
import { invalidInput } from './input.ts';
import { Maintenance, newestEntry } from './maintenance.ts';
import { Mutex } from './mutex.ts';
import { CALLS_FOR_RESCUE, openForRescue, withWayIn } from './open-rescue.ts';
import { ProtectorChanges } from './protector-changes.ts';
import { acceptPutBack, requirePutBackRead, signsOfPutBack } from './put-back.ts';
import { checkRecords } from './record-check.ts';
import { refusedInRescue } from './rescue.ts';
import { isAllowedInRescue } from './rescue-methods.ts';
import { callerOf, type Services, wireServices } from './services.ts';
import { endLog, recordUnlock } from './session-entries.ts';
import {
  damageFinding,
  ifReadable,
  KEYS_FILE_BEHIND,
  readable,
  type SessionFacts,
  type SessionOptions,
} from './session-facts.ts';
import { keepHeapSmall } from './small-heap.ts';
import { StepDown } from './step-down.ts';

/**
 * Unlocks the vault of a claimed home: self-tests first, then the root key, then the root over every row that decides
 * things; all rows of a vault of usual size are checked at once, those of a large one behind the open vault. Throws
 * what `openRootKey` throws, `VaultPutBack`, `SelfTestFailed`, `VaultDamaged` naming the row, `VaultNewer`, `VaultNotFound`.
 */
export async function openSession(claim: Claim, options: SessionOptions): Promise<Session> {
  const { home } = claim;
  if (!hasVault(home)) throw noVault(home);
  keepHeapSmall();
  try {
    return await openWhole(home, options);
  } catch (error) {
    const { credential } = options;
    if (!isKeywardError(error, ...CALLS_FOR_RESCUE)) throw error;
    if (credential.kind === 'keychain') throw withWayIn(error);
    const rescued = await openForRescue(home, { ...options, credential }, error);
    if (rescued === undefined) throw error;
    return new Session(...rescued);
  }
}

async function openWhole(home: string, options: SessionOptions): Promise<Session> {
  const clock = options.clock ?? systemClock;
  const keychain = options.keychain ?? new SystemKeychain();
  const path = databasePath(home);
  const throwAway = isThrowAway(home);
  const reserve = auditReserve(path, throwAway);
  const store = Store.open(path, 'existing', { reserve });
  let root: RootKey | undefined;
  let services: Services | undefined;
  let maintenance: Maintenance | undefined;
  let checks: BackgroundChecks | undefined;
  try {
    store.requireSound(QUICKLY_LOOKED_AT);
    const selfTests = await runSelfTests();
    const opened = await openRootKey(store, options.credential, keychain);
    root = opened;
    services = wireServices({ store, keysFile: keysPath(home) }, opened, store.read(readIdentity), clock);
    const { records } = services;
    const identity = verifyUnlocked(store, records);
    const putBack = await signsOfPutBack(services, keychain);
    requirePutBackRead(putBack, options.credential.putBackRead);
    services.keysFile?.begin();
    const caller = callerOf(identity, options.kind === 'window' ? 'window' : 'cli');
    checks = new BackgroundChecks(services, caller.principal, () => markDamaged(home));
    checks.beginRecords();
    if (isMarkedDamaged(home)) {
      await checkRecords(store, records, new AbortController().signal);
      clearDamaged(home);
    }
    await fillAuditReserve(reserve, throwAway);
    const { credential } = options;
    if (credential.kind === 'recovery-phrase' && !identity.throwAway) {
      await renewPhraseSet(store, records, credential.phrase, clock);
      await renewDevice(store, services.device, credential.phrase, clock);
    }
    const newest = newestEntry(services);
    recordUnlock(
      services,
      ownEvent(caller.principal, 'Unlock', { with: options.credential.kind, owner: options.kind }),
    );
    acceptPutBack(services, caller.principal, putBack);
    await removeScratch(home);
    const begun = new Maintenance(services, {
      scheduler: services.scheduler,
      caller,
      refill: () => fillAuditReserve(reserve, throwAway),
    });
    maintenance = begun;
    // Nothing is rotated or shredded by rows that may not hold.
    if (checks.isWhole) begun.begin(newest);
    else checks.whole.then(() => begun.begin(newest)).catch(letWait);
    await checks.begin();
    const realHome = await realPath(home);
    const { kind, cost } = options;
    const protectors = new ProtectorChanges({
      ...{ services, root, keychain, throwAway: identity.throwAway, cost },
    });
    const facts = {
      ...{ identity, selfTests, home, realHome, kind, keychain },
      maintenance,
      checks,
      protectors,
    };
    const { jobs } = services;
    const session = new Session(services, root, facts);
    // A command ends with its own work.
    if (kind !== 'command') checks.whole.then(() => jobs.resume()).catch(letWait);
    return session;
  } catch (error) {
    maintenance?.end();
    await checks?.end();
    services?.wipe();
    root?.wipe();
    store.close();
    throw error;
  }
}

/** So large a database is looked at whole before it is written to, in bytes: it takes some 10 ms. */
const QUICKLY_LOOKED_AT = 8 * 1_024 * 1_024;

/** What a vault still answers once a row of it was found damaged. */
const STILL_ANSWERED: readonly Method[] = ['vault.lock', 'vault.status'];

/** The unlocked vault in this process. Every call goes through `call`; `close` locks. */
export class Session implements OpenVault {
  /** Resolves when the vault is locked, by whomever. */
  readonly locked: Promise<void>;
  readonly #services: Services;
  readonly #root: RootKey;
  readonly #facts: SessionFacts;
  readonly #since = new Date().toISOString();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #serving = new EndpointHost();
  readonly #confirmations = new Mutex();
  readonly #fileServices: ReturnType<typeof fileServicesOf>;
  readonly #stepping: StepDown;
  readonly #resolveLocked: () => void;
  #closing: Promise<void> | undefined;
  #damage: KeywardError | undefined;
  /** As last read: it holds on where the vault can't be read any more. */
  #idleMinutes = 0;

  constructor(services: Services, root: RootKey, facts: SessionFacts) {
    this.#services = services;
    this.#root = root;
    this.#facts = facts;
    this.#fileServices = fileServicesOf(services, facts.realHome);
    services.jobs.register(Object.values(fileJobKinds(this.#fileServices)));
    this.#stepping = new StepDown(services.audit);
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

  /** Of a vault that is open for rescue only: what is told of it, sentence by sentence. */
  get rescue(): readonly string[] | undefined {
    const { rescue, checks } = this.#facts;
    return rescue === undefined ? undefined : checks.findings.map(({ message }) => message);
  }

  /** Why the vault is open for rescue only, or what a look at every record finds; `undefined`: all of them hold. */
  async damage(): Promise<KeywardError | undefined> {
    const { rescue, checks } = this.#facts;
    return rescue ?? (await Promise.race([checks.damaged, checks.whole.then(() => undefined)]));
  }

  /** What every command that unlocks tells beside its results, of a vault that is open as it should be. */
  get warnings(): readonly string[] {
    const { rescue, home } = this.#facts;
    return rescue === undefined ? toldAtUnlock(newerKeysFindings(home)) : [];
  }

  /** Has `watcher` told of every job, whoever began it, until what it gives is called. */
  watchJobs(watcher: (facts: JobFacts) => void): () => void {
    return this.#services.jobs.watch(watcher);
  }

  /** Runs one method of the contract: input and output are validated, errors become data; it never throws. */
  async call<M extends Method>(method: M, input: unknown, context: CallContext): Promise<Answer<M>> {
    try {
      // One more lock waits for the one that is under way.
      if (this.#closing !== undefined && method !== 'vault.lock') throw lockedError();
      if (this.#damage !== undefined && !STILL_ANSWERED.includes(method)) throw this.#damage;
      const work = this.#handle(method, input, context);
      // A lock waits for what is running, but not for itself.
      if (method === 'vault.lock') return { ok: true, value: await work };
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
    if (!Object.hasOwn(contract, method))
      throw new KeywardError('Usage', `There is no method called ${String(method)}.`);
    const shape = contract[method];
    const parsed = shape.input.safeParse(input);
    if (!parsed.success) throw invalidInput(method, parsed.error);
    const { rescue: damage } = this.#facts;
    if (damage !== undefined && (context.as !== undefined || !isAllowedInRescue(method, parsed.data)))
      throw refusedInRescue(damage);
    const caller = callerOf(this.#facts.identity, context.client, this.#stepping.roleOf(context.as));
    const { needs } = shape;
    if (needs !== 'asks' && needs !== 'open') this.#services.kms.require(caller, needs);
    const handler = HANDLERS[method] as (...args: readonly unknown[]) => Promise<unknown>;
    const signal = AbortSignal.any([context.signal, this.#stop.signal]);
    const confirm = (credential: PersonalCredential) => this.#confirm(credential, signal);
    const { realHome: home } = this.#facts;
    const ctx = {
      ...{ services: this.#services, home, fileServices: this.#fileServices },
      serving: this.#serving,
      drill: runDrill.bind(undefined, { services: this.#services, files: this.#fileServices, home }),
      status: () => this.#status(),
      lock: () => {
        void this.close();
        return this.locked;
      },
      confirm,
      protectors: this.#facts.protectors,
      stepping: this.#stepping,
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

  async #status(): Promise<VaultStatus> {
    const { identity, home, kind, selfTests, checks, rescue: damage } = this.#facts;
    const { store, records, audit } = this.#services;
    const { trouble } = audit;
    const { role } = this.#stepping;
    const endpoint = this.#serving.facts;
    const { findings: found } = checks;
    const backups = identity.throwAway ? undefined : await backupState(this.#services).catch(ifReadable);
    const findings = [
      ...found,
      ...newerKeysFindings(home),
      ...(this.#services.keysFile?.isBehind ? [KEYS_FILE_BEHIND] : []),
      ...(backups?.findings ?? []),
      ...(this.#damage === undefined ? [] : [damageFinding(this.#damage)]),
    ];
    return {
      home,
      state: 'unlocked',
      ...(damage === undefined ? {} : { rescue: true as const }),
      software: SOFTWARE,
      runtime: runtimeName(),
      vaultId: identity.id,
      account: identity.account,
      region: identity.region,
      throwAway: identity.throwAway,
      createdAt: new Date(identity.created).toISOString(),
      protectors: store.read(listProtectors),
      owner: {
        ...{ pid: process.pid, kind, since: this.#since },
        // A command ends by itself, and whoever uses the endpoint may be silent for long.
        idleMinutes: kind === 'command' || endpoint !== undefined ? null : this.idleMinutes,
        ...(role === undefined ? {} : { role }),
      },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...readable(() => ({
        keys: store.read((tx) => records.count(tx, 'keys')),
        defaultKey: this.#services.settings()['default-key'],
        auditHead: audit.head(),
      })),
      ...(trouble === undefined ? {} : { auditTrouble: troubleOf(trouble, audit.held) }),
      ...(backups === undefined ? {} : { backups: backups.state }),
      ...(findings.length === 0 ? {} : { findings }),
      selfTests: selfTests.map((test) => ({ ...test })),
    };
  }

  async #close(): Promise<void> {
    this.#facts.maintenance.end();
    const { jobs } = this.#services;
    const locked = new KeywardError('Cancelled', 'The vault was locked.');
    jobs.lock(locked);
    this.#stop.abort(locked);
    await Promise.allSettled([...this.#running, this.#facts.checks.end()]);
    await jobs.end();
    const mayWrite = this.#damage === undefined && this.#facts.rescue === undefined;
    if (mayWrite) await this.#facts.maintenance.backUp(this.#facts.kind === 'command');
    const checkpoint = this.#facts.rescue === undefined ? endLog(this.#services, this.#facts) : undefined;
    this.#services.wipe();
    this.#root.wipe();
    this.#services.store.close();
    this.#resolveLocked();
    // A keychain may take its time, or ask its user: nothing of the vault is open by then.
    if (checkpoint !== undefined) await keepCheckpoint(this.#facts.keychain, checkpoint);
  }
}

/** For what is done behind the open vault: what can't be done now is done at a later unlock. */
function letWait(error: unknown): void {
  if (!isKeywardError(error)) throw error;
}

function troubleOf({ because, since }: AuditTrouble, held: number): VaultStatus['auditTrouble'] {
  return { because, since: new Date(since).toISOString(), held };
}

function lockedError(): KeywardError {
  return new KeywardError('VaultLocked', 'The vault is locked. Unlock it and try again.');
}
