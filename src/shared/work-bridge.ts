import { z } from 'zod';
import { none } from './bridge-basics.ts';

/* The part of the bridge that is about what takes a while: it tells how far it is, and can be stopped. */

/** What takes a while and is no job over files; of each kind one at a time. */
const WORKS = ['repair', 'restore', 'backup', 'merge', 'root', 'drill', 'health'] as const;

/** One of them. */
export type Work = (typeof WORKS)[number];

const work = z.enum(WORKS);

/** How far it is: `total` null where that is not known, `done` of it in the same unit. */
export const workEvent = z.object({
  type: z.literal('work'),
  work,
  done: z.number().nonnegative(),
  total: z.number().nonnegative().nullable(),
});

/** The rows. */
export const workBridge = {
  /** Stops it, if it runs: it then fails with `Cancelled`. */
  'work.cancel': { input: z.strictObject({ work }), output: none },
} as const;

export type WorkEvent = z.output<typeof workEvent>;
