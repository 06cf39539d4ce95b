import { KeywardError } from '../../shared/errors.ts';
import { randomBytes, wipe } from '../crypto/bytes.ts';
import type { ReadTx } from '../store/database.ts';
import { parseBlob } from './blob.ts';
import {
  type Core,
  type Finding,
  findKey,
  knownKey,
  lookUpKey,
  requireEnabled,
  requireSymmetric,
  requireUsage,
} from './core.ts';
import { blobOf, endDryRun, endDryRunAfter, onlyTried } from './dry-run.ts';
import { invalid } from './failures.ts';
import type { Note, Operation } from './journal.ts';
import { dataOperation, named, RequestContext } from './request.ts';
import { decryptRsa, encryptRsa } from './rsa-operations.ts';
import { ALGORITHM, decryptBlob, encryptUnder, requireAlgorithm } from './sealing.ts';
import type {
  Caller,
  DecryptInput,
  DecryptOutput,
  EncryptInput,
  EncryptOutput,
  GenerateDataKeyInput,
  GenerateDataKeyOutput,
  ReEncryptInput,
  ReEncryptOutput,
} from './types.ts';
import { requireLength, requireOneOf, requireRange } from './validate.ts';

const MAX_PLAINTEXT = 4_096;
const DATA_KEY_BYTES: ReadonlyMap<string, number> = new Map([
  ['AES_256', 32],
  ['AES_128', 16],
]);

/** `GenerateDataKey`: fresh random bytes, in clear and wrapped under the key's current version. */
export async function generateDataKey(
  core: Core,
  caller: Caller,
  input: GenerateDataKeyInput,
  eventName: 'GenerateDataKey' | 'GenerateDataKeyWithoutPlaintext' = 'GenerateDataKey',
): Promise<GenerateDataKeyOutput> {
  const context = new RequestContext(input.EncryptionContext);
  const operation = dataOperation(
    caller,
    eventName,
    {
      keyId: named(input.KeyId),
      keySpec: input.KeySpec?.slice(0, 256),
      numberOfBytes: input.NumberOfBytes,
      encryptionContext: context.shown,
    },
    { encryptionContext: context.shown, conditions: { 'kms:EncryptionAlgorithm': ALGORITHM } },
  );
  return core.journal.perform(operation, 'refuse', (tx, note) => {
    const length = dataKeyLength(input);
    const key = findKey(core, tx, note, input.KeyId);
    requireEnabled(key);
    requireSymmetric(key, eventName);
    endDryRun(input);
    const plaintext = randomBytes(length);
    const CiphertextBlob = encryptUnder(core, tx, note, key, context.bytes(), plaintext, eventName);
    return { CiphertextBlob, Plaintext: plaintext, KeyId: key.arn, KeyMaterialId: key.row.current };
  });
}

