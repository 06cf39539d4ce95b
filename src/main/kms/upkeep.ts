import { type Core, keyById } from './core.ts';
import { expireMaterial, hasExpired } from './expiry.ts';
import type { Operation } from './journal.ts';
import type { KeyRow } from './rows.ts';
import type { Caller } from './types.ts';
import { addVersion } from './versions.ts';

const DAY = 86_400_000;

/** What an upkeep did: ids of keys that got a new version, whose deletion came due, and that were shredded. */
export type Upkeep = {
  readonly rotated: readonly string[];
  readonly due: readonly string[];
  readonly shredded: readonly string[];
  /** The clock stands before the newest entry of the log: nothing was shredded. */
  readonly suspended: boolean;
};

/**
 * What time has brought, at each unlock and every hour after it. An overdue rotation makes one
 * new version, dated now; the due date goes into the entry. A key whose deletion date has passed is told of when that
 * is first seen and shredded when it is seen at least 24 hours later; never while the clock stands before `newest`, the date
 * of the newest entry of the log. Imported material whose date has passed goes first.
 */
export function runUpkeep(core: Core, caller: Caller, newest: number | undefined): Upkeep {
  const now = core.clock.now();
  const suspended = newest !== undefined && now < newest;
  const [rotated, due, shredded]: [string[], string[], string[]] = [[], [], []];
  const done = core.journal.change((tx, step) => {
    for (const list of [rotated, due, shredded]) list.length = 0;
    for (const { id } of core.rows.keys(tx).filter(({ body }) => isDue(body, now))) {
      expireMaterial(core, tx, step, id);
      const key = keyById(core, tx, id);
      if (key === undefined) continue;
      const { state, rotation, deletion } = key.row;
      const service = (eventName: string, request: Operation['request']) =>
        ({ caller, eventName, readOnly: false, request, eventType: 'KeywardEvent', internal: true }) as const;
      if (state === 'Enabled' && rotation !== undefined && rotation.next <= now) {
        const dueDate = new Date(rotation.next).toISOString();
        step(service('RotateKey', { keyId: id, dueDate }), (note) => {
          note.keyArns.push(key.arn);
          const next = now + rotation.days * DAY;
          const { row } = addVersion(
            core,
            tx,
            { ...key, row: { ...key.row, rotation: { ...rotation, next } } },
            'AUTOMATIC',
          );
          note.response = { keyId: id, keyMaterialId: row.current };
        });
        rotated.push(id);
      }
      if (deletion === undefined || deletion.date > now || suspended) continue;
      if (deletion.seen === undefined) {
        step(
          service('DeleteKeyDue', { keyId: id, deletionDate: new Date(deletion.date).toISOString() }),
          (note) => {
            note.keyArns.push(key.arn);
            core.rows.putKey(tx, id, { ...key.row, deletion: { ...deletion, seen: now } });
          },
        );
        due.push(id);
      } else if (now - deletion.seen >= DAY) {
        step(service('DeleteKey', { keyId: id }), (note) => {
          note.keyArns.push(key.arn);
          core.rows.shred(tx, id, now);
          core.policies.remove(tx, id);
          core.grants.removeAll(tx, id);
        });
        shredded.push(id);
      } else {
        due.push(id);
      }
    }
    return { rotated, due, shredded, suspended };
  });
  if (shredded.length > 0) core.journal.scrub();
  return done;
}

/** Whether time has brought anything for a key; nearly all keys are passed over by this. */
function isDue(row: KeyRow, now: number): boolean {
  const { rotation, deletion } = row;
  return (
    hasExpired(row, now) || [rotation?.next, deletion?.date].some((date) => date !== undefined && date <= now)
  );
}
