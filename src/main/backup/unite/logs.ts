import { z } from 'zod';
import type { BackupDocument } from '../document.ts';
import type { RowSet } from './row-set.ts';

const LOGS = 'former-logs';
const USES = 'former-uses';

/** Where another device's log stood when its backup came here: that one, and all that it made before, are known here. */
const formerLog = z.object({
  firstKey: z.string(),
  head: z.object({ seq: z.number().int(), hash: z.string() }),
  sequence: z.number().int(),
});
const use = z.object({ event: z.string(), time: z.string(), id: z.string() });

/** Whether rows have taken in a backup of that device and number, or a later one. */
export function hasTakenIn(rows: RowSet, device: string, sequence: number): boolean {
  return (rows.get(LOGS, device, formerLog)?.sequence ?? 0) >= sequence;
}

/** Notes that a backup was taken in: its log, and when keys were last used by what that tells. */
export function takeIn(rows: RowSet, { device, sequence, log }: BackupDocument): void {
  if (!hasTakenIn(rows, device.id, sequence)) {
    rows.put(LOGS, device.id, { firstKey: log.firstKey, head: log.head, sequence });
  }
  for (const [arn, last] of log.lastUses) noteUse(rows, arn, last);
}

/** Unites what two sets of rows know of logs before them. */
export function uniteLogs(here: RowSet, there: RowSet): void {
  for (const { id, body } of there.list(LOGS, formerLog)) {
    if (!hasTakenIn(here, id, body.sequence)) here.put(LOGS, id, body);
  }
  for (const { id, body } of there.list(USES, use)) noteUse(here, id, body);
}

function noteUse(rows: RowSet, arn: string, last: z.output<typeof use>): void {
  const known = rows.get(USES, arn, use);
  if (known === undefined || known.time < last.time) rows.put(USES, arn, last);
}
