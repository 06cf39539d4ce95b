import { type Core, findKey } from '../core.ts';
import { invalidState } from '../errors.ts';
import { requireNotPending } from '../found-key.ts';
import { settled } from '../keys/imported-key.ts';
import { onKey } from '../request.ts';
import type { Caller, KeyIdInput } from '../types.ts';
import { requireRange } from '../validate.ts';

const DAY = 86_400_000;
const [MIN_DAYS, MAX_DAYS] = [7, 30];

/** `KeyId` is the key's ARN; `PendingWindowInDays` 7–30. */
type ScheduleKeyDeletionOutput = {
  readonly KeyId: string;
  readonly DeletionDate: Date;
  readonly KeyState: 'PendingDeletion';
  readonly PendingWindowInDays: number;
};

/**
 * `ScheduleKeyDeletion`: from now on the key does nothing, and after its days it may be shredded. The service's
 * model allows 1–365 days, the service and this vault 7–30.
 */
export function scheduleKeyDeletion(
  core: Core,
  caller: Caller,
  input: KeyIdInput & { readonly PendingWindowInDays?: number },
): ScheduleKeyDeletionOutput {
  const days = input.PendingWindowInDays ?? MAX_DAYS;
  const operation = onKey(caller, 'ScheduleKeyDeletion', input, false);
  const request = { ...operation.request, pendingWindowInDays: days };
  const access = { conditions: { 'kms:ScheduleKeyDeletionPendingWindowInDays': days } };
  return core.journal.change((tx, step) =>
    step({ ...operation, request, access }, (record) => {
      requireRange('pendingWindowInDays', days, MIN_DAYS, MAX_DAYS);
      const key = findKey(core, tx, record, input.KeyId);
      requireNotPending(key);
      const date = core.clock.now() + days * DAY;
      core.rows.putKey(tx, key.id, { ...key.row, state: 'PendingDeletion', deletion: { date, days } });
      record.response = {
        keyId: key.arn,
        keyState: 'PendingDeletion',
        deletionDate: new Date(date).toISOString(),
      };
      return {
        KeyId: key.arn,
        DeletionDate: new Date(date),
        KeyState: 'PendingDeletion',
        PendingWindowInDays: days,
      };
    }),
  );
}

/**
 * `CancelKeyDeletion`: the key is disabled afterwards, not enabled; one whose imported material is not there is
 * pending import. AWS does not say what it does with those.
 */
export function cancelKeyDeletion(core: Core, caller: Caller, input: KeyIdInput): { KeyId: string } {
  return core.journal.change((tx, step) =>
    step(onKey(caller, 'CancelKeyDeletion', input, false), (record) => {
      const key = findKey(core, tx, record, input.KeyId);
      if (key.row.state !== 'PendingDeletion') throw invalidState(`${key.arn} is not pending deletion.`);
      const { deletion: _over, ...row } = key.row;
      const after = { ...row, state: 'Disabled' } as const;
      core.rows.putKey(
        tx,
        key.id,
        row.external === undefined ? after : settled(core.rows, tx, key.id, after),
      );
      return { KeyId: key.arn };
    }),
  );
}
