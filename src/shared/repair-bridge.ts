import { z } from 'zod';
import { handle, none, shown } from './bridge-basics.ts';
import { repairPlan } from './repair-contract.ts';

/* The part of the bridge that is about making a damaged vault whole. */

/** A plan as the page has it: the backup that rows were compared with goes by its name. */
const pagePlan = repairPlan
  .omit({ home: true })
  .extend({ backup: z.object({ name: z.string(), created: z.string() }).optional() });

/** The rows. */
export const repairBridge = {
  /** Locks a vault that is open for rescue, since only a locked one can be repaired; the locked page then asks on. */
  'repair.begin': { input: none, output: none },
  /** The vault is left as it is; what was planned is forgotten. */
  'repair.leave': { input: none, output: none },
  /** What a repair would do; null: there is nothing to repair. `from`: a folder with backups to compare rows with. */
  'repair.plan': {
    input: z.strictObject({ shown, from: handle.optional() }),
    output: z.object({ plan: pagePlan.nullable() }),
  },
  /** Does what was planned last; the names of the damaged files that were put aside. */
  'repair.apply': { input: none, output: z.object({ aside: z.array(z.string()) }) },
} as const;

/** See `pagePlan`. */
export type PagePlan = z.output<typeof pagePlan>;
