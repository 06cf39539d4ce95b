import type { Clock } from '../../shared/clock.ts';
import { fail, say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import { isoTime } from '../../shared/measures.ts';
import type { KeptPartial } from '../../shared/partial-contract.ts';
import { ownEvent } from '../audit/event.ts';
import type { AuditLog } from '../audit/log.ts';
import type { Caller } from '../kms/types.ts';
import type { Store } from '../store/database.ts';
import type { Partial, Partials } from '../store/partials.ts';
import { lookAfter, sweepPartials } from '../vault/partials.ts';

/** How many are reported singly. */
const MAX_TOLD = 50;

type KeptServices = {
  readonly store: Store;
  readonly partialTable: Partials;
  readonly clock: Clock;
  readonly audit: AuditLog;
};

/**
 * What dead owners left unfinished and the unlock could not remove, as its disk is away: on record until it is known to
 * be gone, or until the vault's owner says that it never comes back. What runs now is never among it.
 */
export class KeptPartials {
  #kept: readonly Partial[] = [];

  /** Those there are, oldest first. */
  list(): KeptPartial[] {
    return this.#kept.map(({ id, path, created }) => ({ id, path, createdAt: isoTime(created) }));
  }

  /** What is told of them. */
  get findings(): Finding[] {
    return this.#kept.slice(0, MAX_TOLD).map(({ id, path }) => ({
      kind: 'PartialKept',
      ...say('partial-kept', { path }),
      partial: id,
    }));
  }

  /** At an unlock: removes what can be removed; returns the paths that the vault did not write itself. */
  async sweep({ store, partialTable, clock }: KeptServices): Promise<readonly string[]> {
    const { kept, refused } = await sweepPartials(store, partialTable, clock);
    this.#kept = kept;
    return refused;
  }

  /**
   * Removes one if it is there now, or else looks after it no more, which the log tells. Throws `NotFoundException` for
   * one that is not kept, and `AuditUnwritable`.
   */
  async forget(
    { audit, partialTable }: KeptServices,
    { principal }: Caller,
    id: number,
  ): Promise<{ path: string; outcome: 'removed' | 'gone' | 'forgotten' }> {
    const partial = this.#kept.find((each) => each.id === id);
    if (partial === undefined) {
      throw fail('partial-gone-from-record');
    }
    const { path } = partial;
    const state = await lookAfter(partial).catch(() => 'kept' as const);
    const outcome = state === 'kept' ? 'forgotten' : state;
    audit.write((tx) => {
      partialTable.remove(tx, [id]);
      audit.append(tx, { ...ownEvent(principal, 'ForgetPartial', { outcome }), file: { path } });
    });
    this.#kept = this.#kept.filter((each) => each.id !== id);
    return { path, outcome };
  }
}
