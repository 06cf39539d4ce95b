import { asKeywardError, fail, type KeywardError } from '../../shared/errors.ts';
import type { Role } from '../../shared/roles.ts';
import { ownEvent } from '../audit/event.ts';
import type { AuditLog } from '../audit/log.ts';
import type { Caller } from '../kms/types.ts';

/** What a session's window and command have stepped down to. */
export class StepDown {
  readonly #audit: AuditLog;
  #role: Role | undefined;
  #steps = 0;

  constructor(audit: AuditLog) {
    this.#audit = audit;
  }

  /** The role; none while everything is allowed. */
  get role(): Role | undefined {
    return this.#role;
  }

  /** The narrower of what the session stepped down to and what a call asks for. */
  roleOf(asked: Role | undefined): Role | undefined {
    return this.#role === 'auditor' ? this.#role : (asked ?? this.#role);
  }

  /**
   * Steps down: at once, whether or not it can be written down, for it takes rights and gives none. Returns whether
   * its entry was written; one that was not is held until it can be.
   */
  down(caller: Caller, role: Role): boolean {
    this.#steps += 1;
    this.#role = this.roleOf(role);
    return this.#audit.writeOrHold(ownEvent(caller.principal, 'StepDown', { role }));
  }

  /**
   * Back to everything, if `confirm` does not throw and the log can be written. Throws what `confirm` throws,
   * `AuditUnwritable`, and `Cancelled` where somebody stepped down meanwhile.
   */
  async up(caller: Caller, confirm: () => Promise<void>): Promise<void> {
    const steps = this.#steps;
    try {
      await confirm();
      if (steps !== this.#steps) throw steppedDownMeanwhile();
    } catch (error) {
      const { code, message } = asKeywardError(error).toBody();
      const refusal = { errorCode: code, errorMessage: message };
      this.#audit.writeOrHold(ownEvent(caller.principal, 'StepUp', {}, refusal));
      throw error;
    }
    this.#audit.write((tx) => this.#audit.append(tx, ownEvent(caller.principal, 'StepUp', {})));
    this.#role = undefined;
  }
}

function steppedDownMeanwhile(): KeywardError {
  return fail('stepped-down-meanwhile');
}
