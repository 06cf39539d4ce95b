import { isKeywardError } from '../../../shared/errors.ts';
import type { Tx } from '../../store/database.ts';
import { rootArn } from '../access/identity.ts';
import { keyArn } from '../arn.ts';
import { type Core, knownKey } from '../core.ts';
import { hasExpired, isPast } from '../keys/expiry.ts';
import { settled } from '../keys/imported-key.ts';
import type { KeyRow } from '../keys/row-schemas.ts';
import type { Step } from '../operation.ts';

/** Deletes the expired material of a key, with an entry of its own; AWS's name for it is that of the event. */
export function expireMaterial(core: Core, tx: Tx, step: Step, id: string): void {
  const row = core.rows.key(tx, id);
  const now = core.clock.now();
  if (row === undefined || !hasExpired(row, now)) return;
  const caller = { principal: rootArn(core.vault.account), client: 'window' } as const;
  const operation = {
    caller,
    eventName: 'DeleteExpiredKeyMaterial',
    readOnly: false,
    request: { keyId: id },
  };
  step({ ...operation, eventType: 'AwsServiceEvent', internal: true }, (record) => {
    record.keyArns.push(keyArn(core.vault, id));
    const due = core.rows.versions(tx, id).filter(({ body }) => isPast(body.imported?.expires, now));
    for (const version of due) forget(core, tx, id, row, version.id);
    core.rows.putKey(tx, id, settled(core.rows, tx, id, row));
    record.response = { keyId: id, keyMaterialIds: due.map((version) => version.id) };
  });
}

/**
 * Deletes the expired material of all keys that were seen since the last time. Where the log can't be written, it
 * waits: the keys go on reading as if it were gone.
 */
export function deleteExpired(core: Core): void {
  const ids = core.expiry.take();
  if (ids.length === 0) return;
  try {
    core.journal.change((tx, step) => {
      for (const id of ids) expireMaterial(core, tx, step, id);
    });
    core.journal.truncateWal();
  } catch (error) {
    if (!isKeywardError(error)) throw error;
  }
}

/** As `expireMaterial`, for the key that the caller names, if there is one: before its material is worked on. */
export function expireNamed(core: Core, tx: Tx, step: Step, keyId: string): void {
  const key = knownKey(core, tx, keyId);
  if (key !== undefined) expireMaterial(core, tx, step, key.id);
}

/**
 * Deletes the material of a version. One that waits for its rotation goes altogether, for nothing was encrypted
 * under it; of the others stays what tells the material again. The key's row follows by `settled`.
 */
export function forget(core: Core, tx: Tx, id: string, row: KeyRow, versionId: string): void {
  if (row.external?.pending?.version === versionId) {
    core.rows.removeVersion(tx, id, versionId);
    return;
  }
  const version = core.rows.version(tx, id, versionId);
  if (version?.imported === undefined) return;
  const { wrapped: _gone, ...rest } = version;
  const { expires: _over, ...imported } = version.imported;
  core.rows.putVersion(tx, id, versionId, { ...rest, imported });
}
