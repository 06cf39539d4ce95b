import type { MergeChange, MergeDifference, MergeKept } from '../../../shared/backup-contract.ts';
import type { RowSet } from './row-set.ts';

/**
 * How two vaults are united. `whole`: of a backup into a vault that lives; what was shredded there waits a day here.
 * `restrictions`: only what takes something away, for a vault that is being restored, where what was shredded is left out.
 */
export type UnionMode = 'whole' | 'restrictions';

/** Something in which the two differ and nothing decides: `take` does as the backup has it. */
export type Difference = MergeDifference & { readonly take: () => void };

/** A union under way: `here` becomes it. `now`: ms since 1970. */
export type Union = {
  readonly here: RowSet;
  readonly there: RowSet;
  readonly mode: UnionMode;
  readonly now: number;
  /** What a key is called: its first alias, here before there, else its id. */
  readonly nameOf: (keyId: string) => string;
  /** What is done. */
  readonly changes: MergeChange[];
  /** What the backup has and does not come: it was taken away here. */
  readonly kept: MergeKept[];
  readonly differences: Difference[];
  /** What else is to be known before it is done, in sentences. */
  readonly notes: string[];
};