/** `Encrypt`. */
export async function encrypt(core: Core, caller: Caller, input: EncryptInput): Promise<EncryptOutput> {
  const context = new RequestContext(input.EncryptionContext);
  const algorithm = algorithmOf(input);
  const operation = cipherOperation(caller, 'Encrypt', input, context);
  return core.journal.perform(operation, 'refuse', (tx, note) => {
    requireLength('plaintext', input.Plaintext, 1, MAX_PLAINTEXT);
    const key = findKey(core, tx, note, input.KeyId);
    requireEnabled(key);
    requireUsage(key, 'ENCRYPT_DECRYPT', 'Encrypt');
    requireAlgorithm('encryptionAlgorithm', input.EncryptionAlgorithm, key);
    if (key.row.spec !== ALGORITHM) return encryptRsa(core, tx, key, algorithm, input);
    endDryRun(input);
    const CiphertextBlob = encryptUnder(core, tx, note, key, context.bytes(), input.Plaintext, 'Encrypt');
    return { CiphertextBlob, KeyId: key.arn, KeyMaterialId: key.row.current, EncryptionAlgorithm: ALGORITHM };
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

/** `Decrypt`: key and version come from the blob, not from trial. */
export async function decrypt(core: Core, caller: Caller, input: DecryptInput): Promise<DecryptOutput> {
  const context = new RequestContext(input.EncryptionContext);
  const operation = cipherOperation(caller, 'Decrypt', input, context);
  return core.journal.perform(operation, 'if-allowed', (tx, note) => {
    const blob = blobOf(input);
    if (blob === undefined) {
      tryToUse(core, tx, note, input.KeyId, input.EncryptionAlgorithm);
      throw onlyTried();
    }
    const rsa = decryptRsa(core, tx, note, { ...input, CiphertextBlob: blob });
    if (rsa !== undefined) return rsa;
    const { key, versionId, plaintext } = decryptBlob(core, tx, note, {
      blob,
      context: context.bytes(),
      named: input.KeyId,
      algorithm: input.EncryptionAlgorithm,
    });
    note.response = { keyMaterialId: versionId };
    endDryRunAfter(input, plaintext);
    return {
      Plaintext: plaintext,
      KeyId: key.arn,
      KeyMaterialId: versionId,
      EncryptionAlgorithm: ALGORITHM,
    };
  });
}

/** `ReEncrypt`: the plaintext never leaves this function. */
export async function reEncrypt(core: Core, caller: Caller, input: ReEncryptInput): Promise<ReEncryptOutput> {
  const from = new RequestContext(input.SourceEncryptionContext);
  const to = new RequestContext(input.DestinationEncryptionContext);
  const operation = dataOperation(caller, 'ReEncrypt', {
    sourceKeyId: named(input.SourceKeyId),
    sourceEncryptionContext: from.shown,
    destinationKeyId: named(input.DestinationKeyId),
    destinationEncryptionContext: to.shown,
  });
  return core.journal.perform(operation, 'refuse', (tx, note) => {
    const blob = blobOf(input);
    const { SourceKeyId, SourceEncryptionAlgorithm, DestinationKeyId } = input;
    const same =
      blob === undefined
        ? isSameName(core, tx, SourceKeyId, DestinationKeyId)
        : isSameKey(core, tx, blob, DestinationKeyId);
    const ask = {
      action: 'kms:ReEncryptFrom',
      encryptionContext: from.shown,
      conditions: {
        'kms:EncryptionAlgorithm': SourceEncryptionAlgorithm ?? ALGORITHM,
        'kms:ReEncryptOnSameKey': same,
      },
    };
    const field = 'sourceKeyId';
    if (blob === undefined) {
      tryToUse(core, tx, note, SourceKeyId, SourceEncryptionAlgorithm, { ...ask, field });
    }
    const opened =
      blob === undefined
        ? undefined
        : decryptBlob(core, tx, note, {
            ...{ blob, context: from.bytes(), named: SourceKeyId, field },
            algorithm: SourceEncryptionAlgorithm,
            ask,
          });
    try {
      const key = findKey(core, tx, note, input.DestinationKeyId, {
        field: 'destinationKeyId',
        action: 'kms:ReEncryptTo',
        encryptionContext: to.shown,
        conditions: {
          'kms:EncryptionAlgorithm': input.DestinationEncryptionAlgorithm ?? ALGORITHM,
          'kms:ReEncryptOnSameKey': same,
        },
      });
      requireAlgorithm('destinationEncryptionAlgorithm', input.DestinationEncryptionAlgorithm, key);
      requireEnabled(key);
      endDryRun(input);
      if (opened === undefined) throw onlyTried();
      const CiphertextBlob = encryptUnder(core, tx, note, key, to.bytes(), opened.plaintext, 'ReEncrypt');
      note.response = { sourceKeyMaterialId: opened.versionId, destinationKeyMaterialId: key.row.current };
      return {
        CiphertextBlob,
        SourceKeyId: opened.key.arn,
        KeyId: key.arn,
        SourceKeyMaterialId: opened.versionId,
        DestinationKeyMaterialId: key.row.current,
        SourceEncryptionAlgorithm: ALGORITHM,
        DestinationEncryptionAlgorithm: ALGORITHM,
      };
    } finally {
      wipe(opened?.plaintext);
    }
  });
}

/** Whether a key may be used to decrypt, where a dry run ignores the ciphertext: the key has to be named then. */
function tryToUse(
  core: Core,
  tx: ReadTx,
  note: Note,
  keyId: string | undefined,
  algorithm: string | undefined,
  finding: Finding = {},
): void {
  const { field = 'keyId' } = finding;
  if (keyId === undefined) {
    throw invalid(
      `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
    );
  }
  const key = findKey(core, tx, note, keyId, finding);
  requireEnabled(key);
  requireUsage(key, 'ENCRYPT_DECRYPT', 'Decrypt');
  requireAlgorithm('encryptionAlgorithm', algorithm, key);
}

/** Whether two names are of one key; what is wrong with either, the operation itself says. */
function isSameName(core: Core, tx: ReadTx, source: string | undefined, destination: string): boolean {
  const id = source === undefined ? undefined : knownKey(core, tx, source)?.id;
  return id !== undefined && id === knownKey(core, tx, destination)?.id;
}

/** Whether a blob's key and the destination are one; what is wrong with either, the operation itself says. */
export function isSameKey(core: Core, tx: ReadTx, blob: Uint8Array, destination: string): boolean {
  try {
    return lookUpKey(core, tx, destination).key.id === parseBlob(blob)?.keyId;
  } catch {
    return false;
  }
}

function dataKeyLength(input: GenerateDataKeyInput): number {
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined)) {
    throw new KeywardError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  if (input.NumberOfBytes !== undefined) {
    requireRange('numberOfBytes', input.NumberOfBytes, 1, 1_024);
    return input.NumberOfBytes;
  }
  requireOneOf('keySpec', input.KeySpec ?? '', [...DATA_KEY_BYTES.keys()]);
  return DATA_KEY_BYTES.get(input.KeySpec ?? '') ?? 0;
}
