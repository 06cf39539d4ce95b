import { isDrillOld, MAX_DRILL_DAYS } from '../../shared/drill-age.ts';
import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';

/** When the last backup was made and the last drill went well, in ISO 8601. */
type DrillFacts = {
  readonly last?: { readonly at: string } | undefined;
  readonly drill?: { readonly at: string } | undefined;
};

/** A vault with backups of which nobody knows whether phrase and backup open it; `now` in ms since 1970. */
export function drillDue({ last, drill }: DrillFacts, now: number): Finding[] {
  if (drill === undefined) {
    if (last === undefined) return [];
    return [
      {
        kind: 'NoDrill',
        ...say('never-drilled'),
      },
    ];
  }
  if (!isDrillOld(drill.at, now)) return [];
  return [
    {
      kind: 'DrillOld',
      ...say('drill-long-ago', { day: drill.at.slice(0, 10), days: MAX_DRILL_DAYS }),
    },
  ];
}
