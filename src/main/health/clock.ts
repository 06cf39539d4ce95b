import type { Finding } from '../../shared/findings.ts';

/** So far a clock may be behind what it has seen, in milliseconds. */
const MAX_BEHIND = 5 * 60_000;

/** A clock that is behind what the vault has seen; `seen`: the newest such moment, in ms since 1970. */
export function clock(now: number, seen: number | undefined): Finding[] {
  if (seen === undefined || now >= seen - MAX_BEHIND) return [];
  return [
    {
      kind: 'ClockBehind',
      message: `The clock says ${new Date(now).toISOString()}, and the vault has seen ${new Date(seen).toISOString()} already: one of the two is wrong. Until they agree no key is rotated or deleted by its date.`,
    },
  ];
}
