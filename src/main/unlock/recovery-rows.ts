import { z } from 'zod';

/** The room of the recovery sets: for whom backups are made. */
export const SETS_ROOM = 'recovery-recipients';
/** The room of their marks: one of each set that was taken away, by the certifier that only its secret gives. */
export const ENDED_ROOM = 'ended-recovery-sets';
/** The id of the recovery phrase among the sets. */
export const PHRASE = 'phrase';

/** A row of the first room. `created`: ms since 1970. */
export const recoverySetRow = z.object({
  hybrid: z.string().startsWith('age1pq1'),
  x25519: z.string().startsWith('age1'),
  certifier: z.base64(),
  created: z.number(),
  /** Of a share set: how many there are, and how many are needed. */
  shares: z.object({ shares: z.number().int(), threshold: z.number().int() }).exactOptional(),
});

/** A row of the second: the id that the set had, and when it was taken away, in ms since 1970. */
export const endedSetRow = z.object({ id: z.string(), ended: z.number() });

type Ended = z.output<typeof endedSetRow>;

/** The id of a set's mark, by the set's certifier in base64. */
export function markId(certifier: string): string {
  return Buffer.from(certifier, 'base64').toString('hex');
}

/** Whether a set is the one that a mark is of, and was not made anew since. */
export function isEndedBy({ created }: { readonly created: number }, mark: Ended | undefined): boolean {
  return mark !== undefined && mark.ended > created;
}
