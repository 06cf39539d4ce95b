import type { PersonalCredential } from '../../shared/credential.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import type { RepairPlan } from '../../shared/repair-contract.ts';
import type { CallContext } from '../api/call-context.ts';
import type { HomeClaim, PlannedRepair, VaultPorts } from './session.ts';

type How = Pick<CallContext, 'signal' | 'progress'>;

/** A repair that the window has planned holds the vault's home, and its keys, until it is done or left. */
export class WindowRepair<C extends HomeClaim> {
  readonly #open: VaultPorts<C>['openRepair'];
  #planned: { readonly claim: C; readonly repair: PlannedRepair } | undefined;
  #isApplying = false;

  constructor(open: VaultPorts<C>['openRepair']) {
    this.#open = open;
  }

  /** Whether one is planned and not begun. */
  get waits(): boolean {
    return this.#planned !== undefined && !this.#isApplying;
  }

  /** Plans one; `undefined`: there is nothing to repair. The claim is this object's from then on. Throws as `openRepair`. */
  async plan(
    claim: C,
    options: { readonly credential: PersonalCredential; readonly from?: string },
  ): Promise<RepairPlan | undefined> {
    const repair = await this.#open(claim, options);
    if (repair === undefined) {
      await claim.release();
      return undefined;
    }
    this.#planned = { claim, repair };
    return repair.plan;
  }

  /** Does what is planned, and lets go of it; gives the paths of the files that were put aside. Throws as `Repair.apply`. */
  async apply({ signal, progress }: How): Promise<readonly string[]> {
    const planned = this.#planned;
    if (planned === undefined || this.#isApplying) throw gone();
    this.#isApplying = true;
    try {
      return (await planned.repair.apply(signal, progress)).aside;
    } finally {
      this.#isApplying = false;
      await this.leave();
    }
  }

  /** Forgets what is planned and its keys; one that was begun comes to its end first by itself. Whether there was one. */
  async leave(): Promise<boolean> {
    const planned = this.#planned;
    if (planned === undefined || this.#isApplying) return false;
    this.#planned = undefined;
    planned.repair.end();
    await planned.claim.release();
    return true;
  }
}

function gone(): KeywardError {
  return fail('repair-not-planned');
}
