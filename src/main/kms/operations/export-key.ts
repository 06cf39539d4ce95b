import { awsError, type KeywardError } from '../../../shared/errors.ts';
import { wipe } from '../../crypto/bytes.ts';
import { rawAesKey } from '../cipher/raw-aes-key.ts';
import { decryptBlob } from '../cipher/symmetric.ts';
import { type Core, findKey, withMaterial } from '../core.ts';
import { requireEnabled, requireSymmetric } from '../found-key.ts';
import { dataOperation, named, RequestContext } from '../request.ts';
import type { Caller, ExportDataKeyInput, ExportInput, ExportOutput } from '../types.ts';

/** The action that an export needs; no AWS action includes it. */
const EXPORT_ACTION = 'keyward:ExportKeyMaterial';

/**
 * Gives out what a version is made of (docs/format.md 17). The owner alone may do so, through the window or
 * the command, and with `refusal` not even they. The version bears the date of its first export for good; mark
 * and entry are durable before anything is given. Throws `AccessDeniedException`, the `refusal`,
 * `NotFoundException`, `DisabledException`.
 */
export function exportMaterial(core: Core, caller: Caller, input: ExportInput): ExportOutput {
  const { KeyId, KeyMaterialId, form, refusal } = input;
  const request = { keyId: named(KeyId), keyMaterialId: KeyMaterialId, form };
  const operation = dataOperation(caller, 'ExportKeyMaterial', request);
  return core.journal.change((tx, step) =>
    step({ ...operation, readOnly: false, eventType: 'KeywardEvent' }, (record) => {
      const key = findKey(core, tx, record, KeyId, { action: EXPORT_ACTION });
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
      record.response = { keyId: key.id, keyMaterialId: versionId };
      return { KeyId: key.id, KeyMaterialId: versionId, exported };
    }),
  );
}

/**
 * Gives out the data key of one file, which opens that file and no other. Refused and logged as `exportMaterial`;
 * no version is marked. Throws as it does, and as `decryptBlob`.
 */
export function exportDataKey(core: Core, caller: Caller, input: ExportDataKeyInput): ExportOutput {
  const context = new RequestContext(input.EncryptionContext);
  const operation = dataOperation(caller, 'ExportDataKey', { encryptionContext: context.shown });
  return core.journal.change((tx, step) =>
    step({ ...operation, readOnly: false, eventType: 'KeywardEvent' }, (record) => {
      const ask = { action: EXPORT_ACTION, encryptionContext: context.shown };
      const opening = { blob: input.CiphertextBlob, context: context.bytes(), ask };
      const { key, versionId, plaintext } = decryptBlob(core, tx, record, opening);
      try {
        if (caller.client === 'sdk') throw notTheOwner(caller, key.arn);
        if (input.refusal !== undefined) throw input.refusal;
      } catch (error) {
        wipe(plaintext);
        throw error;
      }
      record.response = { keyId: key.id, keyMaterialId: versionId };
      return { KeyId: key.id, KeyMaterialId: versionId, exported: plaintext };
    }),
  );
}

function notTheOwner(caller: Caller, arn: string): KeywardError {
  return awsError(
    'AccessDeniedException',
    `User: ${caller.principal} is not authorized to perform: ${EXPORT_ACTION} on resource: ${arn}`,
  );
}

function noSuchVersion(arn: string, versionId: string): KeywardError {
  return awsError('NotFoundException', `Key '${arn}' has no version ${versionId.slice(0, 64)}.`, {
    key: arn,
    version: versionId.slice(0, 64),
  });
}
