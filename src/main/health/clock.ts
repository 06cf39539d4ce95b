import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';

/** So far a clock may be behind what it has seen, in milliseconds. */
const MAX_BEHIND = 5 * 60_000;

/** A clock that is behind what the vault has seen; `seen`: the newest such moment, in ms since 1970. */
export function clock(now: number, seen: number | undefined): Finding[] {
  if (seen === undefined || now >= seen - MAX_BEHIND) return [];
  return [
    {
      kind: 'ClockBehind',
      ...say('clock-behind', { now: new Date(now).toISOString(), seen: new Date(seen).toISOString() }),
    },
  ];
}
