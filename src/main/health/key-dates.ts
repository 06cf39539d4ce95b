import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';

const DAY = 86_400_000;
/** So soon a date is told, in milliseconds. */
const NEAR = { deletion: 7 * DAY, expiry: 14 * DAY, rotation: 7 * DAY } as const;

/** What is looked at of a key; dates in ms since 1970. `name`: what it is called. */
export type DatedKey = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly deletion?: number;
  readonly expires?: number;
  readonly rotates?: number;
};

/** Keys with a date that comes near or has passed. */
export function keyDates(keys: readonly DatedKey[], now: number): Finding[] {
  return keys.flatMap((key) => {
    const found = [...deletion(key, now), ...expiry(key, now), ...rotation(key, now)];
    return found.map((each) => ({ ...each, key: key.id }));
  });
}

function deletion({ name, state, deletion: date }: DatedKey, now: number): Finding[] {
  if (state !== 'PendingDeletion' || date === undefined || date - now > NEAR.deletion) return [];
  return [
    {
      kind: 'KeyDeletionNear',
      ...say('key-deletion-near', { name, day: dayOf(date) }),
    },
  ];
}

function expiry({ name, expires }: DatedKey, now: number): Finding[] {
  if (expires === undefined || expires - now > NEAR.expiry || expires < now) return [];
  return [
    {
      kind: 'MaterialExpires',
      ...say('material-expires', { name, day: dayOf(expires) }),
    },
  ];
}

function rotation({ name, state, rotates }: DatedKey, now: number): Finding[] {
  if (state !== 'Enabled' || rotates === undefined || rotates - now > NEAR.rotation) return [];
  return rotates < now - DAY
    ? [
        {
          kind: 'KeyRotationOverdue',
          ...say('rotation-overdue', { name, day: dayOf(rotates) }),
        },
      ]
    : [{ kind: 'KeyRotationNear', ...say('rotation-near', { name, day: dayOf(rotates) }) }];
}

function dayOf(date: number): string {
  return new Date(date).toISOString().slice(0, 10);
}
