import { type ErrorCode, fail, isKeywardError, type Json, type KeywardError } from '../../shared/errors.ts';
import type { AuditEntry, AuditEvent } from '../audit/event.ts';
import type { AuditLog } from '../audit/log.ts';
import type { ReadTx, Store, Tx } from '../store/database.ts';
import type { Operation, OperationRecord, Step } from './operation.ts';

/**
 * What an operation does while no entry can be written: `refuse` (encryption and changes), `if-allowed` (decryption, where
 * "open files without audit" is on), `go-on` (looking at keys). What goes on is logged later.
 */
type WithoutAudit = 'refuse' | 'if-allowed' | 'go-on';

/** Failures that say nothing about the operation: the disk, another process, the log itself. */
const NOT_DENIALS: readonly ErrorCode[] = [
  'AuditBroken',
  'AuditUnwritable',
  'DiskFull',
  'DiskReadOnly',
  'IoFailed',
  'OwnerBusy',
];

/** How much of a client's User-Agent goes into the log, in characters. */
const MAX_AGENT = 256;

type Outcome<T> = { readonly value: T } | { readonly denial: KeywardError };

/** Runs operations together with their audit entries (docs/adr/0007): no answer without its entry. */
export class Journal {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #openWithoutAudit: () => boolean;
  #afterwards: () => void = () => undefined;

  constructor(store: Store, audit: AuditLog, openWithoutAudit: () => boolean) {
    this.#store = store;
    this.#audit = audit;
    this.#openWithoutAudit = openWithoutAudit;
  }

  /** Calls `act` after each operation, whatever became of it. It must not throw. */
  follow(act: () => void): void {
    this.#afterwards = act;
  }

  /**
   * An operation that changes no row but the log's. It shares its commit with others in flight and resolves
   * after that; a denial is logged as well. Throws what `act` throws, and `AuditUnwritable`.
   */
  async perform<T>(
    operation: Operation,
    withoutAudit: WithoutAudit,
    act: (tx: ReadTx, record: OperationRecord) => T,
  ): Promise<T> {
    let outcome: Outcome<T>;
    try {
      outcome = await this.#audit.group((tx) => {
        const [result, event] = attempt(operation, (record) => act(tx, record));
        this.#audit.append(tx, event);
        return result;
      });
    } catch (error) {
      if (!isKeywardError(error, 'AuditUnwritable') || !this.#mayGoOn(withoutAudit)) throw error;
      const [result, event] = this.#store.read((tx) => attempt(operation, (record) => act(tx, record)));
      this.#audit.hold(event);
      outcome = result;
    } finally {
      this.#afterwards();
    }
    if ('denial' in outcome) throw outcome.denial;
    return outcome.value;
  }

  /** Reads without an entry of its own. */
  look<T>(act: (tx: ReadTx) => T): T {
    return this.#store.read(act);
  }

  /**
   * A change: all steps and their entries in one transaction, durable when this returns. If one is refused, none
   * has happened, and the log has the refusal of that step alone.
   */
  change<T>(act: (tx: Tx, step: Step) => T): T {
    let refused: AuditEvent | undefined;
    try {
      return this.#audit.write((tx) => {
        refused = undefined;
        return act(tx, (operation, work) => {
          const [outcome, event] = attempt(operation, work);
          if ('value' in outcome) {
            this.#audit.append(tx, event);
            return outcome.value;
          }
          refused = event;
          throw outcome.denial;
        });
      });
    } catch (error) {
      // The refusal stands whether or not it can be written down.
      if (refused !== undefined) this.#audit.writeOrHold(refused);
      throw error;
    } finally {
      this.#afterwards();
    }
  }

  /**
   * Removes what was just deleted from the disk, SQLite's journal included. Where that can't be done
   * now, as on a full disk, the lock does it.
   */
  truncateWal(): void {
    try {
      this.#store.checkpoint();
    } catch (error) {
      if (!isKeywardError(error)) throw error;
    }
  }

  /** The entry of the last use of a key; see `AuditLog.lastUse`. */
  lastUse(tx: ReadTx, keyArn: string): AuditEntry | undefined {
    return this.#audit.lastUse(tx, keyArn);
  }

  #mayGoOn(withoutAudit: WithoutAudit): boolean {
    if (withoutAudit === 'refuse' || !this.#audit.mayHold) return false;
    return withoutAudit === 'go-on' || this.#openWithoutAudit();
  }
}

/** Runs `work` and gives its outcome with the entry that tells of it; failures that are no denials are thrown. */
function attempt<T>(operation: Operation, work: (record: OperationRecord) => T): [Outcome<T>, AuditEvent] {
  const record: OperationRecord = { operation, keyArns: [] };
  try {
    const value = work(record);
    if (record.decided !== true && operation.internal !== true) {
      throw fail('internal', { what: `${operation.eventName} did not ask whether it is allowed.` });
    }
    return [{ value }, eventOf(operation, record)];
  } catch (error) {
    if (!isKeywardError(error) || NOT_DENIALS.includes(error.code)) throw error;
    return [{ denial: error }, eventOf(operation, record, error)];
  }
}

function eventOf(operation: Operation, record: OperationRecord, denial?: KeywardError): AuditEvent {
  const { caller, eventName, readOnly, request, eventType } = operation;
  return {
    eventName,
    principal: caller.principal,
    readOnly,
    keyArns: [...new Set(record.keyArns)],
    requestParameters: unshared(request),
    ...(record.response === undefined || denial !== undefined ? {} : { responseElements: record.response }),
    ...(denial === undefined ? {} : { errorCode: denial.code, errorMessage: denial.toBody().message }),
    ...(denial?.details['decision'] === undefined
      ? {}
      : { additionalEventData: { decision: denial.details['decision'] } }),
    ...(caller.file === undefined ? {} : { file: caller.file }),
    ...(caller.requestId === undefined ? {} : { requestID: caller.requestId }),
    ...(caller.sourceIp === undefined ? {} : { sourceIPAddress: caller.sourceIp }),
    ...(caller.userAgent === undefined ? {} : { userAgent: unshared(caller.userAgent.slice(0, MAX_AGENT)) }),
    ...(eventType === undefined ? {} : { eventType }),
  };
}

/**
 * What an entry says of a request: texts of its own. The engine keeps a text alive for as long as a piece of it that was
 * cut off, and a request may be much larger than what the log takes of it.
 */
function unshared<T extends Json>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
