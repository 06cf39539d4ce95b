import type { Tx } from '../../store/database.ts';
import { type Core, keyById } from '../core.ts';
import type { FoundKey } from '../found-key.ts';
import { hasExpired } from '../keys/expiry.ts';
import type { KeyRow } from '../keys/row-schemas.ts';
import type { Operation, Step } from '../operation.ts';
import type { Caller } from '../types.ts';
import { addVersion } from './add-version.ts';
import { expireMaterial } from './expire-material.ts';

const DAY = 86_400_000;

type Rotation = NonNullable<KeyRow['rotation']>;
type Deletion = NonNullable<KeyRow['deletion']>;

/** What a run of maintenance did: ids of keys that got a new version, whose deletion came due, and that were shredded. */
type MaintenanceReport = {
  readonly rotated: readonly string[];
  readonly due: readonly string[];
  readonly shredded: readonly string[];
  /** The clock stands before the newest entry of the log: nothing was shredded. */
  readonly suspended: boolean;
};

/**
 * What time has brought. An overdue rotation makes one new version, dated now; the due date goes into the entry.
 * Imported material whose date has passed goes first.
 *
 * With `sweep`, for an unlock: a key whose deletion date has passed is told of at the first unlock that sees it and
 * shredded at an unlock at least 24 hours later; never while the clock stands before `newest`, the date of the newest
 * entry of the log. A vault that stays open does without it, so that somebody is there to cancel.
 */
export function runMaintenance(
  core: Core,
  caller: Caller,
  sweep?: { readonly newest: number | undefined },
): MaintenanceReport {
  const now = core.clock.now();
  const suspended = sweep?.newest !== undefined && now < sweep.newest;
  const [rotated, due, shredded]: [string[], string[], string[]] = [[], [], []];
  const done = core.journal.change((tx, step) => {
    for (const list of [rotated, due, shredded]) list.length = 0;
    for (const { id } of core.rows.keys(tx).filter(({ body }) => isDue(body, now))) {
      expireMaterial(core, tx, step, id);
      const key = keyById(core, tx, id);
      if (key === undefined) continue;
      const { state, rotation, deletion } = key.row;
      const asked = { core, tx, step, caller, key, now };
      if (state === 'Enabled' && rotation !== undefined && rotation.next <= now) {
        rotate(asked, rotation);
        rotated.push(id);
      }
      if (sweep === undefined || suspended || deletion === undefined || deletion.date > now) continue;
      if (sweepKey(asked, deletion)) shredded.push(id);
      else due.push(id);
    }
    return { rotated, due, shredded, suspended };
  });
  if (shredded.length > 0) core.journal.truncateWal();
  return done;
}

type Asked = {
  readonly core: Core;
  readonly tx: Tx;
  readonly step: Step;
  readonly caller: Caller;
  readonly key: FoundKey;
  readonly now: number;
};

function rotate({ core, tx, step, caller, key, now }: Asked, rotation: Rotation): void {
  const dueDate = new Date(rotation.next).toISOString();
  step(ofService(caller, 'RotateKey', { keyId: key.id, dueDate }), (record) => {
    record.keyArns.push(key.arn);
    const next = { ...rotation, next: now + rotation.days * DAY };
    const { row } = addVersion(core, tx, { ...key, row: { ...key.row, rotation: next } }, 'AUTOMATIC');
    record.response = { keyId: key.id, keyMaterialId: row.current };
  });
}

/** Tells of a key whose date has passed, or shreds it. Returns whether it was shredded. */
function sweepKey({ core, tx, step, caller, key, now }: Asked, deletion: Deletion): boolean {
  const { id, arn, row } = key;
  if (deletion.seen === undefined) {
    const deletionDate = new Date(deletion.date).toISOString();
    step(ofService(caller, 'DeleteKeyDue', { keyId: id, deletionDate }), (record) => {
      record.keyArns.push(arn);
      core.rows.putKey(tx, id, { ...row, deletion: { ...deletion, seen: now } });
    });
    return false;
  }
  if (now - deletion.seen < DAY) return false;
  step(ofService(caller, 'DeleteKey', { keyId: id }), (record) => {
    record.keyArns.push(arn);
    core.rows.shred(tx, id, now);
    core.policies.remove(tx, id);
    core.grants.removeAll(tx, id);
  });
  return true;
}

function ofService(caller: Caller, eventName: string, request: Operation['request']): Operation {
  return { caller, eventName, readOnly: false, request, eventType: 'KeywardEvent', internal: true };
}

/** Whether time has brought anything for a key; nearly all keys are passed over by this. */
function isDue(row: KeyRow, now: number): boolean {
  const { rotation, deletion } = row;
  return (
    hasExpired(row, now) || [rotation?.next, deletion?.date].some((date) => date !== undefined && date <= now)
  );
}
