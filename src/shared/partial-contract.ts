import { z } from 'zod';
import { none } from './contract-basics.ts';

/* The part of the contract that is about unfinished files that are on record and could not be removed. */

/** One of them: where it was, and since when it is on record. */
const keptPartial = z.object({ id: z.number().int(), path: z.string(), createdAt: z.string() });

/** One of them, as it is listed. */
export type KeptPartial = z.output<typeof keptPartial>;

/** The methods. */
export const partialMethods = {
  /** Those that stood at the unlock, and may still stand somewhere. */
  'partials.list': {
    needs: 'keyward:ReadCatalog',
    input: none,
    output: z.object({ partials: z.array(keptPartial) }),
  },
  /**
   * Removes one if it is there now (`removed`), else looks after it no more: `gone` where it is known to be nowhere,
   * `forgotten` where it may stand on a disk that is away.
   */
  'partials.forget': {
    needs: 'keyward:ForgetPartials',
    input: z.strictObject({ id: z.number().int() }),
    output: z.object({ path: z.string(), outcome: z.enum(['removed', 'gone', 'forgotten']) }),
  },
} as const;
