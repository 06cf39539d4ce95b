import { KeywardError } from '../../shared/errors.ts';
import { type Core, findKey, requireEnabled, requireSymmetric, withMaterial } from './core.ts';
import { rawAesKey } from './raw-aes.ts';
import { dataOperation, named } from './request.ts';
import type { Caller, ExportInput, ExportOutput } from './types.ts';

/** The action that an export needs; no AWS action includes it. */
export const EXPORT_ACTION = 'keyward:ExportKeyMaterial';

/**
 * Gives out what a version is made of (keys-and-recovery 10). The owner alone may do so, through the window or
 * the command, and with `refusal` not even they. The version bears the date of its first export for good; mark
 * and entry are durable before anything is given. Throws `AccessDeniedException`, the `refusal`,
 * `NotFoundException`, `DisabledException`.
 */
export function exportMaterial(core: Core, caller: Caller, input: ExportInput): ExportOutput {
  const { KeyId, KeyMaterialId, form, refusal } = input;
  const request = { keyId: named(KeyId), keyMaterialId: KeyMaterialId, form };
  const operation = dataOperation(caller, 'ExportKeyMaterial', request);
  return core.journal.change((tx, step) =>
    step({ ...operation, readOnly: false, eventType: 'KeywardEvent' }, (note) => {
      const key = findKey(core, tx, note, KeyId);
      if (caller.client === 'sdk') throw notTheOwner(caller, key.arn);
      if (refusal !== undefined) throw refusal;
      requireEnabled(key);
      requireSymmetric(key, 'ExportKeyMaterial');
      const versionId = KeyMaterialId ?? key.row.current;
      const row = core.rows.version(tx, key.id, versionId);
      const exported = withMaterial(core, tx, key, versionId, (material) =>
        form === 'aws' ? rawAesKey(material, key.id, versionId) : Buffer.from(material),
      );
      if (row === undefined || exported === undefined) throw noSuchVersion(key.arn, versionId);
      core.rows.putVersion(tx, key.id, versionId, { ...row, exported: row.exported ?? core.clock.now() });
      note.response = { keyId: key.id, keyMaterialId: versionId };
      return { KeyId: key.id, KeyMaterialId: versionId, exported };
    }),
  );
}

function notTheOwner(caller: Caller, arn: string): KeywardError {
  return new KeywardError(
    'AccessDeniedException',
    `User: ${caller.principal} is not authorized to perform: ${EXPORT_ACTION} on resource: ${arn}`,
  );
}

function noSuchVersion(arn: string, versionId: string): KeywardError {
  return new KeywardError('NotFoundException', `Key '${arn}' has no version ${versionId.slice(0, 64)}.`);
}
