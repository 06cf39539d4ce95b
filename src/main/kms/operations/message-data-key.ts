import { awsError, type KeywardError } from '../../../shared/errors.ts';
import { randomBytes, wipe } from '../../crypto/bytes.ts';
import type { Tx } from '../../store/database.ts';
import { RAW_AES_NAMESPACE, rawAesKey, rawAesKeyName } from '../cipher/raw-aes-key.ts';
import { ALGORITHM } from '../cipher/symmetric.ts';
import { type Core, findKey, knownKey, withCurrent, withMaterial } from '../core.ts';
import { type FoundKey, requireEnabled, requireSymmetric } from '../found-key.ts';
import type { Step } from '../operation.ts';
import { dataOperation, named, RequestContext } from '../request.ts';
import type { Caller, MessageKey, MessageKeyInput, OpenMessageKeyInput } from '../types.ts';
import { addVersion } from './add-version.ts';

/** Data keys that one version may wrap for AWS messages, under random IVs (NIST SP 800-38D section 8.3). */
export const MAX_USES = 2 ** 31;

/**
 * A data key for an AWS Encryption SDK message, wrapped by `wrap` under the raw AES key of the current version.
 * The use is counted, durably, before anything is given; a version that has had all of its uses is rotated
 * first. `Plaintext`, 32 bytes, is the caller's to wipe. Throws `NotFoundException`, `DisabledException`.
 */
export function generateMessageKey<T>(core: Core, caller: Caller, input: MessageKeyInput<T>): MessageKey<T> {
  const context = new RequestContext(input.EncryptionContext);
  const operation = dataOperation(
    caller,
    'GenerateDataKey',
    {
      keyId: named(input.KeyId),
      keySpec: 'AES_256',
      format: 'aws-encryption-sdk',
      encryptionContext: context.shown,
    },
    { encryptionContext: input.EncryptionContext, conditions: { 'kms:EncryptionAlgorithm': ALGORITHM } },
  );
  return core.journal.change((tx, step) => {
    rotateUsedUp(core, tx, step, caller, input.KeyId);
    return step(operation, (record) => {
      const key = findKey(core, tx, record, input.KeyId);
      requireEnabled(key);
      requireSymmetric(key, 'GenerateDataKey');
      const version = key.row.current;
      const uses = core.rows.messageUses(tx, key.id, version);
      if (uses >= MAX_USES) throw usedUp(key);
      core.rows.putMessageUses(tx, key.id, version, uses + 1);
      const Plaintext = randomBytes(32);
      const wrapped = withCurrent(core, tx, key, (material) => {
        const own = rawAesKey(material, key.id, version);
        try {
          const name = rawAesKeyName(key.id, version);
          return input.wrap({ namespace: RAW_AES_NAMESPACE, name, key: own }, Plaintext);
        } finally {
          wipe(own);
        }
      });
      return { Plaintext, wrapped, KeyId: key.arn, KeyMaterialId: version };
    });
  });
}

/**
 * Unwraps the data key of an AWS message by `unwrap`, under the raw AES key of the version that its slot names;
 * `undefined` if the slot is not authentic under it. Throws `NotFoundException`, `DisabledException`.
 */
export async function openMessageKey(
  core: Core,
  caller: Caller,
  input: OpenMessageKeyInput,
): Promise<Buffer | undefined> {
  const { KeyId, KeyMaterialId, EncryptionContext, unwrap } = input;
  const context = new RequestContext(EncryptionContext);
  const operation = dataOperation(
    caller,
    'Decrypt',
    {
      keyId: named(KeyId),
      format: 'aws-encryption-sdk',
      encryptionContext: context.shown,
    },
    { encryptionContext: EncryptionContext, conditions: { 'kms:EncryptionAlgorithm': ALGORITHM } },
  );
  return core.journal.perform(operation, 'if-allowed', (tx, record) => {
    const key = findKey(core, tx, record, KeyId);
    requireEnabled(key);
    requireSymmetric(key, 'Decrypt');
    record.response = { keyMaterialId: KeyMaterialId };
    return withMaterial(core, tx, key, KeyMaterialId, (material) => {
      const own = rawAesKey(material, key.id, KeyMaterialId);
      try {
        return unwrap({ namespace: RAW_AES_NAMESPACE, name: rawAesKeyName(key.id, KeyMaterialId), key: own });
      } finally {
        wipe(own);
      }
    });
  });
}

/** Gives the key a new version, with an entry of its own, if the current one has wrapped as much as is safe. */
function rotateUsedUp(core: Core, tx: Tx, step: Step, caller: Caller, keyId: string): void {
  const key = knownKey(core, tx, keyId);
  if (key?.row.state !== 'Enabled' || key.row.spec !== 'SYMMETRIC_DEFAULT') return;
  if (key.row.origin === 'EXTERNAL') return;
  if (core.rows.messageUses(tx, key.id, key.row.current) < MAX_USES) return;
  const request = { keyId: key.id, reason: 'message-key-uses' };
  step(
    { caller, eventName: 'RotateKey', readOnly: false, request, eventType: 'KeywardEvent', internal: true },
    (rotation) => {
      rotation.keyArns.push(key.arn);
      const { row } = addVersion(core, tx, key, 'AUTOMATIC');
      rotation.response = { keyId: key.id, keyMaterialId: row.current };
    },
  );
}

/** The vault makes no material for a key whose material is imported. */
function usedUp({ arn }: FoundKey): KeywardError {
  return awsError(
    'LimitExceededException',
    `The current material of ${arn} has wrapped as many keys of AWS messages as is safe. Import new material and rotate the key.`,
  );
}
