import { wipe } from '../../crypto/bytes.ts';
import type { ReadTx } from '../../store/database.ts';
import { parseBlob } from '../cipher/ciphertext-blob.ts';
import { openCipher, openingKey, sealCipher } from '../cipher/encryption.ts';
import { ALGORITHM, checkAlgorithm } from '../cipher/symmetric.ts';
import { type Core, findKey, knownKey } from '../core.ts';
import type { Operation } from '../operation.ts';
import { dataOperation, named, RequestContext } from '../request.ts';
import type {
  Caller,
  DecryptInput,
  DecryptOutput,
  EncryptInput,
  EncryptOutput,
  ReEncryptInput,
  ReEncryptOutput,
} from '../types.ts';
import { requireLength } from '../validate.ts';
import { blobOf, endDryRunAfter, onlyTried } from './dry-run.ts';

const MAX_PLAINTEXT = 4_096;

/** `Encrypt`. */
export async function encrypt(core: Core, caller: Caller, input: EncryptInput): Promise<EncryptOutput> {
  const context = new RequestContext(input.EncryptionContext);
  const operation = cipherOperation(caller, 'Encrypt', input, context);
  return core.journal.perform(operation, 'refuse', (tx, record) => {
    const { Plaintext: plaintext, EncryptionAlgorithm: algorithm } = input;
    requireLength('plaintext', plaintext, 1, MAX_PLAINTEXT);
    checkAlgorithm('encryptionAlgorithm', algorithm);
    const key = findKey(core, tx, record, input.KeyId);
    const sealing = { operation: 'Encrypt', algorithm, context, plaintext, tried: input } as const;
    // Which version it was under stands in the log; AWS tells it of data keys alone.
    const { CiphertextBlob, EncryptionAlgorithm } = sealCipher(core, tx, record, key, sealing);
    return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm };
  });
}

function algorithmOf({ EncryptionAlgorithm = ALGORITHM }: EncryptInput | DecryptInput): string {
  return EncryptionAlgorithm.slice(0, 256);
}

function cipherOperation(
  caller: Caller,
  eventName: 'Encrypt' | 'Decrypt',
  input: EncryptInput | DecryptInput,
  { shown }: RequestContext,
): Operation {
  const algorithm = algorithmOf(input);
  return dataOperation(
    caller,
    eventName,
    { keyId: named(input.KeyId), encryptionAlgorithm: algorithm, encryptionContext: shown },
    { encryptionContext: shown, conditions: { 'kms:EncryptionAlgorithm': algorithm } },
  );
}

/** `Decrypt`: key and version come from the blob, not from trial; an RSA key must be named. */
export async function decrypt(core: Core, caller: Caller, input: DecryptInput): Promise<DecryptOutput> {
  const context = new RequestContext(input.EncryptionContext);
  const operation = cipherOperation(caller, 'Decrypt', input, context);
  return core.journal.perform(operation, 'if-allowed', (tx, record) => {
    const { KeyId: keyId, EncryptionAlgorithm: algorithm } = input;
    const by = { keyId, field: 'keyId', algorithm, operation: 'Decrypt' } as const;
    checkAlgorithm('encryptionAlgorithm', algorithm);
    const blob = blobOf(input);
    if (blob === undefined) {
      openingKey(core, tx, record, by);
      throw onlyTried();
    }
    const { key, versionId, plaintext } = openCipher(core, tx, record, by, blob, context);
    if (versionId !== undefined) record.response = { keyMaterialId: versionId };
    endDryRunAfter(input, plaintext);
    return {
      Plaintext: plaintext,
      KeyId: key.arn,
      ...(versionId === undefined ? {} : { KeyMaterialId: versionId }),
      EncryptionAlgorithm: algorithm ?? ALGORITHM,
    };
  });
}

/** `ReEncrypt`: the plaintext never leaves this function. */
export async function reEncrypt(core: Core, caller: Caller, input: ReEncryptInput): Promise<ReEncryptOutput> {
  const from = new RequestContext(input.SourceEncryptionContext);
  const to = new RequestContext(input.DestinationEncryptionContext);
  const { SourceEncryptionAlgorithm = ALGORITHM, DestinationEncryptionAlgorithm = ALGORITHM } = input;
  const operation = dataOperation(caller, 'ReEncrypt', {
    sourceKeyId: named(input.SourceKeyId),
    sourceEncryptionAlgorithm: SourceEncryptionAlgorithm.slice(0, 256),
    sourceEncryptionContext: from.shown,
    destinationKeyId: named(input.DestinationKeyId),
    destinationEncryptionAlgorithm: DestinationEncryptionAlgorithm.slice(0, 256),
    destinationEncryptionContext: to.shown,
  });
  return core.journal.perform(operation, 'refuse', (tx, record) => {
    const { SourceKeyId, DestinationKeyId } = input;
    checkAlgorithm('sourceEncryptionAlgorithm', SourceEncryptionAlgorithm);
    checkAlgorithm('destinationEncryptionAlgorithm', DestinationEncryptionAlgorithm);
    const blob = blobOf(input);
    const sourceId =
      SourceKeyId === undefined
        ? parseBlob(blob ?? Buffer.alloc(0))?.keyId
        : knownKey(core, tx, SourceKeyId)?.id;
    const same = isSameKey(core, tx, sourceId, DestinationKeyId);
    const conditions = (algorithm: string) => ({
      'kms:EncryptionAlgorithm': algorithm,
      'kms:ReEncryptOnSameKey': same,
    });
    const by = {
      keyId: SourceKeyId,
      field: 'sourceKeyId',
      operation: 'ReEncrypt',
      algorithm: SourceEncryptionAlgorithm,
      ask: {
        action: 'kms:ReEncryptFrom',
        encryptionContext: from.shown,
        conditions: conditions(SourceEncryptionAlgorithm),
      },
    } as const;
    const opened = blob === undefined ? undefined : openCipher(core, tx, record, by, blob, from);
    if (opened === undefined) openingKey(core, tx, record, by);
    try {
      const key = findKey(core, tx, record, DestinationKeyId, {
        field: 'destinationKeyId',
        action: 'kms:ReEncryptTo',
        encryptionContext: to.shown,
        conditions: conditions(DestinationEncryptionAlgorithm),
      });
      const sealed = sealCipher(core, tx, record, key, {
        ...{ operation: 'ReEncrypt', context: to, tried: input },
        algorithm: DestinationEncryptionAlgorithm,
        plaintext: opened?.plaintext,
      });
      if (opened === undefined) throw onlyTried();
      const { CiphertextBlob, KeyMaterialId } = sealed;
      record.response = {
        ...(opened.versionId === undefined ? {} : { sourceKeyMaterialId: opened.versionId }),
        ...(KeyMaterialId === undefined ? {} : { destinationKeyMaterialId: KeyMaterialId }),
      };
      return {
        CiphertextBlob,
        SourceKeyId: opened.key.arn,
        KeyId: key.arn,
        ...(opened.versionId === undefined ? {} : { SourceKeyMaterialId: opened.versionId }),
        ...(KeyMaterialId === undefined ? {} : { DestinationKeyMaterialId: KeyMaterialId }),
        SourceEncryptionAlgorithm,
        DestinationEncryptionAlgorithm,
      };
    } finally {
      wipe(opened?.plaintext);
    }
  });
}

/** Whether a key's id is that of a destination; what is wrong with the latter, the operation itself says. */
export function isSameKey(core: Core, tx: ReadTx, id: string | undefined, destination: string): boolean {
  return id !== undefined && id === knownKey(core, tx, destination)?.id;
}
